using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Sessions;
using RealRelationshipApi.Tests.Sessions.Associations;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir;

/// <summary>Scores without performer get the therapist of their encounter, whenever that comes.</summary>
public sealed class LateEncounterTests(EmptyService fixture) : IClassFixture<EmptyService>
{
    private static int s_cases;

    private readonly Service _service = fixture.Service;
    private readonly string _case = $"c{Interlocked.Increment(ref s_cases)}";

    [Theory]
    [InlineData("o e")]
    [InlineData("e o")]
    [InlineData("oe")]
    [InlineData("o e1 e")]
    [InlineData("e o e1")]
    [InlineData("o e o oe")]
    public async Task The_order_of_messages_does_not_matter(string order)
    {
        foreach (var message in order.Split(' '))
        {
            JsonObject[] resources =
            [
                .. message.Contains('e', StringComparison.Ordinal) ? new[] { message.EndsWith('1') ? Encounter("t-wrong", version: 1) : Encounter("t-2") } : [],
                .. message.Contains('o', StringComparison.Ordinal) ? new[] { Score() } : [],
            ];
            var answer = (await _service.PostFhir(FhirTestData.Bundle("batch", resources))).ShouldBe(200);
            Assert.All(answer.At("entry")!.AsArray(), e => Assert.StartsWith("20", e.At("response/status")!.GetValue<string>(), StringComparison.Ordinal));
        }

        var (expected, session) = (await Reference(), await _service.GetSession(_case));
        Assert.Equal((expected.Therapist, expected.Episode, 7), (session.At("therapist")!.GetValue<string>(), session.At("episode")!.GetValue<string>(),
            session.At("sessionNumber")!.GetValue<int>()));
        Assert.Empty(_service.FindIntegrityErrors());
    }

    [Fact]
    public async Task A_later_version_of_the_encounter_moves_the_scores_again_and_a_performer_stays()
    {
        var own = Score("own");
        own["performer"] = new JsonArray(FhirTestData.Reference("Practitioner/t-own"));
        (await _service.PostFhir(FhirTestData.Bundle("batch", Score(), Score("second"), own, Encounter("t-1")))).ShouldBe(200);
        (await _service.PostFhir(FhirTestData.Bundle("batch", Encounter("t-2", version: 3)))).ShouldBe(200);
        var sessions = (await _service.Get("/sessions/completeness?by=therapist")).At("groups")!.AsArray().Select(g => g!["value"]?.GetValue<string>());
        Assert.Contains((await Reference()).Therapist, sessions);
        (await _service.PostFhir(FhirTestData.Bundle("transaction", Score(), own))).ShouldBe(200);
        Assert.Empty(_service.FindIntegrityErrors());
    }

    [Fact]
    public async Task An_encounter_that_names_no_therapist_any_more_takes_the_default()
    {
        (await _service.PostFhir(FhirTestData.Bundle("batch", Score(), Encounter("t-1")))).ShouldBe(200);
        (await _service.PostFhir(FhirTestData.Bundle("batch", Encounter("t-1", version: 3).Without("participant").Without("episodeOfCare")))).ShouldBe(200);
        var session = await _service.GetSession(_case);
        Assert.Equal((null, null, 7), (session["therapist"], session["episode"], session.At("sessionNumber")!.GetValue<int>()));
        (await _service.PostFhir(FhirTestData.Bundle("batch", Encounter("t-1", version: 4).With("status", "entered-in-error")))).ShouldBe(200);
        Assert.Null((await _service.GetSession(_case))["sessionNumber"]);
        Assert.Empty(_service.FindIntegrityErrors());
    }

    [Fact]
    public async Task An_encounter_also_moves_scores_that_came_as_JSON_or_by_its_absolute_URL()
    {
        (await _service.Post("/sessions", Json(FhirTestData.Source, "json"))).ShouldBe(201);
        var byUrl = Score("url");
        byUrl["encounter"] = FhirTestData.Reference($"https://ehr.example/fhir/Encounter/{_case}-enc");
        (await _service.PostFhir(byUrl)).ShouldBe(201);
        (await _service.PostFhir(FhirTestData.BundleOf("batch",
            FhirTestData.Entry(Encounter("t-2"), $"https://ehr.example/fhir/Encounter/{_case}-enc")))).ShouldBe(200);
        var (therapist, sessions) = ((await Reference()).Therapist, (await _service.Post("/sessions/search",
            new JsonObject { ["sourceSystem"] = FhirTestData.Source, ["patient"] = _case })).ShouldBe(200).At("sessions")!.AsArray());
        Assert.Equal([therapist, therapist], sessions.Select(s => s.At("therapist")!.GetValue<string>()));
        (await _service.Post("/sessions", Json(FhirTestData.Source, "json"))).ShouldBe(200);
    }

