using System.Net;
using System.Text.RegularExpressions;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Analyses.WhatIf;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Models;

/// <summary>An option of the model has an effect, or is refused or warned of: none is passed over in silence.</summary>
public sealed partial class UnusedOptionTests(WhatIfService shared) : IClassFixture<WhatIfService>
{
    private static readonly string[] s_sequence = ["sequential=anytime", "priorMuSd=0.4", "priorTauScale=0.2"];

    private readonly Service _service = shared.Service;

    public static TheoryData<string, string> AllOptions => new MatrixTheoryData<string, string>(
        ["pool?", "moderators?by=timing&", "sensitivity?", "certainty?", "plan?target=excludesMargin&", "bias?", "regression?terms=year&", "changes?from=0&",
            "bayes?"],
        ["prediction=riley", "equivalence=0.3", "artifacts=bareBones", "sequential=anytime", "sequential=anytime&priorMuSd=0.2",
            "sequential=anytime&priorTauScale=0.1"]);

    [Theory, MemberData(nameof(AllOptions))]
    public async Task An_option_changes_the_answer_or_is_refused_or_warned_of(string analysis, string options)
    {
        var answer = await _service.Get($"/meta/{analysis}{options}");
        if (answer.Status != 200)
        {
            Assert.All(answer.ShouldBeProblem(400).Errors, error => Assert.EndsWith(" notAllowed", error, StringComparison.Ordinal));
            return;
        }

        var plain = options.Contains("prior", StringComparison.Ordinal) ? "sequential=anytime" : "";
        var without = (await _service.Get($"/meta/{analysis}{plain}")).ShouldBe(200);
        Assert.NotEqual(Numbers(without) == Numbers(answer), !answer.Warnings.Contains("noEffect"));

        static string Numbers(ServiceResponse response)
        {
            var json = response.Json.AsObject();
            json.Remove("model");
            json.Remove("warnings");
            return json.ToJsonString();
        }
    }

    [Fact]
    public async Task Defaults_that_Swagger_UI_sends_are_accepted() =>
        (await _service.Get("/meta/pool?sequential=none&priorMuSd=0.5&priorTauScale=0.3")).ShouldBe(200);

    [Theory]
    [InlineData("bias", "")]
    [InlineData("regression", "\"terms\": [\"year\"], ")]
    [InlineData("plan", "\"target\": \"excludesZero\", ")]
    [InlineData("certainty", "")]
    [InlineData("changes", "\"from\": 0, ")]
    [InlineData("forest.svg", "")]
    [InlineData("funnel.svg", "")]
    public async Task A_sequence_is_refused_where_nothing_shows_it(string name, string members)
    {
        var query = members.Length == 0 ? "" : members.Replace("\"", "", StringComparison.Ordinal).Replace(", ", "&", StringComparison.Ordinal)
            .Replace(": ", "=", StringComparison.Ordinal).Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
        foreach (var option in s_sequence)
        {
            var problem = (await _service.Get($"/meta/{name}?{query}{option}")).ShouldBeProblem(400, $"?{option.Split('=')[0]}", "notAllowed");
            Assert.Contains("has no effect here: e-values and confidence sequences are in /meta/pool,", problem.Text, StringComparison.Ordinal);
        }

        var body = $$"""{ {{members}} "model": { "sequential": "anytime", "priorMuSd": 0.4, "priorTauScale": 0.2 } }""";
        Assert.Equal(["#/model/sequential notAllowed", "#/model/priorMuSd notAllowed", "#/model/priorTauScale notAllowed"],
            (await _service.PostText($"/meta/{name}", body)).ShouldBeProblem(422).Errors);
        if (name != "changes")
        {
            (await _service.PostText($"/meta/{name}?{query}sequential=anytime", "r,n\n.3,40\n.4,50\n.5,90", "text/csv"))
                .ShouldBeProblem(400, "?sequential", "notAllowed");
        }
    }

