using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies;

/// <summary>What is not accepted is visible to its tenant and to reviewers only.</summary>
public sealed class PendingStudyVisibilityTests : IAsyncLifetime
{
    private const string Acceptance = """{ "decision": "accept" }""";
    private const string Return = """{ "decision": "returnForChanges", "reason": "not-for-others" }""";
    private const string Rejection = """{ "decision": "reject", "reason": "not-for-others" }""";

    private readonly TemporaryFolder _folder = new();
    private Service _service = null!;
    private (string, string) _owner;
    private (string, string) _other;
    private (string, string) _reviewer;

    public async ValueTask InitializeAsync()
    {
        await using (var before = await Service.StartInAsync(_folder))
        {
            await ProductionService.CreateKeyAsync(before, "clinic", [Scopes.Admin]);
        }

        _service = await Service.StartInAsync(_folder, "Production", ("Evidence__Review", "true"));
        (_owner, _other, _reviewer) = (await Key("north", Scopes.StudiesWrite, Scopes.MetaRead), await Key("south", Scopes.StudiesWrite, Scopes.MetaRead),
            await Key("board", Scopes.StudiesReview, Scopes.MetaRead));
        (await _service.Post("/studies", TestData.Study("public", TestData.Effect(r: 0.5).With("sample", "public")), _owner)).ShouldBe(201);
        (await Review("public", Acceptance)).ShouldBe(200);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_pending_study_changes_nothing_that_another_tenant_can_read()
    {
        string[] paths =
        [
            "/studies", "/studies?status=pending&status=returned&status=rejected", "/studies?q=secret&sort=-recorded&since=0",
            "/studies/secret", "/studies/secret/codings", "/studies/secret/agreement", "/meta/agreement",
            "/studies/secret/versions", "/effects", "/effects.csv", "/meta/pool", "/meta/moderators?by=outcomeType",
            "/meta/changes?from=1", "/meta/references", "/export.zip", "/meta/citation.bib",
        ];
        async Task<string> Everything()
        {
            var responses = new List<string>();
            foreach (var path in paths)
            {
                var response = await _service.Get(path, _other);
                // The archive is the same bytes for the same evidence.
                responses.Add($"{path} {response.Status} {response.ETag} {(response.Status < 400 ? response.Text : "")}");
            }

            return string.Join('\n', responses);
        }

        var before = await Everything();
        Assert.Contains("/studies/secret 404", before, StringComparison.Ordinal);
        (await _service.Post("/studies", Secret(), _owner)).ShouldBe(201);
        Assert.Equal(before, await Everything());
        (await Review("secret", Return)).ShouldBe(200);
        Assert.Equal(before, await Everything());
        (await _service.Post("/studies", Secret(r: 0.7), _other)).ShouldBeProblem(409, "#/key", "keyTaken");
        (await _service.Post("/studies", Secret(r: 0.7), _owner)).ShouldBe(201);
        (await Review("secret", Rejection)).ShouldBe(200);
        Assert.Equal(before, await Everything());
        (await _service.Put("/studies/secret", Secret(r: 0.8), _owner, ("If-Match", "*"))).ShouldBe(200);
        (await _service.Delete("/studies/secret", _owner, ("If-Match", "*"))).ShouldBe(204);
        Assert.Equal(before, await Everything());
        (await _service.Put("/studies/public", TestData.Study("public", TestData.Effect(r: 0.8).With("sample", "public")), _owner, ("If-Match", "*")))
            .ShouldBe(200);
        Assert.Equal(before, await Everything());
        Assert.Empty(_service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Its_tenant_and_reviewers_code_it()
    {
        (await _service.Post("/studies", Secret(), _owner)).ShouldBe(201);
        var both = await Key("board", Scopes.StudiesWrite, Scopes.StudiesReview, Scopes.MetaRead);
        (await Code("secret", "One", _other)).ShouldBeProblem(404);
        (await Code("public", "One", _other)).ShouldBeProblem(403);
        (await Code("secret", "One", _owner)).ShouldBe(201);
        (await Code("secret", "Two", both)).ShouldBe(201);
        (await Code("secret", "One", both)).ShouldBeProblem(403, "#/coder", "coderTaken");
        foreach (var key in new[] { _owner, _reviewer })
        {
            var codings = (await _service.Get("/studies/secret/codings", key)).ShouldBe(200).At("codings")!.AsArray();
            Assert.Equal(["north", "board"], codings.Select(c => c.At("changedBy/tenant")!.GetValue<string>()));
        }

        (await Code("public", "One", _owner)).ShouldBe(201);
        Assert.False((await _service.Get("/studies/public/codings", _other)).At("codings/0")!.AsObject().ContainsKey("changedBy"));
        Assert.Equal(1, (await _service.Get("/studies/public/agreement", _other)).Number("codings"));
    }

    private Task<ServiceResponse> Code(string key, string coder, (string, string) caller) => _service.Post($"/studies/{key}/codings", new JsonObject
    {
        ["coder"] = coder,
        ["date"] = "2025-03-03",
        ["effects"] = new JsonArray(TestData.Effect().With("key", "e1").With("sample", key)),
    }, caller);

    [Fact]
    public async Task Its_tenant_and_reviewers_see_it()
    {
        (await _service.Post("/studies", Secret(), _owner)).ShouldBe(201);
        foreach (var key in new[] { _owner, _reviewer })
        {
            Assert.Equal("pending", (await _service.Get("/studies/secret", key)).ShouldBe(200).String("status"));
            Assert.Equal(2, (await _service.Get("/studies", key)).At("studies")!.AsArray().Count);
        }

        (await _service.Get("/studies/secret", _other)).ShouldBeProblem(404);
        Assert.Single((await _service.Get("/studies", _other)).At("studies")!.AsArray());
    }

    [Fact]
    public async Task A_taken_key_says_nothing_about_its_study()
    {
        (await _service.Post("/studies", Secret(), _owner)).ShouldBe(201);
        var taken = (await _service.Post("/studies", Secret(), _other)).ShouldBeProblem(409, "#/key", "keyTaken");
        var accepted = (await _service.Post("/studies", TestData.Study("public"), _other)).ShouldBeProblem(409, "#/key", "keyTaken");
        Assert.Equal(Anonymous(accepted, "public"), Anonymous(taken, "secret"));
        (await _service.Put("/studies/secret", Secret(r: 0.9), _other, ("If-Match", "*"))).ShouldBeProblem(404);
        (await _service.Delete("/studies/secret", _other, ("If-Match", "*"))).ShouldBeProblem(404);
        (await _service.PostText("/studies/secret/review", Acceptance, headers: _other)).ShouldBeProblem(403);
        // Overlap: the same sample and effect under another key.
        var same = (await _service.Post("/studies", Secret(key: "same-effect"), _other)).ShouldBe(201);
        Assert.Empty(same.Warnings);
        Assert.Equal(200, (await _service.Post("/studies", Secret(), _owner)).Status);

        static string Anonymous(ServiceResponse response, string key) =>
            response.String("detail").Replace(key, "", StringComparison.Ordinal) + response.At("errors")!.ToJsonString();
    }

    [Fact]
    public async Task A_rejection_frees_the_key()
    {
        (await _service.Post("/studies", Secret(), _owner, ("Idempotency-Key", "1"))).ShouldBe(201);
        (await Review("secret", Rejection)).ShouldBe(200);
        (await _service.Get("/studies/secret", _other)).ShouldBeProblem(404);
        (await _service.Post("/studies", Secret(note: "theirs"), _other)).ShouldBe(201);

        Assert.Equal("theirs", (await _service.Get("/studies/secret", _other)).String("note"));
        Assert.Single((await _service.Get("/studies/secret/versions", _other)).At("versions")!.AsArray());
        var own = (await _service.Get("/studies/secret", _owner)).ShouldBe(200);
        Assert.Equal(("rejected", "private"), (own.String("status"), own.String("note")));
        Assert.Equal("private", (await _service.Post("/studies", Secret(), _owner, ("Idempotency-Key", "1"))).ShouldBe(201).String("note"));
        (await _service.Put("/studies/secret", Secret(r: 0.9), _owner, ("If-Match", "*"))).ShouldBeProblem(409, "#/key", "keyTaken");
        (await Review("secret", Acceptance)).ShouldBe(200);
        Assert.Equal("theirs", (await _service.Get("/studies/secret", _owner)).String("note"));
        Assert.Empty(_service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Authors_and_reasons_are_visible_to_the_tenant_and_reviewers()
    {
        (await _service.Post("/studies", Secret(), _owner)).ShouldBe(201);
        (await Review("secret", """{ "decision": "accept", "reason": "not-for-others" }""")).ShouldBe(200);
        foreach (var key in new[] { _owner, _reviewer })
        {
            var versions = (await _service.Get("/studies/secret/versions", key)).ShouldBe(200).At("versions")!.AsArray();
            Assert.Equal(["north", "board"], versions.Select(v => v!["changedBy"]!["tenant"]!.GetValue<string>()));
            Assert.Equal(_reviewer.Item2.Split('_')[1], versions[1]!["changedBy"]!["key"]!.GetValue<string>());
            Assert.Equal("not-for-others", versions[1]!["reason"]!.GetValue<string>());
            // A version can be sent back.
            (await _service.Put("/studies/secret", versions[1]!, _owner, ("If-Match", "*"))).ShouldBe(200);
        }

        var seen = (await _service.Get("/studies/secret/versions", _other)).ShouldBe(200);
        Assert.Single(seen.At("versions")!.AsArray());
        Assert.DoesNotContain("board", seen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("not-for-others", seen.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_pending_replacement_the_public_version_is_retracted()
    {
        (await _service.Put("/studies/public", TestData.Study("public", TestData.Effect(r: 0.8)).With("note", "private"), _owner, ("If-Match", "*")))
            .ShouldBe(200);
        (await _service.Delete("/studies/public", _owner, ("If-Match", "*"))).ShouldBe(204);
        (await _service.Get("/studies/public", _other)).ShouldBeProblem(410);
        (await _service.Get("/meta/pool", _other)).ShouldBeProblem(422);
        var seen = (await _service.Get("/studies/public/versions", _other)).ShouldBe(200);
        Assert.Equal(["accepted", "retracted"], seen.At("versions")!.AsArray().Select(v => v!["status"]!.GetValue<string>()));
        Assert.DoesNotContain("private", seen.Text, StringComparison.Ordinal);
        Assert.Empty(_service.FindIntegrityErrors());
    }

    [Fact]
    public async Task A_tenant_reviews_its_own_studies_only_with_the_setting()
    {
        var both = await Key("north", Scopes.StudiesReview, Scopes.MetaRead, Scopes.Admin);
        (await _service.Post("/studies", Secret(), _owner)).ShouldBe(201);
        (await _service.PostText("/studies/secret/review", Acceptance, headers: both)).ShouldBeProblem(403);
        Assert.Equal("pending", (await _service.Get("/studies/secret", _owner)).String("status"));
    }

    private static JsonObject Secret(string key = "secret", double r = 0.6, string note = "private") =>
        TestData.Study(key, TestData.Effect(r: r).With("sample", "secret-people")).With("note", note).With("country", "NO").AsObject();

    private async Task<(string, string)> Key(string tenant, params string[] scopes) =>
        ("X-API-Key", await ProductionService.CreateKeyAsync(_service, tenant, scopes));

    private Task<ServiceResponse> Review(string key, string decision) => _service.PostText($"/studies/{key}/review", decision, headers: _reviewer);
}
