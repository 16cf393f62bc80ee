using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Filled forms in the shapes in which they are sent: by HL7's examples, by LHC-Forms, by portals.</summary>
public sealed class QuestionnaireResponseTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task The_PHQ_9_of_HL7s_examples_is_scored_from_its_ordinal_values()
    {
        (await _service.PostFhir(FhirTestData.Phq9(total: 11))).ShouldBe(201);
        Assert.Equal(["phq-9 11"], await _service.GetScores());
        Assert.Equal(9, (await _service.GetSession()).At("measures/0/itemsAnswered")!.GetValue<int>());
        Assert.Equal("client", (await _service.GetSession()).At("measures/0/rater")!.GetValue<string>());
    }

    [Fact]
    public async Task The_GAD_7_of_HL7s_examples_is_scored_from_its_LOINC_answers()
    {
        var response = FhirTestData.Gad7();
        for (var i = 0; i < 7; i++)
        {
            response = response.Without($"item/{i}/answer/0/valueCoding/extension").With($"item/{i}/linkId", FhirTestData.Gad7Items[i]);
        }

        (await _service.PostFhir(response)).ShouldBe(201);
        Assert.Equal(["gad-7 6"], await _service.GetScores());
    }

    [Fact]
    public async Task The_example_whose_total_is_not_that_of_its_items_is_refused() =>
        (await _service.PostFhir(FhirTestData.Phq9(answers: [1, 1, 1, 1, 2, 1, 1, 1, 1], total: 13))).ShouldBeOutcome(422, "QuestionnaireResponse.item[9]",
            "totalDisagrees");

    [Fact]
    public async Task Grouped_items_are_found_and_the_unscored_question_is_ignored()
    {
        var response = FhirTestData.Phq9();
        var items = response["item"]!.AsArray().Select(i => i!.DeepClone())
            .Append(FhirTestData.Item("/69722-7", new() { ["valueCoding"] = FhirTestData.Coding("LA6573-5") }));
        var grouped = new JsonObject { ["linkId"] = "/44249-1", ["text"] = "the form", ["item"] = new JsonArray([.. items]) };
        (await _service.PostFhir(response.With("item", new JsonArray(grouped)))).ShouldBe(201);
        Assert.Equal(["phq-9 11"], await _service.GetScores());
    }

    [Theory]
    [InlineData("https://ehr.example.org/Questionnaire/phq-9", "q{0}")]
    [InlineData("https://ehr.example.org/Questionnaire/PHQ9|2.1", "phq9_q{0}")]
    [InlineData("Questionnaire/phq-9", "PHQ.{0}")]
    [InlineData("Questionnaire/44249-1", "{0}")]
    public async Task Items_are_identified_by_the_trailing_number_of_linkId(string questionnaire, string linkId)
    {
        var items = Enumerable.Range(1, 9)
            .Select(i => (JsonNode)FhirTestData.IntegerItem(string.Format(System.Globalization.CultureInfo.InvariantCulture, linkId, i), i % 4));
        (await _service.PostFhir(FhirTestData.Phq9().With("questionnaire", questionnaire).With("item", new JsonArray([.. items])))).ShouldBe(201);
        Assert.Equal(["phq-9 13"], await _service.GetScores());
    }

    [Fact]
    public async Task Item_order_does_not_matter_and_item_codes_identify_the_questionnaire()
    {
        var response = FhirTestData.Phq9(answers: [0, 0, 0, 0, 0, 0, 0, 0, 3]);
        var turned = response.With("item", new JsonArray([.. response["item"]!.AsArray().Reverse().Select(i => i!.DeepClone())])).Without("questionnaire");
        (await _service.PostFhir(turned)).ShouldBe(201);
        (await _service.PostFhir(response)).ShouldBe(200);
        Assert.Equal(["phq-9 3"], await _service.GetScores());
    }

    [Fact]
    public async Task A_total_without_items_is_accepted_and_decimals_are_read()
    {
        var total = FhirTestData.Phq9().With("questionnaire", "https://ehr.example.org/Questionnaire/rri-c-sf")
            .With("item", new JsonArray(FhirTestData.Item("total", new() { ["valueDecimal"] = 4.25 })));
        (await _service.PostFhir(total)).ShouldBe(201);
        Assert.Equal(["rri-c-sf 4.25"], await _service.GetScores());
    }

    [Fact]
    public async Task A_blank_item_is_treated_as_missing() =>
        (await _service.PostFhir(FhirTestData.Phq9().With("item/4", new JsonObject { ["linkId"] = "/44251-7" }))).ShouldBeOutcome(422,
            "QuestionnaireResponse.item", "tooManyMissing");

    [Fact]
    public async Task An_itemWeight_extension_is_the_item_score()
    {
        var weighted = FhirTestData.Phq9().With("item/0/answer/0/valueCoding", new JsonObject
        {
            ["extension"] = new JsonArray(new JsonObject { ["url"] = "http://hl7.org/fhir/StructureDefinition/itemWeight", ["valueDecimal"] = 3 }),
            ["code"] = "nearly-every-day",
        });
        (await _service.PostFhir(weighted)).ShouldBe(201);
        Assert.Equal(["phq-9 13"], await _service.GetScores());
    }

    [Fact]
    public async Task An_unknown_questionnaire_is_refused() =>
        (await _service.PostFhir(
            FhirTestData.Phq9().With("questionnaire", "https://ehr.example.org/Questionnaire/intake")
                .With("item", new JsonArray(FhirTestData.IntegerItem("q1", 1)))))
            .ShouldBeOutcome(422, "QuestionnaireResponse.questionnaire", "unknownInstrument");

    [Fact]
    public async Task Without_source_a_client_rated_instrument_has_the_client_as_rater_and_the_author_as_therapist()
    {
        (await _service.PostFhir(FhirTestData.Phq9().Without("source"))).ShouldBe(201);
        var session = await _service.GetSession();
        Assert.Equal("client", session.At("measures/0/rater")!.GetValue<string>());
        Assert.NotNull(session["therapist"]);
    }
}
