using System.Net.Http.Headers;
using System.Text.Json.Nodes;

using RealRelationship.Storage;
using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Release01;

/// <summary>Stores of release 0.1 can be migrated and verified and give the same responses; see README.md in this folder.</summary>
public sealed class Release01Tests
{
    /// <summary>Query that restores the defaults of release 0.1.</summary>
    private const string DefaultsOfRelease01 = "defaults=0.1";

    private const string NoFault = "No fault was found.";

    [SqliteFact]
    public async Task The_SQLite_store_migrates_and_verifies()
    {
        using var store = Release01Store.Sqlite();
        await ShouldMigrateAndVerify(store);
    }

    [PostgresFact]
    public async Task The_PostgreSQL_store_migrates_and_verifies()
    {
        using var store = Release01Store.Postgres();
        await ShouldMigrateAndVerify(store);
    }

    [SqliteFact]
    public async Task Questions_to_the_SQLite_store_have_the_answers_of_0_1()
    {
        using var store = Release01Store.Sqlite();
        await ShouldAnswerAsBefore(store);
    }

    [PostgresFact]
    public async Task Questions_to_the_PostgreSQL_store_have_the_answers_of_0_1()
    {
        using var store = Release01Store.Postgres();
        await ShouldAnswerAsBefore(store);
    }

    [SqliteFact]
    public async Task Messages_resent_to_the_SQLite_store_are_recognised()
    {
        using var store = Release01Store.Sqlite();
        await ShouldRecogniseMessages(store);
    }

    [PostgresFact]
    public async Task Messages_resent_to_the_PostgreSQL_store_are_recognised()
    {
        using var store = Release01Store.Postgres();
        await ShouldRecogniseMessages(store);
    }

    [SqliteFact("It restores a store of 0.1 by a process of the service.")]
    public async Task Encryption_keys_of_the_SQLite_store_rotate()
    {
        using var store = Release01Store.Sqlite();
        await ShouldRotateKeys(store);
    }

    [PostgresFact]
    public async Task Encryption_keys_of_the_PostgreSQL_store_rotate()
    {
        using var store = Release01Store.Postgres();
        await ShouldRotateKeys(store);
    }

    [SqliteFact]
    public async Task The_plain_backup_restores_to_SQLite() => await ShouldRestorePlainBackup("sqlite");

    [PostgresFact]
    public async Task The_plain_backup_restores_to_PostgreSQL() => await ShouldRestorePlainBackup("postgres");

    [SqliteFact("It restores a store of 0.1 by a process of the service.")]
    public async Task The_sealed_backup_restores_to_SQLite_and_the_erasure_list_applies() => await ShouldRestoreSealedBackup("sqlite");

    [PostgresFact]
    public async Task The_sealed_backup_restores_to_PostgreSQL_and_the_erasure_list_applies() => await ShouldRestoreSealedBackup("postgres");

    [SqliteFact("It restores a store of 0.1 by a process of the service.")]
    public async Task The_export_imports_to_SQLite() => await ShouldImport("sqlite");

    [PostgresFact]
    public async Task The_export_imports_to_PostgreSQL() => await ShouldImport("postgres");

    [Fact]
    public void A_number_a_member_or_an_item_that_changed_is_a_difference()
    {
        var saved = JsonNode.Parse("""
            { "pooled": { "effect": 0.25, "p": 1e-9 }, "effects": [{ "id": "a/1" }], "data": { "version": "0.1.0", "fingerprint": "f" } }
            """)!;
        Assert.Empty(AnswerComparison.Compare(saved, saved.With("pooled/effect", 0.25 * (1 + 9e-13)).With("pooled/added", 1).With("data/version", "0.2.0")));
        Assert.Equal("/pooled/effect", Pointer(saved.With("pooled/effect", 0.25 * (1 + 5e-12))));
        Assert.Equal("/pooled/p", Pointer(saved.Without("pooled/p")));
        Assert.Equal("/pooled/p", Pointer(saved.With("pooled/p", null)));
        Assert.Equal("/data/fingerprint", Pointer(saved.With("data/fingerprint", "g")));
        Assert.Equal("/effects", Pointer(saved.With("effects", new JsonArray())));

        string Pointer(JsonNode actual) => Assert.Single(AnswerComparison.Compare(saved, actual)).Pointer;
    }

