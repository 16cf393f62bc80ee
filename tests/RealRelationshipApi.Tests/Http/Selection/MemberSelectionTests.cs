using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Http.Selection;

/// <summary><c>select</c>: members of JSON responses.</summary>
public sealed class MemberSelectionTests(DemoService demo) : IClassFixture<DemoService>
{
    private readonly Service _service = demo.Service;

    [Theory]
    [InlineData("/meta/pool?", "correlation,counts,data", "correlation,counts,data")]
    [InlineData("/meta/pool?asOf=39&", "correlation.r, counts.studies", "correlation/r,counts/studies")]
    [InlineData("/meta/pool?", "correlation,correlation.r", "correlation")]
    [InlineData("/meta/pool?", "studies.r,studies.weight", "studies/0/r,studies/15/weight")]
    [InlineData("/meta/moderators?by=outcomeType&", "moderators.levels.correlation.r,moderators.verdict",
        "moderators/0/levels/0/correlation/r,moderators/0/levels/1/correlation/r,moderators/0/verdict")]
    [InlineData("/meta/convert?type=r&value=.3&n=80&", "fisherZ.yi", "fisherZ/yi")]
    [InlineData("/meta/references?", "references.key", "references/0/key")]
    [InlineData("/meta/options?", "moderatorFields", "moderatorFields")]
    [InlineData("/meta/news?", "news.sentence,next", "news/0/sentence,next")]
    [InlineData("/meta/revisions?", "revisions.revision", "revisions/0/revision")]
    [InlineData("/meta/report?", "markdown", "markdown")]
    [InlineData("/meta/agreement?", "z.n", "z/n")]
    public async Task Selected_members_are_those_of_the_whole_response(string path, string select, string members)
    {
        var whole = (await _service.Get(path.TrimEnd('?', '&'))).ShouldBe(200);
        var some = (await _service.Get($"{path}select={Uri.EscapeDataString(select)}")).ShouldBe(200);
        Assert.Equal("application/json", some.MediaType);
        Assert.All(members.Split(','), member => Assert.True(JsonNode.DeepEquals(whole.At(member), some.At(member)), member));
        Assert.True(IsPart(some.Json, whole.Json));
        Assert.Equal(members.Split(',').Select(member => member.Split('/')[0]).Distinct().Order(), some.Json.AsObject().Select(member => member.Key).Order());
        Assert.True(some.Bytes.Length < whole.Bytes.Length);
    }

    [Fact]
    public async Task Unknown_members_are_all_named_with_the_nearest()
    {
        var problem = (await _service.Get("/meta/pool?select=corelation,counts,studies.wieght,data.revision.x")).ShouldBeProblem(400, "?select", "notAValue");
        string[] details = [.. problem.At("errors")!.AsArray().Select(error => error.At("detail")!.GetValue<string>())];
        Assert.Equal(3, details.Length);
        Assert.Equal("names 'corelation', which is no member of the response; did you mean 'correlation'?", details[0]);
        Assert.Equal("names 'wieght', which is no member of 'studies'; did you mean 'weight'?", details[1]);
        Assert.Equal("names 'x' of 'revision', which is a single value without members: end the path at 'revision'", details[2]);
    }

    [Theory]
    [InlineData("/meta/pool?select=", null, 400)]
    [InlineData("/meta/pool?select=r,,", null, 400)]
    [InlineData("/meta/pool?select=counts&select=data", null, 400)]
    [InlineData("/meta/pool?select=counts", "text/csv", 400)]
    [InlineData("/meta/pool.csv?select=counts", "text/csv", 400)]
    [InlineData("/meta/forest.svg?select=counts", null, 400)]
    [InlineData("/meta/pool?select=counts&rho=2", null, 422)]
    [InlineData("/meta/pool?select=counts&country=XX", null, 422)]
    public async Task Faults_are_problems(string path, string? accept, int status) =>
        (await _service.Get(path, accept is null ? [] : [("Accept", accept)])).ShouldBeProblem(status);

    [Fact]
    public async Task Each_selection_has_an_ETag_of_its_own_and_order_does_not_count()
    {
        var whole = (await _service.Get("/meta/pool")).ShouldBe(200);
        var one = (await _service.Get("/meta/pool?select=counts,correlation.r")).ShouldBe(200);
        var other = (await _service.Get("/meta/pool?select=correlation.r,%20counts")).ShouldBe(200);
        var third = (await _service.Get("/meta/pool?select=counts")).ShouldBe(200);
        Assert.Equal((one.ETag, one.Text), (other.ETag, other.Text));
        Assert.Equal(3, new[] { whole.ETag, one.ETag, third.ETag }.Distinct().Count());
        Assert.Equal(one.ETag, (await _service.Get("/meta/pool?select=counts,correlation.r", ("If-None-Match", one.ETag!))).ShouldBe(304).ETag);
        (await _service.Get("/meta/pool?select=counts", ("If-None-Match", one.ETag!))).ShouldBe(200);
        (await _service.Get("/meta/pool?select=counts", ("If-None-Match", whole.ETag!))).ShouldBe(200);
        (await _service.Get("/meta/pool", ("If-None-Match", one.ETag!))).ShouldBe(200);
        Assert.Equal($"{third.Bytes.Length}", (await _service.Send(HttpMethod.Head, "/meta/pool?select=counts", null)).ShouldBe(200).Header("Content-Length"));
    }

    [Fact]
    public async Task A_calculator_returns_selected_members_and_pages_keep_the_selection()
    {
        var body = new JsonObject { ["effects"] = new JsonArray(new JsonObject { ["r"] = 0.3, ["n"] = 80 }, new JsonObject { ["r"] = 0.5, ["n"] = 60 }) };
        var some = (await _service.Post("/meta/pool?select=correlation", body)).ShouldBe(200);
        Assert.Equal((await _service.Post("/meta/pool", body)).At("correlation")!.ToJsonString(), some.At("correlation")!.ToJsonString());
        Assert.Single(some.Json.AsObject());
        (await _service.Post("/meta/pool?select=nothing", body)).ShouldBeProblem(400, "?select", "notAValue");
        Assert.Contains("&select=revisions.study%2Cnext>; rel=\"next\"",
            (await _service.Get("/meta/revisions?limit=2&select=revisions.study,next")).ShouldBe(200).Header("Link"), StringComparison.Ordinal);
    }

    private static bool IsPart(JsonNode? part, JsonNode? whole) => (part, whole) switch
    {
        (JsonObject a, JsonObject b) => a.All(member => b.ContainsKey(member.Key) && IsPart(member.Value, b[member.Key])),
        (JsonArray a, JsonArray b) => a.Count == b.Count && a.Zip(b).All(items => IsPart(items.First, items.Second)),
        _ => JsonNode.DeepEquals(part, whole),
    };
}