    [Theory]
    [InlineData("o e g o")]
    [InlineData("g o e")]
    [InlineData("g e o")]
    [InlineData("e g o")]
    [InlineData("o g e")]
    public async Task An_encounter_moves_scores_of_systems_that_share_its_keys(string order)
    {
        await using var service = await Service.StartAsync();
        foreach (var step in order.Split(' '))
        {
            switch (step)
            {
                case "g":
                    (await service.Put("/sources", JsonNode.Parse($$"""{ "groups": [{ "systems": ["{{FhirTestData.Source}}", "rom"] }] }""")!,
                        ("If-Match", "*"))).ShouldBe(200);
                    break;
                case "e":
                    (await service.PostFhir(FhirTestData.Bundle("batch", Encounter("t-2")))).ShouldBe(200);
                    break;
                default:
                    Assert.InRange((await service.Post("/sessions", Json("rom", "rom"))).Status, 200, 201);
                    break;
            }
        }

        Assert.Equal(7, (await service.GetSession(_case, "rom")).At("sessionNumber")!.GetValue<int>());
        // The therapist is the same person as under the key of the other system.
        (await service.Post("/sessions", Json("rom", "own").With("therapist", "t-2"))).ShouldBe(201);
        Assert.Single((await service.Get("/sessions/completeness?by=therapist")).At("groups")!.AsArray());
        Assert.Empty(service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Sums_are_exact_after_late_encounters_of_a_system_that_shares_its_keys()
    {
        await using var service = await Service.StartAsync();
        (await service.Put("/sources", JsonNode.Parse($$"""{ "groups": [{ "systems": ["{{FhirTestData.Source}}", "rom"] }] }""")!,
            ("If-Match", "*"))).ShouldBe(200);
        var clinic = DemoSessions.Generate().Where(s => s.SessionNumber <= 4).ToList();
        var sessions = clinic.ConvertAll(IndependentAssociations.SessionOf);
        await service.PostSessions([.. clinic.Select(s => new JsonObject
        {
            ["sourceSystem"] = "rom", ["patient"] = s.Patient, ["session"] = s.Session, ["occurredAt"] = s.OccurredAt,
            ["measures"] = new JsonArray([.. s.Measures.Select(m => SessionTestData.Measure($"{s.Session}.{m.Instrument}", m.Instrument!, m.Score!.Value))]),
        })]);
        (await service.PostFhir(FhirTestData.Bundle("batch", sessions.Select(s => Encounter(s.Therapist, s.Key, s.Patient, 1, s.Number))))).ShouldBe(200);
        var associations = await service.GetAssociations();
        foreach (var (name, r) in IndependentAssociations.Compute(sessions))
        {
            Assert.Equal(r, associations.Single(a => IndependentAssociations.NameOf(a!) == name)!.At("r")!.GetValue<double>(), 1e-12);
        }

        Assert.Empty(service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Sums_are_exact_after_late_encounters()
    {
        await using var service = await Service.StartAsync();
        var clinic = DemoSessions.Generate().Where(s => s.SessionNumber <= 4).Select(IndependentAssociations.SessionOf).ToList();
        JsonObject[] scores = [.. clinic.SelectMany(s => new[]
        {
            Score($"{s.Key}.x", "rri-c-sf", s.X!.Value, s), Score($"{s.Key}.y", "ses", s.Y!.Value, s), Score($"{s.Key}.p", "phq-9", s.Symptoms!.Value, s),
            Score($"{s.Key}.a", "wai-sr", s.Alliance!.Value, s),
        })];
        (await service.PostFhir(FhirTestData.Bundle("batch", scores))).ShouldBe(200);
        (await service.PostFhir(FhirTestData.Bundle("batch", clinic.Select(s => Encounter(s.Therapist, s.Key, s.Patient, 1, s.Number))))).ShouldBe(200);
        var associations = await service.GetAssociations();
        foreach (var (name, r) in IndependentAssociations.Compute(clinic))
        {
            Assert.Equal(r, associations.Single(a => IndependentAssociations.NameOf(a!) == name)!.At("r")!.GetValue<double>(), 1e-12);
        }

        Assert.Empty(service.FindIntegrityErrors());
    }

    [Fact]
    public async Task An_erasure_deletes_encounters_and_later_ones_are_not_kept()
    {
        var before = RawStore.Query(_service.StorePath, "SELECT count(*) FROM session_encounter");
        (await _service.PostFhir(FhirTestData.Bundle("batch", Score(), Encounter("t-1")))).ShouldBe(200);
        Assert.NotEqual(before, RawStore.Query(_service.StorePath, "SELECT count(*) FROM session_encounter"));
        (await _service.Post("/erasures", new JsonObject { ["sourceSystem"] = FhirTestData.Source, ["patient"] = _case })).ShouldBe(200);
        (await _service.PostFhir(FhirTestData.Bundle("batch", Encounter("t-1", version: 9)))).ShouldBe(200);
        Assert.Equal(before, RawStore.Query(_service.StorePath, "SELECT count(*) FROM session_encounter"));
    }

    [Fact]
    public async Task A_patient_of_whom_only_an_encounter_is_known_can_be_erased()
    {
        (await _service.PostFhir(FhirTestData.Bundle("batch", Encounter("t-1")))).ShouldBe(200);
        (await _service.Post("/erasures", new JsonObject { ["sourceSystem"] = FhirTestData.Source, ["patient"] = _case })).ShouldBe(200);
        Assert.Equal(["410 Gone", "410 Gone"],
            (await _service.PostFhir(FhirTestData.Bundle("batch", Encounter("t-1", version: 9), Score()))).ShouldBe(200).Statuses());
        Assert.Empty(_service.FindIntegrityErrors());
    }

    private JsonObject Json(string system, string id) => new()
    {
        ["sourceSystem"] = system, ["patient"] = _case, ["session"] = $"{_case}-enc", ["occurredAt"] = "2026-03-01T10:00:00Z",
        ["measures"] = new JsonArray(SessionTestData.Measure($"{_case}-{id}", "phq-9", 3)),
    };

    // What the same score has with all keys of its own.
    private async Task<(string Therapist, string Episode)> Reference()
    {
        (await _service.Post("/sessions", new JsonObject
        {
            ["sourceSystem"] = FhirTestData.Source, ["patient"] = $"{_case}-ref", ["therapist"] = "t-2", ["episode"] = "ep-1", ["session"] = $"{_case}-ref",
            ["occurredAt"] = "2026-03-01T10:00:00Z", ["measures"] = new JsonArray(SessionTestData.Measure($"{_case}-ref", "phq-9", 3)),
        })).ShouldBe(201);
        var session = await _service.GetSession($"{_case}-ref");
        return (session.At("therapist")!.GetValue<string>(), session.At("episode")!.GetValue<string>());
    }

    private JsonObject Score(string id = "obs") => FhirTestData.Observation($"{_case}-{id}", patient: _case, session: $"{_case}-enc").Without("performer");

    private static JsonObject Score(string id, string instrument, double score, ClinicSession session)
    {
        var observation = FhirTestData.Observation(id, score, instrument, "urn:realrelationship:instruments", session.Patient, session.Key,
            at: session.At.ToString("yyyy-MM-ddTHH:mm:sszzz", null));
        observation["performer"] = new JsonArray(FhirTestData.Reference($"Patient/{session.Patient}"));
        if (instrument == "wai-sr")
        {
            observation["valueQuantity"]!["code"] = "{score}";
        }

        return observation;
    }

    private JsonObject Encounter(string therapist, long version = 2) => Encounter(therapist, $"{_case}-enc", _case, version, 7);

    private static JsonObject Encounter(string therapist, string id, string patient, long version, long number) => new()
    {
        ["resourceType"] = "Encounter", ["id"] = id, ["meta"] = FhirTestData.MetaElement(version), ["status"] = "finished",
        ["class"] = new JsonObject { ["code"] = "AMB" }, ["subject"] = FhirTestData.Reference($"Patient/{patient}"),
        ["extension"] = new JsonArray(new JsonObject { ["url"] = "urn:realrelationship:session-number", ["valuePositiveInt"] = number }),
        ["participant"] = new JsonArray(new JsonObject { ["individual"] = FhirTestData.Reference($"Practitioner/{therapist}") }),
        ["episodeOfCare"] = new JsonArray(FhirTestData.Reference("EpisodeOfCare/ep-1")),
    };
}
