using System.Text;
using System.Text.RegularExpressions;

namespace RealRelationshipApi.Studies.Spreadsheets;

/// <summary>Keys and citations from the labels that spreadsheets give studies, such as <c>Müller &amp; Lee (2020)</c>.</summary>
internal static partial class StudyNames
{
    private const int MaxKeyLength = 64;
    private const string Accented = "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ";
    private const string Plain = "aaaaaaceeeeiiiinoooooouuuuyy";

    /// <summary>The label as a key: lower-case letters and digits joined by hyphens, at most 64; null if nothing is left.</summary>
    public static string? ToKey(string label)
    {
        if (label.Length is > 0 and <= MaxKeyLength && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            return label;
        }

        var key = new StringBuilder();
        foreach (var c in label.ToLowerInvariant())
        {
            var letter = Accented.IndexOf(c, StringComparison.Ordinal) is >= 0 and var i ? Plain[i] : c;
            if (char.IsAsciiLetterOrDigit(letter))
            {
                key.Append(letter);
            }
            else if (c == 'ß')
            {
                key.Append("ss");
            }
            else if (letter is not ('\'' or '’' or '.') && key.Length > 0 && key[^1] != '-')
            {
                key.Append('-');
            }
        }

        var trimmed = key.ToString(0, Math.Min(key.Length, MaxKeyLength)).Trim('-');
        return trimmed.Length > 0 ? trimmed : null;
    }

    /// <summary>Authors and year of a label that ends with a year; null otherwise.</summary>
    public static (string Authors, long Year)? ToCitation(string label) =>
        Label().Match(label) is { Success: true } match ? (match.Groups["authors"].Value, long.Parse(match.Groups["year"].Value)) : null;

    [GeneratedRegex(@"^(?<authors>.*[^\s,(])[\s,]*\(?(?<year>(18|19|20)\d\d)[a-z]?\)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();
}
