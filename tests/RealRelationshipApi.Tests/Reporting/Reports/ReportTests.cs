using System.Text.RegularExpressions;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Reports;

/// <summary>The results section of a paper: every number, every reservation, and no cause.</summary>
public sealed partial class ReportTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    [Fact]
    public async Task The_report_has_every_number_of_the_pool()
    {
        var text = (await _service.Get("/meta/report.txt")).ShouldBe(200).Text;
        Assert.Contains("k = 16 effects from 16 independent samples in 16 studies (N = 1,502)", text, StringComparison.Ordinal);
        Assert.Contains("r = .37, 95% CI [.29, .45], t(15) = 9.42, p < .001", text, StringComparison.Ordinal);
        Assert.Contains("d = 0.80 [0.61, 1.00]", text, StringComparison.Ordinal);
        Assert.Contains("95% prediction interval for the true effect in a new setting, by the confidence distribution of mean and τ², was [.11, .58]; an "
            + "estimated 98% [89%, 100%] of true effects lie above r = .10.", text, StringComparison.Ordinal);
        Assert.Contains("Q(15) = 35.13, p = .002", text, StringComparison.Ordinal);
        Assert.Contains("τ² = 0.015 [0.003, 0.048]", text, StringComparison.Ordinal);
        Assert.Contains("I² = 57.1%", text, StringComparison.Ordinal);
        Assert.Contains("random-effects model (tau² by REML)", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?test=z&estimator=dl&confidence=0.9")]
    [InlineData("?yearFrom=2015")]
    public async Task Every_warning_is_in_the_report_and_no_causal_claim(string question)
    {
        var text = (await _service.Get($"/meta/report.txt{question}")).ShouldBe(200).Text;
        var warnings = (await _service.Get($"/meta/pool{question}")).At("warnings")!.AsArray();
        Assert.NotEmpty(warnings);
        // Without the sentence on a parameter.
        Assert.All(warnings, w => Assert.Contains(AdvicePattern().Replace(w.At("detail")!.GetValue<string>(), "."), text, StringComparison.Ordinal));
        Assert.DoesNotContain("sequential=", text, StringComparison.Ordinal);
        Assert.Contains("they do not show that one brings about the other", text, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?i)\\b(causes?d?|leads? to|improves?|predicts|effect of the real relationship)\\b", text);
    }

    [Fact]
    public async Task Selection_and_exclusions_are_reported()
    {
        var text = (await _service.Get("/meta/report.txt?yearFrom=2015")).Text;
        Assert.Contains("Only these effects were selected: yearFrom 2015.", text, StringComparison.Ordinal);
        Assert.Contains("by yearFrom", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_single_effect_is_reported_without_inestimable_quantities()
    {
        await using var service = await Service.StartAsync();
        await service.SubmitStudy(TestData.Study("a", TestData.Effect(0.3, 80)));
        var text = (await service.Get("/meta/report.txt")).ShouldBe(200).Text;
        Assert.Contains("k = 1 effect from 1 independent sample in 1 study (N = 80)", text, StringComparison.Ordinal);
        Assert.Contains("Heterogeneity cannot be estimated from one effect.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("prediction interval for", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_and_Markdown_are_negotiated_and_JSON_has_both()
    {
        var json = (await _service.Get("/meta/report")).ShouldBe(200);
        Assert.Equal(json.String("text") + "\n", (await _service.Get("/meta/report", ("Accept", "text/plain"))).Text);
        Assert.Equal(json.String("markdown") + "\n", (await _service.Get("/meta/report.md")).Text);
        Assert.Contains("*r* = .37", json.String("markdown"), StringComparison.Ordinal);
        Assert.Equal(json.String("text"), json.String("markdown").Replace("*", "", StringComparison.Ordinal).Replace("## ", "", StringComparison.Ordinal));
    }
    [GeneratedRegex(@"\. [^.]*[a-z]=[a-z][^.]*\.$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AdvicePattern();
}
