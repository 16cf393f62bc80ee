using System.Net.Http.Headers;
using System.Text;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Http.Problems;

/// <summary>What callers get wrong in their first ten minutes, and what the message alone must tell them.</summary>
public sealed class TypicalMistakeTests(DemoService demo) : IClassFixture<DemoService>
{
    private const string Sessions = """
        {"sourceSystem":"rom","patient":"p1","therapist":"t","session":"s1","sessionNumber":1,"occurredAt":"2026-01-05T10:00:00Z","measures":[MEASURE]}
        """;

    private const string Study = """
        {"key":"lee-2020","kind":"primary","citation":{"authors":"Lee","title":"T","year":2020},"effects":[{"key":"e1","sample":"s","statistic":STATISTIC,
        "relationshipMeasure":"rri-c","outcomeMeasure":"phq-9","outcomeType":"treatmentOutcome","relationshipRater":"client","outcomeRater":"client",
        "level":"betweenClient","outcomeDirection":"higherIsWorse"}]}
        """;

    [Theory]
    [InlineData("GET", "/meta/pol", 404, "did you mean '/meta/pool'?", "/docs")]
    [InlineData("GET", "/meta/pool.xlsx", 404, "did you mean '/meta/pool.csv'?")]
    [InlineData("GET", "/meta/forest.png", 404, "did you mean '/meta/forest.svg'?")]
    [InlineData("GET", "/api/meta/pool", 404, "did you mean '/meta/pool'?")]
    [InlineData("GET", "/studies/ilustration-01", 404, "no study 'ilustration-01'")]
    [InlineData("DELETE", "/meta/pool", 405, "DELETE", "GET", "POST")]
    [InlineData("GET", "/meta/pool?outcometype=sessionOutcome", 400, "did you mean 'outcomeType'?")]
    [InlineData("GET", "/meta/pool?rater=client", 400, "did you mean 'relationshipRater' or 'outcomeRater'")]
    [InlineData("GET", "/meta/pool?outcomeType=sesionOutcome", 400, "did you mean 'sessionOutcome'?")]
    [InlineData("GET", "/meta/pool?outcomeType=treatmentOutcome,sessionOutcome", 400,
        "repeat the name, as in ?outcomeType=treatmentOutcome&outcomeType=sessionOutcome")]
    [InlineData("GET", "/meta/pool?confidence=0,95", 400, "a point before decimals")]
    [InlineData("GET", "/meta/pool?confidence=95", 422, "must lie between 0.5 and 1")]
    [InlineData("GET", "/meta/pool?rho=1.5", 422, "?rho: must be less than 1")]
    [InlineData("GET", "/meta/pool?estimator=DerSimonian", 400, "must be one of", "dl")]
    [InlineData("GET", "/meta/pool?yearFrom=two", 400, "must be a whole number")]
    [InlineData("GET", "/meta/pool?asOf=2026-01-01", 400, "with its offset such as")]
    [InlineData("GET", "/meta/pool?select=corelation", 400, "did you mean 'correlation'?")]
    [InlineData("GET", "/meta/pool?synthetic=yes", 400, "must be one of")]
    [InlineData("GET", "/meta/moderators", 400, "?by: is required", "such as outcomeType")]
    [InlineData("GET", "/meta/moderators?by=outcometype", 422, "did you mean 'outcomeType'?")]
    [InlineData("GET", "/meta/moderators?by=outcomeType,year", 422, "?by=outcomeType&by=year")]
    [InlineData("GET", "/meta/moderators?by=moderators.gender", 422, "moderators are ")]
    [InlineData("GET", "/meta/plan", 400, "?target: is required", "excludesZero")]
    public Task Mistakes_in_an_address_are_explained(string method, string path, int status, params string[] explanations) =>
        ShouldExplain(new HttpRequestMessage(new HttpMethod(method), path), status, explanations);

