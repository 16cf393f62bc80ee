using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Plots;

/// <summary>The traffic-light plot.</summary>
public sealed class RiskOfBiasPlotTests
{
    [Fact]
    public async Task Judgements_are_drawn_by_study_and_domain()
    {
        await using var service = await Service.StartAsync();
        Assert.Contains(SvgDocument.FromResponse(await service.Get("/meta/riskOfBias.svg")).TextLines,
            line => line.StartsWith("No study is selected.", StringComparison.Ordinal));
        await service.SubmitStudy(TestData.Study("open", TestData.Effect(0.3)));
        var empty = SvgDocument.FromResponse(await service.Get("/meta/riskOfBias.svg"));
        Assert.Contains("None of 1 study is assessed for risk of bias.", empty.TextLines);
        Assert.Empty(empty.ElementsNamed("circle"));

        await Submit(service, "a", "QUIPS", "high", ("outcome", "some"), ("participation", "low"), ("sameSource", "high"));
        await Submit(service, "b", "QUIPS", null, ("analysis", "unclear"));
        await Submit(service, "c", "Own tool", "low", ("blinding", "notApplicable"));
        var answer = await service.Get("/meta/riskOfBias.svg");
        var svg = SvgDocument.FromResponse(answer);
        Assert.Contains("'sha256-", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
        string[] headers = ["Participation", "Attrition", "Prognostic", "factor", "Outcome", "Confounding", "Analysis", "Same source", "Overall"];
        Assert.Equal(headers, svg.TextLines.Where(headers.Contains).Take(9));
        Assert.Contains("3 of 4 studies are assessed; overall: 1 low risk, 1 high risk.", svg.JoinedText.Replace('\n', ' '), StringComparison.Ordinal);
        // Four judgements of a, one of b, two of c, and the legend of five.
        Assert.Equal(7 + 5, svg.ElementsNamed("circle").Count());
        Assert.Equal((3, 2, 2, 2, 2), (svg.CountByClass("circle", "risk high"), svg.CountByClass("circle", "risk some"),
            svg.CountByClass("circle", "risk unclear"), svg.CountByClass("circle", "risk none"), svg.CountByClass("circle", "risk low") - 1));
        Assert.Contains("Lee et al. 2020: outcome moderate, participation low risk, same source high risk, overall high risk.", svg.Description,
            StringComparison.Ordinal);

        var high = SvgDocument.FromResponse(await service.Get("/meta/riskOfBias.svg?riskOfBias=high"));
        Assert.Equal(4 + 5, high.ElementsNamed("circle").Count());
        Assert.Contains(SvgDocument.FromResponse(await service.Get("/meta/riskOfBias.svg?rows=1&page=2")).TextLines,
            line => line.StartsWith("Rows 2–2 of 3", StringComparison.Ordinal));
        (await service.Get("/meta/riskOfBias.svg?rows=1&page=4")).ShouldBeProblem(422);
        (await service.Get("/meta/riskOfBias.svg?rows=501")).ShouldBeProblem(422);
        (await service.Get("/meta/riskOfBias.svg?estimator=dl")).ShouldBeProblem(400);
    }

    private static Task<ServiceResponse> Submit(Service service, string key, string tool, string? overall, params (string Name, string Judgement)[] domains) =>
        service.SubmitStudy(TestData.Study(key, TestData.Effect(0.3)).With("riskOfBias", new JsonObject
        {
            ["tool"] = tool, ["overall"] = overall,
            ["domains"] = new JsonArray([.. domains.Select(d => new JsonObject { ["name"] = d.Name, ["judgement"] = d.Judgement })]),
        }));
}
