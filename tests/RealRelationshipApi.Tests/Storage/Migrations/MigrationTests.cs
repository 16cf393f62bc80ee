using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Tests.Storage.Backup;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Migrations;

/// <summary>A store of the very first schema gives the same responses after migration.</summary>
public sealed partial class MigrationTests : IDisposable
{
    private const string FirstMigration = "src/RealRelationship.Storage/Migrations/0001_studies.sql";

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _old = new();

    public void Dispose()
    {
        _folder.Dispose();
        _old.Dispose();
    }

    [SqliteFact]
    public async Task A_service_backs_up_and_migrates_an_old_store()
    {
        var before = await CreateOldStore();
        Assert.Equal(before, await ResponseTranscript.RecordAsync(_old));
        (await ServiceExecutable.RunAsync(_old, ["verify"])).ShouldExitWith(0);
        var backup = Assert.Single(Directory.GetFiles(_old.Path, "store.db.before-0002_chain-*"));
        Assert.Equal(["0001_studies"], RawStore.Query(backup, "SELECT name FROM migration"));
        Assert.Equal(["5"], RawStore.Query(backup, "SELECT count(*) FROM change"));
    }

    [SqliteFact]
    public async Task The_migrate_command_reports_what_it_did_once()
    {
        await CreateOldStore();
        Assert.Contains("lacks schema step 0002_chain: run the command `migrate` first",
            (await ServiceExecutable.RunAsync(_old, ["verify"])).ShouldExitWith(1).StandardError, StringComparison.Ordinal);
        var first = (await ServiceExecutable.RunAsync(_old, ["migrate"])).ShouldExitWith(0).StandardOutput;
        Assert.Contains("Backed the store up to ", first, StringComparison.Ordinal);
        Assert.Contains("Applied schema step 0002_chain.", first, StringComparison.Ordinal);
        var second = (await ServiceExecutable.RunAsync(_old, ["migrate"])).ShouldExitWith(0).StandardOutput;
        Assert.Matches(@"^The store at .* is up to date\.\s*$", second);
        Assert.Single(Directory.GetFiles(_old.Path, "store.db.before-*"));
    }

    [SqliteFact]
    public async Task A_failed_migration_leaves_the_store_unchanged()
    {
        await CreateOldStore();
        RawStore.Execute(_old.StorePath, "CREATE TABLE store (in_the_way TEXT) STRICT");
        (await ServiceExecutable.RunAsync(_old, ["migrate"])).ShouldExitWith(1);
        Assert.Equal(["0001_studies"], RawStore.Query(_old.StorePath, "SELECT name FROM migration"));
        Assert.Equal(["5"], RawStore.Query(_old.StorePath, "SELECT count(*) FROM change WHERE subject <> ''"));
        RawStore.Execute(_old.StorePath, "DROP TABLE store");
        (await ServiceExecutable.RunAsync(_old, ["migrate"])).ShouldExitWith(0);
    }

    [SqliteFact]
    public async Task A_corrupt_store_is_not_migrated()
    {
        await CreateOldStore();
        RawStore.ExecuteWithoutConstraints(_old.StorePath, "DELETE FROM study_version WHERE study_key = 'a' AND version = 1");
        var finished = (await ServiceExecutable.RunAsync(_old, ["migrate"])).ShouldExitWith(1);
        Assert.Contains("rows of study_effect belong to rows of study_version that are not there", finished.StandardError, StringComparison.Ordinal);
        Assert.Equal(["0001_studies"], RawStore.Query(_old.StorePath, "SELECT name FROM migration"));
    }

