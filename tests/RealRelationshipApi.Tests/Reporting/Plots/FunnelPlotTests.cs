using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Plots;

/// <summary>The funnel plot against <c>/meta/bias</c>.</summary>
public sealed class FunnelPlotTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    [Theory]
    [InlineData("")]
    [InlineData("?trimAndFill=R0")]
    [InlineData("?side=left")]
    public async Task Points_are_effects_and_trim_and_fill_imputations(string query)
    {
        var bias = (await _service.Get($"/meta/bias{query}")).ShouldBe(200);
        var picture = SvgDocument.FromResponse(await _service.Get($"/meta/funnel.svg{query}"));
        var missing = (int)bias.Number("trimAndFill/missing");
        Assert.Equal(16 + 1, picture.CountByClass("circle", "point"));
        Assert.Equal(missing + (missing > 0 ? 1 : 0), picture.CountByClass("circle", "filled"));
        Assert.Equal(["p01", "p05", "p10"], picture.ElementsNamed("polygon").Select(p => p.Attribute("class")!.Value));
    }

    [Fact]
    public async Task Eggers_line_starts_at_the_regression_limit()
    {
        var bias = await _service.Get("/meta/bias");
        var picture = SvgDocument.FromResponse(await _service.Get("/meta/funnel.svg"));
        var line = picture.ElementsNamed("line").First(l => l.Attribute("class")!.Value == "slope");
        // The position of the limit is measured between two ticks of the axis.
        var (zero, four) = (Tick("0"), Tick(".4"));
        var limit = zero + (four - zero) * bias.Number("egger/limit") / Math.Atanh(0.4);
        Assert.Equal(limit, SvgDocument.Number(line, "x1"), 0.05);
        Assert.Contains($"p = {bias.Number("egger/p").ToString("F3")[1..]}", picture.JoinedText, StringComparison.Ordinal);

        double Tick(string name) => SvgDocument.Number(picture.ElementsNamed("text").First(t => t.Value == name), "x");
    }

    [Fact]
    public async Task Effects_of_one_sample_are_one_point_and_the_plot_says_so()
    {
        var picture = SvgDocument.FromResponse(await _service.PostText("/meta/funnel.svg",
            """{ "effects": [{ "r": 0.3, "n": 40, "sample": "s" }, { "r": 0.5, "n": 40, "sample": "s" }, { "r": 0.2, "n": 90 }, { "r": 0.1, "n": 80 }] }"""));
        Assert.Equal(3 + 1, picture.CountByClass("circle", "point"));
        Assert.Contains("4 effects are drawn as one composite each of 3 samples", picture.JoinedText, StringComparison.Ordinal);
        Assert.Contains("fewer than 10", picture.JoinedText, StringComparison.Ordinal);
    }
}