    [Fact]
    public void Cells_of_CSV_are_compared_by_row_and_column()
    {
        var saved = AnswerComparison.Rows("yi,title\r\n0.5,\"A \"\"quoted\"\" title,\nof two lines\"\r\n0.25,\r\n");
        Assert.Equal("A \"quoted\" title,\nof two lines", saved.At("0/title")!.GetValue<string>());
        Assert.Equal("/1/yi", Assert.Single(AnswerComparison.Compare(saved, saved.With("1/yi", 0.26))).Pointer);
    }

    [Fact]
    public void A_known_change_explains_a_member_and_what_lies_below()
    {
        var change = new KnownChange("/meta/pool?*", "/effects/*/weight", "weights are percentages");
        Assert.True(change.Explains("/meta/pool?asOf=57", "/effects/12/weight"));
        Assert.True(change.Explains("/meta/pool?asOf=57", "/effects/12/weight/value"));
        Assert.False(change.Explains("/meta/pool?asOf=57", "/effects/12/weights"));
        Assert.False(change.Explains("/meta/bias?asOf=57", "/effects/12/weight"));
    }

    private static async Task ShouldMigrateAndVerify(Release01Store store)
    {
        await store.RunAsync("migrate");
        var summary = await store.RunAsync("verify");
        Assert.Contains(NoFault, summary, StringComparison.Ordinal);
        ShouldHoldTheEvidence(store, summary);
    }

    private static async Task ShouldAnswerAsBefore(Release01Store store)
    {
        await store.RunAsync("migrate");
        await using var service = await store.StartAsync();
        await ShouldAnswerAsBefore(store, service);
    }

    private static async Task ShouldAnswerAsBefore(Release01Store store, Service service)
    {
        var (unexplained, unused) = (new List<string>(), Release01Store.KnownChanges().ToHashSet());
        foreach (var saved in store.Questions)
        {
            foreach (var difference in await DifferencesAsync(store, service, saved))
            {
                var changes = Release01Store.KnownChanges().Where(change => change.Explains(saved.Question, difference.Pointer)).ToList();
                unused.ExceptWith(changes);
                if (changes.Count == 0)
                {
                    unexplained.Add($"{saved.Question} {difference}");
                }
            }
        }

        Assert.True(unexplained.Count == 0, $"Differences from 0.1 that known-changes.json does not list:\n{string.Join('\n', unexplained)}");
        Assert.True(unused.Count == 0, $"known-changes.json lists what does not differ:\n{string.Join('\n', unused)}");
    }

    private static async Task<IReadOnlyList<Difference>> DifferencesAsync(Release01Store store, Service service, SavedQuestion saved)
    {
        var defaults = !saved.Question.StartsWith("/meta/", StringComparison.Ordinal) || saved.Question.StartsWith("/meta/references", StringComparison.Ordinal)
            ? "" : (saved.Question.Contains('?', StringComparison.Ordinal) ? "&" : "?") + DefaultsOfRelease01;
        var answer = (await service.Get(saved.Question + defaults, store.ApiKeyOf(saved.As))).ShouldBe(200);
        return saved.Answer is JsonValue csv
            ? AnswerComparison.Compare(AnswerComparison.Rows(csv.GetValue<string>()), AnswerComparison.Rows(answer.Text))
            : AnswerComparison.Compare(saved.Answer, answer.Json);
    }

