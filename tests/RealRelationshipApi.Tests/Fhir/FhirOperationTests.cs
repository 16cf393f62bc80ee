using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Validation without storing, lines of resources, preferred answers, identifiers in any order, and other releases of FHIR.</summary>
public sealed class FhirOperationTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Validation_reports_all_errors_and_stores_nothing()
    {
        Assert.Equal([""], FhirTestData.Issues((await Validate(FhirTestData.Observation())).ShouldBe(200).Json));
        Assert.Equal([""], FhirTestData.Issues((await Validate(FhirTestData.Phq9())).ShouldBe(200).Json));
        var invalid = (await Validate(FhirTestData.Observation(score: 99).With("subject/display", "Ann Canary"))).ShouldBeOutcome(200);
        Assert.Equal(["Observation.subject.display personalData", "Observation.value outOfRange"],
            FhirTestData.Issues(invalid.Json).Order(StringComparer.Ordinal));
        (await Validate(FhirTestData.Observation().With("status", "done"))).ShouldBeOutcome(200, "Observation.status", "invalidResource");
        Assert.Empty(await _service.GetScores());

        (await _service.PostFhir(FhirTestData.Observation())).ShouldBe(201);
        (await Validate(FhirTestData.Observation(score: 13))).ShouldBeOutcome(200, "Observation", "otherContent");
        (await _service.Post("/erasures", new JsonObject { ["sourceSystem"] = FhirTestData.Source, ["patient"] = "p-1" })).ShouldBe(200);
        (await Validate(FhirTestData.Observation("obs-2"))).ShouldBeOutcome(200, "Observation", "erased");
    }

    [Theory]
    [InlineData("batch")]
    [InlineData("transaction")]
    [InlineData("collection")]
    public async Task Validation_of_a_bundle_reports_the_errors_of_each_entry(string type)
    {
        var valid = (await Validate(FhirTestData.Bundle(type, FhirTestData.Observation(), FhirTestData.Gad7()))).ShouldBe(200);
        Assert.Equal([""], FhirTestData.Issues(valid.Json));
        var answer = (await Validate(FhirTestData.Bundle(type, FhirTestData.Observation(), FhirTestData.Observation("o-2", 99)))).ShouldBeOutcome(200);
        Assert.Equal(["Bundle.entry[1].resource.value outOfRange"], FhirTestData.Issues(answer.Json));
        Assert.Empty(await _service.GetScores());
        (await Validate(FhirTestData.Bundle("document", FhirTestData.Observation()))).ShouldBeOutcome(200, "Bundle.type", "notSupported");
    }

    [Fact]
    public async Task The_resource_to_validate_may_be_a_parameter()
    {
        var parameters = new JsonObject
        {
            ["resourceType"] = "Parameters",
            ["parameter"] = new JsonArray(new JsonObject { ["name"] = "resource", ["resource"] = FhirTestData.Observation() }),
        };
        var answer = await _service.PostText("/fhir/Observation/$validate?mode=create", parameters.ToJsonString(), "application/fhir+json");
        Assert.Equal([""], FhirTestData.Issues(answer.ShouldBe(200).Json));
        (await _service.PostText("/fhir/QuestionnaireResponse/$validate", parameters.ToJsonString(), "application/fhir+json")).ShouldBeOutcome(400,
            "resourceType", "wrongType");
        (await _service.PostText("/fhir/Observation/$validate", "{", "application/fhir+json")).ShouldBeOutcome(400);
        (await _service.PostText("/fhir/Observation/$validate?mode=delete", parameters.ToJsonString(), "application/fhir+json")).ShouldBeOutcome(400);
    }

    [Fact]
    public async Task Lines_are_stored_independently_and_resolve_each_other()
    {
        var encounter = new JsonObject
        {
            ["resourceType"] = "Encounter", ["id"] = "enc-1", ["status"] = "finished", ["class"] = new JsonObject { ["code"] = "AMB" },
            ["subject"] = FhirTestData.Reference("Patient/p-1"),
            ["participant"] = new JsonArray(new JsonObject { ["individual"] = FhirTestData.Reference("Practitioner/t-1") }),
        };
        string[] lines =
        [
            FhirTestData.Observation().Without("performer").ToJsonString(), "", "{", encounter.ToJsonString(),
            FhirTestData.Observation("o-2", 99).ToJsonString(),
            FhirTestData.Observation("o-3").With("status", "done").ToJsonString(), "[]", FhirTestData.Gad7().ToJsonString() + "\r",
        ];
        var answer = (await _service.PostText("/fhir", string.Join('\n', lines), "application/fhir+ndjson")).ShouldBe(200);
        Assert.Equal("batch-response", answer.String("type"));
        Assert.Equal(["201 Created", "400 Bad Request", "200 OK", "422 Unprocessable Entity", "400 Bad Request", "400 Bad Request", "201 Created"],
            answer.Statuses());
        Assert.Equal(["Bundle.entry[4].resource.status invalidResource"], FhirTestData.Issues(answer.At("entry/4/response/outcome")!));
        Assert.Equal(["gad-7 6", "phq-9 12"], await _service.GetScores());
        (await _service.PostText("/fhir", "\n", "application/fhir+ndjson")).ShouldBeOutcome(400, "Bundle.entry", "required");
    }

    [Fact]
    public async Task The_preferred_answer_is_given()
    {
        var created = (await Post("return=representation")).ShouldBe(201);
        Assert.Equal(("Observation", "return=representation"), (created.String("resourceType"), created.Header("Preference-Applied")));
        Assert.Equal("Observation", (await Post("return=representation")).ShouldBe(200).String("resourceType"));
        Assert.Equal("OperationOutcome", (await Post("return=OperationOutcome")).ShouldBe(200).String("resourceType"));
        Assert.Equal("", (await Post("return=minimal")).ShouldBe(200).Text);

        // What a condition found is not given out, and what was dropped is not given back.
        var found = await _service.PostFhir(FhirTestData.Observation(score: 13), ("Prefer", "return=representation"), ("If-None-Exist", "identifier=obs-1"));
        Assert.Equal(("OperationOutcome", null), (found.ShouldBe(200).String("resourceType"), found.Header("Preference-Applied")));
        var named = await _service.PostFhir(FhirTestData.Observation("o-2").With("subject/display", "Ann Canary"),
            ("Prefer", "return=representation, handling=lenient"));
        Assert.Equal(("OperationOutcome", "handling=lenient"), (named.ShouldBe(201).String("resourceType"), named.Header("Preference-Applied")));

        var bundle = FhirTestData.Bundle("batch", FhirTestData.Observation("o-4"), FhirTestData.Observation("o-5", 99));
        var minimal = (await _service.PostFhir(bundle, ("Prefer", "return=minimal"))).ShouldBe(200);
        Assert.Null(minimal.Json["entry"]![0]!["response"]!["outcome"]);
        Assert.NotNull(minimal.Json["entry"]![1]!["response"]!["outcome"]);
        var represented = (await _service.PostFhir(FhirTestData.Bundle("batch", FhirTestData.Observation("o-6")), ("Prefer", "return=representation")))
            .ShouldBe(200);
        Assert.Equal("o-6", represented.String("entry/0/resource/identifier/0/value"));

        Task<ServiceResponse> Post(string preference) => _service.PostFhir(FhirTestData.Observation(), ("Prefer", preference));
    }

    [Fact]
    public async Task The_order_of_identifiers_does_not_matter()
    {
        JsonObject[] ids = [Identifier("https://ehr.example/a", "1"), Identifier("https://ehr.example/b", "2"), Identifier("urn:oid:1.2.3", "3")];
        (await _service.PostFhir(With(12, ids))).ShouldBe(201);
        (await _service.PostFhir(With(12, ids[2], ids[1], ids[0]))).ShouldBe(200);
        (await _service.PostFhir(With(12, ids[1], ids[2], ids[0]), ("If-None-Exist", "identifier=https://ehr.example/b|2"))).ShouldBe(200);
        (await _service.PostFhir(With(12, Identifier("https://aaa.example", "0"), ids[2], ids[0]))).ShouldBe(200);
        (await _service.PostFhir(With(13, ids[1]))).ShouldBeOutcome(409, "Observation", "otherContent");
        Assert.Single(await _service.GetScores());

        // Of a patient, too, and the one of the declared system wins.
        await PostOfPatient("of", ids);
        await PostOfPatient("also-of", ids[2], ids[1], ids[0]);
        Assert.Equal(2, (await _service.GetScores("https://ehr.example/a|1")).Length);
        (await _service.Put("/sources", JsonNode.Parse("""{ "systems": [{ "name": "urn:oid:1.2.3" }] }""")!, ("If-Match", "*"))).ShouldBe(200);
        await PostOfPatient("of-declared", ids);
        await PostOfPatient("also-of-declared", ids[1], ids[2], ids[0]);
        Assert.Equal(2, (await _service.GetScores("urn:oid:1.2.3|3")).Length);
        Assert.Empty(_service.FindIntegrityErrors());

        async Task PostOfPatient(string id, params JsonObject[] identifiers)
        {
            const string Url = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0";
            var patient = new JsonObject { ["resourceType"] = "Patient", ["identifier"] = new JsonArray([.. identifiers.Select(i => i.DeepClone())]) };
            (await _service.PostFhir(FhirTestData.BundleOf("transaction", FhirTestData.Entry(patient, Url),
                FhirTestData.Entry(FhirTestData.Observation(id, patient: "x").With("subject/reference", Url).Without("performer"))))).ShouldBe(200);
        }

        static JsonObject With(double score, params JsonObject[] identifiers) =>
            FhirTestData.Observation(score: score).With("identifier", new JsonArray([.. identifiers.Select(i => i.DeepClone())]));
    }

    [Theory]
    [InlineData("Observation", "triggeredBy", "[]", "R5")]
    [InlineData("Observation", "valueAttachment", """{ "contentType": "image/png" }""", "R5")]
    [InlineData("Observation", "context", """{ "reference": "Encounter/1" }""", "STU3")]
    [InlineData("QuestionnaireResponse", "questionnaire", """{ "reference": "Questionnaire/phq-9" }""", "STU3")]
    [InlineData("QuestionnaireResponse", "group", """{ "linkId": "1" }""", "DSTU2")]
    public async Task Another_release_is_named_by_its_elements(string type, string element, string value, string release)
    {
        var resource = (type == "Observation" ? FhirTestData.Observation() : FhirTestData.Phq9()).With(element, JsonNode.Parse(value));
        var answer = (await _service.PostFhir(resource)).ShouldBeOutcome(400, $"{type}.{element}", "wrongRelease");
        Assert.Contains($"FHIR {release}", answer.Text, StringComparison.Ordinal);
        var ofBundle = (await _service.PostFhir(FhirTestData.Bundle("batch", FhirTestData.Gad7(), resource))).ShouldBe(200);
        Assert.Contains($"Bundle.entry[1].resource.{element} wrongRelease", FhirTestData.Issues(ofBundle.At("entry/1/response/outcome")!));
    }

    [Fact]
    public async Task In_lenient_mode_items_and_empty_panels_beside_a_total_are_passed_over()
    {
        JsonObject[] items = [.. FhirTestData.Phq9Items.Select((code, i) => FhirTestData.Observation($"item-{i}", score: null, code: code)
            .With("valueCodeableConcept", JsonNode.Parse("""{ "coding": [{ "system": "http://loinc.org", "code": "LA6570-1" }] }""")))];
        var panel = FhirTestData.Observation("panel", score: null, code: "44249-1").With("hasMember",
            new JsonArray([.. items.Select((_, i) => FhirTestData.Reference($"Observation/item-{i}"))]));
        var bundle = FhirTestData.Bundle("transaction", [.. items, panel, FhirTestData.Observation(score: 18)]);
        (await _service.PostFhir(bundle)).ShouldBeOutcome(422, "Bundle.entry[0].resource.code.coding[0].code", "wrongCode");
        Assert.Equal("201 Created", (await _service.PostFhir(bundle, ("Prefer", "handling=lenient"))).ShouldBe(200).Statuses()[10]);
        Assert.Equal(["phq-9 18"], await _service.GetScores());
    }

    [Theory]
    [InlineData("score", 201)]
    [InlineData("{total}", 201)]
    [InlineData("Points", 201)]
    [InlineData("mm[Hg]", 422)]
    public async Task A_unit_that_says_that_the_number_is_a_score(string code, int status) =>
        (await _service.PostFhir(FhirTestData.Observation().With("valueQuantity/code", code))).ShouldBe(status);

    private static JsonObject Identifier(string system, string value) => new() { ["system"] = system, ["value"] = value };

    private Task<ServiceResponse> Validate(JsonObject resource) =>
        _service.PostText($"/fhir/{resource["resourceType"]}/$validate", resource.ToJsonString(), "application/fhir+json");
}
