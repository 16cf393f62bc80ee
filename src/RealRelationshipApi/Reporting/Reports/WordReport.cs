using System.IO.Compression;

using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>Writes a report as a Word document (ECMA-376). The same report gives the same bytes.</summary>
internal static class WordReport
{
    public const string MediaType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

    private const string MainPartType = MediaType + ".main+xml";
    private const string HeadingStyle = "Heading1";

    // Twice the points, as Word measures fonts; twentieths of a point, as it measures spaces; 240 for a line.
    private const string BodySize = "24";
    private const string SpaceAfter = "160";
    private const string LineSpacing = "360";

    // The earliest date of the ZIP format, so that the bytes do not depend on the time of the request.
    private static readonly DateTimeOffset s_fixedTimestamp = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static byte[] Write(ReportDocument report)
    {
        using var stream = new MemoryStream();
        using (var document = WordprocessingDocument.Create(stream, WordprocessingDocumentType.Document))
        {
            // Without a name of its own, the relation to the part would get a random one.
            var main = document.AddNewPart<MainDocumentPart>(MainPartType, "rId1");
            main.AddNewPart<StyleDefinitionsPart>("rId1").Styles = Styles();
            main.Document = new Document(new Body(report.Sections.SelectMany(Paragraphs)));
        }

        return WithFixedTimestamps(stream);
    }

    private static IEnumerable<Paragraph> Paragraphs(ReportSection section) =>
    [
        .. section.Heading is { } title
            ? new[] { new Paragraph(new ParagraphProperties(new ParagraphStyleId { Val = HeadingStyle }), Run(new(title, false))) } : [],
        .. section.Paragraphs.Select(paragraph => new Paragraph(paragraph.Runs.Select(Run))),
    ];

    private static Run Run(TextRun run)
    {
        var text = new Text(run.Text) { Space = SpaceProcessingModeValues.Preserve };
        return run.IsItalic ? new Run(new RunProperties(new Italic()), text) : new Run(text);
    }

    private static Styles Styles() => new(
        new DocDefaults(
            new RunPropertiesDefault(new RunPropertiesBaseStyle(new RunFonts { Ascii = "Times New Roman", HighAnsi = "Times New Roman" },
                new FontSize { Val = BodySize }, new Languages { Val = "en-US" })),
            new ParagraphPropertiesDefault(new ParagraphPropertiesBaseStyle(new SpacingBetweenLines { After = SpaceAfter, Line = LineSpacing }))),
        new Style(new StyleName { Val = "Normal" }, new PrimaryStyle()) { Type = StyleValues.Paragraph, StyleId = "Normal", Default = true },
        new Style(new StyleName { Val = "heading 1" }, new BasedOn { Val = "Normal" }, new NextParagraphStyle { Val = "Normal" }, new PrimaryStyle(),
            new StyleParagraphProperties(new KeepNext(), new OutlineLevel { Val = 0 }), new StyleRunProperties(new Bold()))
        { Type = StyleValues.Paragraph, StyleId = HeadingStyle });

    private static byte[] WithFixedTimestamps(MemoryStream written)
    {
        using var result = new MemoryStream();
        using (var source = new ZipArchive(new MemoryStream(written.ToArray()), ZipArchiveMode.Read))
        using (var target = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in source.Entries)
            {
                var copy = target.CreateEntry(entry.FullName, CompressionLevel.Optimal);
                copy.LastWriteTime = s_fixedTimestamp;
                using var from = entry.Open();
                using var to = copy.Open();
                from.CopyTo(to);
            }
        }

        return result.ToArray();
    }
}