    [Theory]
    [InlineData("/meta/pool?")]
    [InlineData("/meta/pool?sequential=none&")]
    [InlineData("/meta/moderators?by=timing&")]
    [InlineData("/meta/sensitivity?")]
    [InlineData("/meta/cumulative.svg?")]
    [InlineData("/meta/news?")]
    [InlineData("/meta/report?")]
    [InlineData("/?")]
    public async Task Priors_are_refused_without_the_sequence_that_they_are_of(string path) =>
        Assert.Equal(["?priorMuSd notAllowed", "?priorTauScale notAllowed"],
            (await _service.Get($"{path}priorMuSd=0.4&priorTauScale=0.2")).ShouldBeProblem(422).Errors);

    [Fact]
    public async Task Priors_of_a_body_are_refused_likewise()
    {
        var problem = (await _service.PostText("/meta/pool", """{ "model": { "sequential": "none", "priorMuSd": 0.4 } }"""))
            .ShouldBeProblem(422, "#/model/priorMuSd", "notAllowed");
        Assert.Contains("add that, or leave it out", problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task News_have_the_sequence_with_the_priors_asked_for()
    {
        await using var service = await Service.StartAsync();
        foreach (var i in Enumerable.Range(0, 8))
        {
            await service.SubmitStudy(TestData.Study($"s{i}", TestData.Effect(0.3 + 0.02 * (i % 3), 60)));
        }

        var crossed = new List<long>();
        foreach (var priors in new[] { "", "&priorMuSd=2&priorTauScale=1" })
        {
            var news = (await service.Get($"/meta/news?sequential=anytime{priors}")).ShouldBe(200);
            var item = Assert.Single(news.At("news")!.AsArray(), item => item.At("conclusionChanged")!.AsArray().Any(change =>
                change.At("basis")!.GetValue<string>() == "sequence" && change.At("is")!.GetValue<string>() == "above"));
            crossed.Add(item.At("revision")!.GetValue<long>());
            Assert.Equal((await service.Get($"/meta/pool?sequential=anytime{priors}")).ShouldBe(200).Number("anytime/firstCrossed/revision"), crossed[^1]);
        }

        Assert.True(crossed[0] < crossed[1], $"{crossed[0]} and {crossed[1]}");
        Assert.Equal((await service.Get("/meta/news")).Text, (await service.Get("/meta/news?sequential=anytime")).Text);
    }

    [Fact]
    public async Task A_continuous_moderator_has_no_sequence_and_says_so()
    {
        var problem = (await _service.Get("/meta/moderators?by=year&sequential=anytime")).ShouldBeProblem(422, "?sequential", "notForContinuous");
        Assert.Contains("year is a number", problem.Text, StringComparison.Ordinal);
        (await _service.PostText("/meta/moderators", """{ "by": ["year"], "model": { "sequential": "anytime" } }"""))
            .ShouldBeProblem(422, "#/model/sequential", "notForContinuous");
        var both = (await _service.Get("/meta/moderators?by=timing&by=year&sequential=anytime")).ShouldBe(200);
        Assert.Contains("year: e-values and confidence sequences are of levels", both.Text, StringComparison.Ordinal);
        Assert.NotNull(both.At("moderators/0/levels/0/anytime"));
        Assert.Contains("Per unit, the correlation changes by", (await _service.Get("/?by=year&sequential=anytime")).ShouldBe(200).Text,
            StringComparison.Ordinal);
    }

    /// <summary>What the page links to takes what the page took.</summary>
    [SlowTheory("It follows every link of the page.")]
    [InlineData("/?sequential=anytime&priorMuSd=0.4")]
    [InlineData("/?add=.45:80&add=.2:30")]
    [InlineData("/?equivalence=0.2&artifacts=bareBones&prediction=riley&by=year&by=timing")]
    [InlineData("/?defaults=0.1&asOf=5")]
    public async Task Every_link_of_the_page_answers(string address)
    {
        var page = (await _service.Get(address)).ShouldBe(200).Text;
        string[] links = [.. Link().Matches(page).Select(match => WebUtility.HtmlDecode(match.Groups["address"].Value)).Distinct()];
        Assert.True(links.Length > 15, $"{links.Length} links");
        foreach (var link in links.Where(link => !link.StartsWith("/swagger", StringComparison.Ordinal)))
        {
            (await _service.Get(link)).ShouldBe(200);
        }
    }

    [GeneratedRegex("(href|src)=\"(?<address>/[^\"]*)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}
