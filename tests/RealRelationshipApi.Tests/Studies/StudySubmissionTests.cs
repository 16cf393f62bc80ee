using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Studies;

public sealed class StudySubmissionTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_new_study_is_created_at_its_Location()
    {
        var created = (await _service.Post("/studies", TestData.Study("lee-2020"))).ShouldBe(201);
        Assert.Equal("/studies/lee-2020", created.Header("Location"));
        var read = (await _service.Get(created.Header("Location")!)).ShouldBe(200);
        Assert.Equal(created.ETag, read.ETag);
        Assert.Matches("^\"[^\"]+\"$", read.ETag);
        Assert.Equal(created.At("effects")!.ToJsonString(), read.At("effects")!.ToJsonString());
        Assert.Equal(("accepted", 1), (read.String("status"), read.Number("version")));
    }

    [Fact]
    public async Task Resubmitting_an_equal_study_returns_200_and_stores_it_once()
    {
        var first = await _service.SubmitStudy(TestData.Study());
        var second = (await _service.Post("/studies", TestData.Study())).ShouldBe(200);
        Assert.Equal(first.ETag, second.ETag);
        Assert.Equal(1, await _service.EvidenceRevision());
    }

    [Fact]
    public async Task Equality_ignores_member_order_and_number_formatting()
    {
        await _service.SubmitStudy(TestData.Study().With("effects/0/moderators", JsonNode.Parse("""{ "b": 1, "a": "x" }""")));
        var other = TestData.Study().With("effects/0/moderators", JsonNode.Parse("""{ "a": "x", "b": 1.0 }"""));
        var reversed = new JsonObject(other.Reverse().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        (await _service.Post("/studies", reversed.With("published", true).With("note", null))).ShouldBe(200);
    }

    [Fact]
    public async Task The_same_key_with_other_content_is_refused()
    {
        await _service.SubmitStudy(TestData.Study());
        (await _service.Post("/studies", TestData.Study("lee-2020", TestData.Effect(r: 0.31)))).ShouldBeProblem(409);
        Assert.Equal(1, await _service.EvidenceRevision());
    }

    [Fact]
    public async Task Integers_are_accepted_in_any_JSON_number_format()
    {
        await _service.SubmitStudy(TestData.Study("lee-2020", TestData.Effect(n: 100_000)));
        foreach (var written in new[] { "1e5", "100000.0", "1E+5" })
        {
            (await _service.PostText("/studies", TestData.Study("lee-2020").WithRawText("effects/0/statistic/n", written))).ShouldBe(200);
        }
    }

    [Fact]
    public async Task Validate_only_runs_every_check_and_stores_nothing()
    {
        var valid = (await _service.Post("/studies?validateOnly=true", TestData.Study())).ShouldBe(200);
        Assert.Equal(Math.Atanh(0.3), valid.Number("effects/0/stored/yi"), 1e-15);
        (await _service.Get("/studies/lee-2020")).ShouldBeProblem(404);
        Assert.Equal(0, await _service.EvidenceRevision());
        (await _service.Post("/studies?validateOnly=true", TestData.Study().With("effects/0/statistic/n", 3)))
            .ShouldBeProblem(422, "#/effects/0/statistic/n", "outOfRange");
    }

    [Fact]
    public async Task Validate_only_detects_conflicts_with_stored_studies()
    {
        await _service.SubmitStudy(TestData.Study());
        (await _service.Post("/studies?validateOnly=true", TestData.Study("lee-2020", TestData.Effect(r: 0.5)))).ShouldBeProblem(409);
    }

    [Fact]
    public async Task Putting_back_a_GET_response_changes_nothing()
    {
        var full = TestData.Study("full-2020", TestData.Effect(), TestData.Effect().With("outcomeType", "followUp").With("outcomeDirection", "higherIsWorse"))
            .With("design", "prospective").With("country", "IT").With("setting", "Outpatient, \"private\"").With("therapists", 12)
            .With("note", "First line.\nÄ second, 第三.")
            .With("published", false).With("citation/doi", "10.1037/pst0000183")
            .With("effects/0/relationshipScale", "total").With("effects/0/timing", "early").With("effects/0/relationshipReliability", 0.97)
            .With("effects/0/adjustedFor", JsonNode.Parse("""["age", "severity"]"""))
            .With("effects/0/moderators", JsonNode.Parse("""{ "remote": "no", "meanAge": 38.2 }"""));
        var created = await _service.SubmitStudy(full);
        var read = await _service.Get("/studies/full-2020");
        var put = (await _service.Put("/studies/full-2020", read.Json, ("If-Match", read.ETag!))).ShouldBe(200);
        Assert.Equal(created.ETag, put.ETag);
        Assert.Equal(1, await _service.EvidenceRevision());
        (await _service.Post("/studies", read.Json)).ShouldBe(200);
    }

    [Fact]
    public async Task Every_submitted_member_is_returned()
    {
        var sent = TestData.Study().With("note", "A \"quoted\", noted\nline ü")
            .With("effects/0/moderators", JsonNode.Parse("""{ "remote": "no", "meanAge": 38.2 }"""));
        await _service.SubmitStudy(sent);
        var read = (await _service.Get("/studies/lee-2020")).Json;
        Assert.Equal(sent.At("note")!.GetValue<string>(), read.At("note")!.GetValue<string>());
        foreach (var (name, value) in sent.At("effects/0")!.AsObject().Where(m => m.Key is not "statistic"))
        {
            Assert.True(JsonNode.DeepEquals(value, read.At($"effects/0/{name}")), name);
        }
    }
}
