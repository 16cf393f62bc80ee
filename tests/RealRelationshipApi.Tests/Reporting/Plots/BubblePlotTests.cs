using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Plots;

/// <summary>The bubble plot against <c>/meta/regression</c>.</summary>
public sealed class BubblePlotTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    [Fact]
    public async Task Circles_are_effects_and_the_line_is_the_regression()
    {
        var regression = (await _service.Get("/meta/regression?terms=year&at=year:2008&at=year:2014")).ShouldBe(200);
        var picture = SvgDocument.FromResponse(await _service.Get("/meta/bubble.svg?terms=year"));
        Assert.Equal(16 + 1, picture.CountByClass("circle", "bubble"));
        var segments = picture.ElementsNamed("line").Where(l => l.Attribute("class")!.Value == "fit").ToList();
        Assert.Equal(40 + 1, segments.Count);
        // The line is measured between two ticks of each axis.
        var (bottom, top) = (TickY("0"), TickY(".40"));
        var (left, right) = (TickX("2008"), TickX("2014"));
        foreach (var (i, year) in new[] { 2008.0, 2014 }.Index())
        {
            var x = left + (right - left) * (year - 2008) / 6;
            var segment = segments.First(s => SvgDocument.Number(s, "x1") <= x + 0.01 && SvgDocument.Number(s, "x2") >= x - 0.01);
            var share = (x - SvgDocument.Number(segment, "x1")) / (SvgDocument.Number(segment, "x2") - SvgDocument.Number(segment, "x1"));
            var y = SvgDocument.Number(segment, "y1") + share * (SvgDocument.Number(segment, "y2") - SvgDocument.Number(segment, "y1"));
            Assert.Equal(regression.Number($"predicted/{i}/effect"), Math.Atanh(0.4) * (bottom - y) / (bottom - top), 0.005);
        }

        Assert.Contains($"p = {regression.Number("test/p").ToString("F3")[1..]}", picture.JoinedText, StringComparison.Ordinal);

        double TickY(string name) => SvgDocument.Number(picture.ElementsNamed("text").First(t => t.Value == name), "y") - 4;
        double TickX(string name) => SvgDocument.Number(picture.ElementsNamed("text").First(t => t.Value == name), "x");
    }

    [Fact]
    public async Task Bands_are_of_one_line_and_a_factor_that_interacts_has_lines()
    {
        var one = SvgDocument.FromResponse(await _service.Get("/meta/bubble.svg?terms=year&terms=outcomeType"));
        Assert.Equal(["pband", "cband"], one.ElementsNamed("polygon").Select(p => p.Attribute("class")!.Value));
        Assert.Contains("levels have equal weights", one.JoinedText, StringComparison.Ordinal);
        var several = SvgDocument.FromResponse(await _service.Get("/meta/bubble.svg?terms=year&terms=outcomeType&terms=year:outcomeType"));
        Assert.Empty(several.ElementsNamed("polygon"));
        Assert.Contains("outcomeType treatmentProgress", several.JoinedText, StringComparison.Ordinal);
        Assert.Equal(41, several.CountByClass("line", "fit2"));
    }

    [Theory]
    [InlineData("""{ "effects": [{ "r": 0.3, "n": 40, "moderators": { "x": 1 } }] }""", 422)]
    [InlineData("""{ "effects": [{ "r": 0.9999, "n": 4, "moderators": { "x": 1 } }, { "r": -0.9999, "n": 10000000, "moderators": { "x": 1e9 } }] }""", 200)]
    [InlineData("""{ "effects": [{ "r": 0.3, "n": 9, "moderators": { "x": -5 } }, { "r": 0.3, "n": 9, "moderators": { "x": 5 } }, { "r": 0, "n": 9 }]}""", 200)]
    [InlineData("""{ "effects": [{ "r": 0.3, "n": 40, "moderators": { "x": 1 } }, { "r": 0.4, "n": 40, "moderators": { "x": 1 } }] }""", 422)]
    public async Task Extreme_effects_have_a_picture_or_an_error(string body, int status) =>
        (await _service.Post("/meta/bubble.svg", JsonNode.Parse(body)!.AsObject().With("terms", new JsonArray("x")))).ShouldBe(status);

    [Fact]
    public async Task Without_a_number_there_is_no_picture()
    {
        (await _service.Get("/meta/bubble.svg?terms=outcomeType")).ShouldBeProblem(422, "?terms", "noNumber");
        (await _service.Get("/meta/bubble.svg?terms=year&x=outcomeType")).ShouldBeProblem(422, "?x", "unknownModerator");
        (await _service.Get("/meta/bubble.svg")).ShouldBeProblem(400, "?terms", "required");
    }
}
