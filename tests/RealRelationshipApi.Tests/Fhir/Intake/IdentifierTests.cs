using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;
using RealRelationship.Testing;

using RealRelationshipApi.Sessions.Identifiers;
using RealRelationshipApi.Tests.Sessions;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Fhir.Intake;

/// <summary>Every identifier that a message ever gave for a resource, and its id, names the resource from then on.</summary>
public sealed class IdentifierTests(EmptyService fixture) : IClassFixture<EmptyService>
{
    private static int s_patients;

    private readonly string _patient = $"id-{Interlocked.Increment(ref s_patients)}";

    private Service Service => fixture.Service;

    [Fact]
    public Task An_amendment_by_the_second_identifier_alone() =>
        AnyOrderGives(["phq-9 6"], Observation("A B id"), Observation("B", 2, 6));

    [Fact]
    public Task A_withdrawal_by_the_id_alone() =>
        AnyOrderGives([], Observation("A id"), Withdrawal("id", 2));

    [Fact]
    public Task An_identifier_that_comes_and_one_that_goes() =>
        AnyOrderGives(["phq-9 8"], Observation("A"), Observation("A B", 2, 6), Observation("B C", 3, 7), Observation("C", 4, 8));

    [Fact]
    public Task Measures_turn_out_to_be_one() =>
        AnyOrderGives(["phq-9 7"], Observation("A", 1, 5), Observation("B", 3, 7), Observation("A B", 2, 6));

    [Fact]
    public Task A_withdrawal_of_what_turns_out_to_be_the_same() =>
        AnyOrderGives([], Observation("A", 1, 5), Withdrawal("B", 3), Observation("A B", 2, 6));

    [Fact]
    public Task Forms_of_a_response_by_its_id_alone() =>
        AnyOrderGives(["gad-7 7", "phq-9 18"], Response("A id", 1, (9, 1), (7, 2)), Response("id", 2, (9, 2), (7, 1)));

    [Fact]
    public Task A_form_that_came_by_the_id_only() =>
        AnyOrderGives(["gad-7 7", "phq-9 27"], Response("A id", 1, (9, 1)), Response("id", 2, (9, 2), (7, 2)), Response("A", 3, (9, 3), (7, 1)));

    [Fact]
    public Task A_response_withdrawn_by_its_identifier() =>
        AnyOrderGives([], Response("id", 1, (9, 1), (7, 2)), Response("A id", 2, (9, 2)), Response("A", 3, (9, 2)).With("status", "entered-in-error"));

    /// <summary>As of a case or an order, which several Observations share.</summary>
    [Fact]
    public async Task An_identifier_that_other_measures_have_too_names_none()
    {
        JsonObject[] week = [Observation("A O", 1, 5), Observation("B O", 1, 6, day: 8), Observation("C O", 1, 30, "ors"), Observation("B O", 2, 7, day: 8)];
        await AnyOrderGives(["ors 30", "phq-9 5", "phq-9 7"], week);
        foreach (var alone in (JsonObject[])[Observation("O", 3, 9), Withdrawal("O", 3)])
        {
            var refused = (await Service.PostFhir(alone)).ShouldBeOutcome(409, "Observation.identifier[0].value", "severalMeasures");
            Assert.Contains("is shared by several stored measures", refused.Text, StringComparison.Ordinal);
        }

        (await Service.PostFhir(Withdrawal("B O", 3))).ShouldBe(201);
        Assert.Equal(["ors 30", "phq-9 5"], await Service.GetScores(_patient));
    }

    /// <summary>Also where it is the main one: the first by value.</summary>
    [Theory]
    [InlineData("B", "C")]
    [InlineData("B id1", "C id2")]
    public Task A_main_identifier_that_other_measures_have_too(string first, string second) => AnyOrderGives(["phq-9 5", "phq-9 7"],
        Observation($"A {first}", 1, 5), Observation($"A {second}", 1, 6, day: 8), Observation($"A {second}", 2, 7, day: 8));

    /// <summary>As of a message that several Observations repeat.</summary>
    [Fact]
    public Task Observations_of_several_instruments_with_one_identifier() =>
        AnyOrderGives(["ors 30", "phq-9 7"], Observation("A id1", 1, 5), Observation("A id2", 1, 30, "ors"), Observation("A id1", 2, 7));

    /// <summary>Some senders give every message another id.</summary>
    [Fact]
    public Task A_corrected_day_by_a_message_with_another_id() =>
        AnyOrderGives(["phq-9 5"], Observation("A id1", 1, 5), Observation("A id2", 2, 6, day: 8), Observation("A id3", 3, 5, day: 9));

