using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Several instruments in one response, and questions whose form is in the same bundle.</summary>
public sealed class SeveralFormsTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Groups_named_as_forms_are_measures_of_their_own_and_other_questions_are_passed_over()
    {
        var intake = Response("https://ehr.example/Questionnaire/intake", Group("phq-9", 9, "phq9-{0}", 1), Group("gad-7", 7, "q{0}", 2),
            FhirTestData.Item("reason", new() { ["valueString"] = "since the divorce" }), FhirTestData.IntegerItem("age", 42));
        (await _service.PostFhir(intake)).ShouldBe(201);
        (await _service.PostFhir(intake)).ShouldBe(200);
        Assert.Equal(["gad-7 14", "phq-9 9"], await _service.GetScores());
    }

    [Theory]
    [InlineData("/44249-1/{0}", "/69737-5/{0}")]
    [InlineData("{0}", "{0}")]
    public async Task Codes_of_items_name_the_forms(string first, string second)
    {
        var response = Response("https://ehr.example/Questionnaire/two",
            [.. FhirTestData.Phq9Items.Select(c => FhirTestData.IntegerItem(first.Replace("{0}", c, StringComparison.Ordinal), 1)),
                .. FhirTestData.Gad7Items.Select(c => FhirTestData.IntegerItem(second.Replace("{0}", c, StringComparison.Ordinal), 2))]);
        (await _service.PostFhir(response)).ShouldBe(201);
        Assert.Equal(["gad-7 14", "phq-9 9"], await _service.GetScores());
    }

    [Fact]
    public async Task A_form_and_the_total_of_its_short_form()
    {
        var items = FhirTestData.Phq9Items.Select(c => FhirTestData.IntegerItem(c, 2)).Append(FhirTestData.IntegerItem("phq9-total-score", 18))
            .Append(FhirTestData.IntegerItem("phq2-total-score", 4));
        (await _service.PostFhir(Response("phq2phq9", new JsonObject { ["linkId"] = "phq2phq9", ["item"] = new JsonArray([.. items]) }))).ShouldBe(201);
        Assert.Equal(["phq-2 4", "phq-9 18"], await _service.GetScores());
    }

    [Fact]
    public async Task A_form_with_an_error_does_not_keep_the_others_out()
    {
        var response = Response("https://ehr.example/Questionnaire/intake", Group("phq-9", 9, "phq9-{0}", 1), Group("gad-7", 6, "gad7-{0}", 2));
        var answer = (await _service.PostFhir(response)).ShouldBe(207);
        Assert.Contains("QuestionnaireResponse.item tooManyMissing", FhirTestData.Issues(answer.Json));
        Assert.Equal(["phq-9 9"], await _service.GetScores());
        (await _service.PostFhir(FhirTestData.Bundle("transaction", response.With("identifier/value", "qr-9").With("subject/reference", "Patient/p-2")
            .With("source/reference", "Patient/p-2")))).ShouldBeOutcome(422, "Bundle.entry[0].resource.item", "tooManyMissing");
        Assert.Empty(await _service.GetScores("p-2"));
    }

    [Theory]
    [InlineData("r w")]
    [InlineData("w r")]
    [InlineData("r w r")]
    public async Task The_withdrawal_of_the_response_withdraws_each_form(string order)
    {
        var response = Response("https://ehr.example/Questionnaire/intake", Group("phq-9", 9, "phq9-{0}", 1), Group("gad-7", 7, "gad7-{0}", 2));
        foreach (var message in order.Split(' '))
        {
            Assert.InRange((await _service.PostFhir(message == "r" ? response : response.With("status", "entered-in-error").Without("item")
                .With("meta/versionId", "2"))).Status, 200, 201);
        }

        Assert.Empty(await _service.GetScores());
        Assert.Empty(_service.FindIntegrityErrors());
        (await _service.PostFhir(response.With("meta/versionId", "3").With("status", "amended"))).ShouldBe(201);
        Assert.Equal(["gad-7 14", "phq-9 9"], await _service.GetScores());
    }

    [Fact]
    public async Task An_observation_derived_from_one_of_the_forms_counts_once()
    {
        var response = Response("https://ehr.example/Questionnaire/intake", Group("phq-9", 9, "phq9-{0}", 1), Group("gad-7", 7, "gad7-{0}", 2));
        var derived = FhirTestData.Observation(score: 9);
        derived["derivedFrom"] = new JsonArray(FhirTestData.Reference("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"));
        (await _service.PostFhir(FhirTestData.BundleOf("transaction",
            FhirTestData.Entry(response, "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"), FhirTestData.Entry(derived)))).ShouldBe(200);
        Assert.Equal(2, (await _service.Get("/associations")).ShouldBe(200).At("counts/stored")!.GetValue<int>());
    }

    [Fact]
    public async Task An_item_that_ends_as_the_name_of_a_short_form_is_none()
    {
        var items = Enumerable.Range(1, 9).Select(i => FhirTestData.IntegerItem($"PHQ.{i}", 1));
        (await _service.PostFhir(Response("https://ehr.example/Questionnaire/x", [.. items]))).ShouldBeOutcome(422, "QuestionnaireResponse.questionnaire",
            "unknownInstrument");
    }

    [Fact]
    public async Task The_form_in_the_bundle_says_what_its_questions_and_answers_mean()
    {
        var form = new JsonObject
        {
            ["resourceType"] = "Questionnaire", ["url"] = "https://ehr.example/Questionnaire/mood", ["status"] = "active",
            ["code"] = new JsonArray(FhirTestData.Coding("44249-1")),
            ["item"] = new JsonArray([.. FhirTestData.Phq9Items.Select((code, i) => new JsonObject
            {
                ["linkId"] = $"x{"abcdefghi"[i]}Q", ["type"] = "choice", ["code"] = new JsonArray(FhirTestData.Coding(code)),
                ["answerOption"] = new JsonArray([.. new[] { "never", "often" }.Select((answer, score) => new JsonObject
                {
                    ["valueCoding"] = new JsonObject
                    {
                        ["code"] = answer,
                        ["extension"] = new JsonArray(new JsonObject
                        {
                            ["url"] = "http://hl7.org/fhir/StructureDefinition/ordinalValue", ["valueDecimal"] = score * 2,
                        }),
                    },
                })]),
            })]),
        };
        var response = Response("https://ehr.example/Questionnaire/mood|1.0", [.. Enumerable.Range(0, 9).Select(i =>
            FhirTestData.Item($"x{"abcdefghi"[i]}Q", new() { ["valueCoding"] = new JsonObject { ["code"] = i % 3 == 0 ? "often" : "never" } }))]);
        (await _service.PostFhir(response)).ShouldBe(422);
        (await _service.PostFhir(FhirTestData.Bundle("transaction", form, response))).ShouldBe(200);
        Assert.Equal(["phq-9 6"], await _service.GetScores());
    }

    [Theory]
    [InlineData("phq-phq2{0}", "phq-phq9-score-total", "phq-phq9-difficulty")]
    [InlineData("{0}", "score", "difficulty")]
    public async Task Items_named_by_letters(string linkId, string total, string beside)
    {
        var codings = JsonNode.Parse("""{ "codings": [{ "canonical": "https://mii.example/Questionnaire/mood", "instrument": "phq-9" }] }""");
        (await _service.Put("/sources", codings!, ("If-Match", "*"))).ShouldBe(200);
        JsonObject[] items =
        [
            .. "abcdefghi".Select((c, i) => FhirTestData.IntegerItem(linkId.Replace("{0}", c.ToString(), StringComparison.Ordinal), i % 4)),
            FhirTestData.IntegerItem(total, 12), FhirTestData.Item(beside, new() { ["valueCoding"] = FhirTestData.Coding("LA6573-5") }),
        ];
        (await _service.PostFhir(Response("Questionnaire/mood", items))).ShouldBe(201);
        Assert.Equal(["phq-9 12"], await _service.GetScores());
        items[8]["linkId"] = "other-3i";
        (await _service.PostFhir(Response("Questionnaire/mood", items).With("identifier/value", "two"))).ShouldBeOutcome(422,
            "QuestionnaireResponse.item", "tooManyMissing");
    }

    private static JsonObject Response(string questionnaire, params JsonObject[] items) =>
        FhirTestData.Phq9().With("questionnaire", questionnaire).With("item", new JsonArray([.. items.Select(i => i.DeepClone())]));

    private static JsonObject Group(string linkId, int items, string item, int answer) => new()
    {
        ["linkId"] = linkId,
        ["item"] = new JsonArray([.. Enumerable.Range(1, items)
            .Select(i => FhirTestData.IntegerItem(item.Replace("{0}", $"{i}", StringComparison.Ordinal), answer))]),
    };
}
