using System.Text.Json.Nodes;
using System.Xml.Linq;

using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Embedding;

/// <summary><c>/badge.svg</c> and <c>/embed</c>.</summary>
public sealed class EmbedTests(ProductionService guarded) : IClassFixture<ProductionService>
{
    private const string Portal = "https://portal.example";

    [Theory]
    [InlineData("/badge.svg")]
    [InlineData("/embed")]
    [InlineData("/badge.svg?foo=1")]
    [InlineData("/embed?foo=1")]
    public async Task Without_public_reading_there_is_no_such_path_even_with_a_key(string path)
    {
        (await guarded.Service.Get(path)).ShouldBeProblem(404);
        var problem = (await guarded.Service.Get(path, await guarded.CreateKeyHeaderAsync("portal", Scopes.MetaRead))).ShouldBeProblem(404);
        Assert.Equal("DENY", problem.Header("X-Frame-Options"));
        Assert.Contains("frame-ancestors 'none'", problem.Header("Content-Security-Policy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_public_reading_both_show_the_estimate_to_everybody()
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartInAsync(folder, "Production", ("Access__PublicRead", "true"), ("Demo__Load", "true"),
            ("Embed__AllowedOrigins", $"{Portal}, https://other.example"));
        var badge = (await service.Get("/badge.svg")).ShouldBe(200);
        var svg = XDocument.Parse(badge.Text);
        Assert.Equal("real relationship × outcome: r = .37 [.29, .45] · synthetic", svg.Root!.Elements().First().Value);
        Assert.Equal("cross-origin", badge.Header("Cross-Origin-Resource-Policy"));
        Assert.Contains("sha256-", badge.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.DoesNotContain("<script", badge.Text, StringComparison.Ordinal);
        Assert.Equal(304, (await service.Get("/badge.svg", ("If-None-Match", badge.ETag!))).Status);
        Assert.Equal("public, max-age=86400, immutable", (await service.Get("/badge.svg?asOf=20")).ShouldBe(200).Header("Cache-Control"));
        Assert.DoesNotContain("[.29, .45]", (await service.Get("/badge.svg?confidence=0.6")).ShouldBe(200).Text, StringComparison.Ordinal);
        Assert.Matches(@"r = \.\d\d, 60% CI \[\.\d\d, \.\d\d\] · selection · synthetic",
            (await service.Get("/badge.svg?outcomeType=sessionOutcome&confidence=0.6")).ShouldBe(200).Text);
        Assert.Contains("no estimate · selection", (await service.Get("/badge.svg?country=XX")).ShouldBe(200).Text, StringComparison.Ordinal);
        (await service.Get("/badge.svg?rho=2")).ShouldBeProblem(422);
        (await service.Get("/badge.svg?nonsense=1")).ShouldBeProblem(400);

        var page = (await service.Get("/embed?outcomeType=sessionOutcome")).ShouldBe(200);
        Assert.Equal("default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; "
            + $"frame-ancestors {Portal} https://other.example", page.Header("Content-Security-Policy"));
        Assert.Null(page.Header("X-Frame-Options"));
        Assert.DoesNotContain("<script", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<form", page.Text, StringComparison.Ordinal);
        Assert.Contains("<img src=\"/meta/forest.svg?outcomeType=sessionOutcome&amp;references=false&amp;registered=false\"", page.Text,
            StringComparison.Ordinal);
        Assert.Contains("<div class=\"wide\" tabindex=\"0\" role=\"region\"", page.Text, StringComparison.Ordinal);
        Assert.Contains("<p>Only outcomeType sessionOutcome.</p>", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<p>Only ", (await service.Get("/embed?asOf=39")).ShouldBe(200).Text, StringComparison.Ordinal);
        Assert.Contains("asOf=39", page.Text, StringComparison.Ordinal);
        Assert.Contains("synthetic", page.Text, StringComparison.Ordinal);
        Assert.Contains("No effect is left", (await service.Get("/embed?country=XX")).ShouldBe(200).Text, StringComparison.Ordinal);

        Assert.Contains("href=\"/meta/news?asOf=39\"", (await service.Get("/?asOf=39")).ShouldBe(200).Text, StringComparison.Ordinal);

        // Nothing else may be framed.
        Assert.Equal("DENY", (await service.Get("/")).ShouldBe(200).Header("X-Frame-Options"));
    }

    [Fact]
    public async Task It_is_small_and_reads_as_text_where_the_prediction_interval_is_wide()
    {
        await using var service = await Service.StartAsync(("Access__PublicRead", "true"));
        foreach (var (i, r) in new[] { -0.97, 0.1, 0.98 }.Index())
        {
            await service.SubmitStudy(TestData.Study($"s{i}", TestData.Effect(r, 200)));
        }

        var registered = TestData.Study("kim").With("kind", "registered")
            .With("registered", new JsonObject { ["state"] = "notReported", ["direction"] = "unknown" });
        registered["effects"] = new JsonArray();
        await service.SubmitStudy(registered);
        var page = (await service.Get("/embed")).ShouldBe(200).Text;
        Assert.Contains("would be expected anywhere between −1 and 1.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("between &lt;", page, StringComparison.Ordinal);
        Assert.Contains("<strong>anywhere between −1 and 1</strong>", (await service.Get("/")).ShouldBe(200).Text, StringComparison.Ordinal);

        const string heading = "Eligible, without a usable coefficient";
        var shown = SvgDocument.FromResponse(await service.Get("/meta/forest.svg?references=false"));
        var small = SvgDocument.FromResponse(await service.Get("/meta/forest.svg?references=false&registered=false"));
        Assert.Contains(heading, shown.TextLines);
        Assert.DoesNotContain(heading, small.TextLines);
        Assert.True(small.Height < shown.Height);
        Assert.Contains("registered=false", page, StringComparison.Ordinal);
        // In a narrow frame a link takes the place of the plot.
        Assert.Contains("<p class=\"narrow\"><a href=\"/meta/forest.svg?references=false&amp;registered=false\"", page, StringComparison.Ordinal);
        Assert.Contains("@media (max-width: 42rem) { .wide { display: none } .narrow { display: block } }",
            (await service.Get("/embed.css")).ShouldBe(200).Text, StringComparison.Ordinal);
        (await service.Get("/meta/forest.svg?registered=perhaps")).ShouldBeProblem(400, "?registered", "notAValue");
    }

    [Theory]
    [InlineData("sequential=anytime")]
    [InlineData("priorMuSd=0.4")]
    public async Task What_it_does_not_show_is_refused(string option)
    {
        await using var service = await Service.StartAsync(("Access__PublicRead", "true"));
        foreach (var path in new[] { "/badge.svg", "/embed" })
        {
            (await service.Get($"{path}?{option}")).ShouldBeProblem(400, $"?{option.Split('=')[0]}", "notAllowed");
        }
    }

    [Fact]
    public async Task Without_allowed_origins_no_page_may_frame_it()
    {
        await using var service = await Service.StartAsync(("Access__PublicRead", "true"));
        var page = (await service.Get("/embed")).ShouldBe(200);
        Assert.Equal("DENY", page.Header("X-Frame-Options"));
        Assert.EndsWith("frame-ancestors 'none'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Contains("There is no effect in the evidence", page.Text, StringComparison.Ordinal);
    }
}
