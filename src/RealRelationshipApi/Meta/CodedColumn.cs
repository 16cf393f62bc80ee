namespace RealRelationshipApi.Meta;

/// <summary>A column of texts as small numbers: each distinct text stands once.</summary>
internal sealed class CodedColumn
{
    private const int Missing = -1;

    private readonly string[] _values;
    private readonly int[] _codes;

    private CodedColumn(string[] values, int[] codes) => (_values, _codes) = (values, codes);

    public static CodedColumn From(IEnumerable<string?> texts)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var codes = new List<int>();
        foreach (var text in texts)
        {
            if (text is null)
            {
                codes.Add(Missing);
            }
            else if (known.TryGetValue(text, out var code))
            {
                codes.Add(code);
            }
            else
            {
                codes.Add(known[text] = known.Count);
            }
        }
        return new([.. known.Keys], [.. codes]);
    }

    public string? this[int row] => _codes[row] is not Missing and var code ? _values[code] : null;

    /// <summary>Tells for each row whether its text is among the allowed ones; a missing text never is.</summary>
    public Func<int, bool> Among(IEnumerable<string> allowed)
    {
        var wanted = allowed.ToHashSet(StringComparer.Ordinal);
        var passes = Array.ConvertAll(_values, wanted.Contains);
        return row => _codes[row] is not Missing and var code && passes[code];
    }
}
