using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Bundles: a transaction whole or not at all, of a batch each entry for itself.</summary>
public sealed class BundleTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("transaction")]
    [InlineData("batch")]
    public async Task Each_entry_is_answered_in_its_place(string type)
    {
        (await _service.PostFhir(R.Own("ors", 30, "o-0"))).ShouldBe(201);
        var answer = (await _service.PostFhir(R.Bundle(type, R.Observation(version: 3), R.Own("ors", 30, "o-0"), R.Gad7()))).ShouldBe(200);
        Assert.Equal("application/fhir+json", answer.MediaType);
        Assert.Equal($"{type}-response", answer.String("type"));
        Assert.Equal(["201 Created", "200 OK", "201 Created"], answer.Statuses());
        Assert.Equal("W/\"3\"", answer.String("entry/0/response/etag"));
        Assert.NotEmpty(answer.String("entry/0/response/lastModified"));
        Assert.False(answer.At("entry/0/response")!.AsObject().ContainsKey("location"));
        Assert.Equal(["gad-7 6", "ors 30", "phq-9 12"], await _service.Scores());
    }

    [Fact]
    public async Task Of_a_batch_what_is_wrong_leaves_the_rest_alone()
    {
        var answer = (await _service.PostFhir(R.Bundle("batch", R.Observation(), R.Observation("obs-2", score: 99), R.Observation("obs-3").With("valueQuantity/value", "high"), R.Gad7()))).ShouldBe(200);
        Assert.Equal(["201 Created", "422 Unprocessable Entity", "400 Bad Request", "201 Created"], answer.Statuses());
        Assert.Equal(["Bundle.entry[1].resource.value outOfRange"], R.Issues(answer.At("entry/1/response/outcome")!));
        Assert.Equal(["Bundle.entry[2].resource.value.value invalidResource"], R.Issues(answer.At("entry/2/response/outcome")!));
        Assert.Equal(["gad-7 6", "phq-9 12"], await _service.Scores());
    }

    [Fact]
    public async Task Of_a_transaction_nothing_is_stored_when_one_entry_is_wrong()
    {
        var answer = (await _service.PostFhir(R.Bundle("transaction", R.Observation(), R.Observation("obs-2", score: 99), R.Gad7(total: 9)))).ShouldBeOutcome(422);
        Assert.Equal(["Bundle.entry[1].resource.value outOfRange", "Bundle.entry[2].resource.item[7] totalDisagrees"], R.Issues(answer.Json));
        Assert.Empty(await _service.Scores());
    }

    [Fact]
    public async Task Of_a_transaction_nothing_is_stored_when_the_store_contradicts_one_entry()
    {
        (await _service.PostFhir(R.Observation())).ShouldBe(201);
        var transaction = R.Bundle("transaction", R.Own("ors", 30, "o-0"), R.Observation(score: 13), R.Gad7());
        var answer = (await _service.PostFhir(transaction, ("Idempotency-Key", "t-1"))).ShouldBeOutcome(409, "Bundle.entry[1].resource", "otherContent");
        Assert.Equal("conflict", answer.String("issue/0/code"));
        Assert.Equal(["phq-9 12"], await _service.Scores());
        // What was undone can be sent again under the same key, once it is right.
        (await _service.PostFhir(transaction, ("Idempotency-Key", "t-1"))).ShouldBeOutcome(409);
        Assert.Equal(["200 OK", "201 Created"], (await _service.PostFhir(R.Bundle("transaction", R.Observation(), R.Own("ors", 30, "o-0")), ("Idempotency-Key", "t-1"))).ShouldBe(200).Statuses());
    }

    [Fact]
    public async Task Two_entries_of_a_transaction_that_contradict_each_other_undo_it()
    {
        (await _service.PostFhir(R.Bundle("transaction", R.Observation(), R.Observation(score: 13)))).ShouldBeOutcome(409, "Bundle.entry[1].resource", "otherContent");
        Assert.Empty(await _service.Scores());
    }

    [Fact]
    public async Task A_transaction_with_an_Idempotency_Key_takes_effect_once()
    {
        var transaction = R.Bundle("transaction", R.Observation(), R.Gad7());
        (await _service.PostFhir(transaction, ("Idempotency-Key", "t-1"))).ShouldBe(200);
        var again = (await _service.PostFhir(transaction, ("Idempotency-Key", "t-1"))).ShouldBe(200);
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        Assert.Equal(["201 Created", "201 Created"], again.Statuses());
    }

    [Theory]
    [InlineData("entry/0/request/method", "\"PUT\"", "Bundle.entry[0].request.method notSupported")]
    [InlineData("entry/0/request/url", "\"Patient\"", "Bundle.entry[0].request.url wrongType")]
    [InlineData("entry/0/request", null, "Bundle.entry[0].request required")]
    [InlineData("entry/0/resource", null, "Bundle.entry[0].resource required")]
    [InlineData("entry/0/request/ifNoneExist", "\"name=Canary\"", "Bundle.entry[0].request.ifNoneExist notSupported")]
    public async Task An_entry_that_asks_for_something_else_is_refused(string path, string? value, string issue)
    {
        var bundle = R.Bundle("batch", R.Observation(), R.Gad7());
        bundle = value is null ? bundle.Without(path) : bundle.With(path, JsonNode.Parse(value));
        var answer = (await _service.PostFhir(bundle)).ShouldBe(200);
        Assert.Contains(issue, R.Issues(answer.At("entry/0/response/outcome")!));
        Assert.Equal("201 Created", answer.Statuses()[1]);
    }

    [Fact]
    public async Task Other_resources_are_refused_and_what_is_only_pointed_to_is_not_kept()
    {
        var condition = new JsonObject { ["resourceType"] = "Condition", ["subject"] = R.Reference("Patient/p-1") };
        var practitioner = new JsonObject { ["resourceType"] = "Practitioner", ["id"] = "t-1", ["active"] = true };
        var answer = (await _service.PostFhir(R.Bundle("batch", condition, practitioner))).ShouldBe(200);
        Assert.Equal(["422 Unprocessable Entity", "200 OK"], answer.Statuses());
        Assert.Equal(["Bundle.entry[0].resource notSupported"], R.Issues(answer.At("entry/0/response/outcome")!));
        Assert.Equal("information", answer.String("entry/1/response/outcome/issue/0/severity"));
    }

    [Theory]
    [InlineData("name", """[ { "family": "Canary" } ]""")]
    [InlineData("birthDate", "\"1961-05-04\"")]
    [InlineData("address", """[ { "city": "Canary" } ]""")]
    [InlineData("telecom", """[ { "value": "+44 Canary" } ]""")]
    [InlineData("deceasedBoolean", "false")]
    [InlineData("maritalStatus", """{ "text": "Canary" }""")]
    public async Task A_patient_is_only_a_key(string member, string value)
    {
        var patient = new JsonObject { ["resourceType"] = "Patient", ["identifier"] = new JsonArray(new JsonObject { ["value"] = "p-1" }), ["gender"] = "female" };
        Assert.Equal(["200 OK"], (await _service.PostFhir(R.Bundle("transaction", patient))).ShouldBe(200).Statuses());
        var answer = (await _service.PostFhir(R.Bundle("transaction", patient.With(member, JsonNode.Parse(value)), R.Observation())))
            .ShouldBeOutcome(422, $"Bundle.entry[0].resource.{member.Replace("Boolean", "", StringComparison.Ordinal)}", "personalData");
        Assert.DoesNotContain("Canary", answer.Text, StringComparison.Ordinal);
        Assert.Empty(await _service.Scores());
    }

    /// <summary>As CamCOPS exports a task: no fullUrls, references by identifier, each identifier's system an address of the server, each entry only if none exists. Its patient must be anonymous.</summary>
    [Fact]
    public async Task A_transaction_as_CamCOPS_sends_it_is_stored_once()
    {
        const string Host = "https://camcops.example.org";
        var patient = new JsonObject { ["system"] = $"{Host}/fhir_patient_id/1", ["value"] = "77" };
        var form = new JsonObject { ["system"] = $"{Host}/fhir_questionnaire", ["value"] = "phq9/2.4.15" };
        var task = new JsonObject { ["system"] = $"{Host}/fhir_questionnaire_response/phq9/42", ["value"] = "questionnaireresponse" };
        var items = Enumerable.Range(1, 10).Select(i => (JsonNode)R.Whole($"q{i}", i % 4).With("text", "what the form asks"));
        var bundle = new JsonObject
        {
            ["resourceType"] = "Bundle",
            ["type"] = "transaction",
            ["entry"] = new JsonArray(
                Conditional(new() { ["resourceType"] = "Patient", ["active"] = true, ["gender"] = "female", ["identifier"] = new JsonArray(patient.DeepClone()) }, patient),
                Conditional(new()
                {
                    ["resourceType"] = "Questionnaire", ["identifier"] = new JsonArray(form.DeepClone()), ["status"] = "active", ["title"] = "PHQ-9", ["item"] = new JsonArray(
                        new JsonObject { ["linkId"] = "q1", ["text"] = "what the form asks", ["type"] = "choice" }),
                }, form),
                Conditional(new()
                {
                    ["resourceType"] = "QuestionnaireResponse", ["identifier"] = task.DeepClone(), ["status"] = "completed", ["authored"] = "2026-03-01T10:00:00.123456+00:00",
                    ["questionnaire"] = $"{form["system"]}|{form["value"]}", ["subject"] = new JsonObject { ["type"] = "Patient", ["identifier"] = patient.DeepClone() },
                    ["item"] = new JsonArray([.. items]),
                }, task)),
        };
        Assert.Equal(["200 OK", "200 OK", "201 Created"], (await _service.PostFhir(bundle)).ShouldBe(200).Statuses());
        Assert.Equal(["200 OK", "200 OK", "200 OK"], (await _service.PostFhir(bundle)).ShouldBe(200).Statuses());
        Assert.Equal(["phq-9 13"], await _service.Scores($"{Host}/fhir_patient_id/1|77", Host));
        (await _service.PostFhir(bundle.With("entry/0/resource/birthDate", "1961-05-04"))).ShouldBeOutcome(422, "Bundle.entry[0].resource.birthDate", "personalData");
    }

    /// <summary>As OpenEMR's FHIR interface gives them: uuids as ids, no identifiers, references with types, the score an Observation derived from the response.</summary>
    [Fact]
    public async Task A_batch_as_OpenEMR_has_it_is_stored()
    {
        var response = new JsonObject
        {
            ["resourceType"] = "QuestionnaireResponse", ["id"] = "95e8d830-3068-48cf-930a-2fefb18c2bcf", ["meta"] = new JsonObject { ["versionId"] = "1", ["lastUpdated"] = "2026-03-01T10:05:00+00:00" },
            ["questionnaire"] = "Questionnaire/44249-1", ["status"] = "completed", ["subject"] = Typed("Patient", "p"), ["encounter"] = Typed("Encounter", "e"), ["authored"] = "2026-03-01T10:00:00+00:00",
            ["source"] = Typed("Patient", "p"), ["item"] = R.Phq9()["item"]!.DeepClone(),
        };
        var observation = new JsonObject
        {
            ["resourceType"] = "Observation", ["id"] = "95e8d830-3068-48cf-930a-2fefb18c2bd0", ["meta"] = new JsonObject { ["versionId"] = "1", ["lastUpdated"] = "2026-03-01T10:05:00+00:00" }, ["status"] = "final",
            ["category"] = new JsonArray(new JsonObject { ["coding"] = new JsonArray(R.Coding("survey", "http://terminology.hl7.org/CodeSystem/observation-category")) }),
            ["code"] = new JsonObject { ["coding"] = new JsonArray(R.Coding("44261-6").With("display", "PHQ-9 total score")) }, ["subject"] = Typed("Patient", "p"), ["encounter"] = Typed("Encounter", "e"),
            ["performer"] = new JsonArray(Typed("Practitioner", "t")), ["effectiveDateTime"] = "2026-03-01T10:00:00+00:00",
            ["valueQuantity"] = new JsonObject { ["value"] = 11, ["unit"] = "{score}", ["system"] = "http://unitsofmeasure.org", ["code"] = "{score}" },
            ["derivedFrom"] = new JsonArray(R.Reference("QuestionnaireResponse/95e8d830-3068-48cf-930a-2fefb18c2bcf")),
        };
        var answer = (await _service.PostFhir(R.Bundle("batch", observation, response))).ShouldBe(200);
        Assert.Equal(["201 Created", "201 Created"], answer.Statuses());
        Assert.Contains("counts once", answer.String("entry/0/response/outcome/issue/0/diagnostics"), StringComparison.Ordinal);
        Assert.Equal(["phq-9 11", "phq-9 11"], await _service.Scores("p"));
    }

    [Fact]
    public async Task References_inside_a_bundle_are_followed()
    {
        var visit = new JsonObject
        {
            ["resourceType"] = "Encounter", ["identifier"] = new JsonArray(new JsonObject { ["value"] = "enc-1" }), ["status"] = "finished", ["class"] = new JsonObject { ["code"] = "AMB" },
            ["participant"] = new JsonArray(new JsonObject { ["individual"] = R.Reference("Practitioner/t-1") }), ["episodeOfCare"] = new JsonArray(R.Reference("EpisodeOfCare/e-1")),
            ["extension"] = new JsonArray(new JsonObject { ["url"] = "urn:realrelationship:session-number", ["valuePositiveInt"] = 4 }),
        };
        var patient = new JsonObject { ["resourceType"] = "Patient", ["identifier"] = new JsonArray(new JsonObject { ["value"] = "p-1" }) };
        var score = R.Observation().With("subject", R.Reference("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0")).With("encounter", R.Reference("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e1")).With("performer", new JsonArray(R.Reference("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0")));
        (await _service.PostFhir(R.BundleOf("transaction", R.Entry(visit, "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e1"), R.Entry(patient, "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"), R.Entry(score)))).ShouldBe(200);
        (await _service.PostFhir(R.Own("ors", 30, "o-2"))).ShouldBe(201);
        var sessions = await _service.Session();
        Assert.Equal(2, sessions.At("measures")!.AsArray().Count);
        Assert.NotNull(sessions["therapist"]);
    }

    private static JsonObject Typed(string type, string id) => new() { ["reference"] = $"{type}/{id}", ["type"] = type };

    private static JsonObject Conditional(JsonObject resource, JsonObject identifier) =>
        R.Entry(resource, ifNoneExist: $"identifier={identifier["system"]}|{identifier["value"]}");
}
