using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Resources as other FHIR servers write them: opaque versions, days, nanoseconds, names, search results.</summary>
public sealed class ForeignServerTests : IAsyncLifetime
{
    private const string First = "0f5d8f9e-9d63-4b8e-9a9b-2f2d1f6d9b11";
    private const string Second = "00000000-9d63-4b8e-9a9b-2f2d1f6d9b11";

    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Versions_that_are_no_numbers_are_ordered_by_lastUpdated()
    {
        var newer = Versioned(14, Second, "2026-03-02T10:00:00.123456789Z");
        (await _service.PostFhir(newer)).ShouldBe(201);
        (await _service.PostFhir(Versioned(12, First, "2026-03-01T10:00:00Z"))).ShouldBe(201);
        (await _service.PostFhir(newer)).ShouldBe(200);
        Assert.Equal(["phq-9 14"], await _service.GetScores());
        (await _service.PostFhir(Versioned(13, Second, "2026-03-02T10:00:00.123456789Z"))).ShouldBe(409);
        (await _service.PostFhir(Versioned(14, First, "2026-03-03T10:00:00Z").With("status", "entered-in-error"))).ShouldBe(201);
        Assert.Empty(await _service.GetScores());
    }

    [Fact]
    public async Task Without_lastUpdated_the_time_of_receipt_orders_versions()
    {
        var first = FhirTestData.Observation().With("meta/versionId", First);
        (await _service.PostFhir(first)).ShouldBe(201);
        (await _service.PostFhir(first)).ShouldBe(200);
        (await _service.PostFhir(FhirTestData.Observation(score: 14).With("meta/versionId", Second))).ShouldBe(201);
        (await _service.PostFhir(FhirTestData.Observation(score: 14).With("meta/versionId", Second))).ShouldBe(200);
        Assert.Equal(["phq-9 14"], await _service.GetScores());
    }

    [Theory]
    [InlineData("2026-03-01", "2026-03-01T00:00:00Z")]
    [InlineData("2026-03-01T10:00:00.123456789+01:00", "2026-03-01T09:00:00.1234567Z")]
    public async Task A_day_and_an_instant_of_nanoseconds(string at, string stored)
    {
        (await _service.PostFhir(FhirTestData.Observation(at: at))).ShouldBe(201);
        Assert.Equal(stored, (await _service.GetSession()).At("occurredAt")!.GetValue<string>());
    }

    [Theory]
    [InlineData("2026-03")]
    [InlineData("2026")]
    public async Task A_month_is_no_day(string at) =>
        (await _service.PostFhir(FhirTestData.Observation(at: at))).ShouldBeOutcome(422, "Observation.effective", "noOffset");

    [Fact]
    public async Task The_day_that_has_begun_in_the_east_only_is_no_future()
    {
        (await _service.PostFhir(FhirTestData.Observation(at: $"{TimeProvider.System.GetUtcNow().AddHours(13):yyyy-MM-dd}"))).ShouldBe(201);
        (await _service.PostFhir(FhirTestData.Observation("obs-2", at: $"{TimeProvider.System.GetUtcNow().AddHours(40):yyyy-MM-dd}"))).ShouldBeOutcome(422,
            "Observation.effective", "future");
    }

    [Theory]
    [InlineData("12", 201)]
    [InlineData("12.0", 201)]
    [InlineData("28", 422)]
    [InlineData("12 points", 422)]
    [InlineData("1e1", 422)]
    [InlineData("", 400)]
    public async Task A_total_in_a_string(string text, int status)
    {
        (await _service.PostFhir(FhirTestData.Observation(score: null).With("valueString", text))).ShouldBe(status);
        Assert.Equal(status == 201 ? ["phq-9 12"] : [], await _service.GetScores());
    }

