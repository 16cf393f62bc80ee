using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;
using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Security.ApiKeys;
using RealRelationshipApi.Tests.Fhir;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Ledger;

/// <summary>Keys, releases, instruments, erasures, stored responses and imports: what was edited by SQL is named by <c>verify</c> and refused when it is
/// used, and everything else goes on.</summary>
public sealed class TamperedRowTests(TamperedRowTests.Site site) : IClassFixture<TamperedRowTests.Site>
{
    private Service Service => site.Service;

    [Theory]
    [InlineData("UPDATE api_key SET scopes = 'admin' WHERE id = '{id}'", "is not what change")]
    [InlineData("UPDATE api_key SET tenant = 'south' WHERE id = '{id}'", "the log knows nothing of it")]
    [InlineData("UPDATE api_key SET expires_at = '2999-01-01T00:00:00.000000Z' WHERE id = '{id}'", "is not what change")]
    [InlineData("UPDATE api_key SET created_at = '2001-01-01T00:00:00.000000Z' WHERE id = '{id}'", "is not what change")]
    [InlineData("DELETE FROM api_key WHERE id = '{id}'", "is missing: change")]
    public async Task An_edited_key_lets_nobody_in(string edit, string error)
    {
        var key = await CreateKey();
        using (Edit("api_key", edit.Replace("{id}", IdOf(key), StringComparison.Ordinal)))
        {
            (await GetPool(key)).ShouldBe(401);
            Assert.Contains(Service.FindIntegrityErrors(), e => e.Contains(IdOf(key), StringComparison.Ordinal) && e.Contains(error, StringComparison.Ordinal));
        }

        (await GetPool(key)).ShouldBe(200);
        Assert.Empty(Service.FindIntegrityErrors());
    }

