using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Bundles as CamCOPS exports its tasks: a transaction of conditional creates, with names of patient and clinician, the form, the answers ({} for a
/// blank one), SNOMED codes and the task as a document.</summary>
public sealed class CamcopsTests : IAsyncLifetime
{
    private const string Host = "https://camcops.example";

    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_task_passes_in_lenient_mode_and_is_refused_in_strict_mode()
    {
        var bundle = Task("phq9", [.. Enumerable.Range(1, 9).Select(i => Integer($"q{i}", i % 4)), Blank("q10")]);
        var refused = FhirTestData.Issues((await _service.PostFhir(bundle)).ShouldBeOutcome(422).Json);
        Assert.Contains("Bundle.entry[0].resource.name personalData", refused);
        Assert.Contains("Bundle.entry[4].resource.code unknownInstrument", refused);
        Assert.Contains("Bundle.entry[5].resource notSupported", refused);
        var answer = (await _service.PostFhir(bundle, ("Prefer", "handling=lenient"))).ShouldBe(200);
        Assert.Equal(["200 OK", "200 OK", "200 OK", "201 Created", "200 OK", "200 OK"], answer.Statuses());
        Assert.Equal(["200 OK", "200 OK", "200 OK", "200 OK", "200 OK", "200 OK"],
            (await _service.PostFhir(bundle, ("Prefer", "handling=lenient"))).ShouldBe(200).Statuses());
        Assert.Equal(["phq-9 13"], await _service.GetScores("https://nhs.example/id|77", Host));
        Assert.DoesNotContain("Canary", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Canary", _service.LoggedErrors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_that_is_no_item_is_dropped_and_reported()
    {
        JsonObject[] items = [.. Enumerable.Range(1, 5).Select(i => Integer($"q{i}", i))];
        var retired = FhirTestData.Item("retired_etc", new() { ["valueBoolean"] = false });
        var answer = (await _service.PostFhir(Task("wsas", [retired, .. items]), ("Prefer", "handling=lenient"))).ShouldBe(200);
        Assert.Contains("Bundle.entry[3].resource.item[0] dropped", FhirTestData.Issues(answer.At("entry/3/response/outcome")!));
        Assert.Equal(["wsas 15"], await _service.GetScores("https://nhs.example/id|77", Host));
        (await _service.PostFhir(Task("wsas", [Integer("hours", 2), .. items]), ("Prefer", "handling=lenient"))).ShouldBe(200);
        Assert.Equal(["wsas 15"], await _service.GetScores("https://nhs.example/id|77", Host));
    }

    [Theory]
    [InlineData("ors", "ors 27", "individual", "interpersonal", "social", "overall")]
    [InlineData("srs", "srs 27", "relationship", "goals", "approach", "overall")]
    public async Task Items_with_names_are_scored_in_the_order_of_the_form(string table, string score, params string[] names)
    {
        var bundle = Task(table,
        [
            Integer("q_session", 3), FhirTestData.Item("q_date", new() { ["valueDate"] = "2026-03-01" }), Integer("q_who", 0),
            .. names.Select((name, i) => FhirTestData.Item($"q_{name}", new() { ["valueDecimal"] = 9 - i * 1.5 })),
        ]);
        (await _service.PostFhir(bundle, ("Prefer", "handling=lenient"))).ShouldBe(200);
        Assert.Equal([score], await _service.GetScores("https://nhs.example/id|77", Host));
    }

    [Theory]
    [InlineData("""{ "valueInteger": 1 }""")]
    [InlineData("""{ "valueCoding": { "code": "1", "display": "Other" } }""")]
    public async Task A_form_that_someone_else_than_the_client_answered_is_refused(string answer)
    {
        string[] names = ["individual", "interpersonal", "social", "overall"];
        var bundle = Task("ors", [FhirTestData.Item("q_who", JsonNode.Parse(answer)!.AsObject()), .. names.Select(n => Integer($"q_{n}", 5))]);
        var refused = await _service.PostFhir(bundle, ("Prefer", "handling=lenient"));
        refused.ShouldBeOutcome(422, "Bundle.entry[3].resource.item[0].answer[0].value", "wrongRater");
        Assert.Empty(await _service.GetScores("https://nhs.example/id|77", Host));
    }

    private static JsonObject Integer(string name, int answer) => FhirTestData.IntegerItem(name, answer).With("text", "what the form asks");

    private static JsonObject Blank(string name) => FhirTestData.Item(name, []).With("text", "what the form asks");

    private static JsonObject Task(string table, JsonObject[] items)
    {
        var patient = Identifier("https://nhs.example/id", "77");
        var form = Identifier($"{Host}/fhir_questionnaire", $"{table}/2.4.15");
        var subject = new JsonObject { ["type"] = "Patient", ["identifier"] = patient.DeepClone() };
        var observable = new JsonObject { ["coding"] = new JsonArray(FhirTestData.Coding("363787002", "http://snomed.info/sct")) };
        var response = Identifier($"{Host}/fhir_questionnaire_response/{table}/42", "questionnaireresponse");
        return new()
        {
            ["resourceType"] = "Bundle", ["type"] = "transaction",
            ["entry"] = new JsonArray(
                Entry(patient, Resource("Patient", """
                    { "name": [{ "family": "Canary", "given": ["Ann"] }], "birthDate": "1961-05-04", "gender": "female",
                      "address": [{ "text": "1 Canary Row" }], "telecom": [{ "system": "email", "value": "ann@canary.example" }] }
                    """)),
                Entry(Identifier($"{Host}/fhir_practitioner/{table}/42", "clinician"), Resource("Practitioner", """
                    { "name": [{ "text": "Dr Canary" }], "telecom": [{ "system": "other", "value": "Clinician specialty: Canary" }] }
                    """)),
                Entry(form, Resource("Questionnaire", """{ "status": "active", "name": "form", "version": "2.4.15" }""")),
                Entry(response, Resource("QuestionnaireResponse", """{ "status": "completed", "authored": "2026-03-01T10:00:00.123456+00:00" }""")
                    .With("questionnaire", $"{form["system"]}|{form["value"]}").With("subject", subject.DeepClone())
                    .With("item", new JsonArray([.. items.Select(i => i.DeepClone())]))),
                Entry(Identifier($"{Host}/fhir_observation/{table}/42", "snomed"), Resource("Observation", """
                    { "status": "final", "effectiveDateTime": "2026-03-01T10:00:00+00:00" }
                    """).With("code", observable.DeepClone()).With("subject", subject.DeepClone()).With("component", new JsonArray(new JsonObject
                {
                    ["code"] = observable.DeepClone(),
                    ["valueCodeableConcept"] = new JsonObject { ["coding"] = new JsonArray(FhirTestData.Coding("715252007", "http://snomed.info/sct")) },
                }))),
                Entry(Identifier($"{Host}/fhir_document_reference/{table}/42", "pdf"), Resource("DocumentReference", """
                    { "status": "current", "docStatus": "final", "content": [{ "attachment": { "contentType": "application/pdf", "data": "Q2FuYXJ5" } }] }
                    """).With("subject", subject.DeepClone()))),
        };
    }

    private static JsonObject Identifier(string system, string value) => new() { ["system"] = system, ["value"] = value };

    private static JsonObject Resource(string type, string members)
    {
        var resource = new JsonObject { ["resourceType"] = type };
        foreach (var (name, value) in JsonNode.Parse(members)!.AsObject())
        {
            resource[name] = value?.DeepClone();
        }

        return resource;
    }

    private static JsonNode Entry(JsonObject identifier, JsonObject resource)
    {
        resource["identifier"] = resource["resourceType"]!.GetValue<string>() == "QuestionnaireResponse" ? identifier.DeepClone()
            : new JsonArray(identifier.DeepClone());
        return FhirTestData.Entry(resource, ifNoneExist: $"identifier={identifier["system"]}|{identifier["value"]}");
    }
}
