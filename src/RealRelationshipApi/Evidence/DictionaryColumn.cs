namespace RealRelationshipApi.Evidence;

/// <summary>A dictionary-encoded text column of a segment: each distinct text is stored once.</summary>
internal sealed class DictionaryColumn
{
    private const ushort Missing = ushort.MaxValue;

    private readonly string[] _values;
    private readonly ushort[] _codes;

    private DictionaryColumn(string[] values, ushort[] codes) => (_values, _codes) = (values, codes);

    public static DictionaryColumn From(IEnumerable<string?> texts)
    {
        var known = new Dictionary<string, ushort>(StringComparer.Ordinal);
        var codes = new List<ushort>();
        foreach (var text in texts)
        {
            codes.Add(CodeOf(text, known));
        }

        return new([.. known.Keys], [.. codes]);
    }

    /// <summary>Concatenates row ranges of columns.</summary>
    public static DictionaryColumn Concat(IEnumerable<(DictionaryColumn Column, Range Rows)> slices)
    {
        var known = new Dictionary<string, ushort>(StringComparer.Ordinal);
        var codes = new List<ushort>();
        foreach (var (column, rows) in slices)
        {
            var translated = Array.ConvertAll(column._values, text => CodeOf(text, known));
            foreach (var code in column._codes.AsSpan(rows))
            {
                codes.Add(code == Missing ? Missing : translated[code]);
            }
        }

        return new([.. known.Keys], [.. codes]);
    }

    /// <summary>The distinct texts, each once.</summary>
    public IReadOnlyList<string> Values => _values;

    public string? this[int row] => _codes[row] is not Missing and var code ? _values[code] : null;

    /// <summary>Predicate on rows: whether the text is allowed; a missing text is not. Null if all rows pass.</summary>
    public Func<int, bool>? PredicateFor(IReadOnlySet<string> allowed)
    {
        var passes = Array.ConvertAll(_values, allowed.Contains);
        return !passes.Contains(false) && !_codes.Contains(Missing) ? null : row => _codes[row] is not Missing and var code && passes[code];
    }

    /// <summary>Distinct texts of some rows.</summary>
    public IEnumerable<string?> Distinct(IEnumerable<int> rows) => rows.Select(row => _codes[row]).Distinct()
        .Select(code => code == Missing ? null : _values[code]);

    /// <summary>Number of the given rows with that text.</summary>
    public int CountOf(string text, int[] rows) => Array.IndexOf(_values, text) is >= 0 and var code ? rows.Count(row => _codes[row] == code) : 0;

    private static ushort CodeOf(string? text, Dictionary<string, ushort> known)
    {
        if (text is null)
        {
            return Missing;
        }

        if (!known.TryGetValue(text, out var code))
        {
            known.Add(text, code = checked((ushort)known.Count));
        }

        return code;
    }
}
