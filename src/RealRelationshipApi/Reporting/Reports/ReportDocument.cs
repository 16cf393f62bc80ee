using System.Text.RegularExpressions;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>A report, to be written as plain text, Markdown or a Word document.</summary>
/// <param name="Sections">Its sections in order.</param>
internal sealed partial record ReportDocument(IReadOnlyList<ReportSection> Sections)
{
    private const string ParagraphBreak = "\n\n";

    /// <summary>Plain text: a heading is a line of its own.</summary>
    public string ToText() => Write(heading => heading, run => run.Text);

    /// <summary>Markdown (CommonMark): headings of the second level, symbols in italics.</summary>
    public string ToMarkdown() => Write(heading => $"## {heading}", run => run.IsItalic ? $"*{run.Text}*" : Escape(run.Text));

    private string Write(Func<string, string> heading, Func<TextRun, string> run) => string.Join(ParagraphBreak, Sections.SelectMany(section =>
        (section.Heading is { } title ? new[] { heading(title) } : [])
            .Concat(section.Paragraphs.Select(paragraph => string.Concat(paragraph.Runs.Select(run))))));

    private static string Escape(string text) => MarkupPattern().Replace(text, match => $"\\{match.Value}");

    // What names of studies, samples or measures may have that Markdown reads as markup. Underscores inside words are none.
    [GeneratedRegex(@"[\\`*~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|<(?=[\p{L}/!?])|&(?=#?\w+;)|(?<=\])\(|!(?=\[)|(?<=\])\[", RegexOptions.None, 1000)]
    private static partial Regex MarkupPattern();
}

/// <summary>A section of a report.</summary>
/// <param name="Heading">Its heading; null for what stands before the first.</param>
/// <param name="Paragraphs">Its paragraphs, none of them empty.</param>
internal sealed record ReportSection(string? Heading, IReadOnlyList<RichText> Paragraphs)
{
    /// <summary>A section of those paragraphs that have text.</summary>
    public static ReportSection Of(string? heading, params IEnumerable<RichText> paragraphs) => new(heading, [.. paragraphs.Where(text => !text.IsEmpty)]);
}
