using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Plots;

/// <summary>Properties of all plots.</summary>
public sealed class PlotTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    public static TheoryData<string> Plots => ["forest", "funnel", "cumulative", "baujat", "radial", "profile", "drapery", "gosh", "orchard"];

    // Effects that lie too far from any prior have no posterior.
    private const string Overflowing =
        """{ "effects": [{ "yi": 1e90, "vi": 1e60 }, { "yi": -1e90, "vi": 1e60 }, { "yi": 1e-90, "vi": 1e-60 }], "model": { "measure": "raw" } }""";

    private static readonly string[] s_extremes =
    [
        """{ "effects": [{ "r": 0.3, "n": 40 }] }""",
        """{ "effects": [{ "r": 0.9999, "n": 4 }, { "r": -0.9999, "n": 10000000 }, { "r": 0, "n": 5 }] }""",
        """{ "effects": [{ "r": 0.3, "n": 40 }, { "r": 0.3, "n": 40 }, { "r": 0.3, "n": 40 }] }""",
        Overflowing,
        """{ "effects": [{ "yi": 0.3, "vi": 0.01 }, { "yi": 0.3, "vi": 0.01 }], "model": { "measure": "raw" } }""",
        """{ "effects": [{ "yi": 0, "vi": 1e-99 }, { "yi": 0, "vi": 1e99 }], "model": { "measure": "raw", "estimator": "common" } }""",
        """{ "effects": [{ "r": 0.9999, "n": 4 }, { "yi": 15, "vi": 1e-9 }, { "r": 0, "n": 5 }], "model": { "measure": "correlation" } }""",
        """{ "effects": [{ "r": 0.3, "n": 40, "sample": "s" }, { "r": 0.5, "n": 40, "sample": "s" }, { "r": 0.2, "n": 90 }, { "r": 0.1, "n": 90 }] }""",
    ];

    public static TheoryData<string, string> Extremes => new MatrixTheoryData<string, string>([.. Plots.Select(row => row.Data), "multiverse"], s_extremes);

    public static TheoryData<string, string> ExtremesWithPriors =>
        new MatrixTheoryData<string, string>(["bayes", "priorSensitivity"], s_extremes.Except([Overflowing]));

    [Theory, MemberData(nameof(Plots))]
    public async Task A_plot_has_title_and_description_and_no_script(string name)
    {
        var answer = await _service.Get($"/meta/{name}.svg");
        var picture = SvgDocument.FromResponse(answer);
        Assert.Equal("img", picture.Attribute("role"));
        Assert.Equal("title description", picture.Attribute("aria-labelledby"));
        Assert.Contains("real relationship", picture.Title, StringComparison.Ordinal);
        Assert.Contains("r = .37, 95% CI [.29, .45]", picture.Description, StringComparison.Ordinal);
        Assert.Contains("16 effects of 16 samples in 16 studies, N = 1,502", picture.JoinedText, StringComparison.Ordinal);
        Assert.Contains("synthetic", picture.JoinedText, StringComparison.Ordinal);
        Assert.Empty(picture.ElementNames.Except(["svg", "title", "desc", "style", "rect", "text", "line", "polygon", "polyline", "circle", "g", "clipPath"]));
        Assert.DoesNotContain("http", answer.Text.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Plots)), InlineData("riskOfBias"), InlineData("coverage"), InlineData("multiverse"), InlineData("bayes")]
    public async Task The_style_supports_dark_mode_and_its_hash_is_in_the_content_security_policy(string name)
    {
        var answer = await _service.Get($"/meta/{name}.svg");
        var styles = SvgDocument.FromResponse(answer).ElementsNamed("style").Select(style => style.Value).ToList();
        Assert.Contains("@media screen and (prefers-color-scheme:dark)", styles[0], StringComparison.Ordinal);
        var hashes = styles.Select(style => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'");
        Assert.Equal($"default-src 'none'; style-src {string.Join(' ', hashes)}", answer.Header("Content-Security-Policy"));
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
    }

    // Who looks at a picture sees no parameters.
    [Theory, MemberData(nameof(Plots)), InlineData("coverage", ""), InlineData("bayes"), InlineData("priorSensitivity"), InlineData("bubble", "?terms=year")]
    public async Task Notes_name_no_parameters(string name, string query = "?measure=correlation")
    {
        var text = SvgDocument.FromResponse(await _service.Get($"/meta/{name}.svg{query}")).JoinedText;
        Assert.Contains("synthetic", text, StringComparison.Ordinal);
        Assert.DoesNotMatch("[a-z]=[a-z]", text);
    }

    [Theory, MemberData(nameof(Plots))]
    public async Task A_plot_has_an_ETag_like_other_responses(string name)
    {
        var first = await _service.Get($"/meta/{name}.svg");
        Assert.Equal("no-cache", first.Header("Cache-Control"));
        (await _service.Get($"/meta/{name}.svg", ("If-None-Match", first.ETag!))).ShouldBe(304);
        Assert.NotEqual(first.ETag, (await _service.Get($"/meta/{name}.svg?test=z")).ETag);
        Assert.NotEqual(first.ETag, (await _service.Get("/meta/pool")).ETag);
        Assert.Equal(first.Text, (await _service.Get($"/meta/{name}.svg?asOf={await _service.EvidenceRevision()}")).Text);
    }

    [Theory, MemberData(nameof(Plots))]
    public async Task Invalid_queries_are_refused_as_by_the_pool_endpoint(string name)
    {
        (await _service.Get($"/meta/{name}.svg?colour=red")).ShouldBeProblem(400, "?colour", "unknownParameter");
        (await _service.Get($"/meta/{name}.svg?confidence=0,95")).ShouldBeProblem(400);
        (await _service.Get($"/meta/{name}.svg?country=XX")).ShouldBeProblem(422);
        (await _service.Get($"/meta/{name}.svg?confidence=2")).ShouldBeProblem(422);
        (await _service.Get($"/meta/{name}.svg", ("Accept", "image/png"))).ShouldBeProblem(406);
        (await _service.Get($"/meta/{name}.svg", ("Accept", "image/avif,image/webp,*/*;q=0.8"))).ShouldBe(200);
    }

    [Theory, MemberData(nameof(Extremes)), MemberData(nameof(ExtremesWithPriors))]
    public async Task Extreme_values_stay_inside_the_plot(string name, string body)
    {
        var picture = SvgDocument.FromResponse(await _service.PostText($"/meta/{name}.svg", body));
        foreach (var (element, x, y) in new[] { ("text", "x", "y"), ("circle", "cx", "cy"), ("rect", "x", "y") })
        {
            Assert.All(picture.ElementsNamed(element), e => Assert.InRange(SvgDocument.Number(e, x), 0, picture.Width));
            Assert.All(picture.ElementsNamed(element), e => Assert.InRange(SvgDocument.Number(e, y), 0, picture.Height));
        }

        var numbers = picture.ElementsNamed("polygon").SelectMany(p => p.Attribute("points")!.Value.Split(' ', ','));
        Assert.All(numbers, n => Assert.True(double.IsFinite(double.Parse(n))));
    }

    [Theory, MemberData(nameof(Plots))]
    public async Task A_hostile_name_is_escaped(string name)
    {
        var hostile = "</text><script>alert(1)</script>&amp;\u202egnorts\ud83d\ude00" + new string('W', 150);
        var body = new JsonObject { ["effects"] = new JsonArray(Effect(0.3), Effect(0.5)) };
        var answer = await _service.Post($"/meta/{name}.svg", body);
        var picture = SvgDocument.FromResponse(answer);
        Assert.DoesNotContain("script", picture.ElementNames);
        Assert.DoesNotContain('\u202e', answer.Text);
        Assert.All(picture.TextLines, t => Assert.InRange(t.Count(c => c == 'W'), 0, 40));

        JsonObject Effect(double r) => new() { ["id"] = $"{hostile} {r}"[..^4] + r, ["study"] = hostile, ["sample"] = $"{r}", ["r"] = r, ["n"] = 50 };
    }

    [Fact]
    public async Task Long_names_with_a_common_prefix_stay_distinguishable()
    {
        var names = Enumerable.Range(1, 8).Select(i => $"Hernández-Martínez-Fernández, van der Westhuizen-Oberholzer & Papadopoulos consortium, site {i}")
            .ToList();
        var picture =
            SvgDocument.FromResponse(
                await _service.Post("/meta/forest.svg",
                    new JsonObject { ["effects"] = new JsonArray([.. names.Select(n => new JsonObject { ["study"] = n, ["r"] = 0.3, ["n"] = 40 })]) }));
        var shown = picture.TextLines.Where(t => t.StartsWith("Hernández", StringComparison.Ordinal)).ToList();
        Assert.Equal(8, shown.Distinct().Count());
        Assert.All(shown.Zip(names), pair => Assert.EndsWith(pair.Second[^6..], pair.First, StringComparison.Ordinal));
        Assert.All(shown, text => Assert.Contains('…', text));
    }

    [Fact]
    public async Task Effects_far_from_zero_stay_distinguishable()
    {
        var effects = new JsonArray([.. Enumerable.Range(0, 8).Select(i => new JsonObject { ["r"] = 0.99 + (0.001 * i), ["n"] = 40 + i })]);
        var picture = SvgDocument.FromResponse(await _service.Post("/meta/forest.svg", new JsonObject { ["effects"] = effects }));
        var places = picture.ElementsNamed("rect").Where(e => e.Attribute("class")?.Value == "mark").Select(e => SvgDocument.Number(e, "x")).ToList();
        Assert.True(places.Max() - places.Min() > 100, $"they stand within {places.Max() - places.Min()}");
        Assert.Equal(0, picture.CountByClass("line", "zero"));
        Assert.Equal(1, SvgDocument.FromResponse(await _service.Get("/meta/forest.svg")).CountByClass("line", "zero"));
    }

    [Theory]
    [InlineData("""{ "effects": [{ "r": 0.0, "n": 60 }, { "r": 0.5, "n": 60 }, { "r": 0.6, "n": 300 }] }""")]
    [InlineData("""{ "effects": [{ "yi": 0, "vi": 1e8 }, { "yi": 4e6, "vi": 1e8 }], "model": { "measure": "raw" } }""")]
    public async Task Every_funnel_point_lies_inside_the_axes(string body)
    {
        var picture = SvgDocument.FromResponse(await _service.PostText("/meta/funnel.svg", body));
        var axis = picture.ElementsNamed("line")
            .Where(
                l => l.Attribute("class")?.Value == "axis" && SvgDocument.Number(l, "x1") != SvgDocument.Number(l, "x2")
                    && SvgDocument.Number(l, "y1") == SvgDocument.Number(l, "y2"))
            .MaxBy(l => SvgDocument.Number(l, "x2") - SvgDocument.Number(l, "x1"))!;
        // The last circle explains the points.
        var points = picture.ElementsNamed("circle").Where(c => c.Elements().Any()).ToList();
        Assert.NotEmpty(points);
        Assert.All(points,
            c => Assert.InRange(SvgDocument.Number(c, "cx"), SvgDocument.Number(axis, "x1") + SvgDocument.Number(c, "r"),
                SvgDocument.Number(axis, "x2") - SvgDocument.Number(c, "r")));
    }

    [Theory, MemberData(nameof(Plots))]
    public async Task Wrapped_notes_leave_no_single_word_line(string name)
    {
        var picture = SvgDocument.FromResponse(await _service.Get($"/meta/{name}.svg"));
        var notes = picture.ElementsNamed("text").Where(t => t.Attribute("class")?.Value == "small" && SvgDocument.Number(t, "x") == 16).Select(t => t.Value)
            .ToList();
        Assert.True(notes.Count > 3);
        Assert.All(notes, note => Assert.True(note.Contains(' ', StringComparison.Ordinal) || note.Length > 20, note));
    }

    [Theory]
    [InlineData("/meta/forest.svg")]
    [InlineData("/meta/cumulative.svg")]
    public async Task A_long_list_is_paged_and_says_so(string path)
    {
        var effects = new JsonArray([.. Enumerable.Range(0, 120).Select(i => new JsonObject { ["id"] = $"e{i}", ["r"] = 0.1 + 0.005 * i, ["n"] = 40 + i })]);
        var first = SvgDocument.FromResponse(await _service.Post(path, new JsonObject { ["effects"] = effects.DeepClone() }));
        Assert.Equal(50, first.CountByClass("rect", "mark"));
        Assert.Contains("70 more on other pages", first.TextLines);
        Assert.Contains("Rows 1–50 of 120", first.Description, StringComparison.Ordinal);
        var last = SvgDocument.FromResponse(await _service.Post(path, new JsonObject { ["effects"] = effects.DeepClone(), ["page"] = 3 }));
        Assert.Equal(20, last.CountByClass("rect", "mark"));
        Assert.Contains("e119", last.TextLines);
        Assert.Equal(1, last.CountByClass("polygon", "pooled"));
        var none = SvgDocument.FromResponse(await _service.Post(path, new JsonObject { ["effects"] = effects.DeepClone(), ["rows"] = 0 }));
        Assert.Equal(0, none.CountByClass("rect", "mark"));
        (await _service.Post(path, new JsonObject { ["effects"] = effects.DeepClone(), ["page"] = 4 })).ShouldBeProblem(422, "#/page", "outOfRange");
        (await _service.Post(path, new JsonObject { ["effects"] = effects.DeepClone(), ["rows"] = 501 })).ShouldBeProblem(422, "#/rows", "outOfRange");
    }
}
