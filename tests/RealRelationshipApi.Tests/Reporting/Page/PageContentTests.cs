using System.Net;
using System.Text.RegularExpressions;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Page;

/// <summary>What the page says, without a browser.</summary>
public sealed partial class PageContentTests(DemoService demo) : IClassFixture<DemoService>
{
    [Fact]
    public async Task The_estimate_is_in_words_of_clinicians_and_warnings_are_beside_what_they_concern()
    {
        var page = await PageOf(demo.Service, "/?by=outcomeType&by=year");
        Assert.Contains("the stronger the real relationship between patient and therapist, the better the outcome", page, StringComparison.Ordinal);
        Assert.Contains("Of the variance of the observed effects, 57% is more than sampling error (I²).", page, StringComparison.Ordinal);
        Assert.Contains("only a difference of .29 in r or more could have been found", page, StringComparison.Ordinal);
        Assert.Contains("the correlation changes by −0.011 [−0.028, 0.007]", page, StringComparison.Ordinal);
        foreach (var technical in new[] { "Fisher z", "beyond chance", "synthetic=", "sequential=anytime has" })
        {
            Assert.DoesNotContain(technical, page, StringComparison.Ordinal);
        }

        InOrder(page, "16 of 16 effects are synthetic", "id=\"forest\"", "class=\"sortable\"", "The Knapp–Hartung multiplier", "Show the interval that holds",
            "id=\"moderators\"", "/meta/bubble.svg?terms=year", "The Knapp–Hartung multiplier", "id=\"certainty\"");
        Assert.Equal(3, page.Split("The Knapp–Hartung multiplier").Length);

        var wide = await PageOf(demo.Service, "/?outcomeType=treatmentOutcome&yearFrom=2015&yearTo=2015");
        Assert.Contains("cannot be told: the confidence interval includes zero", wide, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publications_have_title_and_address_and_moderators_their_counts()
    {
        await using var service = await Service.StartAsync();
        var linked = TestData.Study("lee-2020", TestData.Effect().With("moderators", new System.Text.Json.Nodes.JsonObject { ["meanAge"] = 38.5 }));
        linked["citation"]!["doi"] = "10.1000/a(1)<2>";
        linked["citation"]!["title"] = "Real & unreal";
        await service.SubmitStudy(linked);
        await service.SubmitStudy(TestData.Study("roe-2021", TestData.Effect(0.5).With("outcomeType", "sessionOutcome")));
        var page = await service.Get("/?outcomeType=sessionOutcome");
        Assert.Contains("value=\"treatmentOutcome\"> treatment outcome <small>(1)</small>", page.Text, StringComparison.Ordinal);
        Assert.Contains("value=\"sessionOutcome\" checked> session outcome <small>(1)</small>", page.Text, StringComparison.Ordinal);
        page = await service.Get("/?exclude=roe-2021");
        Assert.Contains("href=\"https://doi.org/10.1000/a%281%29%3C2%3E\"", page.Text, StringComparison.Ordinal);
        Assert.Contains("<cite>Real &amp; unreal</cite>", page.Text, StringComparison.Ordinal);
        Assert.Contains("value=\"moderators.meanAge\"> mean age <small>(1 effect, 1 value)</small>", page.Text, StringComparison.Ordinal);
        Assert.Contains("<span class=\"chip\">roe-2021 <a class=\"within\" href=\"/\"", page.Text, StringComparison.Ordinal);
        Assert.Contains("Take roe-2021 in again", (await service.Get("/?exclude=roe-2021&exclude=lee-2020")).ShouldBe(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_works_as_printed()
    {
        ExternalPrograms.SkipUnlessInstalled("curl", ExternalPrograms.IsInstalled("curl"));
        await using var service = await Service.StartAsync();
        var command = CommandPattern().Match(await PageOf(service, "/")).Groups["command"].Value;
        Assert.StartsWith("curl -s http", command, StringComparison.Ordinal);
        var (code, output) = await ExternalPrograms.RunAsync(Path.GetTempPath(), "sh", "-c", command);
        Assert.True(code == 0 && output.Contains("\"accepted\"", StringComparison.Ordinal), output);
        Assert.Contains("lee-2020", await PageOf(service, "/"), StringComparison.Ordinal);
    }

    // What people read: without the head, and on one line.
    private static async Task<string> PageOf(Service service, string address) =>
        SpacePattern().Replace(WebUtility.HtmlDecode((await service.Get(address)).ShouldBe(200).Text.Split("<main")[1]), " ");

    private static void InOrder(string text, params string[] parts)
    {
        var at = 0;
        foreach (var part in parts)
        {
            at = text.IndexOf(part, at, StringComparison.Ordinal);
            Assert.True(at >= 0, $"{part} does not follow");
            at += part.Length;
        }
    }

    [GeneratedRegex(@"\s*\n\s*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SpacePattern();

    [GeneratedRegex("<pre tabindex=\"0\"><code>(?<command>curl.*?)</code>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex CommandPattern();
}
