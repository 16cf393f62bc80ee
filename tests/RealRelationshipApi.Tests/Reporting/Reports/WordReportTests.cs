using System.IO.Compression;

using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Validation;
using DocumentFormat.OpenXml.Wordprocessing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Reports;

/// <summary>The report as a Word document.</summary>
public sealed class WordReportTests(DemoService demo) : IClassFixture<DemoService>
{
    private const string MediaType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

    private readonly Service _service = demo.Service;

    [Theory]
    [InlineData("")]
    [InlineData("?parts=estimate&parts=selection&add=.4:50")]
    [InlineData("?yearFrom=2100")]
    public async Task It_is_valid_and_has_the_text_of_the_plain_report(string question)
    {
        var answer = (await _service.Get($"/meta/report.docx{question}")).ShouldBe(200);
        Assert.Equal(MediaType, answer.MediaType);
        using var document = WordprocessingDocument.Open(new MemoryStream(answer.Bytes), isEditable: false);
        Assert.Empty(new OpenXmlValidator().Validate(document).Select(error => error.Description));
        var paragraphs = document.MainDocumentPart!.Document.Body!.Elements<Paragraph>().ToList();
        Assert.Equal((await _service.Get($"/meta/report.txt{question}")).Text, string.Join("\n\n", paragraphs.Select(paragraph => paragraph.InnerText)) + "\n");
        var headings = paragraphs.Where(paragraph => paragraph.ParagraphProperties?.ParagraphStyleId?.Val?.Value == "Heading1");
        Assert.Equal((await _service.Get($"/meta/report.md{question}")).Text.Split('\n').Where(line => line.StartsWith("## ", StringComparison.Ordinal)),
            headings.Select(heading => $"## {heading.InnerText}"));
    }

    [Fact]
    public async Task Symbols_are_in_italics()
    {
        var answer = (await _service.Get("/meta/report.docx?parts=estimate")).ShouldBe(200);
        using var document = WordprocessingDocument.Open(new MemoryStream(answer.Bytes), isEditable: false);
        var italic = document.MainDocumentPart!.Document.Descendants<Run>().Where(run => run.RunProperties?.Italic is not null)
            .Select(run => run.InnerText).Distinct();
        Assert.Equal(["r", "t", "p", "z", "SE", "d", "n"], italic);
    }

    [Fact]
    public async Task It_is_negotiated_and_has_the_same_bytes_each_time()
    {
        var first = (await _service.Get("/meta/report?parts=looks", ("Accept", MediaType))).ShouldBe(200);
        Assert.Equal(MediaType, first.MediaType);
        // Each of these is computed anew.
        var second = (await _service.Get("/meta/report.docx?parts=looks&parts=looks")).ShouldBe(200);
        Assert.Equal(first.Bytes, second.Bytes);
        using var archive = new ZipArchive(new MemoryStream(first.Bytes));
        Assert.All(archive.Entries, entry => Assert.Equal(1980, entry.LastWriteTime.Year));
    }
}
