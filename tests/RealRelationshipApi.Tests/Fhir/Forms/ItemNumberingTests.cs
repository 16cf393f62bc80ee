using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir.Forms;

/// <summary>Which questions are items: those that are named alike. Others are passed over and reported, whatever their answer is.</summary>
public sealed class ItemNumberingTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private static int s_patients;

    private readonly Service _service = empty.Service;
    private readonly string _patient = $"p-{Interlocked.Increment(ref s_patients)}";

    [Theory]
    [InlineData("core-om", 33, "F", "core-om 20")]
    [InlineData("core-om", 34, "W P F R", "core-om 20")]
    [InlineData("core-om", 33, "core-om-F", "core-om 20")]
    [InlineData("core-10", 9, "week-3", "core-10 20")]
    [InlineData("core-10", 10, "week-3 page3 version_a consent2", "core-10 20")]
    [InlineData("core-10", 10, "phq9-1 3-month", "core-10 20")]
    [InlineData("core-10", 10, "1 2 core-5", "core-10 20")]
    [InlineData("phq-9", 9, "55758-7 promis-tscore T-Score", "phq-9 18")]
    [InlineData("phq-9", 9, "phq2-total-score gad7_total", "phq-9 18")]
    public async Task A_question_beside_the_items_is_none(string form, int items, string beside, string score)
    {
        var names = beside.Split(' ');
        JsonObject[] answers = [.. Enumerable.Range(1, items).Select(i => FhirTestData.IntegerItem($"q{i}", 2)),
            .. names.Select(n => FhirTestData.IntegerItem(n, 1))];
        foreach (var (i, order) in new[] { answers, [.. answers.Reverse()] }.Index())
        {
            var answer = (await _service.PostFhir(Form(form, order))).ShouldBe(i == 0 ? 201 : 200);
            Assert.Equal(names.Length, FhirTestData.Issues(answer.Json).Count(issue => issue.EndsWith(" dropped", StringComparison.Ordinal)));
        }

        Assert.Equal([score], await _service.GetScores(_patient));
    }

    [Theory]
    [InlineData("""{ "valueBoolean": true }""")]
    [InlineData("""{ "valueDate": "1961-05-04" }""")]
    [InlineData("""{ "valueString": "since the canary died" }""")]
    [InlineData("""{ "valueAttachment": { "title": "canary" } }""")]
    [InlineData("""{ "valueReference": { "reference": "RelatedPerson/1", "display": "Ann Canary" } }""")]
    [InlineData("""{ "valueDecimal": 63.5 }""")]
    public async Task Its_answer_is_not_read_whatever_it_is(string value)
    {
        var answer = await _service.PostFhir(Form("phq-9", [.. Items(9, "q"), FhirTestData.Item("consent", JsonNode.Parse(value)!.AsObject())]));
        Assert.Contains("QuestionnaireResponse.item[9] dropped", FhirTestData.Issues(answer.ShouldBe(201).Json));
        Assert.Equal(["phq-9 18"], await _service.GetScores(_patient));
        Assert.DoesNotContain("canary", $"{answer.Text}{_service.LoggedErrors}", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_total_beside_pages_is_a_total_without_items()
    {
        (await _service.PostFhir(Form("phq-9", FhirTestData.IntegerItem("total", 7), FhirTestData.IntegerItem("page3", 1)))).ShouldBe(201);
        Assert.Equal(["phq-9 7"], await _service.GetScores(_patient));
    }

    [Theory]
    [InlineData("phq9_{0}")]
    [InlineData("phq-gad7-phq{0}")]
    [InlineData("mood.{0}")]
    [InlineData("{0}")]
    public async Task Items_of_any_stem(string linkId)
    {
        (await _service.PostFhir(Form("phq-9", [.. Enumerable.Range(1, 9).Select(i =>
            FhirTestData.IntegerItem(linkId.Replace("{0}", $"{i:00}", StringComparison.Ordinal), 1)), FhirTestData.IntegerItem("step4", 3)]))).ShouldBe(201);
        Assert.Equal(["phq-9 9"], await _service.GetScores(_patient));
    }

    [Theory]
    [InlineData("core-10", "q", 9)]
    [InlineData("phq-9", "", 8)]
    [InlineData("phq-9", "phq9-", 9)]
    public async Task Items_numbered_from_0_are_refused_in_both_modes(string form, string stem, int last)
    {
        JsonObject[] items = [.. Enumerable.Range(0, last + 1).Select(i => FhirTestData.Item($"{stem}{i}", JsonNode.Parse("""
            { "valueCoding": { "code": "n", "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 1 }] } }
            """)!.AsObject()))];
        var answer = (await _service.PostFhir(Form(form, items), ("Prefer", "handling=lenient"))).ShouldBeOutcome(422, "QuestionnaireResponse.item[0]",
            "unknownItem");
        Assert.Contains("number them from 1", answer.Text, StringComparison.Ordinal);
        (await _service.PostFhir(Form(form, items))).ShouldBeOutcome(422, "QuestionnaireResponse.item[0]", "unknownItem");
    }

    [Fact]
    public async Task More_items_than_the_form_has_are_refused() => (await _service.PostFhir(Form("phq-2", Items(9, "q"))))
        .ShouldBeOutcome(422, "QuestionnaireResponse.item[2]", "unknownItem");

    [Theory]
    [InlineData("https://forms.example/phq-9/adolescent", "phq9_{0}", 9)]
    [InlineData("https://forms.example/phq-9-adolescent", "phq9_{0}", 9)]
    [InlineData("https://forms.example/phq-9?version=teen", "phq9_{0}", 9)]
    [InlineData("https://forms.example/44249-1/teen", "phq9_{0}", 9)]
    [InlineData("https://forms.example/ors/child/v1", "ors{0}", 4)]
    [InlineData("https://forms.example/child/ORS|young", "ors{0}", 4)]
    [InlineData("https://forms.example/gad-7/intake", "phq9_{0}", 9)]
    public async Task An_address_of_another_form_than_its_items_is_refused(string canonical, string linkId, int items)
    {
        JsonObject[] answers = [.. Enumerable.Range(1, items).Select(i =>
            FhirTestData.IntegerItem(linkId.Replace("{0}", $"{i}", StringComparison.Ordinal), 1))];
        (await _service.PostFhir(Form(canonical, answers))).ShouldBeOutcome(422, "QuestionnaireResponse.questionnaire", "unknownInstrument");
        Assert.Empty(await _service.GetScores(_patient));
    }

    [Theory]
    [InlineData("https://forms.example/us/core/Questionnaire/intake")]
    [InlineData("https://phq-9.example/Questionnaire/4711|2.0")]
    [InlineData("https://forms.example/phq9_gad7")]
    [InlineData("https://forms.example/phq-9-v2-de")]
    [InlineData("Questionnaire/phq-9-form")]
    public async Task An_address_of_no_other_form_leaves_it_to_the_items(string canonical)
    {
        (await _service.PostFhir(Form(canonical, Items(9, "phq9_")))).ShouldBe(201);
        Assert.Equal(["phq-9 18"], await _service.GetScores(_patient));
    }

    [Theory]
    [InlineData("ses", "Practitioner/t-1", "Patient/", "ses 4 therapist")]
    [InlineData("ses", "Patient/", "Practitioner/t-1", "ses 4 client")]
    [InlineData("rri-t", "Practitioner/t-1", "Patient/", "rri-t 4 therapist")]
    [InlineData("rri-c", "Patient/", "RelatedPerson/m", "rri-c 4 client")]
    [InlineData("rri-c", "Patient/", "Device/tablet", "rri-c 4 client")]
    public async Task The_source_answered_and_the_author_recorded(string form, string source, string author, string stored)
    {
        var response = Form(form, FhirTestData.IntegerItem("total", 4)).With("source", By(source)).With("author", By(author));
        (await _service.PostFhir(response)).ShouldBe(201);
        var session = await _service.GetSession(_patient);
        Assert.Equal(stored, $"{session.At("measures/0/instrument")} {session.At("measures/0/score")} {session.At("measures/0/rater")}");
        Assert.Equal($"{source}{author}".Contains("Practitioner", StringComparison.Ordinal), session["therapist"] is not null);

        JsonObject By(string who) => FhirTestData.Reference(who == "Patient/" ? $"Patient/{_patient}" : who);
    }

    [Fact]
    public async Task Translated_labels_are_ignored()
    {
        const string Label = """
            { "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/translation",
              "extension": [{ "url": "lang", "valueCode": "de" }, { "url": "content", "valueString": "Beinahe jeden Tag" }] }] }
            """;
        var response = FhirTestData.Phq9(_patient, patient: _patient).With("item/0/text", "Item").With("item/0/_text", JsonNode.Parse(Label))
            .With("item/0/answer/0/valueCoding/_display", JsonNode.Parse(Label)).With("_questionnaire", JsonNode.Parse("""
                { "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/display", "valueString": "Health questionnaire" }] }
                """));
        response.At("item/1/answer/0/valueCoding/extension")!.AsArray().Add(JsonNode.Parse("""
            { "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-optionPrefix", "valueString": "a)" }
            """));
        (await _service.PostFhir(response)).ShouldBe(201);
        Assert.Equal(["phq-9 11"], await _service.GetScores(_patient));
        (await _service.PostFhir(response.With("extension", JsonNode.Parse("""[{ "url": "urn:note", "valueString": "since the divorce" }]"""))))
            .ShouldBeOutcome(422, "QuestionnaireResponse.extension[0].value", "freeText");
    }

    private static JsonObject[] Items(int count, string stem) => [.. Enumerable.Range(1, count).Select(i => FhirTestData.IntegerItem($"{stem}{i}", 2))];

    private JsonObject Form(string form, params JsonObject[] items) => FhirTestData.Phq9(_patient, patient: _patient).Without("author")
        .With("questionnaire", form.Contains('/', StringComparison.Ordinal) ? form : $"https://forms.example/{form}")
        .With("item", new JsonArray([.. items.Select(i => i.DeepClone())]));
}
