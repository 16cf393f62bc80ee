using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Which form an address names, who answered it, and which of its questions are scored.</summary>
public sealed class FormIdentityTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("https://forms.example/phq-9")]
    [InlineData("https://forms.example/phq-9/")]
    [InlineData("https://forms.example/phq-9/v1")]
    [InlineData("https://forms.example/us/core/Questionnaire/PHQ9|2.1-ballot")]
    [InlineData("https://forms.example/ors/phq_9/1.0.2")]
    [InlineData("http://loinc.org/q/44249-1")]
    [InlineData("https://forms.example/form|phq9/2.4.15")]
    [InlineData("phq-9")]
    public async Task The_last_part_of_an_address_names_the_form(string canonical)
    {
        (await _service.PostFhir(Form(canonical, 9))).ShouldBe(201);
        Assert.Equal(["phq-9 9"], await _service.GetScores());
    }

    [Theory]
    [InlineData("https://forms.example/ors/child/v1")]
    [InlineData("https://forms.example/ors/child")]
    [InlineData("https://forms.example/rri-c/short-form")]
    [InlineData("https://forms.example/phq-9/adolescent")]
    [InlineData("https://forms.example/phq-9-adolescent")]
    [InlineData("https://forms.example/us/core/Questionnaire/intake")]
    [InlineData("https://phq-9/")]
    [InlineData("https://forms.example/phq-9?version=adolescent")]
    [InlineData("https://forms.example/phq-9#adolescent")]
    [InlineData("https://forms.example/phq-9|adolescent")]
    [InlineData("https://forms.example/phq-9|adolescent/2")]
    [InlineData("https://forms.example/phq/9")]
    public async Task No_other_part_does(string canonical)
    {
        (await _service.PostFhir(Form(canonical, 4))).ShouldBeOutcome(422, "QuestionnaireResponse.questionnaire", "unknownInstrument");
        Assert.Empty(await _service.GetScores());
    }

    [Theory]
    [InlineData("wai-sr", 12, "Practitioner/t1")]
    [InlineData("wai-sr", 12, "PractitionerRole/t1")]
    [InlineData("phq-9", 9, "Practitioner/t1")]
    [InlineData("phq-9", 9, "https://ehr.example/fhir/Practitioner/t1")]
    [InlineData("ors", 4, "Organization/o")]
    public async Task A_client_form_that_somebody_else_answered_is_refused(string form, int items, string source)
    {
        (await _service.PostFhir(Form(form, items).With("source", FhirTestData.Reference(source))))
            .ShouldBeOutcome(422, "QuestionnaireResponse.source", "wrongRater");
        Assert.Empty(await _service.GetScores());
    }

    [Fact]
    public async Task A_real_relationship_of_the_client_that_the_therapist_answered_is_refused()
    {
        var total = Form("rri-c", 0).With("item", new JsonArray(FhirTestData.Item("total", new() { ["valueDecimal"] = 4.2 })));
        (await _service.PostFhir(total.With("source", FhirTestData.Reference("Practitioner/t1")))).ShouldBeOutcome(422, "QuestionnaireResponse.source",
            "wrongRater");
        (await _service.PostFhir(total.With("questionnaire", "rri-t").With("source", FhirTestData.Reference("Practitioner/t1")))).ShouldBe(201);
        (await _service.PostFhir(total.With("questionnaire", "rri-t").With("identifier/value", "other"))).ShouldBeOutcome(422,
            "QuestionnaireResponse.source", "wrongRater");
    }

    [Theory]
    [InlineData("""{ "valueCoding": { "system": "http://loinc.org", "code": "LA6573-5" } }""")]
    [InlineData("""{ "valueCoding": { "code": "somewhat" } }""")]
    [InlineData("""{ "valueBoolean": true }""")]
    [InlineData("""{ "valueString": "since the divorce" }""")]
    public async Task How_difficult_the_problems_make_it_is_passed_over_unread(string answer)
    {
        var response = FhirTestData.Phq9();
        response["item"]!.AsArray().Add(FhirTestData.Item("/69722-7", JsonNode.Parse(answer)!.AsObject()));
        (await _service.PostFhir(response)).ShouldBe(201);
        Assert.Equal(["phq-9 11"], await _service.GetScores());
        (await _service.PostFhir(FhirTestData.Phq9("qr-2").With("item/3/answer/0", JsonNode.Parse(answer)))).ShouldBeOutcome(422);
    }

    private static JsonObject Form(string canonical, int items) => FhirTestData.Phq9().Without("author").With("questionnaire", canonical)
        .With("item", new JsonArray([.. Enumerable.Range(1, items).Select(i => (JsonNode)FhirTestData.IntegerItem($"q{i}", 1))]));
}