    [Fact]
    public async Task In_lenient_mode_names_and_texts_are_dropped_and_reported()
    {
        var named = FhirTestData.Observation().With("subject/display", "Ann Canary").With("note", JsonNode.Parse("""[{ "text": "Canary is sad" }]"""))
            .With("text", JsonNode.Parse("""{ "status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Canary</div>" }"""));
        (await _service.PostFhir(named)).ShouldBeOutcome(422);
        (await _service.PostFhir(named, ("Prefer", "handling=strict"))).ShouldBeOutcome(422);
        var answer = (await _service.PostFhir(named, ("Prefer", "return=OperationOutcome; handling=lenient"))).ShouldBe(201);
        Assert.Equal("handling=lenient, return=OperationOutcome", answer.Header("Preference-Applied"));
        Assert.Equal(["Observation.note dropped", "Observation.subject.display dropped", "Observation.text dropped"],
            FhirTestData.Issues(answer.Json).Where(i => i.EndsWith("dropped", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.All(answer.At("issue")!.AsArray(), issue => Assert.Equal("information", issue.At("severity")!.GetValue<string>()));
        Assert.DoesNotContain("Canary", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Canary", _service.LoggedErrors.ToString(), StringComparison.Ordinal);
        Assert.Equal(["phq-9 12"], await _service.GetScores());
    }

    [Theory]
    [InlineData("modifierExtension", """[ { "url": "urn:not", "valueBoolean": true } ]""", 422)]
    [InlineData("valueQuantity/comparator", "\"<\"", 422)]
    [InlineData("extension", """[ { "url": "urn:x", "valueString": "Ann Canary" } ]""", 422)]
    [InlineData("nickname", "\"Canary\"", 400)]
    public async Task In_lenient_mode_what_changes_the_meaning_is_refused_still(string path, string value, int status) =>
        (await _service.PostFhir(FhirTestData.Observation().With(path, JsonNode.Parse(value)), ("Prefer", "handling=lenient"))).ShouldBeOutcome(status);

    [Fact]
    public async Task A_transaction_with_a_named_patient_passes_in_lenient_mode()
    {
        var patient = JsonNode.Parse("""
            { "resourceType": "Patient", "id": "p-1", "name": [ { "family": "Canary", "given": [ "Ann" ] } ], "birthDate": "1961-05-04", "gender": "female",
              "address": [ { "text": "1 Canary Row" } ], "telecom": [ { "system": "phone", "value": "555" } ], "contact": [ { "name": { "text": "Canary" } } ] }
            """)!.AsObject();
        var bundle = FhirTestData.Bundle("transaction", patient, FhirTestData.Phq9());
        (await _service.PostFhir(bundle)).ShouldBeOutcome(422);
        var answer = (await _service.PostFhir(bundle, ("Prefer", "handling=lenient"))).ShouldBe(200);
        Assert.Equal(["200 OK", "201 Created"], answer.Statuses());
        Assert.Contains("Bundle.entry[0].resource.birthDate dropped", FhirTestData.Issues(answer.At("entry/0/response/outcome")!));
        Assert.DoesNotContain("Canary", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("searchset")]
    [InlineData("collection")]
    public async Task Entries_without_requests_are_created(string type)
    {
        var bundle = FhirTestData.BundleOf(type,
            new JsonObject { ["fullUrl"] = "https://ehr.example/Observation/1", ["resource"] = FhirTestData.Observation() },
            new JsonObject { ["resource"] = FhirTestData.Gad7() });
        var answer = (await _service.PostFhir(bundle)).ShouldBe(200);
        Assert.Equal("batch-response", answer.String("type"));
        Assert.Equal(["201 Created", "201 Created"], answer.Statuses());
    }

    [Fact]
    public async Task Resources_about_no_patient_are_passed_over_and_reported()
    {
        var organization = new JsonObject { ["resourceType"] = "Organization", ["name"] = "Clinic" };
        var device = new JsonObject { ["resourceType"] = "Device", ["note"] = new JsonArray(new JsonObject { ["text"] = "new" }) };
        var answer = (await _service.PostFhir(FhirTestData.Bundle("transaction", organization, FhirTestData.Observation(), device))).ShouldBe(200);
        Assert.Equal(["200 OK", "201 Created", "200 OK"], answer.Statuses());
        Assert.Equal("It was not read, and is not kept.", answer.String("entry/2/response/outcome/issue/0/diagnostics"));
    }

    [Fact]
    public async Task A_minimal_return_has_no_body()
    {
        var answer = (await _service.PostFhir(FhirTestData.Observation(), ("Prefer", "return=minimal"))).ShouldBe(201);
        Assert.Equal(("", "return=minimal", "W/\"1\""), (answer.Text, answer.Header("Preference-Applied"), answer.ETag));
        (await _service.PostFhir(FhirTestData.Observation(score: 99), ("Prefer", "return=minimal"))).ShouldBeOutcome(422);
    }

    [Theory]
    [InlineData("5.0", "R5")]
    [InlineData("3.0", "STU3")]
    public async Task Another_release_of_FHIR_is_named(string version, string release)
    {
        var answer = await _service.PostText("/fhir/Observation", FhirTestData.Observation().ToJsonString(), $"application/fhir+json; fhirVersion={version}");
        Assert.Contains(release, answer.ShouldBe(415).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ordinal_value_is_not_reversed_among_raw_answers()
    {
        (await _service.Post("/instruments", new JsonObject { ["code"] = "core-10", ["itemsAs"] = "raw" })).ShouldBe(201);
        var answers = Enumerable.Range(1, 10).Select(i => (JsonNode)FhirTestData.IntegerItem($"q{i}", i is 2 or 3 ? 4 : 0));
        var raw = FhirTestData.Phq9().With("questionnaire", "core-10").With("item", new JsonArray([.. answers]));
        (await _service.PostFhir(raw)).ShouldBe(201);
        Assert.Equal(["core-10 0"], await _service.GetScores());
        var keyed = raw.With("identifier/value", "keyed").With("subject/reference", "Patient/p-2").With("source/reference", "Patient/p-2")
            .With("item/1/answer/0", JsonNode.Parse("""
                { "valueCoding": { "code": "never", "extension": [ { "url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 4 } ] } }
                """));
        (await _service.PostFhir(keyed)).ShouldBe(201);
        Assert.Equal(["core-10 4"], await _service.GetScores("p-2"));
    }

    private static JsonObject Versioned(double score, string versionId, string lastUpdated) =>
        FhirTestData.Observation(score: score).With("meta/versionId", versionId).With("meta/lastUpdated", lastUpdated);
}
