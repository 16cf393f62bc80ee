using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Fhir;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Sources;

/// <summary>A message that is sent again is the same, whatever the site has declared in between.</summary>
public sealed class RenamedInstrumentTests : IAsyncLifetime
{
    private const string Canonical = "https://forms.example/Questionnaire/mood";

    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task After_a_canonical_means_another_instrument()
    {
        var response = FhirTestData.Phq9(answers: [1, 0, 1, 0, 1, 0, 1, 0, 0]).With("questionnaire", $"{Canonical}|2.0");
        for (var i = 0; i < 9; i++)
        {
            response["item"]![i]!["linkId"] = $"q{i + 1}";
        }

        await Declare(Coding("canonical", Canonical, "phq-9"));
        (await _service.PostFhir(response)).ShouldBe(201);
        await Declare(Coding("canonical", Canonical, "distress"));
        (await _service.PostFhir(response)).ShouldBe(200);
        Assert.Equal(["phq-9 4"], await _service.GetScores());
        (await _service.PostFhir(response.With("item/0/answer/0/valueCoding/extension/0/valueDecimal", 2))).ShouldBeOutcome(409);
    }

    [Fact]
    public async Task After_a_form_of_a_known_name_was_declared_as_another_and_back()
    {
        var response = FhirTestData.Phq9().With("questionnaire", "https://forms.example/Questionnaire/phq-9");
        (await _service.PostFhir(response)).ShouldBe(201);
        await Declare(Coding("canonical", "https://forms.example/Questionnaire/phq-9", "distress"));
        for (var i = 0; i < 9; i++)
        {
            response["item"]![i]!["linkId"] = $"q{i + 1}";
        }

        (await _service.PostFhir(response)).ShouldBe(200);
        (await _service.PostFhir(response.With("identifier/value", "second"))).ShouldBe(201);
        await Declare();
        (await _service.PostFhir(response.With("identifier/value", "second"))).ShouldBe(200);
        Assert.Equal(["distress 14.67", "phq-9 11"], await _service.GetScores());
    }

    [Fact]
    public async Task After_a_code_means_another_instrument()
    {
        var observation = FhirTestData.Observation(code: "mood", system: "urn:clinic");
        var json = Session(SessionTestData.Measure("m-1", "urn:clinic|mood", 12));
        await Declare(Coding("code", "mood", "phq-9"));
        (await _service.PostFhir(observation)).ShouldBe(201);
        (await _service.Post("/sessions", json)).ShouldBe(201);
        (await Csv("urn:clinic|mood")).ShouldBe(201);
        await Declare(Coding("code", "mood", "distress"));
        (await _service.PostFhir(observation)).ShouldBe(200);
        (await _service.Post("/sessions", json)).ShouldBe(200);
        (await Csv("urn:clinic|mood")).ShouldBe(200);
        Assert.Equal(["phq-9 12"], await _service.GetScores());
    }

    [Fact]
    public async Task After_the_time_zone_of_days_was_declared()
    {
        (await Csv("phq-9")).ShouldBe(201);
        (await _service.Put("/sources", JsonNode.Parse("""{ "systems": [{ "name": "rom", "timeZone": "Europe/Berlin", "therapist": "t-9" }] }""")!,
            ("If-Match", "*"))).ShouldBe(200);
        (await Csv("phq-9")).ShouldBe(200);
    }

    private Task<ServiceResponse> Csv(string instrument) => _service.PostText("/sessions?sourceSystem=rom",
        $"patient,date,instrument,score\np-9,2026-03-01,{instrument},12\n", "text/csv");

    private static JsonObject Session(JsonObject measure) => new()
    {
        ["sourceSystem"] = "rom", ["patient"] = "p-8", ["session"] = "s", ["occurredAt"] = "2026-03-01T10:00:00Z", ["measures"] = new JsonArray(measure),
    };

    private static JsonObject Coding(string kind, string name, string instrument) => kind == "canonical"
        ? new() { ["canonical"] = name, ["instrument"] = instrument } : new() { ["system"] = "urn:clinic", ["code"] = name, ["instrument"] = instrument };

    // An instrument of the site whose items are those of the PHQ-9.
    private async Task Declare(params JsonObject[] codings)
    {
        if ((await _service.Get("/instruments/distress")).Status == 404)
        {
            (await _service.Post("/instruments", JsonNode.Parse("""
                { "code": "distress", "name": "Distress", "construct": "treatmentOutcome", "raters": ["client"], "direction": "worse",
                  "items": { "count": 12, "minimum": 0, "maximum": 3 }, "reversed": [],
                  "missing": { "rule": "prorate", "atMost": 3 },
                  "scales": [{ "name": "total", "aggregation": "sum" }] }
                """)!)).ShouldBe(201);
        }

        (await _service.Put("/sources", new JsonObject { ["codings"] = new JsonArray([.. codings]) }, ("If-Match", "*"))).ShouldBe(200);
    }
}