    [Theory]
    [InlineData("https://a.example/obs", "https://b.example/obs")]
    [InlineData("https://b.example/obs", "https://a.example/obs")]
    public async Task Identifiers_of_several_systems_where_no_source_is_named(string first, string second)
    {
        var both = WithSystems(Observation("A B", 1, 5), first, second);
        var (one, other) = (WithSystems(Observation("A", 2, 6), first), WithSystems(Observation("B", 3, 7), second));
        foreach (var message in (JsonObject[])[both, one, other, both, one, other])
        {
            Assert.InRange((await Service.PostFhir(message)).Status, 200, 201);
        }

        Assert.Equal(["phq-9 7"], await OfBoth());
        (await Service.PostFhir(WithSystems(Withdrawal("B", 4), second))).ShouldBe(201);
        Assert.Empty(await OfBoth());
        // What names its source is of that source.
        (await Service.PostFhir(WithSystems(Observation("B", 1, 8), second).With("meta/source", "https://b.example"))).ShouldBe(201);
        Assert.Equal(["phq-9 8"], await Service.GetScores(_patient, "https://b.example"));
        Assert.Empty(Service.FindIntegrityErrors());

        async Task<string[]> OfBoth() =>
            [.. await Service.GetScores(_patient, "https://a.example"), .. await Service.GetScores(_patient, "https://b.example")];

        static JsonObject WithSystems(JsonObject observation, params string[] systems)
        {
            var identifiers = observation["identifier"]!.AsArray();
            foreach (var (identifier, system) in identifiers.Zip(systems))
            {
                identifier!["system"] = system;
            }

            return observation.Without("meta/source");
        }
    }

    [Fact]
    public async Task An_identifier_without_a_system_is_not_the_main_one()
    {
        var observation = Observation("A B").Without("meta/source").With("identifier/1/system", "https://c.example/obs");
        (await Service.PostFhir(observation)).ShouldBe(201);
        Assert.Equal(["phq-9 5"], await Service.GetScores(_patient, "https://c.example"));
    }

    [Fact]
    public async Task An_encounter_that_comes_late_finds_the_score_by_any_identifier()
    {
        (await Service.PostFhir(ByPatient("A B", 1, 5))).ShouldBe(201);
        (await Service.PostFhir(ByPatient("B", 2, 6))).ShouldBe(201);
        (await Service.PostFhir(FhirTestData.Bundle("batch", new JsonObject
        {
            ["resourceType"] = "Encounter", ["id"] = $"{_patient}-1", ["status"] = "finished", ["subject"] = FhirTestData.Reference($"Patient/{_patient}"),
            ["class"] = new JsonObject { ["code"] = "AMB" },
            ["participant"] = new JsonArray(new JsonObject { ["individual"] = FhirTestData.Reference("Practitioner/late") }),
        }))).ShouldBe(200);
        var moved = (await Service.GetSession(_patient)).At("therapist")!.GetValue<string>();
        (await Service.PostFhir(Withdrawal("A", 3))).ShouldBe(201);
        (await Service.PostFhir(Observation("C", day: 8).With("performer/1/reference", "Practitioner/late"))).ShouldBe(201);
        Assert.Equal(moved, (await Service.GetSession(_patient)).At("therapist")!.GetValue<string>());
        Assert.Empty(Service.FindIntegrityErrors());

        JsonObject ByPatient(string names, int version, int score) => Observation(names, version, score)
            .With("performer", new JsonArray(FhirTestData.Reference($"Patient/{_patient}")));
    }

    [Fact]
    public async Task Identifiers_of_different_measures_are_a_conflict()
    {
        (await Service.PostFhir(Observation("A", 1, 5))).ShouldBe(201);
        (await Service.PostFhir(Observation("B", 1, 6, day: 8))).ShouldBe(201);
        foreach (var both in (JsonObject[])[Observation("A B", 2, 7), Withdrawal("A B", 2)])
        {
            (await Service.PostFhir(both)).ShouldBeOutcome(409, "Observation.identifier[0].value", "severalMeasures");
            Assert.Contains("Observation.identifier[0].value severalMeasures", FhirTestData.Issues((await Validate(both)).ShouldBe(200).Json));
        }

        Assert.Equal(["phq-9 5", "phq-9 6"], await Service.GetScores(_patient));
        (await Service.PostFhir(Withdrawal("B", 2))).ShouldBe(201);
        (await Service.PostFhir(Observation("A B", 3, 7))).ShouldBe(201);
        (await Service.PostFhir(Observation("B", 4, 8))).ShouldBe(201);
        Assert.Equal(["phq-9 8"], await Service.GetScores(_patient));
        Assert.Empty(Service.FindIntegrityErrors());
    }