    [Theory]
    [InlineData("", "#: is required: the body is empty")]
    [InlineData("""{"effects":[{"r":0.3,"n":50},]}""", "no comma before a closing bracket")]
    [InlineData("{'effects':[]}", "double quotes")]
    [InlineData("""{effects:[]}""", "names of members stand in double quotes")]
    [InlineData("""{"effects":[{"r":NaN,"n":50}]}""", "leave the member out")]
    [InlineData("""{"effects":[{"r":.3,"n":50}]}""", "a number starts with a digit")]
    [InlineData("""{"effects":[]} // ours""", "there are no comments")]
    [InlineData("""{"model":{"robust":True}}""", "true and false are lower case")]
    [InlineData("""[{"r":0.3,"n":50}]""", "must be an object with effects, filter")]
    [InlineData("""{"effects":{"r":0.3,"n":50}}""", "#/effects: must be an array, in square brackets")]
    [InlineData("""{"efects":[{"r":0.3,"n":50}]}""", "#/efects", "did you mean 'effects'?")]
    [InlineData("""{"effects":[{"r":"0.3","n":50}]}""", "#/effects/0/r: must be a number, without quotes, such as 0.38")]
    [InlineData("""{"effects":[{"r":0.3,"n":50.5}]}""", "#/effects/0/n: must be a whole number")]
    [InlineData("""{"effects":[{"r":0.3,"n":null},{"r":"0.3","n":50}]}""", "2 faults", "#/effects/0/n", "#/effects/1/r")]
    [InlineData("""{"effects":[{"r":1.4,"n":50},{"r":"0.3","n":2},{"r":0.3}]}""", "#/effects/0/r: must lie between -1 and 1, both excluded",
        "#/effects/1/r", "#/effects/2/n: is required beside r")]
    [InlineData("""{"effects":[{"r":0.3,"n":50}],"model":{"tau":"reml"}}""", "#/model/tau", "members are", "estimator")]
    [InlineData("""{"effects":[{"r":0.3,"n":50}],"model":{"estimator":"REML"}}""", "did you mean 'reml'?")]
    [InlineData("""{"effects":[{"r":0.3,"n":50}],"filter":{"outcomeType":"sessionOutcome"}}""", "either effects or a filter")]
    public Task Mistakes_in_a_body_are_explained(string body, params string[] explanations) =>
        ShouldExplain(Post("/meta/pool", body), 400, explanations);

    [Theory]
    [InlineData("""{"type":"r","value":0.3,"n":80}""", "\"kind\":\"primary\"", "\"kind\":\"Primary\"", 400, "#/kind", "did you mean 'primary'?")]
    [InlineData("""{"type":"r","value":0.3,"n":80}""", "\"authors\"", "\"author\"", 400, "did you mean 'authors'?", "#/citation/authors: is required")]
    [InlineData("""{"type":"r","value":0.3,"n":80}""", "\"authors\":\"Lee\"", "\"authors\":[\"Lee\"]", 400, "#/citation/authors: must be a text")]
    [InlineData("""{"type":"r","value":0.3,"n":80}""", "\"year\":2020", "\"year\":\"2020\"", 400, "#/citation/year: must be a whole number, without quotes")]
    [InlineData("""{"type":"r","value":0.3,"n":80}""", "\"outcomeDirection\"", "\"direction\"", 400, "did you mean 'outcomeDirection'?",
        "#/effects/0/outcomeDirection: is required")]
    [InlineData("""{"type":"r","value":0.3,"n":80}""", "\"key\":\"lee-2020\"", "\"key\":\"Lee 2020\"", 422, "#/key: must be 1 to 64 lower-case letters")]
    [InlineData("""{"type":"r","value":0.3,"n":80}""", "\"lee-2020\"", "\"illustration-01\"", 409, "illustration-01")]
    [InlineData("""{"type":"R","value":0.3,"n":80}""", "", "", 400, "#/effects/0/statistic/type: must be one of r,", "did you mean 'r'?")]
    [InlineData("""{"type":"r","value":1.3,"n":2}""", "", "", 422, "#/effects/0/statistic/value", "#/effects/0/statistic/n: must be from 4 to 10000000")]
    [InlineData("""{"type":"r","value":1.3,"n":80}""", "\"year\":2020", "\"yeer\":2020", 400, "did you mean 'year'?", "#/effects/0/statistic/value")]
    [InlineData("""{"type":"r","value":0.3,"n":80}""", "\"higherIsWorse\"", "\"lowerIsBetter\"", 400, "must be one of higherIsBetter, higherIsWorse\n")]
    public Task Mistakes_in_a_study_are_explained(string statistic, string right, string wrong, int status, params string[] explanations)
    {
        var study = Study.Replace("STATISTIC", statistic, StringComparison.Ordinal);
        return ShouldExplain(Post("/studies", right.Length == 0 ? study : study.Replace(right, wrong, StringComparison.Ordinal)), status, explanations);
    }

