using System.Net;

using Dapper;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Storage.Writing;
using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage;

/// <summary>What is on disk, seen from behind the service.</summary>
public sealed class DurabilityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_restart_finds_every_study()
    {
        ServiceResponse studies, pool, versions;
        await using (var first = await Service.StartInAsync(_folder))
        {
            await first.SubmitStudy(TestData.Study("a", TestData.Effect(r: 0.2)));
            await first.SubmitStudy(TestData.Study("b", TestData.Effect(r: 0.4)));
            await first.Put("/studies/a", TestData.Study("a", TestData.Effect(r: 0.25)), ("If-Match", "*"));
            (studies, pool, versions) = (await first.Get("/studies"), await first.Get("/meta/pool"), await first.Get("/studies/a/versions"));
        }
        await using var second = await Service.StartInAsync(_folder);
        Assert.Equal(studies.Bytes, (await second.Get("/studies")).Bytes);
        Assert.Equal(versions.Bytes, (await second.Get("/studies/a/versions")).Bytes);
        var again = await second.Get("/meta/pool");
        Assert.Equal((pool.Text, pool.ETag), (again.Text, again.ETag));
        Assert.Equal(4, (await second.SubmitStudy(TestData.Study("c"))).Number("revision"));
    }

    [Fact]
    public async Task Acknowledged_writes_are_in_the_file_before_shutdown()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.SubmitStudy(TestData.Study("a"));
        Assert.Equal(["a|1|accepted"], RawStore.Query(_folder.StorePath, "SELECT study_key, version, status FROM study_version"));
    }

    [Fact]
    public async Task All_statements_of_a_read_see_the_same_state()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.SubmitStudy(TestData.Study("a"));
        var database = service.Services.GetRequiredService<Database>();
        long Count(System.Data.IDbConnection connection) => connection.ExecuteScalar<long>("SELECT count(*) FROM study_version");
        var (before, after) = await database.ReadAsync(connection =>
        {
            var count = Count(connection);
            Task.Run(() => service.SubmitStudy(TestData.Study("b"))).GetAwaiter().GetResult();
            return (count, Count(connection));
        }, TestContext.Current.CancellationToken);
        Assert.Equal((1, 1), (before, after));
        Assert.Equal(2, await database.ReadAsync(Count, TestContext.Current.CancellationToken));
    }

    [SqliteFact("It starts processes of the service.")]
    public async Task A_stopped_service_leaves_a_single_file()
    {
        var (service, address) = await ServiceExecutable.ServeAsync(_folder, ("ASPNETCORE_ENVIRONMENT", "Development"));
        await using (service)
        {
            using var http = new HttpClient { BaseAddress = address };
            using var pool = await http.GetAsync(new Uri("/meta/pool", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, pool.StatusCode);
            Assert.True(File.Exists($"{_folder.StorePath}-wal"));
            (await service.StopAsync()).ShouldExitWith(0);
        }

        // A reader that closes later than the writer leaves an empty one.
        Assert.False(new FileInfo($"{_folder.StorePath}-wal") is { Exists: true, Length: > 0 });
    }

    // Most frames are checkpointed in the background, while the writer appends further ones.
    [SqliteFact("It writes until the WAL is reset.")]
    public async Task The_WAL_is_reset_during_a_large_batch()
    {
        const int Studies = 6_000;
        await using var service = await Service.StartInAsync(_folder);
        var log = new FileInfo($"{_folder.StorePath}-wal");
        var batch = service.PostText("/studies/batch",
            string.Join('\n',
                Enumerable.Range(0, Studies).Select(i => TestData.Study($"s{i * 7919 % Studies:0000}", TestData.Effect(n: 20 + i)).ToJsonString())),
            "application/x-ndjson");
        var longest = 0L;
        while (!batch.IsCompleted)
        {
            log.Refresh();
            longest = Math.Max(longest, log.Length);
            await Task.Delay(5);
        }

        Assert.Equal(Studies, (await batch).ShouldBe(201).Number("accepted"));
        Assert.InRange(longest, 4_000 * 4096, 10_000 * 4096);
    }

    // SQLite stores −0 as 0 (sqlite.org/datatype3.html, "REAL stored as INTEGER"); the hash must be that of the value read back.
    [Theory]
    [InlineData("higherIsWorse", "0")]
    [InlineData("higherIsBetter", "-0.0")]
    public async Task Negative_zero_is_read_back_as_it_was_hashed(string direction, string r)
    {
        await using var service = await Service.StartInAsync(_folder);
        (await service.PostText("/studies",
            TestData.Study("zero", TestData.Effect().With("outcomeDirection", direction)).WithRawText("effects/0/statistic/value", r))).ShouldBe(201);
        await service.SubmitStudy(TestData.Study());
        Assert.Equal(2, (await service.Get("/meta/pool")).ShouldBe(200).Number("used"));
    }

    [SqliteFact]
    public async Task The_file_is_in_WAL_mode_and_every_table_is_strict()
    {
        await using var service = await Service.StartInAsync(_folder);
        Assert.Equal(["wal"], RawStore.Query(_folder.StorePath, "PRAGMA journal_mode"));
        Assert.True(File.Exists(_folder.StorePath + "-wal"));
        var tables = RawStore.Query(_folder.StorePath,
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'");
        Assert.True(tables.Count >= 7);
        Assert.All(tables, t => Assert.EndsWith("|1", t, StringComparison.Ordinal));
    }

    [SqliteFact]
    public async Task The_writer_uses_synchronous_FULL_and_foreign_keys()
    {
        await using var service = await Service.StartInAsync(_folder);
        var settings = await service.Services.GetRequiredService<GroupCommitWriter>().WriteAsync(transaction =>
            (transaction.Connection.ExecuteScalar<long>("PRAGMA synchronous"), transaction.Connection.ExecuteScalar<long>("PRAGMA foreign_keys")));
        Assert.Equal((2, 1), settings); // FULL
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_refused()
    {
        await using (await Service.StartInAsync(_folder)) { }
        RawStore.Execute(_folder.StorePath,
            "INSERT INTO migration (number, name, digest, applied_at) VALUES (9999, '9999_future', 'x', '2999-01-01T00:00:00.000000Z')");
        var finished = await ServiceExecutable.RunAsync(_folder, [], ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"));
        Assert.Contains("9999_future", finished.ShouldExitWith(1).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_with_an_edited_migration_digest_is_refused()
    {
        await using (await Service.StartInAsync(_folder)) { }
        RawStore.Execute(_folder.StorePath, "UPDATE migration SET digest = 'edited' WHERE number = 1");
        Assert.Contains("differs", (await ServiceExecutable.RunAsync(_folder, ["keys", "list"])).ShouldExitWith(1).Text, StringComparison.Ordinal);
    }

    [SqliteFact]
    public async Task A_file_that_is_not_a_store_is_refused_with_a_message()
    {
        _folder.Write("store.db", new string('x', 8192));
        var finished =
            (await ServiceExecutable.RunAsync(_folder, [], ("ASPNETCORE_ENVIRONMENT", "Development"),
                ("ASPNETCORE_URLS", "http://127.0.0.1:0"))).ShouldExitWith(1);
        Assert.DoesNotContain("   at ", finished.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sixteen_concurrent_clients_get_distinct_revisions()
    {
        await using var service = await Service.StartInAsync(_folder);
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(async client =>
        {
            var own = new List<ServiceResponse>();
            for (var i = 0; i < 10; i++)
            {
                own.Add((await service.Post("/studies", TestData.Study($"c{client}-{i}"))).ShouldBe(201));
            }

            return own;
        }));
        Assert.Equal(Enumerable.Range(1, 160), answers.SelectMany(a => a).Select(a => (int)a.Number("revision")).Order());
        Assert.Equal(160, (await service.Get("/meta/pool")).Number("used"));
        Assert.Equal(["160|160"], RawStore.Query(_folder.StorePath, "SELECT log, evidence FROM revision"));
    }

    [Fact]
    public async Task The_change_log_has_every_change_in_order_and_without_gaps()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.SubmitStudy(TestData.Study("a"));
        await service.Post("/studies", TestData.Study("a"));
        await service.Post("/studies", TestData.Study("a", TestData.Effect(r: 0.9)));
        await service.Post("/studies", TestData.Study("b", TestData.Effect(n: 3)));
        await service.Put("/studies/a", TestData.Study("a", TestData.Effect(r: 0.4)), ("If-Match", "*"));
        await service.Put("/studies/a", TestData.Study("a", TestData.Effect(r: 0.4)), ("If-Match", "*"));
        var before = Log();
        await service.Delete("/studies/a", ("If-Match", "*"));
        await service.Put("/studies/a", TestData.Study("a"), ("If-Match", "*"));
        Assert.Equal(["1|1|submitted|a|1", "2|2|replaced|a|2", "3|3|retracted|a|3", "4|4|replaced|a|4"], Log());
        Assert.Equal(before, Log().Take(before.Count));
        var instants = RawStore.Query(_folder.StorePath, "SELECT recorded_at FROM change ORDER BY number");
        Assert.Equal(instants.Distinct().Order(StringComparer.Ordinal), instants);

        List<string> Log() =>
            RawStore.Query(_folder.StorePath, "SELECT number, evidence, kind, subject, version FROM change JOIN change_subject USING (number) ORDER BY number");
    }

    [Fact]
    public async Task A_write_by_another_process_is_seen_by_the_next_query()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.SubmitStudy(TestData.Study("a"));
        var tag = (await service.Get("/meta/pool")).ETag;
        (await ServiceExecutable.RunAsync(_folder, ["import", _folder.Write("more.json", $"[{TestData.Study("b").ToJsonString()}]")])).ShouldExitWith(0);
        var answer = (await service.Get("/meta/pool?minRevision=2", ("If-None-Match", tag!))).ShouldBe(200);
        Assert.Equal((2, 2), (answer.Number("used"), answer.Number("data/revision")));
        Assert.Equal(3, (await service.SubmitStudy(TestData.Study("c"))).Number("revision"));
    }

    [Fact]
    public async Task Health_reports_whether_the_store_is_readable()
    {
        await using var service = await Service.StartInAsync(_folder);
        Assert.Equal("live", (await service.Get("/health/live")).ShouldBe(200).String("status"));
        var ready = (await service.Get("/health/ready")).ShouldBe(200);
        Assert.Equal("ready", ready.String("status"));
        Assert.True(ready.Number("schema") >= 1);
    }
}
