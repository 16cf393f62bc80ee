using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>A piece of text in one style.</summary>
/// <param name="Text">The text.</param>
/// <param name="IsItalic">Whether it is in italics, as statistical symbols are in APA style.</param>
internal readonly record struct TextRun(string Text, bool IsItalic);

/// <summary>A text in which symbols are in italics. Interpolated values are plain unless they are rich themselves.</summary>
internal sealed partial record RichText(IReadOnlyList<TextRun> Runs)
{
    public static readonly RichText Empty = new([]);

    public bool IsEmpty => Runs.Count == 0;

    public static RichText Of(Builder pieces) => new(pieces.Runs);

    public static RichText Italic(string text) => new([new(text, true)]);

    /// <summary>A phrase whose symbols before numbers are put in italics: <c>F(2, 13) = 0.23, p = .797</c>.</summary>
    public static RichText WithSymbols(string phrase)
    {
        var (runs, start) = (new List<TextRun>(), 0);
        foreach (var symbol in SymbolPattern().EnumerateMatches(phrase))
        {
            runs.Add(new(phrase[start..symbol.Index], false));
            runs.Add(new(phrase.Substring(symbol.Index, symbol.Length), true));
            start = symbol.Index + symbol.Length;
        }

        runs.Add(new(phrase[start..], false));
        return new([.. runs.Where(run => run.Text.Length > 0)]);
    }

    /// <summary>The texts that are not empty, with a separator between them.</summary>
    public static RichText Join(string separator, params IEnumerable<RichText> texts)
    {
        var runs = new List<TextRun>();
        foreach (var text in texts.Where(text => !text.IsEmpty))
        {
            if (runs.Count > 0)
            {
                runs.Add(new(separator, false));
            }

            runs.AddRange(text.Runs);
        }

        return new(runs);
    }

    public override string ToString() => string.Concat(Runs.Select(run => run.Text));

    [GeneratedRegex(@"(?<![\p{L}\p{N}])(QM|SE|F|Q|p|r|k|N|n|t|z|d|e)(?=\(\d| [=<>] )", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SymbolPattern();

    [InterpolatedStringHandler]
    public readonly ref struct Builder(int literalLength, int formattedCount)
    {
        private readonly List<TextRun> _runs = new(formattedCount + (literalLength > 0 ? formattedCount + 1 : 0));

        public IReadOnlyList<TextRun> Runs => _runs;

        public void AppendLiteral(string value) => Append(value);

        public void AppendFormatted(RichText value) => _runs.AddRange(value.Runs);

        public void AppendFormatted<T>(T value) => Append(value?.ToString() ?? "");

        public void AppendFormatted(IFormattable value, string? format) => Append(value.ToString(format, CultureInfo.InvariantCulture));

        private void Append(string text)
        {
            if (text.Length > 0)
            {
                _runs.Add(new(text, false));
            }
        }
    }
}

/// <summary>Statistical symbols.</summary>
internal static class Symbols
{
    public static RichText D { get; } = RichText.Italic("d");

    public static RichText E { get; } = RichText.Italic("e");

    public static RichText I { get; } = RichText.Italic("I");

    public static RichText K { get; } = RichText.Italic("k");

    public static RichText N { get; } = RichText.Italic("N");

    public static RichText SampleN { get; } = RichText.Italic("n");

    public static RichText P { get; } = RichText.Italic("p");

    public static RichText Q { get; } = RichText.Italic("Q");

    public static RichText R { get; } = RichText.Italic("r");

    public static RichText S { get; } = RichText.Italic("S");

    public static RichText StandardError { get; } = RichText.Italic("SE");

    public static RichText Z { get; } = RichText.Italic("z");
}
