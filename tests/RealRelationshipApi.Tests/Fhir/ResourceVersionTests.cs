using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Versions, amendments and withdrawals in any order, and creates on a condition.</summary>
public sealed class ResourceVersionTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task The_highest_version_counts_in_any_order()
    {
        JsonObject[] versions = [FhirTestData.Observation(score: 10), FhirTestData.Observation(score: 11, version: 2, status: "amended"),
            FhirTestData.Observation(score: 12, version: 3, status: "corrected")];
        foreach (var (i, order) in Permutations(versions).Index())
        {
            foreach (var version in order)
            {
                (await _service.PostFhir(OfPatient(version, i))).ShouldBe(201);
            }

            Assert.Equal(["phq-9 12"], await _service.GetScores($"p-{i}"));
        }
    }

    [Fact]
    public async Task A_withdrawal_takes_effect_in_any_order()
    {
        JsonObject[] versions = [FhirTestData.Phq9(), FhirTestData.Phq9(answers: [0, 0, 0, 0, 0, 0, 0, 0, 0], version: 2, status: "amended"),
            FhirTestData.Phq9(version: 2, status: "entered-in-error")];
        foreach (var (i, order) in Permutations(versions).Index())
        {
            foreach (var version in order)
            {
                (await _service.PostFhir(OfPatient(version, i))).ShouldBe(201);
            }

            Assert.Empty(await _service.GetScores($"p-{i}"));
        }
    }

    [Fact]
    public async Task A_withdrawal_requires_only_key_version_and_status()
    {
        var withdrawal = FhirTestData.Observation(score: null, version: 2, status: "entered-in-error").With("code", new JsonObject { ["text"] = "a mistake" })
            .Without("subject").Without("effectiveDateTime").Without("performer");
        (await _service.PostFhir(withdrawal)).ShouldBe(201);
        (await _service.PostFhir(FhirTestData.Observation())).ShouldBe(201);
        Assert.Empty(await _service.GetScores());
    }

    [Theory]
    [InlineData("amended")]
    [InlineData("corrected")]
    [InlineData("entered-in-error")]
    public async Task An_amendment_requires_a_version(string status)
    {
        (await _service.PostFhir(FhirTestData.Observation(status: status).Without("meta/versionId"))).ShouldBeOutcome(400, "Observation.meta.versionId",
            "required");
        (await _service.PostFhir(FhirTestData.Observation().Without("meta/versionId"))).ShouldBe(201);
    }

    [Fact]
    public async Task Erasure_applies_to_FHIR_and_only_to_that_patient()
    {
        (await _service.PostFhir(FhirTestData.Observation())).ShouldBe(201);
        (await _service.PostFhir(FhirTestData.Observation("obs-2", patient: "p-2"))).ShouldBe(201);
        (await _service.Post("/erasures", new JsonObject { ["sourceSystem"] = FhirTestData.Source, ["patient"] = "p-1" })).ShouldBe(200);
        (await _service.PostFhir(FhirTestData.Observation())).ShouldBeOutcome(410);
        (await _service.PostFhir(FhirTestData.Phq9())).ShouldBeOutcome(410);
        Assert.Equal(["410 Gone", "200 OK"],
            (await _service.PostFhir(
                FhirTestData.Bundle("batch", FhirTestData.Observation("obs-3"), FhirTestData.Observation("obs-2", patient: "p-2")))).ShouldBe(200).Statuses());
        (await _service.PostFhir(
            FhirTestData.Bundle("transaction", FhirTestData.Observation("obs-3"), FhirTestData.Observation("obs-4", patient: "p-2")))).ShouldBeOutcome(410);
        Assert.Empty(await _service.GetScores());
        Assert.Equal(["phq-9 12"], await _service.GetScores("p-2"));
    }

    [Fact]
    public async Task Different_content_under_the_same_version_is_a_conflict_without_keys()
    {
        (await _service.PostFhir(FhirTestData.Observation("obs-canary"))).ShouldBe(201);
        var answer = (await _service.PostFhir(FhirTestData.Observation("obs-canary", score: 13))).ShouldBeOutcome(409, "Observation", "otherContent");
        Assert.DoesNotContain("canary", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("identifier=obs-1")]
    [InlineData("?identifier=obs-1")]
    [InlineData("identifier=obs%2D1")]
    public async Task If_None_Exist_creates_only_missing_resources(string search)
    {
        (await _service.PostFhir(FhirTestData.Observation(), ("If-None-Exist", search))).ShouldBe(201);
        (await _service.PostFhir(FhirTestData.Observation(score: 13), ("If-None-Exist", search))).ShouldBe(200);
        Assert.Equal(["phq-9 12"], await _service.GetScores());
    }

    [Theory]
    [InlineData("subject=Patient/p-1")]
    [InlineData("identifier=obs-1&status=final")]
    [InlineData("identifier=another")]
    [InlineData("identifier=urn:x|obs-1")]
    [InlineData("identifier=")]
    public async Task An_unsupported_If_None_Exist_search_is_refused(string search) =>
        (await _service.PostFhir(FhirTestData.Observation(), ("If-None-Exist", search))).ShouldBeOutcome(422, "http.If-None-Exist", "notSupported");

    [Fact]
    public async Task A_hundred_concurrent_equal_creates_store_one_measure()
    {
        var answers =
            await Task.WhenAll(
                Enumerable.Range(0, 100).Select(i => _service.PostFhir(FhirTestData.Observation(score: i % 28), ("If-None-Exist", "identifier=obs-1"))));
        Assert.Single(answers, a => a.Status == 201);
        Assert.Equal(99, answers.Count(a => a.Status == 200));
        Assert.Single(await _service.GetScores());
    }

    private static JsonObject OfPatient(JsonObject resource, int patient)
    {
        var own = resource.With("subject/reference", $"Patient/p-{patient}")
            .With(resource["identifier"] is JsonArray ? "identifier/0/value" : "identifier/value", $"key-{patient}");
        return own["performer"] is null ? own.With("source/reference", $"Patient/p-{patient}") : own.With("performer/0/reference", $"Patient/p-{patient}");
    }

    private static IEnumerable<T[]> Permutations<T>(T[] all) => all.Length == 1 ? [all]
        : all.SelectMany((first, i) => Permutations([.. all[..i], .. all[(i + 1)..]]).Select(rest => (T[])[first, .. rest]));
}
