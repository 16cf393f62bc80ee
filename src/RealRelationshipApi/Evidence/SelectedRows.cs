namespace RealRelationshipApi.Evidence;

/// <summary>Selected rows of the evidence, by segment.</summary>
internal sealed class SelectedRows
{
    private readonly List<(EvidenceSegment Part, int[] Rows)> _parts = [];

    public int Count { get; private set; }

    public void Add(EvidenceSegment segment, int[] rows)
    {
        _parts.Add((segment, rows));
        Count += rows.Length;
    }

    /// <summary>Values of a column at these rows.</summary>
    public T[] Gather<T>(Func<EvidenceSegment, T[]> column) => Read<T>(segment =>
    {
        var values = column(segment);
        return row => values[row];
    });

    /// <summary>Values that a reader returns for these rows.</summary>
    public T[] Read<T>(Func<EvidenceSegment, Func<int, T>> reader)
    {
        var all = new T[Count];
        var to = 0;
        foreach (var (segment, rows) in _parts)
        {
            var read = reader(segment);
            foreach (var row in rows)
            {
                all[to++] = read(row);
            }
        }

        return all;
    }

    /// <summary>Distinct texts of a field, in order of first occurrence.</summary>
    public IReadOnlyList<string?> Distinct(string field) =>
        [.. _parts.SelectMany(p => p.Part.TextColumn(field).Distinct(p.Rows)).Distinct(StringComparer.Ordinal)];

    /// <summary>Number of rows with a text in a field.</summary>
    public int CountOf(string field, string text) => _parts.Sum(p => p.Part.TextColumn(field).CountOf(text, p.Rows));

    /// <summary>Whether a subscale or a short form stands beside the total of its sample.</summary>
    public bool HasPartsBesideTotals()
    {
        var totals = new PartOfTotal();
        _parts.ForEach(p => totals.Add(p.Part, p.Rows));
        return _parts.Exists(p => p.Rows.Any(totals.IsPart(p.Part)));
    }
}
