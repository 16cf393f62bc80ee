using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Evidence;

/// <summary>Evidence that is extended change by change is the evidence that is read as a whole, also where it is too much for one part.</summary>
public sealed class IncrementalSnapshotTests : IAsyncLifetime
{
    private const int Studies = 45;
    private const int EffectsPerStudy = 100;

    private static readonly string[] s_queries =
        ["/meta/pool?level=all&estimator=dl", "/meta/moderators?by=country&by=moderators.dose&estimator=dl", "/meta/references",
            "/meta/pool?exclude=s10&exclude=later&yearTo=2019&estimator=dl"];

    private readonly TemporaryFolder _folder = new();
    private Service _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await Service.StartInAsync(_folder);
        var studies = Enumerable.Range(0, Studies)
            .Select(i => Study($"s{i:00}", EffectsPerStudy).With("citation/year", 1960 + i).With("country", i % 2 == 0 ? "GB" : "US"));
        (await _service.Post("/studies/batch", new JsonArray([.. studies]))).ShouldBe(201);
        await RunQueries();
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _folder.Dispose();
    }

    [SlowFact("It reloads the whole evidence after each of many changes.")]
    public async Task An_incrementally_updated_snapshot_equals_a_full_reload()
    {
        await _service.SubmitStudy(Study("before-all", 1));
        await RunQueries();
        await _service.SubmitStudy(Study("s10-and-a-half", 450));
        await _service.SubmitStudy(Study("t-after-all", 2).With("country", "IT"));
        await RunQueries();
        (await _service.Put("/studies/s20", Study("s20", 3).With("country", "DE"), ("If-Match", "*"))).ShouldBe(200);
        (await _service.Put("/studies/s21", Study("s21", 1).With("effects/0/moderators", JsonNode.Parse("""{ "dose": "high" }""")),
            ("If-Match", "*"))).ShouldBe(200);
        await RunQueries();
        (await _service.Delete("/studies/s00", ("If-Match", "*"))).ShouldBe(204);
        (await _service.Delete("/studies/t-after-all", ("If-Match", "*"))).ShouldBe(204);
        await RunQueries();
        (await _service.Post("/studies/batch", new JsonArray([.. Enumerable.Range(0, 25).Select(i => Study($"s30-{i}", EffectsPerStudy))]))).ShouldBe(201);
        await RunQueries();
        await ShouldEqualFullReload();
    }

    [SlowFact("It reloads the whole evidence after each of many changes.")]
    public async Task A_study_turned_into_a_reference_leaves_the_pool_and_returns()
    {
        var reference = TestData.Study("s05", TestData.Effect(JsonNode.Parse("""{ "type": "pooled", "r": 0.37, "k": 17 }""")!.AsObject()))
            .With("kind", "reference");
        (await _service.Put("/studies/s05", reference, ("If-Match", "*"))).ShouldBe(200);
        Assert.Equal((Studies - 1) * EffectsPerStudy, (await _service.Get(s_queries[0])).ShouldBe(200).Number("used"));
        Assert.Single((await _service.Get("/meta/references")).ShouldBe(200).At("references")!.AsArray());
        (await _service.Put("/studies/s05", Study("s05", 2), ("If-Match", "*"))).ShouldBe(200);
        Assert.Equal(((Studies - 1) * EffectsPerStudy) + 2, (await _service.Get(s_queries[0])).ShouldBe(200).Number("used"));
        Assert.Empty((await _service.Get("/meta/references")).ShouldBe(200).At("references")!.AsArray());
        await ShouldEqualFullReload();
    }

    private static JsonObject Study(string key, int effects) => TestData.Study(key, [.. Enumerable.Range(0, effects).Select(i =>
        TestData.Effect(r: 0.3 + (0.001 * (i % 7)), n: 50 + i).With("level", i % 10 == 0 ? "withinClient" : "betweenClient")
            .With("moderators", JsonNode.Parse($$"""{ "dose": "{{(i % 3 == 0 ? "low" : "middle")}}" }""")))]);

    private async Task<List<string>> RunQueries()
    {
        var answers = new List<string>();
        foreach (var question in s_queries)
        {
            answers.Add((await _service.Get(question)).ShouldBe(200).Text);
        }

        return answers;
    }

    private async Task ShouldEqualFullReload()
    {
        var extended = await RunQueries();
        await _service.DisposeAsync();
        _service = await Service.StartInAsync(_folder);
        Assert.Equal(extended, await RunQueries());
    }
}