    [SqliteFact]
    public async Task An_old_backup_is_restored_and_migrated()
    {
        var before = await CreateOldStore();
        var restored = (await ServiceExecutable.RunAsync(_folder, ["restore", "--force", _old.StorePath])).ShouldExitWith(0);
        Assert.Contains("Applied schema step 0002_chain to what is restored.", restored.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(before, await ResponseTranscript.RecordAsync(_folder));
    }

    [PostgresFact]
    public async Task On_PostgreSQL_a_service_refuses_to_start_until_migrated()
    {
        var server = PostgresTestServer.StorageSettings(_old.StorePath);
        await CreateOldStore();
        CopyToServer();
        var refused =
            (await ServiceExecutable.RunAsync(_old, [],
                [.. server, ("Privacy__Key", ServiceExecutable.PrivacyKey), ("ASPNETCORE_ENVIRONMENT", "Development"),
                    ("ASPNETCORE_URLS", "http://127.0.0.1:0")])).ShouldExitWith(1);
        Assert.Contains("lacks schema step 0002_chain: run the command `migrate` first.", refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Text, StringComparison.Ordinal);
        var done = (await ServiceExecutable.RunAsync(_old, ["migrate"], server)).ShouldExitWith(0).StandardOutput;
        Assert.Contains("Applied schema step 0002_chain.", done, StringComparison.Ordinal);
        Assert.Equal(["5|0001_studies"],
            RawStore.QuerySqlite(Directory.GetFiles(_old.Path, "store.db.before-0002_chain-*").Single(),
                "SELECT count(*), (SELECT name FROM migration) FROM change"));
        Assert.Equal(await ResponseTranscript.RecordAsync(_old, settings: [("Storage__Provider", "Sqlite")]),
            await ResponseTranscript.RecordAsync(_old, settings: server));
        (await ServiceExecutable.RunAsync(_old, ["verify"], server)).ShouldExitWith(0);
    }

    /// <summary>Writes a store like the first version of the service, with the data submitted to a current service.</summary>
    /// <returns>Responses of that service.</returns>
    private async Task<string> CreateOldStore()
    {
        // Such a store does not say who made a version.
        var answers = Authors().Replace(await ResponseTranscript.RecordAsync(_folder, async service =>
        {
            await service.SubmitStudy(TestData.Study("a", TestData.Effect(0.2), TestData.Effect(0.3)));
            await service.SubmitStudy(TestData.Study("b"));
            await service.SubmitStudy(TestData.Study("c"));
            (await service.Put("/studies/a", TestData.Study("a", TestData.Effect(0.5)), ("If-Match", "*"))).ShouldBe(200);
            (await service.Delete("/studies/b", ("If-Match", "*"))).ShouldBe(204);
        }, ("Storage__Provider", "Sqlite")), "");
        var sql = RepositoryFiles.Read(FirstMigration);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)));
        RawStore.ExecuteSqlite(_old.StorePath, $"""
            {sql}
            CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT;
            INSERT INTO migration VALUES (1, '0001_studies', '{hash}', '2026-01-01T00:00:00.000000Z');
            ATTACH '{_folder.StorePath}' AS today;
            UPDATE revision SET (log, evidence) = (SELECT log, evidence FROM today.revision);
            INSERT INTO change SELECT number, evidence, recorded_at, tenant, kind, subject, version FROM today.change JOIN today.change_subject USING (number);
            INSERT INTO study_version SELECT study_key, version, tenant, evidence, recorded_at, status, content, content_hash FROM today.study_version;
            INSERT INTO study_effect SELECT * FROM today.study_effect;
            INSERT INTO current_effect SELECT * FROM today.current_effect;
            INSERT INTO api_key SELECT tenant, id, digest, scopes, created_at, expires_at, revoked_at FROM today.api_key;
            """);
        return answers;
    }

    [GeneratedRegex(@",""changedBy"":\{[^}]*\}", RegexOptions.None, 1000)]
    private static partial Regex Authors();

    private void CopyToServer()
    {
        var server = PostgresTestServer.ConnectionStringFor(_old.StorePath);
        PostgresTestServer.Execute(server,
            SqliteOnlySyntax()
                .Replace(RepositoryFiles.Read(FirstMigration),
                    word => word.Value switch { "INTEGER" => "bigint", "REAL" => "double precision", "TEXT" => "text COLLATE \"C\"", _ => ")" }));
        PostgresTestServer.Execute(server,
            "CREATE TABLE migration (number bigint PRIMARY KEY, name text NOT NULL, digest text NOT NULL, applied_at text NOT NULL)");
        foreach (var table in "migration change study_version study_effect current_effect".Split(' '))
        {
            foreach (var row in RawStore.QuerySqlite(_old.StorePath,
                $"SELECT json_array({string.Join(", ", RawStore.QuerySqlite(_old.StorePath, $"SELECT name FROM pragma_table_info('{table}') ORDER BY cid"))}) "
                    + $"FROM {table}"))
            {
                var values = System.Text.Json.Nodes.JsonNode.Parse(row)!.AsArray()
                    .Select(v => v is null ? "NULL" : $"'{v.ToString().Replace("'", "''", StringComparison.Ordinal)}'");
                PostgresTestServer.Execute(server, $"INSERT INTO {table} VALUES ({string.Join(", ", values)})");
            }
        }

        PostgresTestServer.Execute(server, "UPDATE revision SET log = 5, evidence = 5");
    }

    [GeneratedRegex(@"\bINTEGER\b|\bREAL\b|\bTEXT\b|\) STRICT(, WITHOUT ROWID)?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SqliteOnlySyntax();
}
