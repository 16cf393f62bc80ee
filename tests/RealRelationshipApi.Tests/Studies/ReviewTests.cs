using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies;

/// <summary>With <c>Evidence__Review=true</c> nothing enters a pool unseen.</summary>
public sealed class ReviewTests : IAsyncLifetime
{
    private const string Acceptance = """{ "decision": "accept" }""";
    private const string Return = """{ "decision": "returnForChanges", "reason": "Table 3 has another n." }""";
    private const string Rejection = """{ "decision": "reject", "reason": "The sample is that of another study." }""";

    private Service _service = null!;

    // All callers of Development are one tenant.
    public async ValueTask InitializeAsync() => _service = await Service.StartAsync(("Evidence__Review", "true"), ("Evidence__SelfReview", "true"));

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
        Assert.Equal(1, pooled.Number("given"));
        Assert.Empty(pooled.At("excluded")!.AsArray());
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
    public async Task The_accepted_version_stays_until_a_new_one_is_accepted()
    {
        await _service.SubmitStudy(TestData.Study("lee-2020", TestData.Effect(r: 0.5)));
        await Review("lee-2020");
        var revision = await _service.EvidenceRevision();
        var replaced = (await _service.Put("/studies/lee-2020", TestData.Study("lee-2020", TestData.Effect(r: 0.9)), ("If-Match", "*"))).ShouldBe(200);
        Assert.Equal("pending", replaced.String("status"));
        Assert.Equal(0.5, (await _service.Get("/meta/pool")).Number("correlation/r"), 1e-12);
        Assert.Equal(revision, await _service.EvidenceRevision());
        (await Review("lee-2020")).ShouldBe(200);
        Assert.Equal(0.9, (await _service.Get("/meta/pool")).Number("correlation/r"), 1e-12);
        Assert.Equal(0.5, (await _service.Get($"/meta/pool?asOf={revision}")).Number("correlation/r"), 1e-12);
        string[] history = [.. (await _service.Get("/studies/lee-2020/versions")).At("versions")!.AsArray().Select(v => v.At("status")!.GetValue<string>())];
        Assert.Equal(["pending", "accepted", "pending", "accepted"], history);
        Assert.Empty(_service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Effects_are_compared_with_accepted_studies_and_again_on_acceptance()
    {
        await _service.SubmitStudy(TestData.Study("first", TestData.Effect().With("sample", "people")));
        await _service.SubmitStudy(TestData.Study("second", TestData.Effect(r: 0.6).With("sample", "people")));
        (await Review("first")).ShouldBe(200);
        (await Review("second")).ShouldBeProblem(409, "#/effects/0", "duplicateEffect");
        Assert.Equal("pending", (await _service.Get("/studies/second")).String("status"));
        (await _service.Post("/studies", TestData.Study("third", TestData.Effect(r: 0.7).With("sample", "people"))))
            .ShouldBeProblem(409, "#/effects/0", "duplicateEffect");
        (await _service.Post("/studies", TestData.Study("twice", TestData.Effect().With("sample", "other"), TestData.Effect(r: 0.4).With("sample", "other"))))
            .ShouldBeProblem(409, "#/effects/1", "duplicateEffect");
        Assert.Empty(_service.FindIntegrityErrors());
    }

    [Fact]
    public async Task A_review_needs_a_decision_and_a_rejection_a_reason()
    {
        await _service.SubmitStudy(TestData.Study("lee-2020"));
        (await Review("lee-2020", "{}")).ShouldBeProblem(400, "#/decision", "required");
        Assert.Contains("accept, reject, returnForChanges", (await Review("lee-2020", """{ "decision": "approve" }"""))
            .ShouldBeProblem(400, "#/decision", "notAValue").Text, StringComparison.Ordinal);
        (await Review("lee-2020", """{ "decision": "returnForChanges" }""")).ShouldBeProblem(422, "#/reason", "empty");
        (await Review("lee-2020", """{ "decision": "accept", "note": "x" }""")).ShouldBeProblem(400);
        (await Review("lee-2020", """{ "decision": "reject" }""")).ShouldBeProblem(422, "#/reason", "empty");
        (await Review("lee-2020", """{ "decision": "reject", "reason": " " }""")).ShouldBeProblem(422, "#/reason", "empty");
        (await _service.Send(HttpMethod.Post, "/studies/lee-2020/review", null)).ShouldBeProblem(400);
        Assert.Equal("pending", (await _service.Get("/studies/lee-2020")).String("status"));
    }

    [Fact]
    public async Task Only_pending_studies_are_decided_on()
    {
        await _service.SubmitStudy(TestData.Study("accepted"));
        await _service.SubmitStudy(TestData.Study("rejected", TestData.Effect().With("sample", "other")));
        (await Review("accepted")).ShouldBe(200);
        Assert.Equal("rejected", (await Review("rejected", Rejection)).ShouldBe(200).String("status"));
        (await Review("accepted", Rejection)).ShouldBeProblem(409);
        (await Review("rejected")).ShouldBeProblem(409);
        Assert.Equal(2, (await Review("rejected", Rejection)).ShouldBe(200).Number("version"));
        Assert.Equal(3, (await _service.Put("/studies/rejected", TestData.Study("rejected", TestData.Effect(r: 0.1)), ("If-Match", "*"))).ShouldBe(200)
            .Number("version"));
        Assert.Equal("accepted", (await Review("rejected")).ShouldBe(200).String("status"));
    }

    [Fact]
    public async Task A_returned_study_is_sent_again_and_is_pending_again()
    {
        await _service.SubmitStudy(TestData.Study("lee-2020"));
        Assert.Equal("returned", (await Review("lee-2020", Return)).ShouldBe(200).String("status"));
        Assert.Equal(2, (await Review("lee-2020", Return)).ShouldBe(200).Number("version"));
        (await Review("lee-2020")).ShouldBeProblem(409);
        Assert.Equal("returned", (await _service.Post("/studies", TestData.Study("lee-2020"))).ShouldBe(200).String("status"));

        var again = (await _service.Post("/studies", TestData.Study("lee-2020", TestData.Effect(r: 0.2)))).ShouldBe(201);
        Assert.Equal(("pending", 3), (again.String("status"), again.Number("version")));
        (await Review("lee-2020", Return)).ShouldBe(200);
        Assert.Equal("pending", (await _service.Put("/studies/lee-2020", TestData.Study("lee-2020", TestData.Effect(r: 0.1)), ("If-Match", "*")))
            .ShouldBe(200).String("status"));
        (await Review("lee-2020")).ShouldBe(200);
        Assert.Equal(0.1, (await _service.Get("/meta/pool")).Number("correlation/r"), 1e-12);

        var versions = (await _service.Get("/studies/lee-2020/versions")).At("versions")!.AsArray();
        Assert.Equal(["pending", "returned", "pending", "returned", "pending", "accepted"], versions.Select(v => v.At("status")!.GetValue<string>()));
        Assert.Equal("Table 3 has another n.", versions[1].At("reason")!.GetValue<string>());
        Assert.Equal("development", versions[1].At("changedBy/tenant")!.GetValue<string>());
        Assert.Empty(_service.FindIntegrityErrors());
    }

    [Fact]
    public async Task A_returned_study_can_be_rejected_and_a_returned_version_leaves_the_accepted_one()
    {
        await _service.SubmitStudy(TestData.Study("never"));
        (await Review("never", Return)).ShouldBe(200);
        Assert.Equal("rejected", (await Review("never", Rejection)).ShouldBe(200).String("status"));

        await _service.SubmitStudy(TestData.Study("lee-2020", TestData.Effect(r: 0.5)));
        (await Review("lee-2020")).ShouldBe(200);
        (await _service.Put("/studies/lee-2020", TestData.Study("lee-2020", TestData.Effect(r: 0.9)), ("If-Match", "*"))).ShouldBe(200);
        (await Review("lee-2020", Return)).ShouldBe(200);
        Assert.Equal(0.5, (await _service.Get("/meta/pool")).Number("correlation/r"), 1e-12);
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
    public async Task Without_the_setting_studies_are_pooled_at_once()
    {
        await using var service = await Service.StartAsync();
        Assert.Equal("accepted", (await service.SubmitStudy(TestData.Study())).String("status"));
        (await service.PostText("/studies/lee-2020/review", Acceptance)).ShouldBe(200);
        (await service.Get("/meta/pool")).ShouldBe(200);
    }

    private Task<ServiceResponse> Review(string key, params (string Name, string Value)[] headers) => Review(key, Acceptance, headers);

    private Task<ServiceResponse> Review(string key, string decision, params (string Name, string Value)[] headers) =>
        _service.PostText($"/studies/{key}/review", decision, headers: headers);
}