    [Theory]
    [InlineData("""{"sourceId":"a","version":1,"status":"final","instrument":"phq9","rater":"client","aggregation":"sum","score":12}""", 422,
        "did you mean phq-9?")]
    [InlineData("""{"sourceId":"a","version":1,"status":"final","instrument":"phq-9","rater":"client","aggregation":"sum","score":28}""", 422,
        "must lie from 0 to 27")]
    [InlineData("""{"sourceId":"a","version":1,"status":"final","instrument":"phq-9","rater":"patient","score":12}""", 400, "must be one of client, therapist")]
    public Task Mistakes_in_a_measure_are_explained(string measure, int status, params string[] explanations) =>
        ShouldExplain(Post("/sessions", Sessions.Replace("MEASURE", measure, StringComparison.Ordinal)), status, explanations);

    [Fact]
    public Task Mistakes_in_a_declared_instrument_are_explained_together() => ShouldExplain(
        Post("/instruments", """{"code":"ses","item":{"count":5},"items":{"count":"5","minimum":1,"maximum":5}}"""), 400,
        "#/item: is not a member", "did you mean 'items'?", "#/items/count: must be a whole number, without quotes");

    [Fact]
    public async Task A_changed_score_needs_a_higher_version()
    {
        const string measure = """{"sourceId":"changed","version":1,"status":"final","instrument":"phq-9","rater":"client","aggregation":"sum","score":12}""";
        var first = Sessions.Replace("MEASURE", measure, StringComparison.Ordinal);
        (await demo.Service.PostText("/sessions", first)).ShouldBe(201);
        await ShouldExplain(Post("/sessions", first.Replace("\"score\":12", "\"score\":13", StringComparison.Ordinal)), 409, "higher version, such as 2");
    }

    [Fact]
    public async Task A_body_without_its_type_is_explained()
    {
        var request = Post("/meta/pool", """{"effects":[]}""");
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        await ShouldExplain(request, 415, "-H 'Content-Type: application/json'");
    }

    [Fact]
    public async Task An_instant_without_offset_and_a_wrong_rater_are_named_together() =>
        await ShouldExplain(Post("/sessions", Sessions.Replace("10:00:00Z", "10:00:00", StringComparison.Ordinal).Replace("MEASURE",
            """{"sourceId":"a","version":1,"status":"final","instrument":"phq-9","rater":"patient","score":12}""", StringComparison.Ordinal)), 400,
            "#/occurredAt: must be an instant with its offset, such as", "#/measures/0/rater: must be one of client, therapist");

    private async Task ShouldExplain(HttpRequestMessage request, int status, params string[] explanations)
    {
        using (request)
        using (var response = await demo.Service.Client.SendAsync(request, TestContext.Current.CancellationToken))
        {
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
            using var problem = System.Text.Json.JsonDocument.Parse(text);
            var root = problem.RootElement;
            var errors = root.TryGetProperty("errors", out var own) ? own.EnumerateArray()
                : root.GetProperty("measures").EnumerateArray().SelectMany(m => m.GetProperty("errors").EnumerateArray());
            var said = string.Join('\n', errors.Select(e => $"{e.GetProperty("pointer").GetString()}: {e.GetProperty("detail").GetString()}"))
                + '\n' + (root.TryGetProperty("detail", out var detail) ? detail.GetString() : "");
            Assert.All(explanations, explanation => Assert.Contains(explanation, said, StringComparison.Ordinal));
        }
    }

    private static HttpRequestMessage Post(string path, string body) =>
        new(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
}
