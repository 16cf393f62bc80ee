using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>An Observation becomes the measure that <c>/sessions</c> would have made of it.</summary>
public sealed class ObservationTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_total_is_stored_once()
    {
        var first = (await _service.PostFhir(FhirTestData.Observation())).ShouldBe(201);
        Assert.Equal("W/\"1\"", first.ETag);
        Assert.Null(first.Header("Location"));
        Assert.Equal("information", first.String("issue/0/severity"));
        (await _service.PostFhir(FhirTestData.Observation())).ShouldBe(200);
        Assert.Equal(["phq-9 12"], await _service.GetScores());
    }

    [Fact]
    public async Task An_Observation_equals_the_measure_sent_to_sessions()
    {
        (await _service.PostFhir(FhirTestData.Observation())).ShouldBe(201);
        (await _service.Post("/sessions", JsonNode.Parse("""
            { "sourceSystem": "openemr-test", "patient": "p-1", "therapist": "t-1", "session": "enc-1", "occurredAt": "2026-03-01T10:00:00+01:00",
              "measures": [{ "sourceId": "obs-1", "version": 1, "status": "final", "instrument": "phq-9", "scale": "total", "rater": "client", "score": 12 }] }
            """)!)).ShouldBe(200);
        var session = await _service.GetSession();
        Assert.NotNull(session["therapist"]);
        Assert.NotNull(session["session"]);
    }

    [Theory]
    [InlineData("rri-c-sf", 4.2, "rri-c-sf 4.2")]
    [InlineData("RRI-C.genuineness", 4.5, "rri-c 4.5")]
    [InlineData("ors", 31.5, "ors 31.5")]
    public async Task Catalogue_codes_resolve_to_instrument_and_scale(string code, double score, string stored)
    {
        (await _service.PostFhir(FhirTestData.InstrumentObservation(code, score, "o"))).ShouldBe(201);
        Assert.Equal([stored], await _service.GetScores());
    }

    [Theory]
    [InlineData("{sum}", 12, "wai-sr 12")]
    [InlineData("{mean}", 4.5, "wai-sr 18")]
    public async Task The_unit_determines_the_aggregation(string unit, double score, string stored)
    {
        (await _service.PostFhir(FhirTestData.InstrumentObservation("wai-sr.bond", score, "o").With("valueQuantity/code", unit))).ShouldBe(201);
        Assert.Equal([stored], await _service.GetScores());
    }

    [Theory]
    [InlineData("http://snomed.info/sct", "720433000", 12, "phq-9 12")]
    [InlineData("http://snomed.info/sct", "718583008", 14, "core-10 14")]
    [InlineData("http://snomed.info/sct", "716613004", 31.5, "ors 31.5")]
    [InlineData("http://snomed.info/sct", "718437004", 9, "yp-core 9")]
    [InlineData("http://loinc.org", "55758-7", 4, "phq-2 4")]
    [InlineData("http://loinc.org", "70272-0", 11, "phq-4 11")]
    public async Task A_published_code_of_a_score_resolves_to_its_instrument(string system, string code, double score, string stored)
    {
        (await _service.PostFhir(FhirTestData.Observation(score: score, code: code, system: system))).ShouldBe(201);
        Assert.Equal([stored], await _service.GetScores());
    }

    [Fact]
    public async Task A_declared_coding_resolves_to_its_instrument()
    {
        (await _service.Post("/instruments", JsonNode.Parse("""
            { "code": "phq-9", "codings": [ { "system": "https://ehr.example.org/codes", "code": "PHQ9TOT", "scale": "total" } ] }
            """)!)).ShouldBe(201);
        (await _service.PostFhir(FhirTestData.Observation(code: "PHQ9TOT", system: "https://ehr.example.org/codes"))).ShouldBe(201);
        Assert.Equal(["phq-9 12"], await _service.GetScores());
    }

    [Fact]
    public async Task Components_are_scored_as_items()
    {
        var components =
            FhirTestData.Phq9Items.Select(
                (code, i) =>
                    (JsonNode)new JsonObject { ["code"] = new JsonObject { ["coding"] = new JsonArray(FhirTestData.Coding(code)) }, ["valueInteger"] = i % 4 });
        var observation = FhirTestData.Observation(score: null, code: "44249-1").With("component", new JsonArray([.. components]));
        (await _service.PostFhir(observation)).ShouldBe(201);
        Assert.Equal(["phq-9 12"], await _service.GetScores());
        (await _service.PostFhir(observation.With("valueInteger", 13).With("identifier/0/value", "obs-2"))).ShouldBeOutcome(422, "Observation.value",
            "totalDisagrees");
        (await _service.PostFhir(observation.With("component/3/valueInteger", 4))).ShouldBeOutcome(422, "Observation.component[3]", "outOfRange");
    }

    [Theory]
    [InlineData("valueInteger", "12")]
    [InlineData("valueQuantity", """{ "value": 12, "unit": "points" }""")]
    public async Task A_value_may_be_an_integer_or_a_quantity(string member, string value)
    {
        (await _service.PostFhir(FhirTestData.Observation(score: null).With(member, JsonNode.Parse(value)))).ShouldBe(201);
        Assert.Equal(["phq-9 12"], await _service.GetScores());
    }

    [Theory]
    [InlineData("Practitioner/t-1", "ses", "therapist")]
    [InlineData("PractitionerRole/t-1", "ses", "therapist")]
    [InlineData("Patient/p-1", "ses", "client")]
    [InlineData("Practitioner/t-1", "phq-9", "client")]
    public async Task The_performer_is_the_rater_unless_the_instrument_allows_only_one(string performer, string instrument, string rater)
    {
        (await _service.Post("/instruments", JsonNode.Parse("""
            { "code": "ses", "items": { "count": 4, "minimum": 1, "maximum": 5 }, "reversed": [] }
            """)!)).ShouldBe(201);
        (await _service.PostFhir(
            FhirTestData.InstrumentObservation(instrument, 4, "o").With("performer", new JsonArray(FhirTestData.Reference(performer))))).ShouldBe(201);
        Assert.Equal(rater, (await _service.GetSession()).At("measures/0/rater")!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{ "reference": "Patient/p-1" }""", "p-1")]
    [InlineData("""{ "reference": "Patient/p-1/_history/3" }""", "p-1")]
    [InlineData("""{ "reference": "https://ehr.example.org/fhir/Patient/p-1" }""", "https://ehr.example.org/fhir/Patient/p-1")]
    [InlineData("""{ "type": "Patient", "identifier": { "system": "urn:oid:1.2.3", "value": "77" } }""", "urn:oid:1.2.3|77")]
    [InlineData("""{ "reference": "Patient?identifier=urn:oid:1.2.3%7C77" }""", "urn:oid:1.2.3|77")]
    [InlineData("""{ "type": "Patient", "identifier": { "value": "77" } }""", "77")]
    public async Task A_reference_is_used_as_source_key(string subject, string patient)
    {
        (await _service.PostFhir(
            FhirTestData.Observation().With("subject", JsonNode.Parse(subject))
                .With("performer", new JsonArray(FhirTestData.Reference("Practitioner/t-1"))))).ShouldBe(201);
        Assert.Equal(["phq-9 12"], await _service.GetScores(patient));
    }

    [Fact]
    public async Task Without_meta_source_the_identifier_host_is_the_source()
    {
        var observation = FhirTestData.Observation().With("meta", new JsonObject { ["versionId"] = "1" })
            .With("identifier/0", new JsonObject { ["system"] = "https://ehr.example.org/fhir/observations", ["value"] = "o-1" });
        (await _service.PostFhir(observation)).ShouldBe(201);
        Assert.Equal(["phq-9 12"], await _service.GetScores(source: "https://ehr.example.org"));
        (await _service.Post("/sessions/search",
            new JsonObject { ["sourceSystem"] = "https://ehr.example.org", ["sourceId"] = "fhir/observations|o-1" })).ShouldBe(200);
    }

    [Fact]
    public async Task Without_identifier_the_id_is_the_key()
    {
        (await _service.PostFhir(FhirTestData.Observation().Without("identifier").With("id", "o-9"))).ShouldBe(201);
        var found =
            (await _service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = FhirTestData.Source, ["sourceId"] = "Observation/o-9" })).ShouldBe(
                200);
        Assert.Single(found.At("sessions")!.AsArray());
    }

    [Fact]
    public async Task The_number_of_the_session_is_an_extension()
    {
        var number = new JsonArray(new JsonObject { ["url"] = "urn:realrelationship:session-number", ["valuePositiveInt"] = 3 });
        (await _service.PostFhir(FhirTestData.Observation().With("extension", number))).ShouldBe(201);
        Assert.Equal(3, (await _service.GetSession()).At("sessionNumber")!.GetValue<int>());
        (await _service.PostFhir(FhirTestData.Observation("obs-2").With("extension", number.With("0/valuePositiveInt", 0)))).ShouldBe(400);
    }

    [Fact]
    public async Task An_Idempotency_Key_takes_effect_once()
    {
        (await _service.PostFhir(FhirTestData.Observation(), ("Idempotency-Key", "k-1"))).ShouldBe(201);
        var again = (await _service.PostFhir(FhirTestData.Observation(), ("Idempotency-Key", "k-1"))).ShouldBe(201);
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        (await _service.PostFhir(FhirTestData.Observation(score: 13), ("Idempotency-Key", "k-1"))).ShouldBeOutcome(422);
    }
}
