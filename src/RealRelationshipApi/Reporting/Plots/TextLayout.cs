using System.Globalization;
using System.Text;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>Estimates text widths by DejaVu Sans, the widest of the common sans-serif fonts.</summary>
internal static class TextLayout
{
    private const double DefaultEm = 0.6;
    private const double EndShare = 0.4;
    private const string Ellipsis = "…";

    public static double Width(string text, double size) => text.EnumerateRunes().Sum(EmWidth) * size;

    /// <summary>Truncates a text at its end to fit.</summary>
    public static string Truncate(string text, double size, double width)
    {
        if (Width(text, size) <= width)
        {
            return text;
        }

        var kept = new StringBuilder();
        var room = width - Width(Ellipsis, size);
        var characters = StringInfo.GetTextElementEnumerator(text);
        while (characters.MoveNext() && (room -= Width(characters.GetTextElement(), size)) >= 0)
        {
            kept.Append(characters.GetTextElement());
        }

        return kept.ToString().TrimEnd() + Ellipsis;
    }

    /// <summary>Truncates a text in its middle to fit, as the distinctive part of a name is often at the end.</summary>
    public static string TruncateMiddle(string text, double size, double width)
    {
        if (Width(text, size) <= width)
        {
            return text;
        }

        var end = Reversed(Truncate(Reversed(text), size, width * EndShare)).TrimStart('…').TrimStart();
        return Truncate(text, size, width - Width(end, size)) + end;
    }

    /// <summary>Wraps a text between words; a word that is longer than a line is cut.</summary>
    public static IReadOnlyList<string> Wrap(string text, double size, double width)
    {
        var lines = new List<string>();
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var longer = line.Length == 0 ? word : $"{line} {word}";
            if (line.Length > 0 && Width(longer, size) > width)
            {
                lines.Add(line);
                longer = word;
            }

            line = Truncate(longer, size, width);
        }

        // Avoids a single word on the last line.
        if (lines.Count > 0 && !line.Contains(' ', StringComparison.Ordinal) && lines[^1].LastIndexOf(' ') is > 0 and var last
            && Width($"{lines[^1][last..]} {line}", size) <= width)
        {
            (lines[^1], line) = (lines[^1][..last], $"{lines[^1][(last + 1)..]} {line}");
        }

        return line.Length == 0 ? lines : [.. lines, line];
    }

    private static string Reversed(string text)
    {
        var characters = new List<string>();
        for (var all = StringInfo.GetTextElementEnumerator(text); all.MoveNext();)
        {
            characters.Add(all.GetTextElement());
        }

        characters.Reverse();
        return string.Concat(characters);
    }

    private static double EmWidth(Rune rune) => rune.Value switch
    {
        'i' or 'j' or 'l' or 'I' or 'f' or 't' or '.' or ',' or ':' or ';' or '\'' or '|' or '!' or '(' or ')' or '[' or ']' or ' ' => 0.38,
        'r' => 0.44,
        'c' or 's' or 'z' or 'k' or 'x' or 'v' or 'y' => 0.57,
        'm' or 'w' or 'M' or 'W' or '%' or '@' or '–' or '…' => 0.98,
        >= 'A' and <= 'Z' => 0.72,
        >= '0' and <= '9' => 0.64,
        < 0x1100 => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? 0 : DefaultEm,
        _ => 1.05,
    };
}
