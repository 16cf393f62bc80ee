namespace RealRelationshipApi.Evidence;

/// <summary>Rows of the evidence, part by part.</summary>
internal sealed class SelectedRows
{
    private readonly List<(EvidenceSegment Part, int[] Rows)> _parts = [];

    public int Count { get; private set; }

    public void Add(EvidenceSegment segment, int[] rows)
    {
        _parts.Add((segment, rows));
        Count += rows.Length;
    }

    /// <summary>What stands in a column at these rows.</summary>
    public T[] Gather<T>(Func<EvidenceSegment, T[]> column) => Read<T>(segment =>
    {
        var values = column(segment);
        return row => values[row];
    });

    /// <summary>What is read at these rows.</summary>
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

    /// <summary>The different texts of a field, in the order in which they first stand.</summary>
    public IReadOnlyList<string?> Distinct(string field) =>
        [.. _parts.SelectMany(p => p.Part.TextColumn(field).Distinct(p.Rows)).Distinct(StringComparer.Ordinal)];

    /// <summary>At how many rows a field has a text.</summary>
    public int CountOf(string field, string text) => _parts.Sum(p => p.Part.TextColumn(field).CountOf(text, p.Rows));
}