    [Fact]
    public async Task The_same_message_by_another_identifier_is_stored_before()
    {
        (await Service.PostFhir(Observation("A B id"))).ShouldBe(201);
        foreach (var again in (string[])["A B id", "B A", "B", "id"])
        {
            (await Service.PostFhir(Observation(again))).ShouldBe(200);
        }

        (await Service.PostFhir(Observation("B", 1, 6))).ShouldBeOutcome(409, "Observation", "otherContent");
        (await Service.PostFhir(Observation("B", 2, 6), ("If-None-Exist", $"identifier={Key("B")}"))).ShouldBe(200);
        Assert.Equal(["phq-9 5"], await Service.GetScores(_patient));
    }

    [Fact]
    public async Task Entries_of_one_bundle()
    {
        var answer = (await Service.PostFhir(FhirTestData.Bundle("batch", Observation("A B"), Observation("B", 2, 6), Observation("B A"),
            Observation("B C", 3, 7), Observation("C", 1, 8)))).ShouldBe(200);
        Assert.Equal(["201 Created", "201 Created", "200 OK", "201 Created", "409 Conflict"], answer.Statuses());
        Assert.Equal(["phq-9 7"], await Service.GetScores(_patient));
    }

    [Fact]
    public async Task A_hundred_identifiers_are_the_most()
    {
        (await Service.PostFhir(Observation(string.Join(' ', Enumerable.Range(0, 100).Select(i => $"n{i}"))))).ShouldBe(201);
        (await Service.PostFhir(Observation("n99", 2, 6))).ShouldBe(201);
        (await Service.PostFhir(Observation(string.Join(' ', Enumerable.Range(0, 101).Select(i => $"n{i}"))))).ShouldBeOutcome(422, "Observation.identifier",
            "tooMany");
        Assert.Equal(["phq-9 6"], await Service.GetScores(_patient));
    }

    [Fact]
    public async Task Validation_stores_no_identifier()
    {
        (await Service.PostFhir(Observation("A"))).ShouldBe(201);
        (await Validate(Observation("A B", 2, 6))).ShouldBe(200);
        (await Service.PostFhir(Withdrawal("B", 2))).ShouldBe(201);
        Assert.Equal(["phq-9 5"], await Service.GetScores(_patient));
    }

    [Fact]
    public async Task Other_formats_know_them_too()
    {
        (await Service.PostFhir(Observation("A B id"))).ShouldBe(201);
        var row = $"patient,date,instrument,score,sourceId,version\n{_patient},2026-03-01,phq-9,9,{Key("B")},2\n";
        foreach (var night in (int[])[1, 2])
        {
            (await Service.PostText($"/sessions?sourceSystem={FhirTestData.Source}&timeZone=Europe/Berlin&exportedAt=2026-04-0{night}T02:00:00Z&complete=true"
                + $"&period=2026-03-01/2026-03-01&rows=1", row, "text/csv")).ShouldBe(night == 1 ? 201 : 200);
            Assert.Equal(["phq-9 9"], await Service.GetScores(_patient));
        }

        (await Service.PostSessions(new JsonObject
        {
            ["sourceSystem"] = FhirTestData.Source,
            ["measures"] = new JsonArray(new JsonObject { ["sourceId"] = $"Observation/{Key("id")}", ["version"] = 3, ["status"] = "enteredInError" }),
        })).ShouldBe(201);
        Assert.Empty(await Service.GetScores(_patient));
    }