    private static async Task ShouldRecogniseMessages(Release01Store store)
    {
        // Records older than some days are removed; the migration signs them.
        store.Execute($"UPDATE idempotency SET created_at = '{UtcTimestamp.ToText(TimeProvider.System.GetUtcNow())}'");
        await store.RunAsync("migrate");
        await using var service = await store.StartAsync();
        var revision = await RevisionAsync(store, service);
        foreach (var message in Release01Store.Messages())
        {
            using var content = message.Bytes is { } bytes ? new ByteArrayContent(bytes) : null;
            if (content is not null)
            {
                content.Headers.ContentType = MediaTypeHeaderValue.Parse(message.MediaType!);
            }

            (string, string)[] headers = [store.ApiKeyOf(message.As), .. message.Headers.Select(h => (h.Key, h.Value))];
            var answer = await service.Send(new(message.Method), message.Path, content, headers);
            // Release 0.1 returned 207 to every array.
            var isBatch = answer.Status < 400 && answer.Text.StartsWith("{\"results\"", StringComparison.Ordinal);
            var hasItems = isBatch || (answer.Status == 207 && !message.IsReplayed);
            int[] statuses = hasItems ? [.. StatusesOfItems(answer.Json).Distinct()] : [answer.Status];
            var found = string.Join(", ", statuses);
            Assert.True(found == $"{message.Status}" || (message.Status == 207 && isBatch),
                $"{message.Name} should be {message.Status}, but is {found}: {answer.Text}");
            Assert.Equal(message.IsReplayed ? "true" : null, answer.Header("Idempotent-Replayed"));
        }

        Assert.Equal(revision, await RevisionAsync(store, service));
        Assert.Empty(service.FindIntegrityErrors());
    }

    private static async Task ShouldRotateKeys(Release01Store store)
    {
        await store.RunAsync("migrate");
        var output = await store.RunAsync("encryption", "rotate");
        Assert.Contains(", 0 faults.", output, StringComparison.Ordinal);
        Assert.DoesNotContain("0 values were sealed anew", output, StringComparison.Ordinal);
        Assert.Contains(NoFault, await store.RunAsync("verify"), StringComparison.Ordinal);
        await using var service = await store.StartAsync();
        await ShouldAnswerAsBefore(store, service);
    }

    private static async Task ShouldRestorePlainBackup(string engine)
    {
        using var store = Release01Store.Empty(engine);
        await store.RunAsync("restore", store.CopyOf("plain.backup.gz"));
        Assert.Contains(NoFault, await store.RunAsync("verify"), StringComparison.Ordinal);
    }

    private static async Task ShouldRestoreSealedBackup(string engine)
    {
        using var store = Release01Store.Empty(engine);
        await store.RunAsync("restore", store.CopyOf("sealed.backup"));
        Assert.Contains(NoFault, await store.RunAsync("verify"), StringComparison.Ordinal);
        await using var service = await store.StartAsync();
        await ShouldAnswerAsBefore(store, service);
    }

    private static async Task ShouldImport(string engine)
    {
        using var store = Release01Store.Empty(engine);
        await store.RunAsync("import", store.CopyOf("export.ndjson.gz"));
        var summary = await store.RunAsync("verify");
        Assert.Contains(NoFault, summary, StringComparison.Ordinal);
        ShouldHoldTheEvidence(store, summary);
        await using var service = await store.StartAsync();
        await ShouldAnswerAsBefore(store, service);
    }

    // The migration added one release, without the cells that are no longer released.
    private static void ShouldHoldTheEvidence(Release01Store store, string summary)
    {
        var (before, after) = (Evidence(store.Summary), Evidence(summary));
        Assert.Equal((before.Revision + 1, before.Fingerprint), after);
    }

    /// <summary>Evidence revision and fingerprint in the output of <c>verify</c>.</summary>
    private static (long Revision, string Fingerprint) Evidence(string summary)
    {
        var parts = summary.Split(',');
        return (long.Parse(parts[1].Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture), parts[2]);
    }

    private static async Task<long> RevisionAsync(Release01Store store, Service service) =>
        (await service.Get("/meta/references", store.ApiKeyOf("evidence"))).ShouldBe(200).At("data/revision")!.GetValue<long>();

    /// <summary>Statuses of the measures, studies or entries of a batch.</summary>
    private static IEnumerable<int> StatusesOfItems(JsonNode? node) => node switch
    {
        JsonArray items => items.SelectMany(StatusesOfItems),
        JsonObject item => (item["results"] ?? item["measures"] ?? item["entry"]) is JsonArray { Count: > 0 } items ? StatusesOfItems(items)
            : [item["response"]?["status"] is { } line ? int.Parse(line.GetValue<string>()[..3]) : item["status"]!.GetValue<int>()],
        _ => [],
    };
}
