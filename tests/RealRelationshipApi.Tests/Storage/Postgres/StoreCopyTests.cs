using System.Text.Json.Nodes;

using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Tests.Storage.Backup;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>From the file to the server, and back.</summary>
public sealed class StoreCopyTests : IDisposable
{
    private static readonly (string, string)[] s_sqliteSettings = [("Storage__Provider", "Sqlite")];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private (string Name, string Value)[] PostgresSettings => PostgresTestServer.StorageSettings(_folder.StorePath);

    [Fact]
    public void CI_runs_include_PostgreSQL() =>
        Assert.True(PostgresTestServer.IsAvailable || Environment.GetEnvironmentVariable("CI") != "true",
            $"In CI, {PostgresTestServer.ConnectionVariable} must name a server on which databases may be made.");

    [PostgresFact]
    public async Task A_copied_store_gives_the_same_responses_and_accepts_writes()
    {
        var before = await ResponseTranscript.RecordAsync(_folder, async service =>
        {
            await Seed(service);
            (await service.Put("/about", JsonNode.Parse("""{ "title": "Our review", "licence": "CC-BY-4.0" }""")!, ("If-Match", "*"))).ShouldBe(200);
        }, s_sqliteSettings);
        var copied = (await Run("copy-store", "--to", PostgresTestServer.ConnectionStringFor(_folder.StorePath))).ShouldExitWith(0);
        Assert.Contains("Copied, compared and verified: log 5, evidence revision 4, evidence sha256:", copied.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("is not empty",
            (await Run("copy-store", "--to", PostgresTestServer.ConnectionStringFor(_folder.StorePath))).ShouldExitWith(1).StandardError,
            StringComparison.Ordinal);
        await using var service = await Service.StartInAsync(_folder, settings: PostgresSettings);
        Assert.Equal(before, await ResponseTranscript.RecordAsync(service));
        Assert.Equal(5, (await service.SubmitStudy(TestData.Study("next"))).Number("revision"));
        (await ServiceExecutable.RunAsync(_folder, ["verify"], PostgresSettings)).ShouldExitWith(0);
    }

    [PostgresFact]
    public async Task A_failed_copy_leaves_nothing()
    {
        await ResponseTranscript.RecordAsync(_folder, Seed, s_sqliteSettings);
        RawStore.ExecuteSqlite(_folder.StorePath, "UPDATE change SET tenant = 'other' WHERE number = 2");
        Assert.Contains("Change 2 was edited.",
            (await Run("copy-store", "--to", PostgresTestServer.ConnectionStringFor(_folder.StorePath))).ShouldExitWith(1).StandardError,
            StringComparison.Ordinal);
        RawStore.ExecuteSqlite(_folder.StorePath, "UPDATE change SET tenant = (SELECT tenant FROM change WHERE number = 1) WHERE number = 2");
        (await ServiceExecutable.RunAsync(_folder, ["migrate"], PostgresSettings)).ShouldExitWith(0);
        PostgresTestServer.Execute(PostgresTestServer.ConnectionStringFor(_folder.StorePath),
            "ALTER TABLE study_effect ADD CONSTRAINT in_the_way CHECK (study_key <> 'c')");
        var finished = (await Run("copy-store", "--to", PostgresTestServer.ConnectionStringFor(_folder.StorePath))).ShouldExitWith(1);
        Assert.Contains("in_the_way", finished.StandardError, StringComparison.Ordinal);
        Assert.Equal(["0"], PostgresTestServer.Query(PostgresTestServer.ConnectionStringFor(_folder.StorePath), "SELECT count(*) FROM change"));
        Assert.Contains("Storage__ConnectionString",
            (await ServiceExecutable.RunAsync(_folder, ["copy-store"], [.. s_sqliteSettings, ("Storage__ConnectionString", "")])).ShouldExitWith(
                1).StandardError, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_backup_of_the_server_is_restored_to_the_server_and_to_a_file()
    {
        var before = await ResponseTranscript.RecordAsync(_folder, async service =>
        {
            await Seed(service);
            (await ServiceExecutable.RunAsync(_folder, ["backup", _folder.File("b")], PostgresSettings)).ShouldExitWith(0);
            (await ServiceExecutable.RunAsync(_folder, ["export", _folder.File("all.ndjson")], PostgresSettings)).ShouldExitWith(0);
            Assert.Contains("is in use: stop the services first",
                (await ServiceExecutable.RunAsync(_folder, ["restore", "--force", _folder.File("b")], PostgresSettings)).ShouldExitWith(1).StandardError,
                StringComparison.Ordinal);
        }, PostgresSettings);
        (await ServiceExecutable.RunAsync(_folder, ["restore", _folder.File("b")], s_sqliteSettings)).ShouldExitWith(0);
        Assert.Equal(before, await ResponseTranscript.RecordAsync(_folder, settings: s_sqliteSettings));
        await ResponseTranscript.RecordAsync(_folder, service => service.SubmitStudy(TestData.Study("after-the-backup")), PostgresSettings);
        Assert.Contains("With --force",
            (await ServiceExecutable.RunAsync(_folder, ["restore", _folder.File("b")], PostgresSettings)).ShouldExitWith(1).StandardError,
            StringComparison.Ordinal);
        // The server ends the backends of a stopped service a moment after the service has closed its connections.
        await Wait.UntilAsync(() => Task.FromResult(PostgresTestServer.Query(PostgresTestServer.ConnectionStringFor(_folder.StorePath),
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").Count == 0));
        (await ServiceExecutable.RunAsync(_folder, ["restore", "--force", _folder.File("b")], PostgresSettings)).ShouldExitWith(0);
        Assert.Equal(before, await ResponseTranscript.RecordAsync(_folder, settings: PostgresSettings));
        Assert.Equal(["5"], RawStore.QuerySqlite(Directory.GetFiles(_folder.Path, "store.db.before-restore-*").Single(), "SELECT log FROM revision"));
        (await ServiceExecutable.RunAsync(_folder, ["export", _folder.File("again.ndjson")], PostgresSettings)).ShouldExitWith(0);
        Assert.Equal(RowsBesideIdentity("all.ndjson"), RowsBesideIdentity("again.ndjson"));

        // A restored store has an identity of its own.
        IEnumerable<string> RowsBesideIdentity(string export) =>
            File.ReadLines(_folder.File(export)).Where(line => !line.StartsWith("{\"table\":\"store\"", StringComparison.Ordinal)
                && !line.StartsWith("{\"end\"", StringComparison.Ordinal));
    }

    [PostgresTheory]
    [InlineData("UPDATE change SET kind = 'reviewed' WHERE number = 3", "Change 3 was edited.")]
    [InlineData("DELETE FROM change WHERE number = 2; DELETE FROM change_subject WHERE number = 2",
        "Change 2 was deleted.|Version 1 of study 'b' is stored, but the log knows nothing of it.")]
    [InlineData("DELETE FROM change WHERE number = 4; DELETE FROM change_subject WHERE number = 4",
        "Change 4 was cut off the end of the log: its head is at change 4.|Version 2 of study 'a' is stored, but the log knows nothing of it.")]
    [InlineData("UPDATE study_effect SET yi = yi + 0.1 WHERE study_key = 'c'",
        "Version 1 of study 'c' is not what change 3 wrote: it or one of its effects was edited.")]
    [InlineData("INSERT INTO study_effect SELECT 'ghost', 1, position, effect_key, yi, vi, n, converted, approximate, turned, formula FROM study_effect WHERE "
        + "study_key = 'c'", "1 rows of study_effect belong to rows of study_version that are not there.")]
    [InlineData("UPDATE current_effect SET sample = 'x' WHERE study_key = 'c'",
        "What is kept of the current effects of study 'c' is not what its current version gives: e1.")]
    [InlineData("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'change_by_instant'::regclass",
        "PostgreSQL does not use index change_by_instant: it is not valid.")]
    public async Task Tampering_on_the_server_is_detected(string statements, string errors)
    {
        await using var service = await Service.StartInAsync(_folder, settings: PostgresSettings);
        await Seed(service);
        (await ServiceExecutable.RunAsync(_folder, ["verify"], PostgresSettings)).ShouldExitWith(0);
        PostgresTestServer.Execute(PostgresTestServer.ConnectionStringFor(_folder.StorePath), $"SET session_replication_role = replica; {statements}");
        var finished = (await ServiceExecutable.RunAsync(_folder, ["verify"], PostgresSettings)).ShouldExitWith(1);
        // The file beside the store may know the change that was deleted.
        Assert.Equal(errors.Split('|'), finished.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(error => !error.Contains(" lacks change ", StringComparison.Ordinal)));
    }

    private Task<ProcessResult> Run(params string[] arguments) => ServiceExecutable.RunAsync(_folder, arguments, s_sqliteSettings);

    private static async Task Seed(Service service)
    {
        await service.SubmitStudy(TestData.Study("a", TestData.Effect(0.2), TestData.Effect(1 / 3.0)).With("note", "Ärger 🙂"));
        await service.SubmitStudy(TestData.Study("b"));
        await service.SubmitStudy(TestData.Study("c"));
        (await service.Put("/studies/a", TestData.Study("a", TestData.Effect(0.5)), ("If-Match", "*"))).ShouldBe(200);
    }
}
