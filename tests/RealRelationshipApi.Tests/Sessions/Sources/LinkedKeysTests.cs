using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Sources;

/// <summary>Source systems that share keys: a patient under two of them is one, as soon as one of them sends again.</summary>
public sealed class LinkedKeysTests
{
    [Fact]
    public async Task Scores_of_two_systems_make_pairs_once_their_keys_are_linked()
    {
        await using var service = await Service.StartAsync();
        for (var i = 0; i < 4; i++)
        {
            (await service.Post("/sessions", Relationship(i))).ShouldBe(201);
            (await service.Post("/sessions", Outcome(i, day: i == 0 ? 3 : 1))).ShouldBe(201);
        }

        Assert.Empty(await service.GetAssociations());
        await Group(service);
        Assert.Empty(await service.GetAssociations());

        // A message that is sent again links its keys, in whatever system.
        (await service.Post("/sessions", Relationship(0))).ShouldBe(200);
        (await service.Post("/sessions", Outcome(1))).ShouldBe(200);
        (await service.Post("/sessions", Outcome(2, version: 2))).ShouldBe(201);
        Assert.Empty(service.FindIntegrityErrors());
        (await service.Post("/sessions", Relationship(3))).ShouldBe(200);
        Assert.Empty(service.FindIntegrityErrors());
        var pairs = (await service.GetAssociations()).SingleAssociation("betweenClient", "observedMeans");
        Assert.Equal((4, 2, 4), (pairs.At("patients")!.GetValue<int>(), pairs.At("therapists")!.GetValue<int>(), pairs.At("sessions")!.GetValue<int>()));

        // The systems disagree about one session.
        var conflict = Assert.Single((await service.Get("/sources/conflicts")).ShouldBe(200).At("sessions")!.AsArray());
        Assert.Equal(["ehr 2026-03-01", "rom 2026-03-03"],
            conflict.At("days")!.AsArray().Select(d => $"{d.At("sourceSystem")!.GetValue<string>()} {d.At("day")!.GetValue<string>()}"));

        // Erasure and 410 reach every key.
        var receipt = (await service.Post("/erasures", new JsonObject { ["sourceSystem"] = "rom", ["patient"] = "p0" })).ShouldBe(200);
        Assert.Equal(2, receipt.Number("measures"));
        (await service.Post("/sessions", Relationship(0, version: 2))).ShouldBeProblem(410, "#/measures/0", "erased");
        (await service.Post("/sessions", Outcome(0, version: 2))).ShouldBeProblem(410, "#/measures/0", "erased");
        // The other client of a therapist is compared with nobody now.
        Assert.Equal(2, (await service.GetAssociations()).SingleAssociation("betweenClient", "observedMeans").At("patients")!.GetValue<int>());
        Assert.Empty(service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Of_unlinked_systems_only_the_larger_is_released()
    {
        await using var service = await Service.StartAsync();
        JsonObject[] before =
            [.. Enumerable.Range(0, 13).Select(i => Both("ehr", $"a{i}", i)), .. Enumerable.Range(0, 12).Select(i => Both("rom", $"b{i}", i))];
        await service.PostSessions(before);
        Assert.Equal(25, await Released(service));
        await Group(service);

        // The patients from before may be the same under both keys.
        await service.PostSessions([.. Enumerable.Range(13, 11).Select(i => Both("ehr", $"a{i}", i))]);
        Assert.Equal(24, await Released(service));

        // With the keys of every patient linked, none can be the same as another.
        await service.PostSessions(before);
        await service.PostSessions([.. Enumerable.Range(24, 11).Select(i => Both("ehr", $"a{i}", i))]);
        Assert.Equal(35 + 12, await Released(service));
        Assert.Empty(service.FindIntegrityErrors());
    }

    [Fact]
    public async Task Patients_who_were_released_under_two_keys_are_not_released_as_newcomers()
    {
        await using var service = await Service.StartAsync();
        foreach (var system in new[] { "ehr", "rom" })
        {
            await service.PostSessions([.. Enumerable.Range(0, 11).Select(i => Both(system, $"p{i}", i))]);
        }

        Assert.Equal(22, await Released(service));
        await Group(service);
        await service.PostSessions([.. Enumerable.Range(0, 11).Select(i => Both("rom", $"p{i}", i))]);
        // Eleven persons of the other system have left it: fewer than the minimum are left there, and the association is made anew of the rest.
        Assert.Equal(11, await Released(service));
        Assert.Equal(11, (await service.GetAssociations()).SingleAssociation("betweenClient", "observedMeans").At("patients")!.GetValue<int>());
        Assert.Empty(service.FindIntegrityErrors());
    }

    [Fact]
    public async Task A_system_that_waits_for_links_is_not_examined_with_every_message()
    {
        await using var service = await Service.StartAsync();
        await service.PostSessions([.. Enumerable.Range(0, 14).Select(i => Both("ehr", $"a{i}", i))]);
        await service.PostSessions([.. Enumerable.Range(0, 10).Select(i => Both("rom", $"b{i}", i))]);
        await Group(service);

        // The eleventh patient makes it due; its next examination is after as many new ones again.
        (await service.Post("/sessions", Both("rom", "b10", 10))).ShouldBe(201);
        Assert.Equal(14, await Released(service));
        Assert.Equal((22, false), Waiting(service));
        (await service.Post("/sessions", Both("rom", "b11", 11))).ShouldBe(201);
        Assert.Equal((22, false), Waiting(service));
    }

    private static (long NextCheck, bool IsDominated) Waiting(Service service)
    {
        using var connection = service.Services.GetRequiredService<Database>().OpenSnapshot();
        var cell = AssociationState.ReadAll(connection, service.Services.GetRequiredService<ColumnEncryption>(), Caller.DevelopmentTenant)
            .Single(cell => cell.NextCheck > 0);
        return (cell.NextCheck, cell.IsDominated);
    }

    private static async Task Group(Service service) =>
        (await service.Put("/sources", JsonNode.Parse("""{ "groups": [{ "systems": ["ehr", "rom"] }] }""")!, ("If-Match", "*"))).ShouldBe(200);

    private static async Task<int> Released(Service service) =>
        (int)(await service.Get("/meta/pool?source=sessions&level=betweenClient")).ShouldBe(200).Number("studies/0/n");

    private static JsonObject Relationship(int i, int version = 1) =>
        Session("ehr", $"p{i}", i, 1, SessionTestData.Measure($"x{i}", "rri-c-sf", SessionTestData.Level(i), version: version));

    private static JsonObject Outcome(int i, int day = 1, int version = 1) =>
        Session("rom", $"p{i}", i, day, SessionTestData.Measure($"y{i}", "ses", SessionTestData.Level(i + 1), version: version));

    private static JsonObject Both(string system, string patient, int i) => Session(system, patient, i, 1,
        SessionTestData.Measure($"{patient}.x", "rri-c-sf", SessionTestData.Level(i)),
        SessionTestData.Measure($"{patient}.y", "ses", SessionTestData.Level(i + 1)));

    private static JsonObject Session(string system, string patient, int i, int day, params JsonObject[] measures) => new()
    {
        ["sourceSystem"] = system, ["patient"] = patient, ["therapist"] = $"t{i % (measures.Length > 1 ? 3 : 2)}", ["session"] = $"{patient}-1",
        ["occurredAt"] = $"2026-03-{day:00}T12:00:00Z", ["measures"] = new JsonArray([.. measures]),
    };
}
