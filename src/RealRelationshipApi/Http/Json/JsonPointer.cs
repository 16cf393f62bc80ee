using System.Text;

namespace RealRelationshipApi.Http.Json;

/// <summary>JSON Pointers as URI fragments (RFC 6901), from the paths of System.Text.Json and FluentValidation.</summary>
internal static class JsonPointer
{
    /// <summary><c>$.effects[3].n</c> and <c>$['odd.name']</c> (System.Text.Json) to <c>#/effects/3/n</c>.</summary>
    public static string FromJsonPath(string? path)
    {
        var pointer = new StringBuilder("#");
        var rest = (path ?? "").AsSpan();
        if (rest.StartsWith("$"))
        {
            rest = rest[1..];
        }

        while (!rest.IsEmpty)
        {
            pointer.Append('/').Append(Escape(ReadSegment(ref rest)));
        }

        return pointer.ToString();
    }

    /// <summary><c>Effects[3].Statistic.N</c> (FluentValidation) to <c>#/effects/3/statistic/n</c>;
    /// see <see cref="EscapeDictionaryKey"/> for dictionary keys.</summary>
    public static string FromPropertyPath(string path, string root = "#")
    {
        var pointer = new StringBuilder(root);
        foreach (var part in path.Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries))
        {
            var key = part.StartsWith(DictionaryKeyPrefix);
            var name = key ? Uri.UnescapeDataString(part[1..]) : char.ToLowerInvariant(part[0]) + part[1..];
            pointer.Append('/').Append(Escape(name));
        }
        return pointer.ToString();
    }

    /// <summary>Escapes a dictionary key as a segment of a property path, so that any key is preserved.</summary>
    public static string EscapeDictionaryKey(string key) =>
        DictionaryKeyPrefix + Uri.EscapeDataString(key).Replace(".", "%2E", StringComparison.Ordinal);

    public static string Escape(string segment) => segment.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private const char DictionaryKeyPrefix = '@';

    private static string ReadSegment(ref ReadOnlySpan<char> rest)
    {
        var (start, end) = rest switch
        {
            ['[', '\'', ..] => (2, EndOfQuotedName(rest)),
            ['[', ..] => (1, EndOf(rest, "]")),
            ['.', ..] => (1, EndOfName(rest)),
            _ => (0, rest.Length),
        };
        var segment = rest[start..end].ToString();
        rest = rest[Math.Min(rest.Length, rest[0] == '[' ? end + (start == 2 ? 2 : 1) : end)..];
        return segment;
    }

    private static int EndOf(ReadOnlySpan<char> rest, string mark) => rest.IndexOf(mark) is >= 0 and var index ? index : rest.Length;

    // The name may contain the mark; after the real end another segment follows, or nothing.
    private static int EndOfQuotedName(ReadOnlySpan<char> rest)
    {
        for (var index = 2; index < rest.Length - 1; index++)
        {
            if (rest[index..].StartsWith("']") && (index + 2 == rest.Length || rest[index + 2] is '.' or '['))
            {
                return index;
            }
        }
        return rest.Length;
    }

    private static int EndOfName(ReadOnlySpan<char> rest) => rest[1..].IndexOfAny('.', '[') is >= 0 and var index ? index + 1 : rest.Length;
}