    [Fact]
    public async Task A_revoked_key_whose_row_is_set_back_lets_nobody_in()
    {
        var key = await CreateKey();
        await Service.Services.GetRequiredService<GroupCommitWriter>().WriteAsync(transaction => ApiKeyStore.Revoke(transaction, IdOf(key)));
        using (Edit("api_key", $"UPDATE api_key SET revoked_at = NULL WHERE id = '{IdOf(key)}'"))
        {
            (await GetPool(key)).ShouldBe(401);
            Assert.Contains(Service.FindIntegrityErrors(), e => e.StartsWith($"API key {IdOf(key)} of tenant 'north' is not what", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task An_inserted_key_lets_nobody_in()
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("invented")));
        using (Edit("api_key", "INSERT INTO api_key (tenant, id, digest, scopes, created_at) VALUES ('north', '0123456789abcdef', "
            + $"'{digest}', 'meta:read', '2026-01-01T00:00:00.000000Z')"))
        {
            (await GetPool("rr_0123456789abcdef_invented")).ShouldBe(401);
            Assert.Equal(["API key 0123456789abcdef of tenant 'north' is stored, but the log knows nothing of it."], Service.FindIntegrityErrors());
        }
    }

    [Fact]
    public async Task A_rotated_key_is_as_recorded()
    {
        var key = await CreateKey();
        var now = TimeProvider.System.GetUtcNow();
        var next = await Service.Services.GetRequiredService<GroupCommitWriter>()
            .WriteAsync(transaction => ApiKeyStore.Rotate(transaction, IdOf(key), now, now.AddHours(1)));
        (await GetPool(key)).ShouldBe(200);
        (await GetPool(next!)).ShouldBe(200);
        Assert.Empty(Service.FindIntegrityErrors());
    }

    [Theory]
    [InlineData("UPDATE release SET content = replace(content, '\"patients\":12', '\"patients\":13')",
        "Release 1 of site 'development' is not what change")]
    [InlineData("UPDATE release SET content = 'no JSON'", "Release 1 of site 'development' is not what change")]
    [InlineData("DELETE FROM release", "Release 1 of site 'development' is missing: change")]
    public async Task An_edited_release_stops_the_analyses_of_releases_only(string edit, string error)
    {
        using (Edit("release", edit))
        {
            // Another service reads the release anew.
            await using var service = await Service.StartInAsync(site.Folder);
            var pool = (await service.Get("/meta/pool")).ShouldBe(200);
            Assert.Equal(1, pool.Number("used"));
            Assert.Contains("releaseAltered", pool.Text, StringComparison.Ordinal);
            foreach (var query in (string[])["source=sessions", "source=all"])
            {
                var refused = (await service.Get($"/meta/pool?{query}&level=all")).ShouldBeProblem(503);
                Assert.Contains("Release 1 of a site", refused.Text, StringComparison.Ordinal);
            }

            (await service.Get("/associations")).ShouldBe(503);
            Assert.Contains(service.FindIntegrityErrors(), e => e.StartsWith(error, StringComparison.Ordinal));
        }

        Assert.Empty(Service.FindIntegrityErrors());
    }

    [Theory]
    [InlineData("DELETE FROM instrument_version WHERE version = 2", "Version 2 of instrument 'own-form' of site 'development' is missing: change")]
    [InlineData("INSERT INTO undeclared_items (tenant, instrument) VALUES ('development', 'core-10')", "is stored, but the log knows nothing of it")]
    public async Task An_edited_instrument_stops_its_site_only(string edit, string error)
    {
        using (Edit(edit.Split(' ')[2], edit))
        {
            Assert.Contains(error, Service.FindIntegrityErrors().Single(), StringComparison.Ordinal);
            (await Service.Get("/instruments")).ShouldBeProblem(503);
            (await Service.PostSessions(SessionTestData.Session("x", 1, SessionTestData.Measure("x", "ors", 20)))).ShouldBeProblem(503);
            (await Service.Get("/instruments", ("X-API-Key", await CreateKey()))).ShouldBe(200);
            (await Service.Get("/meta/pool")).ShouldBe(200);
        }

        (await Service.Get("/instruments")).ShouldBe(200);
    }

    // A running service goes on with the version that it verified.
    [Theory]
    [InlineData("content = replace(content, 'form', 'firm')")]
    [InlineData("row_hash = (SELECT row_hash FROM instrument_version WHERE version = 1)")]
    public async Task An_instrument_with_other_content_is_not_used(string edit)
    {
        using (Edit("instrument_version", $"UPDATE instrument_version SET {edit} WHERE version = 2"))
        {
            Assert.StartsWith("Version 2 of instrument 'own-form' of site 'development' is not what change", Service.FindIntegrityErrors().Single(),
                StringComparison.Ordinal);
            await using var service = await Service.StartInAsync(site.Folder);
            (await service.Get("/instruments")).ShouldBeProblem(503);
        }
    }

    [Fact]
    public async Task An_erased_patient_stays_erased_without_the_row()
    {
        using (Edit("erasure", "DELETE FROM erasure"))
        {
            (await Service.PostSessions(SessionTestData.Session("erased", 1, SessionTestData.Measure("again", "ors", 20)))).ShouldBe(410);
            Assert.NotNull((await Service.Post("/erasures", Erasure("erased"))).ShouldBe(200).At("receipt"));
            Assert.Matches("^The erasure of change [0-9]+ is missing: change [0-9]+ wrote it.$", Service.FindIntegrityErrors().Single());
        }
    }

    [Theory]
    [InlineData("UPDATE erasure SET erased_at = '2001-01-01T00:00:00.000000Z'", "is not what the log recorded")]
    [InlineData("UPDATE erasure SET log = log + 1", "is not what the log recorded")]
    public async Task An_edited_erasure_is_found(string edit, string error)
    {
        using (Edit("erasure", edit))
        {
            Assert.Contains(error, Service.FindIntegrityErrors().Single(), StringComparison.Ordinal);
        }
    }

    // Otherwise it would be answered with a receipt, and nothing would be erased.
    [Fact]
    public async Task An_invented_erasure_is_refused()
    {
        using (Edit("erasure", "INSERT INTO erasure (tenant, patient, log, erased_at) SELECT tenant, patient, 1, recorded_at FROM "
            + "measure_version WHERE patient IS NOT NULL ORDER BY log LIMIT 1"))
        {
            (await Service.Post("/erasures", Erasure("p1"))).ShouldBeProblem(503);
            (await Service.PostSessions(SessionTestData.Session("p1", 9, SessionTestData.Measure("p1-9", "ors", 20)))).ShouldBeProblem(503);
            (await Service.PostSessions(SessionTestData.Session("p2", 9, SessionTestData.Measure("p2-9", "ors", 20)))).ShouldBe(201);
            Assert.Contains("is stored, but the log knows nothing of it", Service.FindIntegrityErrors().Single(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ids = '201 another'")]
    [InlineData("status = 409")]
    [InlineData("created_at = '2999-01-01T00:00:00.000000Z'")]
    [InlineData("mac = NULL")]
    public async Task An_edited_response_is_not_replayed(string edit)
    {
        (string, string) key = ("Idempotency-Key", $"k-{edit.Length}");
        (await Service.Post("/studies", TestData.Study("a"), key)).ShouldBe(200);
        using (Edit("idempotency", $"UPDATE idempotency SET {edit}"))
        {
            (await Service.Post("/studies", TestData.Study("a"), key)).ShouldBeProblem(503);
            Assert.Contains(Service.FindIntegrityErrors(), e => e.StartsWith("The response of", StringComparison.Ordinal));
            (await Service.Post("/studies", TestData.Study("a"))).ShouldBe(200);
        }

        (await Service.Post("/studies", TestData.Study("a"), key)).ShouldBe(200);
    }

    [Theory]
    [InlineData("session_import", "accepted = 7")]
    [InlineData("session_import", "finished_at = NULL")]
    [InlineData("session_import", "lineage = 'x'")]
    [InlineData("session_import_line", "status = 500")]
    [InlineData("session_import_line", "mac = NULL")]
    public async Task An_edited_import_is_not_reported(string table, string edit)
    {
        using (Edit(table, $"UPDATE {table} SET {edit}"))
        {
            (await Service.Get(site.Import)).ShouldBeProblem(503);
            Assert.Matches("^(Import|Line 1 of import) [0-9a-f-]+ of site 'development' is not what was written.$", Service.FindIntegrityErrors().Single());
        }

        (await Service.Get(site.Import)).ShouldBe(200);
    }

    // Otherwise a message would replace or withdraw another measure.
    [Theory]
    [InlineData("UPDATE measure_identifier SET target = (SELECT measure FROM measure_version ORDER BY log LIMIT 1)")]
    [InlineData("UPDATE measure_identifier SET patient = NULL")]
    [InlineData("INSERT INTO measure_identifier (tenant, identifier, target, mac) SELECT tenant, identifier, measure, mac FROM measure_identifier, "
        + "(SELECT measure FROM measure_version ORDER BY log LIMIT 1) AS other")]
    public async Task An_edited_identifier_of_a_measure_is_not_used(string edit)
    {
        using (Edit("measure_identifier", edit))
        {
            (await site.PostObservation()).ShouldBeOutcome(503);
            Assert.Matches("^An identifier of measure [0-9a-z]+ of site 'development' is not what was written.$", Service.FindIntegrityErrors().Single());
        }

        (await site.PostObservation()).ShouldBe(200);
    }

    // Otherwise a complete file would withdraw other scores than those that it does not have.
    [Theory]
    [InlineData("csv_measure", "measure = (SELECT measure FROM measure_version ORDER BY log LIMIT 1)")]
    [InlineData("csv_measure", "mac = NULL")]
    [InlineData("csv_export", "exported_at = 1")]
    [InlineData("csv_export", "mac = NULL")]
    [InlineData("csv_unchanged", "measures = mac")]
    public async Task An_edited_row_of_CSV_files_is_not_used(string table, string edit)
    {
        using (Edit(table, $"UPDATE {table} SET {edit}"))
        {
            (await site.PostCsv()).ShouldBeProblem(503);
            Assert.EndsWith("of site 'development' is not what was written.", Service.FindIntegrityErrors().Single(), StringComparison.Ordinal);
        }

        (await site.PostCsv()).ShouldBe(200);
    }

    // Nothing in the store tells this state from the one before.
    [Fact]
    public async Task A_revoked_key_that_is_set_back_with_its_change_is_found_by_verify_only()
    {
        var key = await CreateKey();
        await Service.Services.GetRequiredService<GroupCommitWriter>().WriteAsync(transaction => ApiKeyStore.Revoke(transaction, IdOf(key)));
        var revocation = $"(SELECT max(number) FROM change_subject WHERE subject = 'key/{IdOf(key)}')";
        var revokedAt = RawStore.Query(site.Folder.StorePath, $"SELECT revoked_at FROM api_key WHERE id = '{IdOf(key)}'").Single();
        using (Edit("change_subject", $"DELETE FROM change_subject WHERE number = {revocation}; "
            + $"UPDATE api_key SET revoked_at = NULL WHERE id = '{IdOf(key)}'"))
        {
            (await GetPool(key)).ShouldBe(200);
            Assert.Contains(Service.FindIntegrityErrors(), e => e.StartsWith("What change", StringComparison.Ordinal));
        }

        RawStore.Execute(site.Folder.StorePath, $"UPDATE api_key SET revoked_at = '{revokedAt}' WHERE id = '{IdOf(key)}'");
    }

    [Fact]
    public void Deleted_rows_are_found_as_the_threat_model_says()
    {
        var rows = RepositoryFiles.Read("src/RealRelationshipApi/Security/THREATS.md").Split("## Edited rows")[1].Split("\n## ")[0].Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|', StringSplitOptions.TrimEntries));
        var found = rows.SelectMany(row => row[1].Split(", ").Select(name => (Table: name.Trim('`'), IsFound: row[4] != "not found"))).ToList();
        Assert.Equal(Service.Services.GetRequiredService<Migrator>().Tables.Select(table => table.Name).Append("migration").Order(),
            found.Select(table => table.Table).Order());

        // The head of the log, and the steps of the schema, are single rows without which nothing is a store.
        var filled = found.Where(table => table.Table is not ("revision" or "store" or "migration")
            && RawStore.Query(site.Folder.StorePath, $"SELECT 1 FROM {table.Table} LIMIT 1").Count > 0).ToList();
        Assert.True(filled.Count >= 18, string.Join(' ', filled));
        foreach (var (table, isFound) in filled)
        {
            using (Edit(table, $"DELETE FROM {table}"))
            {
                Assert.True(isFound == Service.FindIntegrityErrors().Count > 0, table);
            }

            Assert.Empty(Service.FindIntegrityErrors());
        }
    }

    [Fact]
    public void Every_table_is_covered_but_the_counts_of_the_limits() =>
        Assert.Equal(["content_conflict", "refusal_count", "request_lease"], Service.Services.GetRequiredService<StoreVerifier>().UncoveredTables);

    private static JsonObject Erasure(string patient) => new() { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = patient };

    private static string IdOf(string key) => key.Split('_')[1];

    private Task<string> CreateKey() => ProductionService.CreateKeyAsync(Service, "north", [Scopes.MetaRead]);

    private Task<ServiceResponse> GetPool(string key) => Service.Get("/meta/pool", ("X-API-Key", key));

    /// <summary>Edits a table until disposed.</summary>
    private EditedTable Edit(string table, string statement)
    {
        string[] tables = table == "session_import" ? [table, "session_import_line"] : [table];
        foreach (var name in tables)
        {
            RawStore.Execute(site.Folder.StorePath, $"CREATE TABLE kept_{name} AS SELECT * FROM {name}");
        }

        var edited = new EditedTable(site.Folder.StorePath, tables);
        try
        {
            RawStore.ExecuteWithoutConstraints(site.Folder.StorePath, statement);
            return edited;
        }
        catch
        {
            edited.Dispose();
            throw;
        }
    }

    /// <summary>Tables to be set back, each after those that it references.</summary>
    private sealed class EditedTable(string path, IReadOnlyList<string> tables) : IDisposable
    {
        public void Dispose()
        {
            foreach (var name in tables.Reverse())
            {
                RawStore.ExecuteWithoutConstraints(path, $"DELETE FROM {name}");
            }

            foreach (var name in tables)
            {
                RawStore.ExecuteWithoutConstraints(path, $"INSERT INTO {name} SELECT * FROM kept_{name}; DROP TABLE kept_{name}");
            }
        }
    }

    /// <summary>A site with a study, a release, an instrument of its own in two versions, an erased patient and an import.</summary>
    public sealed class Site : IAsyncLifetime
    {
        public TemporaryFolder Folder { get; } = new();

        public Service Service { get; private set; } = null!;

        public string Import { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            Service = await Service.StartInAsync(Folder);
            await Service.SubmitStudy(TestData.Study("a"));
            var chance = new Random(7);
            var sessions = Enumerable.Range(1, 12).SelectMany(patient => Enumerable.Range(1, 3).Select(number => SessionTestData.RelationshipAndOutcome(
                $"p{patient}", $"t{patient % 3}", number, 1 + (4 * chance.NextDouble()), 40 * chance.NextDouble())));
            (await Service.PostSessions([.. sessions])).ShouldBe(201);
            foreach (var name in (string[])["First form", "Second form"])
            {
                (await Service.Post("/instruments", JsonNode.Parse($$"""
                    { "code": "own-form", "name": "{{name}}", "construct": "treatmentOutcome", "raters": ["client"], "direction": "better",
                      "items": { "count": 5, "minimum": 0, "maximum": 4 }, "reversed": [], "scales": [{ "name": "total", "aggregation": "sum" }] }
                    """)!)).ShouldBe(201);
            }

            (await Service.PostSessions(SessionTestData.Session("erased", 1, SessionTestData.Measure("erased", "ors", 20)))).ShouldBe(201);
            (await Service.Post("/erasures", Erasure("erased"))).ShouldBe(200);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/sessions")
            {
                Content = new StringContent(SessionTestData.ToNdjson([SessionTestData.Session("i", 1, SessionTestData.Measure("i", "rri-c-sf", 99))]),
                    Encoding.UTF8, "application/x-ndjson"),
            };
            request.Headers.Add("Prefer", "respond-async");
            Import = (await ServiceResponse.FromAsync(await Service.Client.SendAsync(request))).ShouldBe(202).Header("Location")!;
            await Wait.UntilAsync(async () => (await Service.Get(Import)).String("state") == "done");
            (await PostCsv()).ShouldBe(201);
            (await PostCsv()).ShouldBe(200);
            (await PostObservation()).ShouldBe(201);
            Assert.Equal("1", RawStore.Query(Folder.StorePath, "SELECT count(*) FROM release").Single());
            Assert.Empty(Service.FindIntegrityErrors());
        }

        /// <summary>A complete file of one score.</summary>
        public Task<ServiceResponse> PostCsv() => Service.PostText(
            "/sessions?sourceSystem=files&exportedAt=2026-03-11T02:00:00Z&complete=true&period=2026-03-01/2026-03-10&rows=1",
            "patient,date,measure,score\np,2026-03-01,rri-c-sf,4\n", "text/csv");

        /// <summary>An observation with two identifiers.</summary>
        public Task<ServiceResponse> PostObservation() => Service.PostFhir(FhirTestData.Observation().With("identifier",
            new JsonArray(new JsonObject { ["value"] = "o-1" }, new JsonObject { ["value"] = "o-2" })));

        public async ValueTask DisposeAsync()
        {
            await Service.DisposeAsync();
            Folder.Dispose();
        }
    }
}