    [Fact]
    public async Task Erasure_deletes_the_identifiers_of_the_patient_only()
    {
        var other = $"{_patient}-other";
        (await Service.PostFhir(FhirTestData.Bundle("batch", Observation("A B id"), Observation("B", 2, 6), Response("D id", 1, (9, 1), (7, 2)),
            Observation("E F").With("subject/reference", $"Patient/{other}").With("performer/0/reference", $"Patient/{other}")))).ShouldBe(200);
        var stored = Count();
        (await Service.Post("/erasures", new JsonObject { ["sourceSystem"] = FhirTestData.Source, ["patient"] = _patient })).ShouldBe(200);
        Assert.Equal(3, stored - Count());
        Assert.Empty(await Service.GetScores(_patient));
        (await Service.PostFhir(Withdrawal("F", 2))).ShouldBe(201);
        Assert.Empty(await Service.GetScores(other));
        Assert.Empty(Service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Migration_18_stores_the_ids_of_responses()
    {
        (await Service.PostFhir(Response("A id", 1, (9, 1)))).ShouldBe(201);
        (await Service.PostFhir(Response("B", 1, (9, 2), (7, 1)))).ShouldBe(201);
        RawStore.Execute(Service.StorePath, "DELETE FROM measure_identifier");
        var migration = Service.Services.GetServices<DataMigration>().OfType<IdentifierMigration>().Single();
        var changes = await Service.Services.GetRequiredService<GroupCommitWriter>().WriteAsync(migration.Apply);
        Assert.Contains(changes, change => change.StartsWith($"Site 'development': {Count()} responses are known by their id", StringComparison.Ordinal));
        (await Service.PostFhir(Response("id", 2, (9, 3)).With("status", "entered-in-error"))).ShouldBe(201);
        Assert.Equal(["gad-7 7", "phq-9 18"], await Service.GetScores(_patient));
        Assert.Empty(Service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Identifiers_follow_a_measure_to_another_patient()
    {
        var other = $"{_patient}-other";
        (await Service.PostFhir(Observation("A B", 1, 5))).ShouldBe(201);
        (await Service.PostFhir(Observation("A", 2, 6).With("subject/reference", $"Patient/{other}").With("performer/0/reference", $"Patient/{other}")))
            .ShouldBe(201);
        (await Service.Post("/erasures", new JsonObject { ["sourceSystem"] = FhirTestData.Source, ["patient"] = _patient })).ShouldBe(200);
        (await Service.PostFhir(Withdrawal("B", 3))).ShouldBe(201);
        Assert.Empty(await Service.GetScores(other));
    }

    private int Count() => int.Parse(RawStore.Query(Service.StorePath, "SELECT count(*) FROM measure_identifier").Single());

    private Task<ServiceResponse> Validate(JsonObject resource) =>
        Service.PostText("/fhir/Observation/$validate", resource.ToJsonString(), "application/fhir+json");

    /// <summary>Sends messages in every order, each of them twice, every order with identifiers and a patient of its own.</summary>
    private async Task AnyOrderGives(string[] scores, params JsonObject[] messages)
    {
        foreach (var (i, order) in Permutations(messages).Index())
        {
            foreach (var message in order)
            {
                var own = JsonNode.Parse(message.ToJsonString().Replace(_patient, i == 0 ? _patient : $"{_patient}-{i}", StringComparison.Ordinal))!.AsObject();
                (await Service.PostFhir(own)).ShouldBe(201);
                (await Service.PostFhir(own)).ShouldBe(200);
            }

            Assert.Equal(scores, await Service.GetScores(i == 0 ? _patient : $"{_patient}-{i}"));
        }

        Assert.Empty(Service.FindIntegrityErrors());
    }

    private static IEnumerable<T[]> Permutations<T>(T[] all) => all.Length == 1 ? [all]
        : all.SelectMany((first, i) => Permutations([.. all[..i], .. all[(i + 1)..]]).Select(rest => (T[])[first, .. rest]));

    private JsonObject Observation(string names, int version = 1, int score = 5, string instrument = "phq-9", int day = 1)
    {
        var observation = FhirTestData.Observation(score: score, code: instrument, system: "urn:realrelationship:instruments", patient: _patient,
            session: $"{_patient}-{day}", version: version, at: $"2026-03-{day:00}T10:00:00+01:00");
        return Named(observation, names);
    }

    private JsonObject Withdrawal(string names, int version) => Named(FhirTestData.Observation(score: null, version: version, status: "entered-in-error")
        .Without("subject").Without("performer"), names);

    /// <param name="names">As of <see cref="Named"/>.</param>
    /// <param name="version">Version of the response.</param>
    /// <param name="forms">Number of items and the answer to all: 9 are of the PHQ-9, 7 of the GAD-7.</param>
    private JsonObject Response(string names, int version, params (int Items, int Answer)[] forms)
    {
        var response = FhirTestData.Phq9(patient: _patient, session: $"{_patient}-1", version: version).With("questionnaire", "https://ehr.example/intake");
        response["item"] = new JsonArray([.. forms.Select(f => new JsonObject
        {
            ["linkId"] = f.Items == 9 ? "phq-9" : "gad-7",
            ["item"] = new JsonArray([.. Enumerable.Range(1, f.Items).Select(i => FhirTestData.IntegerItem($"q{i}", f.Answer))]),
        })]);
        return Named(response, names);
    }

    private string Key(string name) => $"{_patient}-{name}";

    /// <param name="resource">A resource.</param>
    /// <param name="names">Its identifiers, of which what begins with <c>id</c> is the id.</param>
    private JsonObject Named(JsonObject resource, string names)
    {
        var isObservation = resource["resourceType"]!.GetValue<string>() == "Observation";
        JsonObject[] identifiers = [.. names.Split(' ').Where(n => !IsId(n)).Select(n => new JsonObject { ["value"] = Key(n) })];
        resource.Remove("identifier");
        if (identifiers.Length > 0)
        {
            resource["identifier"] = isObservation ? new JsonArray([.. identifiers]) : identifiers[0];
        }

        if (names.Split(' ').SingleOrDefault(IsId) is { } id)
        {
            resource["id"] = Key(id);
        }

        return resource;
    }

    private static bool IsId(string name) => name.StartsWith("id", StringComparison.Ordinal);
}
