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

    /// <summary>JARS-Quant of meta-analyses asks how reliably studies were coded.</summary>
    [Fact]
    public async Task The_agreement_of_second_codings_is_reported_as_it_is_now()
    {
        await using var service = await Service.StartAsync();
        double[] r = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
        await service.SubmitStudy(TestData.Study("lee-2020", [.. r.Select(value => TestData.Effect(value, 80))]));
        await service.SubmitStudy(TestData.Study("roe-2021"));
        const string path = "/meta/report.txt?parts=selection";
        var before = (await service.Get(path)).ShouldBe(200);
        Assert.Contains("No study was coded by a second person.", before.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("second person", (await service.Get("/meta/report.txt?parts=model")).ShouldBe(200).Text, StringComparison.Ordinal);

        var coding = new JsonObject
        {
            ["coder"] = "Second", ["date"] = "2026-01-31",
            ["effects"] = new JsonArray([.. r.Append(0.9).Select((value, i) => TestData.Effect(i == 5 ? 0.65 : value, 80).With("key", $"e{i + 1}")
                .With("sample", i < 6 ? $"lee-2020.{i + 1}" : "more").With("outcomeRater", i == 0 ? "therapist" : "client"))]),
        };
        (await service.Post("/studies/lee-2020/codings", coding)).ShouldBe(201);
        var agreement = (await service.Get("/meta/agreement")).ShouldBe(200);
        var after = (await service.Get(path, ("If-None-Match", before.ETag!))).ShouldBe(200);
        Assert.Contains("1 of 2 studies was coded by another person, too (1 further coding). Agreement with the studies' own coding: outcome type 100% of 6; "
            + "raters 83% of 6", after.Text, StringComparison.Ordinal);
        Assert.Contains($"The intraclass correlation of Fisher z over 6 effects was ICC(A,1) = {agreement.Number("z/icc/value").ToString("F2")[1..]}, 95% CI [",
            after.Text, StringComparison.Ordinal);
        Assert.Contains("1 effect was coded by only one of two coders.", after.Text, StringComparison.Ordinal);
        Assert.Equal(304, (await service.Get(path, ("If-None-Match", after.ETag!))).Status);

        (await service.Post("/studies/lee-2020/codings", coding.With("coder", "Third"))).ShouldBe(201);
        Assert.Contains("(2 further codings)", (await service.Get(path)).ShouldBe(200).Text, StringComparison.Ordinal);
    }

    /// <summary>What one part of a report says, no other one says again.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("?sequential=anytime")]
    [InlineData("?source=all&equivalence=0.2")]
    [InlineData("?add=.4:50")]
    public async Task No_sentence_stands_twice_in_a_report(string query)
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        foreach (var i in Enumerable.Range(0, 7))
        {
            await service.SubmitStudy(TestData.Study($"s{i}", TestData.Effect(0.1 + (0.1 * i), 50), TestData.Effect(0.2, 50).With("outcomeMeasure", "ses"))
                .With("effects/0/sample", $"s{i}").With("effects/1/sample", $"s{i}"));
        }

        var text = (await service.Get($"/meta/report.txt{query}")).ShouldBe(200).Text;
        Assert.Contains("This evidence came in 7 steps.", text, StringComparison.Ordinal);
        Assert.Empty(text.Split([". ", ".\n"], StringSplitOptions.None).Select(sentence => sentence.Trim()).Where(sentence => sentence.Length > 40)
            .GroupBy(sentence => sentence, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key));
        // Without the part that says it, it is among the reservations.
        Assert.Contains("This evidence came in 7 steps.", (await service.Get($"/meta/report.txt{query}{(query.Length == 0 ? "?" : "&")}parts=model")).Text,
            StringComparison.Ordinal);
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
