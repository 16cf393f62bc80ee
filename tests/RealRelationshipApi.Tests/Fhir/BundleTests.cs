using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

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
    public async Task Response_entries_are_in_request_order(string type)
    {
        (await _service.PostFhir(FhirTestData.InstrumentObservation("ors", 30, "o-0"))).ShouldBe(201);
        var answer =
            (await _service.PostFhir(
                FhirTestData.Bundle(type, FhirTestData.Observation(version: 3), FhirTestData.InstrumentObservation("ors", 30, "o-0"),
                    FhirTestData.Gad7()))).ShouldBe(200);
        Assert.Equal("application/fhir+json", answer.MediaType);
        Assert.Equal($"{type}-response", answer.String("type"));
        Assert.Equal(["201 Created", "200 OK", "201 Created"], answer.Statuses());
        Assert.Equal("W/\"3\"", answer.String("entry/0/response/etag"));
        Assert.NotEmpty(answer.String("entry/0/response/lastModified"));
        Assert.False(answer.At("entry/0/response")!.AsObject().ContainsKey("location"));
        Assert.Equal(["gad-7 6", "ors 30", "phq-9 12"], await _service.GetScores());
    }

    [Fact]
    public async Task An_invalid_entry_of_a_batch_does_not_affect_the_others()
    {
        var answer =
            (await _service.PostFhir(
                FhirTestData.Bundle("batch", FhirTestData.Observation(), FhirTestData.Observation("obs-2", score: 99),
                    FhirTestData.Observation("obs-3").With("valueQuantity/value", "high"), FhirTestData.Gad7()))).ShouldBe(200);
        Assert.Equal(["201 Created", "422 Unprocessable Entity", "400 Bad Request", "201 Created"], answer.Statuses());
        Assert.Equal(["Bundle.entry[1].resource.value outOfRange"], FhirTestData.Issues(answer.At("entry/1/response/outcome")!));
        Assert.Equal(["Bundle.entry[2].resource.value.value invalidResource"], FhirTestData.Issues(answer.At("entry/2/response/outcome")!));
        Assert.Equal(["gad-7 6", "phq-9 12"], await _service.GetScores());
    }

    [Fact]
    public async Task A_transaction_with_an_invalid_entry_stores_nothing()
    {
        var answer =
            (await _service.PostFhir(
                FhirTestData.Bundle("transaction", FhirTestData.Observation(), FhirTestData.Observation("obs-2", score: 99),
                    FhirTestData.Gad7(total: 9)))).ShouldBeOutcome(422);
        Assert.Equal(["Bundle.entry[1].resource.value outOfRange", "Bundle.entry[2].resource.item[7] totalDisagrees"], FhirTestData.Issues(answer.Json));
        Assert.Empty(await _service.GetScores());
    }

    [Fact]
    public async Task A_transaction_that_conflicts_with_the_store_stores_nothing()
    {
        (await _service.PostFhir(FhirTestData.Observation())).ShouldBe(201);
        var transaction = FhirTestData.Bundle("transaction", FhirTestData.InstrumentObservation("ors", 30, "o-0"), FhirTestData.Observation(score: 13),
            FhirTestData.Gad7());
        var answer = (await _service.PostFhir(transaction, ("Idempotency-Key", "t-1"))).ShouldBeOutcome(409, "Bundle.entry[1].resource", "otherContent");
        Assert.Equal("conflict", answer.String("issue/0/code"));
        Assert.Equal(["phq-9 12"], await _service.GetScores());
        // What was undone can be sent again under the same key, once it is right.
        (await _service.PostFhir(transaction, ("Idempotency-Key", "t-1"))).ShouldBeOutcome(409);
        Assert.Equal(["200 OK", "201 Created"],
            (await _service.PostFhir(FhirTestData.Bundle("transaction", FhirTestData.Observation(), FhirTestData.InstrumentObservation("ors", 30, "o-0")),
                ("Idempotency-Key", "t-1"))).ShouldBe(200).Statuses());
    }

    [Fact]
    public async Task A_transaction_with_conflicting_entries_stores_nothing()
    {
        (await _service.PostFhir(FhirTestData.Bundle("transaction", FhirTestData.Observation(), FhirTestData.Observation(score: 13)))).ShouldBeOutcome(409,
            "Bundle.entry[1].resource", "otherContent");
        Assert.Empty(await _service.GetScores());
    }

    [Fact]
    public async Task A_transaction_with_an_Idempotency_Key_takes_effect_once()
    {
        var transaction = FhirTestData.Bundle("transaction", FhirTestData.Observation(), FhirTestData.Gad7());
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
    public async Task An_entry_with_an_unsupported_request_is_refused(string path, string? value, string issue)
    {
        var bundle = FhirTestData.Bundle("batch", FhirTestData.Observation(), FhirTestData.Gad7());
        bundle = value is null ? bundle.Without(path) : bundle.With(path, JsonNode.Parse(value));
        var answer = (await _service.PostFhir(bundle)).ShouldBe(200);
        Assert.Contains(issue, FhirTestData.Issues(answer.At("entry/0/response/outcome")!));
        Assert.Equal("201 Created", answer.Statuses()[1]);
    }

    [Fact]
    public async Task Unsupported_resources_are_refused_and_referenced_ones_are_not_stored()
    {
        var condition = new JsonObject { ["resourceType"] = "Condition", ["subject"] = FhirTestData.Reference("Patient/p-1") };
        var practitioner = new JsonObject { ["resourceType"] = "Practitioner", ["id"] = "t-1", ["active"] = true };
        var answer = (await _service.PostFhir(FhirTestData.Bundle("batch", condition, practitioner))).ShouldBe(200);
        Assert.Equal(["422 Unprocessable Entity", "200 OK"], answer.Statuses());
        Assert.Equal(["Bundle.entry[0].resource notSupported"], FhirTestData.Issues(answer.At("entry/0/response/outcome")!));
        Assert.Equal("information", answer.String("entry/1/response/outcome/issue/0/severity"));
    }

    [Theory]
    [InlineData("name", """[ { "family": "Canary" } ]""")]
    [InlineData("birthDate", "\"1961-05-04\"")]
    [InlineData("address", """[ { "city": "Canary" } ]""")]
    [InlineData("telecom", """[ { "value": "+44 Canary" } ]""")]
    [InlineData("deceasedBoolean", "false")]
    [InlineData("maritalStatus", """{ "text": "Canary" }""")]
    public async Task A_Patient_resource_with_personal_data_is_refused(string member, string value)
    {
        var patient = new JsonObject
        {
            ["resourceType"] = "Patient", ["identifier"] = new JsonArray(new JsonObject { ["value"] = "p-1" }),
            ["gender"] = "female"
        };
        Assert.Equal(["200 OK"], (await _service.PostFhir(FhirTestData.Bundle("transaction", patient))).ShouldBe(200).Statuses());
        var answer = (await _service.PostFhir(FhirTestData.Bundle("transaction", patient.With(member, JsonNode.Parse(value)), FhirTestData.Observation())))
            .ShouldBeOutcome(422, $"Bundle.entry[0].resource.{member.Replace("Boolean", "", StringComparison.Ordinal)}", "personalData");
        Assert.DoesNotContain("Canary", answer.Text, StringComparison.Ordinal);
        Assert.Empty(await _service.GetScores());
    }

    /// <summary>As CamCOPS exports a task: no fullUrls, references by identifier, each identifier's system an address of the server, each entry only if none
    /// exists. Its patient must be anonymous.</summary>
    [Fact]
    public async Task A_CamCOPS_transaction_is_stored_once()
    {
        const string Host = "https://camcops.example.org";
        var patient = new JsonObject { ["system"] = $"{Host}/fhir_patient_id/1", ["value"] = "77" };
        var form = new JsonObject { ["system"] = $"{Host}/fhir_questionnaire", ["value"] = "phq9/2.4.15" };
        var task = new JsonObject { ["system"] = $"{Host}/fhir_questionnaire_response/phq9/42", ["value"] = "questionnaireresponse" };
        var items = Enumerable.Range(1, 10).Select(i => (JsonNode)FhirTestData.IntegerItem($"q{i}", i % 4).With("text", "what the form asks"));
        var bundle = new JsonObject
        {
            ["resourceType"] = "Bundle",
            ["type"] = "transaction",
            ["entry"] = new JsonArray(
                ConditionalCreate(
                    new() { ["resourceType"] = "Patient", ["active"] = true, ["gender"] = "female", ["identifier"] = new JsonArray(patient.DeepClone()) },
                    patient),
                ConditionalCreate(new()
                {
                    ["resourceType"] = "Questionnaire", ["identifier"] = new JsonArray(form.DeepClone()), ["status"] = "active", ["title"] = "PHQ-9",
                    ["item"] = new JsonArray(
                        new JsonObject { ["linkId"] = "q1", ["text"] = "what the form asks", ["type"] = "choice" }),
                }, form),
                ConditionalCreate(new()
                {
                    ["resourceType"] = "QuestionnaireResponse", ["identifier"] = task.DeepClone(), ["status"] = "completed",
                    ["authored"] = "2026-03-01T10:00:00.123456+00:00",
                    ["questionnaire"] = $"{form["system"]}|{form["value"]}",
                    ["subject"] = new JsonObject { ["type"] = "Patient", ["identifier"] = patient.DeepClone() },
                    ["item"] = new JsonArray([.. items]),
                }, task)),
        };
        Assert.Equal(["200 OK", "200 OK", "201 Created"], (await _service.PostFhir(bundle)).ShouldBe(200).Statuses());
        Assert.Equal(["200 OK", "200 OK", "200 OK"], (await _service.PostFhir(bundle)).ShouldBe(200).Statuses());
        Assert.Equal(["phq-9 13"], await _service.GetScores($"{Host}/fhir_patient_id/1|77", Host));
        (await _service.PostFhir(bundle.With("entry/0/resource/birthDate", "1961-05-04"))).ShouldBeOutcome(422, "Bundle.entry[0].resource.birthDate",
            "personalData");
    }

    /// <summary>A bundle like those of OpenEMR: uuids as ids, no identifiers, references with types,
    /// and the score as an Observation derived from the response.</summary>
    [Fact]
    public async Task An_OpenEMR_batch_is_stored()
    {
        var response = new JsonObject
        {
            ["resourceType"] = "QuestionnaireResponse", ["id"] = "95e8d830-3068-48cf-930a-2fefb18c2bcf",
            ["meta"] = new JsonObject { ["versionId"] = "1", ["lastUpdated"] = "2026-03-01T10:05:00+00:00" },
            ["questionnaire"] = "Questionnaire/44249-1", ["status"] = "completed", ["subject"] = TypedReference("Patient", "p"),
            ["encounter"] = TypedReference("Encounter", "e"), ["authored"] = "2026-03-01T10:00:00+00:00",
            ["source"] = TypedReference("Patient", "p"), ["item"] = FhirTestData.Phq9()["item"]!.DeepClone(),
        };
        var observation = new JsonObject
        {
            ["resourceType"] = "Observation", ["id"] = "95e8d830-3068-48cf-930a-2fefb18c2bd0",
            ["meta"] = new JsonObject { ["versionId"] = "1", ["lastUpdated"] = "2026-03-01T10:05:00+00:00" }, ["status"] = "final",
            ["category"] =
                new JsonArray(
                    new JsonObject { ["coding"] = new JsonArray(FhirTestData.Coding("survey", "http://terminology.hl7.org/CodeSystem/observation-category")) }),
            ["code"] = new JsonObject { ["coding"] = new JsonArray(FhirTestData.Coding("44261-6").With("display", "PHQ-9 total score")) },
            ["subject"] = TypedReference("Patient", "p"), ["encounter"] = TypedReference("Encounter", "e"),
            ["performer"] = new JsonArray(TypedReference("Practitioner", "t")), ["effectiveDateTime"] = "2026-03-01T10:00:00+00:00",
            ["valueQuantity"] = new JsonObject { ["value"] = 11, ["unit"] = "{score}", ["system"] = "http://unitsofmeasure.org", ["code"] = "{score}" },
            ["derivedFrom"] = new JsonArray(FhirTestData.Reference("QuestionnaireResponse/95e8d830-3068-48cf-930a-2fefb18c2bcf")),
        };
        var answer = (await _service.PostFhir(FhirTestData.Bundle("batch", observation, response))).ShouldBe(200);
        Assert.Equal(["201 Created", "201 Created"], answer.Statuses());
        Assert.Contains("counts once", answer.String("entry/0/response/outcome/issue/0/diagnostics"), StringComparison.Ordinal);
        Assert.Equal(["phq-9 11", "phq-9 11"], await _service.GetScores("p"));
    }

    [Fact]
    public async Task References_inside_a_bundle_are_resolved()
    {
        var visit = new JsonObject
        {
            ["resourceType"] = "Encounter", ["identifier"] = new JsonArray(new JsonObject { ["value"] = "enc-1" }), ["status"] = "finished",
            ["class"] = new JsonObject { ["code"] = "AMB" },
            ["participant"] = new JsonArray(new JsonObject { ["individual"] = FhirTestData.Reference("Practitioner/t-1") }),
            ["episodeOfCare"] = new JsonArray(FhirTestData.Reference("EpisodeOfCare/e-1")),
            ["extension"] = new JsonArray(new JsonObject { ["url"] = "urn:realrelationship:session-number", ["valuePositiveInt"] = 4 }),
        };
        var patient = new JsonObject { ["resourceType"] = "Patient", ["identifier"] = new JsonArray(new JsonObject { ["value"] = "p-1" }) };
        var score = FhirTestData.Observation().With("subject", FhirTestData.Reference("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"))
            .With("encounter", FhirTestData.Reference("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e1"))
            .With("performer", new JsonArray(FhirTestData.Reference("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0")));
        (await _service.PostFhir(
            FhirTestData.BundleOf("transaction", FhirTestData.Entry(visit, "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e1"),
                FhirTestData.Entry(patient, "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"), FhirTestData.Entry(score)))).ShouldBe(200);
        (await _service.PostFhir(FhirTestData.InstrumentObservation("ors", 30, "o-2"))).ShouldBe(201);
        var sessions = await _service.GetSession();
        Assert.Equal(2, sessions.At("measures")!.AsArray().Count);
        Assert.NotNull(sessions["therapist"]);
    }

    private static JsonObject TypedReference(string type, string id) => new() { ["reference"] = $"{type}/{id}", ["type"] = type };

    private static JsonObject ConditionalCreate(JsonObject resource, JsonObject identifier) =>
        FhirTestData.Entry(resource, ifNoneExist: $"identifier={identifier["system"]}|{identifier["value"]}");
}
