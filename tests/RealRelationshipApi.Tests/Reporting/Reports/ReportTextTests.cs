using System.Text.Json.Nodes;

using RealRelationshipApi.Reporting.Reports;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Reports;

/// <summary>Texts that people wrote, in all forms of the report.</summary>
public sealed class ReportTextTests
{
    [Fact]
    public void Symbols_of_a_phrase_are_in_italics_and_words_are_not() =>
        Assert.Equal("*F*(2, 13) = 0.04, *p* = .958, a p value and k-means; *QM*(1) < 2", new ReportDocument(
            [ReportSection.Of(null, RichText.WithSymbols("F(2, 13) = 0.04, p = .958, a p value and k-means; QM(1) < 2"))]).ToMarkdown());

    [Theory]
    [InlineData("A*B_C_ d_e", "A\\*B_C\\_ d_e")]
    [InlineData("<b> & &amp; p < .05", "\\<b> & \\&amp; p < .05")]
    [InlineData("[x](http://y) [.1, .2] `~\\", "[x]\\(http://y) [.1, .2] \\`\\~\\\\")]
    public void Markdown_shows_names_as_they_are(string name, string markdown)
    {
        var document = new ReportDocument([ReportSection.Of("Title", RichText.Of($"{name}"))]);
        Assert.Equal($"## Title\n\n{markdown}", document.ToMarkdown());
        Assert.Equal($"Title\n\n{name}", document.ToText());
    }

    [Fact]
    public async Task Search_risk_of_bias_and_names_of_studies_are_reported()
    {
        await using var service = await Service.StartAsync();
        (await service.Put("/about", JsonNode.Parse("""
            { "title": "Review", "search": { "sources": ["PsycINFO", "Medline"], "lastSearched": "2026-01-31", "cadence": "monthly" },
              "stoppingRule": "None is planned." }
            """)!, ("If-Match", "*"))).ShouldBe(200);
        foreach (var (i, judgement) in new[] { "low", "some", "some" }.Index())
        {
            await service.SubmitStudy(TestData.Study($"s{i}", TestData.Effect(0.2 + (0.1 * i), 50)).With("citation/authors", $"<b>*{i}_ & Co_")
                .With("riskOfBias", JsonNode.Parse($$"""{ "tool": "QUIPS", "overall": "{{judgement}}" }""")));
        }

        await service.SubmitStudy(TestData.Study("s3", TestData.Effect(0.5, 60)));
        var json = (await service.Get("/meta/report?parts=selection&parts=looks&parts=estimate")).ShouldBe(200);
        Assert.Contains("The literature was searched in PsycINFO, Medline, last on 2026-01-31.", json.String("text"), StringComparison.Ordinal);
        Assert.Contains("The overall risk of bias was judged for 3 of 4 studies (QUIPS): low in 1 study (<b>*0_ & Co_ 2020); moderate in 2 studies "
            + "(<b>*1_ & Co_ 2020; <b>*2_ & Co_ 2020).", json.String("text"), StringComparison.Ordinal);
        Assert.Contains("The literature was last searched on 2026-01-31 (cadence: monthly).", json.String("text"), StringComparison.Ordinal);
        Assert.Contains("Stopping rule: None is planned.", json.String("text"), StringComparison.Ordinal);
        Assert.Contains("took their present numbers at 4 revisions", json.String("text"), StringComparison.Ordinal);
        Assert.Contains("(\\<b>\\*0\\_ & Co\\_ 2020)", json.String("markdown"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_service_has_a_report()
    {
        await using var service = await Service.StartAsync();
        var text = (await service.Get("/meta/report.txt?parts=estimate&parts=selection")).ShouldBe(200).Text;
        Assert.StartsWith("Selection of evidence\n\nThere is no effect in the evidence.\n\nEstimate\n\nThis cannot be computed. There is no effect in the "
            + "evidence.\n", text, StringComparison.Ordinal);
    }
}
