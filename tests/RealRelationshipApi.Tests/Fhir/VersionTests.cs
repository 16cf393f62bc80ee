using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Versions, amendments and withdrawals in any order, and creates on a condition.</summary>
public sealed class VersionTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Whatever_their_order_the_highest_version_counts()
    {
        JsonObject[] versions = [R.Observation(score: 10), R.Observation(score: 11, version: 2, status: "amended"), R.Observation(score: 12, version: 3, status: "corrected")];
        foreach (var (i, order) in Orders(versions).Index())
        {
            foreach (var version in order)
            {
                (await _service.PostFhir(OfPatient(version, i))).ShouldBe(201);
            }

            Assert.Equal(["phq-9 12"], await _service.Scores($"p-{i}"));
        }
    }

    [Fact]
    public async Task Whatever_their_order_a_withdrawal_takes_back_what_it_withdraws()
    {
        JsonObject[] versions = [R.Phq9(), R.Phq9(answers: [0, 0, 0, 0, 0, 0, 0, 0, 0], version: 2, status: "amended"), R.Phq9(version: 2, status: "entered-in-error")];
        foreach (var (i, order) in Orders(versions).Index())
        {
            foreach (var version in order)
            {
                (await _service.PostFhir(OfPatient(version, i))).ShouldBe(201);
            }

            Assert.Empty(await _service.Scores($"p-{i}"));
        }
    }

    [Fact]
    public async Task A_withdrawal_needs_nothing_but_key_version_and_status()
    {
        var withdrawal = R.Observation(score: null, version: 2, status: "entered-in-error").With("code", new JsonObject { ["text"] = "a mistake" }).Without("subject").Without("effectiveDateTime").Without("performer");
        (await _service.PostFhir(withdrawal)).ShouldBe(201);
        (await _service.PostFhir(R.Observation())).ShouldBe(201);
        Assert.Empty(await _service.Scores());
    }

    [Theory]
    [InlineData("amended")]
    [InlineData("corrected")]
    [InlineData("entered-in-error")]
    public async Task A_change_says_its_version(string status)
    {
        (await _service.PostFhir(R.Observation(status: status).Without("meta/versionId"))).ShouldBeOutcome(400, "Observation.meta.versionId", "required");
        (await _service.PostFhir(R.Observation().Without("meta/versionId"))).ShouldBe(201);
    }

    [Fact]
    public async Task What_was_erased_is_gone_for_FHIR_too_and_the_patient_next_door_is_not()
    {
        (await _service.PostFhir(R.Observation())).ShouldBe(201);
        (await _service.PostFhir(R.Observation("obs-2", patient: "p-2"))).ShouldBe(201);
        (await _service.Post("/erasures", new JsonObject { ["sourceSystem"] = R.Source, ["patient"] = "p-1" })).ShouldBe(200);
        (await _service.PostFhir(R.Observation())).ShouldBeOutcome(410);
        (await _service.PostFhir(R.Phq9())).ShouldBeOutcome(410);
        Assert.Equal(["410 Gone", "200 OK"], (await _service.PostFhir(R.Bundle("batch", R.Observation("obs-3"), R.Observation("obs-2", patient: "p-2")))).ShouldBe(200).Statuses());
        (await _service.PostFhir(R.Bundle("transaction", R.Observation("obs-3"), R.Observation("obs-4", patient: "p-2")))).ShouldBeOutcome(410);
        Assert.Empty(await _service.Scores());
        Assert.Equal(["phq-9 12"], await _service.Scores("p-2"));
    }

    [Fact]
    public async Task Another_content_under_the_same_version_is_a_conflict_that_shows_no_key()
    {
        (await _service.PostFhir(R.Observation("obs-canary"))).ShouldBe(201);
        var answer = (await _service.PostFhir(R.Observation("obs-canary", score: 13))).ShouldBeOutcome(409, "Observation", "otherContent");
        Assert.DoesNotContain("canary", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("identifier=obs-1")]
    [InlineData("?identifier=obs-1")]
    [InlineData("identifier=obs%2D1")]
    public async Task If_None_Exist_stores_only_what_is_not_there(string search)
    {
        (await _service.PostFhir(R.Observation(), ("If-None-Exist", search))).ShouldBe(201);
        (await _service.PostFhir(R.Observation(score: 13), ("If-None-Exist", search))).ShouldBe(200);
        Assert.Equal(["phq-9 12"], await _service.Scores());
    }

    [Theory]
    [InlineData("subject=Patient/p-1")]
    [InlineData("identifier=obs-1&status=final")]
    [InlineData("identifier=another")]
    [InlineData("identifier=urn:x|obs-1")]
    [InlineData("identifier=")]
    public async Task If_None_Exist_asks_for_the_resource_itself_by_identifier(string search) =>
        (await _service.PostFhir(R.Observation(), ("If-None-Exist", search))).ShouldBeOutcome(422, "http.If-None-Exist", "notSupported");

    [Fact]
    public async Task A_hundred_equal_creates_leave_one_measure()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => _service.PostFhir(R.Observation(score: i % 28), ("If-None-Exist", "identifier=obs-1"))));
        Assert.Single(answers, a => a.Status == 201);
        Assert.Equal(99, answers.Count(a => a.Status == 200));
        Assert.Single(await _service.Scores());
    }

    private static JsonObject OfPatient(JsonObject resource, int patient)
    {
        var own = resource.With("subject/reference", $"Patient/p-{patient}").With(resource["identifier"] is JsonArray ? "identifier/0/value" : "identifier/value", $"key-{patient}");
        return own["performer"] is null ? own.With("source/reference", $"Patient/p-{patient}") : own.With("performer/0/reference", $"Patient/p-{patient}");
    }

    private static IEnumerable<T[]> Orders<T>(T[] all) => all.Length == 1 ? [all] : all.SelectMany((first, i) => Orders([.. all[..i], .. all[(i + 1)..]]).Select(rest => (T[])[first, .. rest]));
}
