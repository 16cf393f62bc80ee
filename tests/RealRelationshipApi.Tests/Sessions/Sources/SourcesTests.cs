using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage.Writing;

using RealRelationshipApi.Tests.Fhir;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Sources;

/// <summary><c>/sources</c>: what a site declares of its source systems, and how it is used.</summary>
public sealed class SourcesTests
{
    private const string Canonical = "https://clinic.example/forms/mood";

    [Fact]
    public async Task Declarations_are_versioned_conditional_and_verified()
    {
        await using var service = await Service.StartAsync();
        var empty = (await service.Get("/sources")).ShouldBe(200);
        Assert.Equal(0, empty.Number("version"));
        (await service.Get("/sources", ("If-None-Match", empty.ETag!))).ShouldBe(304);
        var declaration = Declaration();
        (await service.Put("/sources", declaration)).ShouldBeProblem(428);
        (await service.Put("/sources", declaration, ("If-Match", "\"7-0\""))).ShouldBeProblem(412);
        Assert.Equal(1, (await service.Put("/sources?validateOnly=true", declaration, ("If-Match", empty.ETag!))).ShouldBe(200).Number("version"));
        Assert.Equal(0, (await service.Get("/sources")).Number("version"));
        var stored = (await service.Put("/sources", declaration, ("If-Match", empty.ETag!))).ShouldBe(200);
        Assert.Equal(("rom", "timestamp", 1), (stored.String("systems/0/name"), stored.String("systems/0/versionOrder"), stored.Number("version")));
        Assert.Equal(stored.ETag, (await service.Get("/sources")).ETag);
        Assert.Equal(1, (await service.Put("/sources", declaration, ("If-Match", stored.ETag!))).ShouldBe(200).Number("version"));
        (await service.Put("/sources", declaration, ("If-Match", empty.ETag!))).ShouldBeProblem(412);

        // Groups only grow.
        var shrunk = declaration.With("groups", new JsonArray());
        (await service.Put("/sources", shrunk, ("If-Match", stored.ETag!))).ShouldBeProblem(422, "#/groups", "groupShrinks");
        var grown = declaration.With("groups/0/systems", new JsonArray("ehr", "billing", "rom"));
        Assert.Equal(2, (await service.Put("/sources", grown, ("If-Match", stored.ETag!))).ShouldBe(200).Number("version"));
        Assert.Empty(service.FindIntegrityErrors());
        await service.Services.GetRequiredService<GroupCommitWriter>().WriteAsync(transaction =>
        {
            transaction.Enqueue("UPDATE source_version SET content = replace(content, 'billing', 'research') WHERE version = 2");
            return true;
        });
        Assert.Contains(service.FindIntegrityErrors(), e => e.Contains("declared source systems", StringComparison.Ordinal));
        (await service.Get("/sources")).ShouldBeProblem(503);
    }

    [Fact]
    public async Task All_faults_of_a_declaration_are_listed()
    {
        await using var service = await Service.StartAsync();
        (await service.Put("/sources", JsonNode.Parse("""
            { "systems": [{ "name": "two words", "timeZone": "Berlin/Mitte" }, { "name": "rom", "therapist": "Dr. Who" }],
              "groups": [{ "systems": ["rom"] }],
              "codings": [{ "canonical": "not a url", "instrument": "phq-9" }, { "system": "http://snomed.info/sct", "instrument": "phq-9" }] }
            """)!, ("If-Match", "*"))).ShouldBeProblem(422);
        var faults = await service.Put("/sources", JsonNode.Parse("""
            { "systems": [{ "name": "rom" }, { "name": "rom" }], "groups": [{ "systems": ["rom", "ehr"] }, { "systems": ["ehr", "lab"] }],
              "codings": [{ "canonical": "https://clinic.example/a", "instrument": "nothing" },
                { "system": "http://loinc.org", "code": "44261-6", "instrument": "gad-7" },
                { "system": "http://clinic.example/codes", "code": "depression", "instrument": "phq-9", "scale": "bond" }] }
            """)!, ("If-Match", "*"));
        Assert.Equal(
            ["#/systems/1/name repeatedValue", "#/groups/1/systems repeatedValue", "#/codings/0/instrument unknownInstrument",
                "#/codings/1/code codingTaken", "#/codings/2/scale unknownScale"], faults.ShouldBeProblem(422).Errors);
        (await service.Put("/sources", JsonNode.Parse("""{ "system": [] }""")!, ("If-Match", "*"))).ShouldBeProblem(400);
    }

    [Fact]
    public async Task Names_of_instruments_days_and_therapists_are_as_declared()
    {
        await using var service = await Service.StartAsync();
        (await service.Post("/sessions", Session("before", Canonical))).ShouldBeProblem(422, "#/measures/0/instrument", "unknownInstrument");
        (await service.Put("/sources", Declaration(), ("If-Match", "*"))).ShouldBe(200);
        (await service.Post("/sessions", Session("by-canonical", Canonical))).ShouldBe(201);
        (await service.Post("/sessions", Session("by-code", "http://snomed.info/sct|720433000"))).ShouldBe(201);
        (await service.PostFhir(FhirTestData.Phq9().With("questionnaire", $"{Canonical}|2"))).ShouldBe(201);
        (await service.PostFhir(FhirTestData.Observation(code: "720433000", system: "http://snomed.info/sct"))).ShouldBe(201);

        // A day begins at midnight of the system's time zone.
        var day = FhirTestData.Observation("by-day", at: "2026-03-01").With("meta/source", "rom");
        (await service.PostFhir(day)).ShouldBe(201);
        var found = await Find(service, "by-day");
        Assert.Equal("2026-02-28T23:00:00Z", found.At("occurredAt")!.GetValue<string>());
        var therapist = await Find(service, "by-code");
        Assert.NotNull(therapist.At("therapist"));

        // What was sent is the same message under another default.
        var changed = Declaration().With("systems/0/therapist", "t-2").With("systems/0/timeZone", "Asia/Tokyo");
        (await service.Put("/sources", changed, ("If-Match", "*"))).ShouldBe(200);
        (await service.PostFhir(day)).ShouldBe(200);
        (await service.Post("/sessions", Session("by-code", "http://snomed.info/sct|720433000"))).ShouldBe(200);
    }

    private static async Task<JsonNode> Find(Service service, string sourceId) =>
        (await service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = "rom", ["sourceId"] = sourceId })).ShouldBe(200).At("sessions/0")!;

    private static JsonNode Declaration() => JsonNode.Parse($$"""
        { "systems": [{ "name": "rom", "timeZone": "Europe/Berlin", "versionOrder": "timestamp", "therapist": "t-1" }],
          "groups": [{ "systems": ["rom", "ehr"] }],
          "codings": [{ "canonical": "{{Canonical}}", "instrument": "phq-9" },
            { "system": "http://snomed.info/sct", "code": "720433000", "instrument": "PHQ-9" }] }
        """)!;

    private static JsonObject Session(string sourceId, string instrument)
    {
        var session = SessionTestData.Session("p1", null, 1, SessionTestData.Measure(sourceId, instrument, 12));
        session["sourceSystem"] = "rom";
        return session;
    }
}
