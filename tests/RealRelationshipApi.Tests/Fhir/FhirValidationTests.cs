using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Rejected resources, and the FHIRPath in the error.</summary>
public sealed class FhirValidationTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private readonly Service _service = empty.Service;

    [Theory]
    [InlineData("text", """{ "status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Ann</div>" }""", "Observation.text", "freeText")]
    [InlineData("note", """[ { "text": "Ann is sad" } ]""", "Observation.note", "freeText")]
    [InlineData("contained", """[ { "resourceType": "Patient", "id": "p", "name": [ { "family": "Canary" } ] } ]""", "Observation.contained", "contained")]
    [InlineData("subject/display", "\"Ann Canary\"", "Observation.subject.display", "personalData")]
    [InlineData("performer/1/display", "\"Dr Canary\"", "Observation.performer[1].display", "personalData")]
    [InlineData("extension", """[ { "url": "urn:x", "valueHumanName": { "family": "Canary" } } ]""", "Observation.extension[0].value", "personalData")]
    [InlineData("extension", """[ { "url": "urn:x", "valueString": "Ann Canary" } ]""", "Observation.extension[0].value", "freeText")]
    [InlineData("extension", """[ { "url": "urn:x", "valueAddress": { "city": "Canary" } } ]""", "Observation.extension[0].value", "personalData")]
    [InlineData("modifierExtension", """[ { "url": "urn:not", "valueBoolean": true } ]""", "Observation.modifierExtension", "modifier")]
    [InlineData("implicitRules", "\"urn:rules\"", "Observation.implicitRules", "modifier")]
    public async Task Personal_data_is_refused(string path, string value, string expression, string code)
    {
        (await _service.PostFhir(FhirTestData.Observation().With(path, JsonNode.Parse(value)))).ShouldBeOutcome(422, expression, code);
        Assert.Empty(await _service.GetScores());
    }

    [Theory]
    [InlineData("code/coding/0/code", "\"89204-2\"", "Observation.code.coding[0].code", "wrongCode")]
    [InlineData("code/coding/0/code", "\"75325-1\"", "Observation.code.coding[0].code", "wrongCode")]
    [InlineData("code/coding/0/code", "\"69725-0\"", "Observation.code.coding[0].code", "wrongCode")]
    [InlineData("code/coding/0/code", "\"8480-6\"", "Observation.code", "unknownInstrument")]
    [InlineData("code/coding/0", """{ "code": "wai" }""", "Observation.code.coding[0].code", "ambiguousInstrument")]
    [InlineData("code/coding", """[ { "system": "http://loinc.org", "code": "44261-6" }, { "system": "http://loinc.org", "code": "70274-6" } ]""",
        "Observation.code", "ambiguousInstrument")]
    [InlineData("valueQuantity/comparator", "\">\"", "Observation.value.comparator", "comparator")]
    [InlineData("valueQuantity/code", "\"%\"", "Observation.value.code", "wrongUnit")]
    [InlineData("valueQuantity", """{ "unit": "points" }""", "Observation.value.value", "noScore")]
    [InlineData("valueQuantity/value", "28", "Observation.value", "outOfRange")]
    [InlineData("valueQuantity/value", "11.5", "Observation.value", "notWhole")]
    [InlineData("meta/versionId", "\"0\"", "Observation.meta.versionId", "outOfRange")]
    [InlineData("meta/source", "\"my-system-2026-01-01?x=y\"", "Observation.meta.source", "notAKey")]
    [InlineData("identifier/0/value", "\"Ann Canary\"", "Observation.identifier[0].value", "notAKey")]
    [InlineData("subject", """{ "identifier": { "value": "1961-05-04" } }""", "Observation.subject", "notAKey")]
    [InlineData("subject", """{ "reference": "Group/g-1" }""", "Observation.subject", "wrongType")]
    [InlineData("subject", """{ "reference": "#p" }""", "Observation.subject.reference", "contained")]
    [InlineData("subject", """{ "reference": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0" }""", "Observation.subject.reference", "unresolved")]
    [InlineData("subject", """{ "reference": "Patient?name=Canary" }""", "Observation.subject.reference", "notSupported")]
    [InlineData("encounter", """{ "reference": "Patient/p-1" }""", "Observation.encounter", "wrongType")]
    [InlineData("performer", """[ { "reference": "RelatedPerson/r" } ]""", "Observation.performer[0]", "wrongRater")]
    [InlineData("performer", """[ { "reference": "Patient/p-2" } ]""", "Observation.performer[0]", "wrongRater")]
    [InlineData("performer", """[ { "identifier": { "value": "someone" } } ]""", "Observation.performer[0]", "wrongType")]
    [InlineData("effectiveDateTime", "\"2026-03\"", "Observation.effective", "noOffset")]
    [InlineData("effectiveDateTime", "\"2086-03-01T10:00:00Z\"", "Observation.effective", "future")]
    public async Task A_violated_rule_is_reported_by_FHIRPath(string path, string value, string expression, string code)
    {
        (await _service.PostFhir(FhirTestData.Observation().With(path, JsonNode.Parse(value)))).ShouldBeOutcome(422, expression, code);
        Assert.Empty(await _service.GetScores());
    }

    [Theory]
    [InlineData("subject", "Observation.subject", "required")]
    [InlineData("effectiveDateTime", "Observation.effective", "required")]
    [InlineData("identifier", "Observation.identifier", "required")]
    [InlineData("meta", "Observation.meta.source", "required")]
    [InlineData("code", "Observation.code", "required")]
    [InlineData("status", "Observation.status", "required")]
    public async Task Missing_elements_are_reported(string path, string expression, string code) =>
        (await _service.PostFhir(FhirTestData.Observation().Without(path))).ShouldBeOutcome(400, expression, code);

    [Theory]
    [InlineData("item/0/answer/0", """{ "valueCoding": { "code": "2" } }""", "QuestionnaireResponse.item[0].answer[0].value", "noScore")]
    [InlineData("item/0/answer/0", """{ "valueBoolean": true }""", "QuestionnaireResponse.item[0].answer[0].value", "noScore")]
    [InlineData("item/0/answer/0", """{ "valueDate": "1961-05-04" }""", "QuestionnaireResponse.item[0].answer[0].value", "noScore")]
    [InlineData("item/0/answer/0", """{ "valueString": "sad since the divorce" }""", "QuestionnaireResponse.item[0].answer[0].value", "freeText")]
    [InlineData("item/0/answer/0", """{ "valueInteger": 4 }""", "QuestionnaireResponse.item[0]", "outOfRange")]
    [InlineData("item/0/answer/0", """{ "valueDecimal": 1.5 }""", "QuestionnaireResponse.item[0]", "notWhole")]
    [InlineData("item/0/answer", """[ { "valueInteger": 1 }, { "valueInteger": 2 } ]""", "QuestionnaireResponse.item[0].answer", "repeatedItem")]
    [InlineData("item/0/linkId", "\"/44255-8\"", "QuestionnaireResponse.item[1]", "repeatedItem")]
    [InlineData("item/0/linkId", "\"/99999-9\"", "QuestionnaireResponse.item", "tooManyMissing")]
    [InlineData("item/0/linkId", "\"mood\"", "QuestionnaireResponse.item", "tooManyMissing")]
    [InlineData("item/0/linkId", "\"q12\"", "QuestionnaireResponse.item", "tooManyMissing")]
    [InlineData("questionnaire", "\"https://ehr.example.org/Questionnaire/89204-2\"", "QuestionnaireResponse.questionnaire", "wrongCode")]
    [InlineData("questionnaire", "\"https://ehr.example.org/Questionnaire/wai\"", "QuestionnaireResponse.questionnaire", "ambiguousInstrument")]
    public async Task Unscorable_values_are_reported_at_their_path(string path, string value, string expression, string code)
    {
        var response = FhirTestData.Phq9().With(path, JsonNode.Parse(value));
        // Codes of items would name the form where its address does not.
        response = path == "questionnaire" ? response.With("item", new JsonArray(FhirTestData.IntegerItem("q1", 1))) : response;
        (await _service.PostFhir(response)).ShouldBeOutcome(422, expression, code);
        Assert.Empty(await _service.GetScores());
    }

    [Fact]
    public async Task An_Observation_without_value_cannot_be_scored() =>
        (await _service.PostFhir(FhirTestData.Observation(score: null))).ShouldBeOutcome(422, "Observation.value", "nothingToScore");

    [Fact]
    public async Task An_undeterminable_rater_is_refused()
    {
        var answer = (await _service.PostFhir(FhirTestData.InstrumentObservation("seq.depth", 5, "o").Without("performer"))).ShouldBeOutcome(400,
            "Observation.performer", "required");
        Assert.Equal("required", answer.String("issue/0/code"));
    }

    [Theory]
    [InlineData("effectiveDateTime", "\"2026-03-01T10:00:00\"", "Observation.effective")]
    [InlineData("effectiveDateTime", "\"yesterday\"", "Observation.effective")]
    [InlineData("status", "\"done\"", "Observation.status")]
    [InlineData("valueQuantity/value", "\"twelve\"", "Observation.value.value")]
    [InlineData("birthDate", "\"1961-05-04\"", "Observation.birthDate")]
    [InlineData("name", """[ { "family": "Canary" } ]""", "Observation.name[0].family")]
    public async Task Elements_unknown_to_R4_are_malformed(string path, string value, string expression)
    {
        var answer = (await _service.PostFhir(FhirTestData.Observation().With(path, JsonNode.Parse(value)))).ShouldBeOutcome(400, expression,
            "invalidResource");
        Assert.DoesNotContain("Canary", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_errors_are_reported_at_once()
    {
        var answer =
            (await _service.PostFhir(
                FhirTestData.Observation(score: 99, version: 1, at: "2026-03").With("subject/display", "Ann")
                    .With("code/coding/0/code", "89204-2"))).ShouldBeOutcome(422);
        Assert.Equal(["Observation.code.coding[0].code wrongCode", "Observation.effective noOffset", "Observation.subject.display personalData"],
            FhirTestData.Issues(answer.Json).Order(StringComparer.Ordinal).ToArray()[..3]);
    }

    [Theory]
    [InlineData("/fhir/Observation", """{ "resourceType": "Patient", "active": true }""", "resourceType wrongType")]
    [InlineData("/fhir/QuestionnaireResponse", """{ "resourceType": "Observation", "status": "final", "code": { "text": "x" } }""", "resourceType wrongType")]
    [InlineData("/fhir", """{ "resourceType": "Observation", "status": "final", "code": { "text": "x" } }""", "resourceType wrongType")]
    [InlineData("/fhir", """{ "resourceType": "Bundle", "type": "batch" }""", "Bundle.entry required")]
    [InlineData("/fhir/Observation", """{ "resourceType": "Canary" }""", "Canary invalidResource")]
    [InlineData("/fhir/Observation", "{}", "resourceType required")]
    [InlineData("/fhir/Observation", "[]", "resourceType required")]
    [InlineData("/fhir/Observation", "null", "resourceType required")]
    [InlineData("/fhir/Observation", "{", "$this notJson")]
    [InlineData("/fhir/Observation", "", "$this notJson")]
    [InlineData("/fhir/Observation", """{ "resourceType": "Observation", "status": "final", "status": "final" }""", "$this.status duplicateMember")]
    public async Task A_body_of_another_resource_type_is_malformed(string path, string body, string issue) =>
        Assert.Contains(issue, FhirTestData.Issues((await _service.PostText(path, body, "application/fhir+json")).ShouldBeOutcome(400).Json));

    [Theory]
    [InlineData("document")]
    [InlineData("message")]
    [InlineData("history")]
    public async Task Bundles_of_another_type_are_refused(string type) =>
        (await _service.PostFhir(FhirTestData.Bundle(type, FhirTestData.Observation()))).ShouldBeOutcome(422, "Bundle.type", "notSupported");
}
