using System.Globalization;

using RealRelationshipApi.Tests.Analyses.Models;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Reports;

/// <summary>The Bayesian part of a report is written on request, with the numbers of <c>/meta/bayes</c>.</summary>
public sealed class BayesPartTests(DependentStudiesService shared) : IClassFixture<DependentStudiesService>
{
    private readonly Service _service = shared.Service;

    [Fact]
    public async Task The_part_has_the_numbers_of_the_analysis()
    {
        var bayes = (await _service.Get("/meta/bayes")).ShouldBe(200);
        var text = (await _service.Get("/meta/report.txt?parts=bayes")).ShouldBe(200).Text;
        Assert.Contains("Bayesian analysis", text, StringComparison.Ordinal);
        Assert.Contains("standard deviation 0.50) and a half-normal prior of tau (scale 0.30)", text, StringComparison.Ordinal);
        Assert.Contains($"The posterior median of the mean was r = {R("mean/r/median")}, 95% credible interval [{R("mean/r/lower")}, {R("mean/r/upper")}]; "
            + $"tau was {Number("tau/median")} [{Number("tau/lower")}, {Number("tau/upper")}]; the true effect of a new sample is expected in "
            + $"[{R("prediction/r/lower")}, {R("prediction/r/upper")}].", text, StringComparison.Ordinal);
        Assert.Contains("Dependent effects entered as one composite per sample.", text, StringComparison.Ordinal);
        Assert.Contains("the Bayes factor was", text, StringComparison.Ordinal);

        string R(string path) => Number(path).Replace("0.", ".", StringComparison.Ordinal);
        string Number(string path) => bayes.Number(path).ToString("0.00", CultureInfo.InvariantCulture).Replace('-', '\u2212');
    }

    [Fact]
    public async Task The_part_takes_the_priors_of_the_analysis()
    {
        const string priors = "priorMuMean=0.2&priorMuSd=0.3&priorTau=halfCauchy&priorTauScale=0.2";
        var bayes = (await _service.Get($"/meta/bayes?{priors}")).ShouldBe(200);
        foreach (var path in (string[])["/meta/report.txt", "/meta/report.md"])
        {
            var text = (await _service.Get($"{path}?parts=bayes&{priors}")).ShouldBe(200).Text.Replace("*", "", StringComparison.Ordinal);
            Assert.Contains("(centre 0.20, standard deviation 0.30) and a half-Cauchy prior of tau (scale 0.20)", text, StringComparison.Ordinal);
            Assert.Contains(bayes.Number("tau/median").ToString("0.00", CultureInfo.InvariantCulture), text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("priorMuMean=0.2")]
    [InlineData("priorTau=halfCauchy")]
    [InlineData("priorMuSd=0.3")]
    [InlineData("priorTauScale=0.2&parts=bias")]
    public async Task Priors_are_refused_without_the_part(string query)
    {
        var refused = (await _service.Get($"/meta/report?{query}")).ShouldBeProblem(422, $"?{query.Split('=')[0]}", "notAllowed");
        Assert.Contains("has no effect without", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_no_part_by_default() =>
        Assert.DoesNotContain("Bayesian analysis", (await _service.Get("/meta/report.txt")).ShouldBe(200).Text, StringComparison.Ordinal);
}
