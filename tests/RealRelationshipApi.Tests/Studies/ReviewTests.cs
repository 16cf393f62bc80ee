using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies;

/// <summary>With <c>Evidence__Review=true</c> nothing enters a pool unseen.</summary>
public sealed class ReviewTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync(("Evidence__Review", "true"));

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_study_is_not_pooled_until_accepted()
    {
        Assert.Equal("pending", (await _service.SubmitStudy(TestData.Study("first"))).String("status"));
        await _service.SubmitStudy(TestData.Study("second"));
        (await _service.Get("/meta/pool")).ShouldBe(422);
        Assert.Empty((await _service.Get("/effects")).At("effects")!.AsArray());

        Assert.Equal("accepted", (await Review("first")).ShouldBe(200).String("status"));
        var pooled = (await _service.Get("/meta/pool")).ShouldBe(200);
        Assert.Equal(1, pooled.Number("counts/effects"));
        Assert.Contains(pooled.At("excluded")!.AsArray(), e => e.At("reason")!.GetValue<string>() == "pending" && e.At("count")!.GetValue<int>() == 1);
        Assert.Single((await _service.Get("/effects")).At("effects")!.AsArray());
    }

    [Fact]
    public async Task Batches_and_published_pooled_results_are_reviewed_too()
    {
        var reference = TestData.Study("published");
        reference["kind"] = "reference";
        reference["effects"]![0]!["statistic"] =
            System.Text.Json.Nodes.JsonNode.Parse("""{ "type": "pooled", "r": 0.3, "lower": 0.2, "upper": 0.4, "k": 5 }""");
        (await _service.PostText("/studies/batch", $"[{TestData.Study("batched").ToJsonString()},{reference.ToJsonString()}]")).ShouldBe(201);
        Assert.Equal("pending", (await _service.Get("/studies/batched")).String("status"));
        Assert.Empty((await _service.Get("/meta/references")).At("references")!.AsArray());
        (await Review("published")).ShouldBe(200);
        Assert.Single((await _service.Get("/meta/references")).At("references")!.AsArray());
    }

    [Fact]
    public async Task A_new_version_of_an_accepted_study_is_reviewed_again()
    {
        await _service.SubmitStudy(TestData.Study("lee-2020"));
        await Review("lee-2020");
        var replaced = (await _service.Put("/studies/lee-2020", TestData.Study("lee-2020", TestData.Effect(r: 0.9)), ("If-Match", "*"))).ShouldBe(200);
        Assert.Equal("pending", replaced.String("status"));
        (await _service.Get("/meta/pool")).ShouldBe(422);
        (await Review("lee-2020")).ShouldBe(200);
        Assert.Equal(0.9, (await _service.Get("/meta/pool")).Number("correlation/r"), 1e-12);
        string[] history = [.. (await _service.Get("/studies/lee-2020/versions")).At("versions")!.AsArray().Select(v => v.At("status")!.GetValue<string>())];
        Assert.Equal(["pending", "accepted", "pending", "accepted"], history);
        Assert.Empty(_service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Only_the_reviewed_version_is_accepted()
    {
        var read = await _service.SubmitStudy(TestData.Study("lee-2020"));
        (await _service.Put("/studies/lee-2020", TestData.Study("lee-2020", TestData.Effect(r: 0.9)), ("If-Match", "*"))).ShouldBe(200);
        (await Review("lee-2020", ("If-Match", read.ETag!))).ShouldBeProblem(412);
        Assert.Equal("pending", (await _service.Get("/studies/lee-2020")).String("status"));
        (await Review("lee-2020", ("If-Match", (await _service.Get("/studies/lee-2020")).ETag!))).ShouldBe(200);
    }

    [Fact]
    public async Task Reviewing_again_changes_nothing()
    {
        await _service.SubmitStudy(TestData.Study("lee-2020"));
        var accepted = (await Review("lee-2020", ("Idempotency-Key", "1"))).ShouldBe(200);
        var revision = await _service.EvidenceRevision();
        Assert.Equal("true", (await Review("lee-2020", ("Idempotency-Key", "1"))).ShouldBe(200).Header("Idempotent-Replayed"));
        Assert.Equal(accepted.ETag, (await Review("lee-2020")).ShouldBe(200).ETag);
        Assert.Equal(revision, await _service.EvidenceRevision());
    }

    [Fact]
    public async Task An_unknown_study_cannot_be_accepted()
    {
        (await Review("nobody-2020")).ShouldBeProblem(404);
        await _service.SubmitStudy(TestData.Study("gone"));
        (await _service.Delete("/studies/gone", ("If-Match", "*"))).ShouldBe(204);
        (await Review("gone")).ShouldBeProblem(410);
    }

    [Fact]
    public async Task A_submitter_cannot_accept()
    {
        using var folder = new TemporaryFolder();
        await using (var before = await Service.StartInAsync(folder))
        {
            await ProductionService.CreateKeyAsync(before, "operator", [Scopes.Admin]);
        }

        await using var service = await Service.StartInAsync(folder, "Production", ("Evidence__Review", "true"));
        async Task<(string, string)> Key(string tenant, params string[] scopes) =>
            ("X-API-Key", await ProductionService.CreateKeyAsync(service, tenant, scopes));
        var (submitter, reviewer) = (await Key("north", Scopes.StudiesWrite), await Key("board", Scopes.StudiesReview));
        (await service.Post("/studies", TestData.Study(), submitter)).ShouldBe(201);
        (await service.Send(HttpMethod.Post, "/studies/lee-2020/review", null, submitter)).ShouldBeProblem(403);
        (await service.Send(HttpMethod.Post, "/studies/lee-2020/review", null, reviewer)).ShouldBe(200);
        Assert.Contains("board|reviewed", RawStore.Query(folder.StorePath, "SELECT tenant, kind FROM change ORDER BY number"));
        (await service.Put("/studies/lee-2020", TestData.Study("lee-2020", TestData.Effect(r: 0.9)), submitter, ("If-Match", "*"))).ShouldBe(200);
    }

    [Fact]
    public async Task Without_the_setting_studies_are_pooled_at_once()
    {
        await using var service = await Service.StartAsync();
        Assert.Equal("accepted", (await service.SubmitStudy(TestData.Study())).String("status"));
        (await service.Send(HttpMethod.Post, "/studies/lee-2020/review", null)).ShouldBe(200);
        (await service.Get("/meta/pool")).ShouldBe(200);
    }

    private Task<ServiceResponse> Review(string key, params (string Name, string Value)[] headers) =>
        _service.Send(HttpMethod.Post, $"/studies/{key}/review", null, headers);
}
