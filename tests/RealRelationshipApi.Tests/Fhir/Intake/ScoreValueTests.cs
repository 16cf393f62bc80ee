using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir.Intake;

/// <summary>Values that are no score, units that say how one is computed, and times of Observations.</summary>
public sealed class ScoreValueTests(EmptyService empty) : IClassFixture<EmptyService>
{
    private const string Unknown = """{ "coding": [{ "code": "unknown" }] }""";
    private const string Answer = """{ "coding": [{ "system": "http://loinc.org", "code": "LA6569-3" }] }""";
    private const string Category = """
        { "coding": [{ "code": "mild", "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 1 }] }] }
        """;

    private static int s_patients;

    private readonly Service _service = empty.Service;
    private readonly string _patient = $"p-{Interlocked.Increment(ref s_patients)}";

    [Theory]
    [InlineData("dataAbsentReason", Unknown, "Observation.dataAbsentReason", "noScore")]
    [InlineData("component/0/dataAbsentReason", Unknown, "Observation.component[0].dataAbsentReason", "noScore")]
    [InlineData("valueQuantity/extension",
        """[{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown" }]""", "Observation.value", "noScore")]
    public async Task A_value_that_is_said_to_be_absent_is_refused_in_both_modes(string path, string value, string expression, string code)
    {
        var observation = Panel().With(path, JsonNode.Parse(value));
        (await _service.PostFhir(observation)).ShouldBeOutcome(422, expression, code);
        (await _service.PostFhir(observation, ("Prefer", "handling=lenient"))).ShouldBeOutcome(422, expression, code);
        (await _service.PostFhir(Panel())).ShouldBe(201);
        Assert.Equal(["phq-9 9"], await _service.GetScores(_patient));
    }

    [Theory]
    [InlineData(Answer)]
    [InlineData(Category)]
    public async Task An_answer_to_an_item_or_a_category_is_no_total(string concept)
    {
        (await _service.PostFhir(Observation("phq-9").Without("valueQuantity").With("valueCodeableConcept", JsonNode.Parse(concept))))
            .ShouldBeOutcome(422, "Observation.value", "noScore");
        var response = FhirTestData.Phq9(_patient, patient: _patient).With("item", new JsonArray(FhirTestData.Item("/44261-6",
            new() { ["valueCoding"] = JsonNode.Parse(concept)!["coding"]![0]!.DeepClone() })));
        (await _service.PostFhir(response)).ShouldBeOutcome(422, "QuestionnaireResponse.item[0].answer[0].value", "noScore");
        Assert.Empty(await _service.GetScores(_patient));
    }

    [Theory]
    [InlineData("core-om", 3.2, "{meanTimesTen}", "core-om 3.2")]
    [InlineData("core-om", 3.2, "{mean}", "core-om 32")]
    [InlineData("who-5", 68, "{sumTimesFour}", "who-5 17")]
    [InlineData("dass-21.depression", 24, "{sumTimesTwo}", "dass-21 12")]
    public async Task The_unit_may_say_how_the_score_is_computed(string code, double score, string unit, string stored)
    {
        (await _service.PostFhir(Observation(code, score).With("valueQuantity/code", unit))).ShouldBe(201);
        Assert.Equal([stored], await _service.GetScores(_patient));
        if (!code.Contains('.', StringComparison.Ordinal))
        {
            var total = FhirTestData.Item("total", new() { ["valueQuantity"] = new JsonObject { ["value"] = score, ["code"] = unit } });
            var response = FhirTestData.Phq9($"qr-{_patient}", patient: _patient).With("questionnaire", $"https://forms.example/{code}")
                .With("item", new JsonArray(total));
            (await _service.PostFhir(response)).ShouldBe(201);
            Assert.Equal([stored, stored], await _service.GetScores(_patient));
        }
    }

    [Theory]
    [InlineData("effectivePeriod", """{ "end": "2026-03-01T10:00:00Z" }""")]
    [InlineData("effectiveTiming", """{ "event": ["2026-03-01T10:00:00Z"] }""")]
    public async Task A_time_without_start_says_what_is_taken(string element, string value)
    {
        var answer = await _service.PostFhir(Observation("phq-9").Without("effectiveDateTime").With(element, JsonNode.Parse(value)));
        answer.ShouldBeOutcome(400, "Observation.effective", "required");
        Assert.Contains("effectivePeriod with its start", answer.Text, StringComparison.Ordinal);
        Assert.Single(answer.At("issue")!.AsArray());
    }

    [Fact]
    public async Task Versions_are_ordered_by_lastUpdated_where_the_site_declares_it()
    {
        const string System = "https://med.example";
        (await _service.Put("/sources", JsonNode.Parse($$"""{ "systems": [{ "name": "{{System}}", "versionOrder": "timestamp" }] }""")!, ("If-Match", "*")))
            .ShouldBe(200);
        JsonObject[] versions = [Version(9, 5, "final"), Version(7, 6, "corrected"), Version(8, 7, "final")];
        foreach (var index in (int[])[2, 0, 1, 2])
        {
            Assert.InRange((await _service.PostFhir(versions[index])).Status, 200, 201);
        }

        Assert.Equal(["phq-9 8"], await _service.GetScores(_patient, System));
        (await _service.PostFhir(Version(8, 8, "entered-in-error"))).ShouldBe(201);
        Assert.Empty(await _service.GetScores(_patient, System));
        var answer = await _service.PostFhir(Version(8, 9, "amended").With("meta", new JsonObject { ["source"] = System }));
        Assert.Contains("meta.lastUpdated", answer.ShouldBeOutcome(400, "Observation.meta.versionId", "required").Text, StringComparison.Ordinal);

        JsonObject Version(double score, int day, string status) => Observation("phq-9", score).With("status", status)
            .With("meta", new JsonObject { ["source"] = System, ["lastUpdated"] = $"2026-03-0{day}T10:00:00Z" });
    }

    private JsonObject Observation(string code, double? score = 9) =>
        FhirTestData.Observation(_patient, score, code, "urn:realrelationship:instruments", _patient);

    private JsonObject Panel()
    {
        var panel = Observation("phq-9");
        panel["component"] = new JsonArray([.. FhirTestData.Phq9Items.Select(code => new JsonObject
        {
            ["code"] = new JsonObject { ["coding"] = new JsonArray(FhirTestData.Coding(code)) }, ["valueInteger"] = 1,
        })]);
        return panel;
    }
}
