using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Release01;

/// <summary>What release 0.1 stored under another meaning: items whose reading it did not ask for, and the SRS as an outcome.</summary>
public sealed class StageOneMigrationTests
{
    [SqliteFact("It starts processes of the service.")]
    public Task Items_in_SQLite_are_held_until_the_site_declares_how_they_were_sent() => ShouldHoldItems(Release01Store.Sqlite());

    [PostgresFact]
    public Task Items_in_PostgreSQL_are_held_until_the_site_declares_how_they_were_sent() => ShouldHoldItems(Release01Store.Postgres());

    [SqliteFact("It starts processes of the service.")]
    public async Task The_SRS_leaves_the_releases_and_the_associations_until_a_site_declares_it()
    {
        using var store = Release01Store.Sqlite();
        var output = await store.RunAsync("migrate");
        Assert.Contains("scores of srs count as alliance", output, StringComparison.Ordinal);
        Assert.Contains("patients count as those of one sender", output, StringComparison.Ordinal);
        await using var service = await store.StartAsync();
        var key = store.ApiKeyOf("clinic-a");
        Assert.DoesNotContain("srs", await Outcomes(), StringComparison.Ordinal);
        var pool = await service.Get("/meta/pool?source=sessions&level=all&scales=all", store.ApiKeyOf("evidence"));
        Assert.DoesNotContain("srs", pool.Text, StringComparison.Ordinal);
        (await service.Post("/instruments", new JsonObject { ["code"] = "srs", ["construct"] = "sessionOutcome" }, key)).ShouldBe(201);
        Assert.Contains("srs", await Outcomes(), StringComparison.Ordinal);
        Assert.All((await service.Get("/associations", key)).At("associations")!.AsArray().Where(a => a.At("outcomeInstrument")!.GetValue<string>() == "srs"),
            a => Assert.Equal("cellNotReleased", a.At("suppressedBecause")!.GetValue<string>()));
        Assert.Empty(service.FindIntegrityErrors());

        async Task<string> Outcomes() =>
            string.Join(' ', (await service.Get("/associations", key)).ShouldBe(200).At("associations")!.AsArray().Select(a => a.At("outcomeInstrument")));
    }

    private static async Task ShouldHoldItems(Release01Store opened)
    {
        using var store = opened;
        var output = await store.RunAsync("migrate");
        Assert.Contains("scores of core-10 were computed from items", output, StringComparison.Ordinal);
        Assert.Contains("API keys were adopted into the change log", output, StringComparison.Ordinal);
        await using var service = await store.StartAsync();
        var key = store.ApiKeyOf("clinic-a");
        Assert.True(await Excluded("itemsAsUndeclared") > 0);

        // What is stored is recognised, anything new is not scored.
        var again = Release01Store.Messages().Single(m => m.Name == "64-items-printed-keyed.json");
        (await service.PostBytes("/sessions", again.Bytes!, headers: key)).ShouldBe(200);
        var unknown = JsonNode.Parse(again.Bytes)!.With("measures/2/sourceId", "another");
        unknown["measures"] = new JsonArray(unknown.At("measures/2")!.DeepClone());
        var refused = (await service.Post("/sessions", unknown, key)).ShouldBeProblem(422, "#/measures/0/items", "itemsAsUndeclared");
        Assert.Contains("POST /instruments", refused.Text, StringComparison.Ordinal);

        Assert.Equal(13, await Declare("core-10", "printed", "core-10-items"));
        Assert.Equal(11, await Declare("core-10", "raw", "core-10-items"));
        Assert.Equal(90, await Declare("oq-45", "printed", "oq-45-items"));
        Assert.Equal(0, await Excluded("itemsAsUndeclared"));
        (await service.Post("/sessions", unknown, key)).ShouldBe(201);
        (await service.PostBytes("/sessions", again.Bytes!, headers: key)).ShouldBe(200);
        Assert.Empty(service.FindIntegrityErrors());

        async Task<double> Declare(string code, string itemsAs, string measure)
        {
            (await service.Post("/instruments", new JsonObject { ["code"] = code, ["itemsAs"] = itemsAs }, key)).ShouldBe(201);
            var found = await service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = "ehr-two", ["sourceId"] = measure }, key);
            return found.ShouldBe(200).At("sessions/0/measures/0/score")!.GetValue<double>();
        }

        async Task<long> Excluded(string reason) => (await service.Get("/associations", key)).ShouldBe(200).At("excluded")!.AsArray()
            .SingleOrDefault(e => e.At("reason")!.GetValue<string>() == reason)?.At("count")!.GetValue<long>() ?? 0;
    }
}
