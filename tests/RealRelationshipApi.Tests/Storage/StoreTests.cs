using System.Net;

using Dapper;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage.Writing;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Storage;

/// <summary>What is on disk, seen from behind the service.</summary>
public sealed class StoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_start_finds_everything()
    {
        Answer studies, pool, versions;
        await using (var first = await Service.StartInAsync(_folder))
        {
            await first.Submit(A.Study("a", A.Effect(r: 0.2)));
            await first.Submit(A.Study("b", A.Effect(r: 0.4)));
            await first.Put("/studies/a", A.Study("a", A.Effect(r: 0.25)), ("If-Match", "*"));
            (studies, pool, versions) = (await first.Get("/studies"), await first.Get("/meta/pool"), await first.Get("/studies/a/versions"));
        }
        await using var second = await Service.StartInAsync(_folder);
        Assert.Equal(studies.Bytes, (await second.Get("/studies")).Bytes);
        Assert.Equal(versions.Bytes, (await second.Get("/studies/a/versions")).Bytes);
        var again = await second.Get("/meta/pool");
        Assert.Equal((pool.Text, pool.ETag), (again.Text, again.ETag));
        Assert.Equal(4, (await second.Submit(A.Study("c"))).Number("revision"));
    }

    [Fact]
    public async Task What_was_acknowledged_is_in_the_file_before_the_service_stops()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.Submit(A.Study("a"));
        Assert.Equal(["a|1|accepted"], Store.Rows(_folder.StorePath, "SELECT study_key, version, status FROM study_version"));
    }

    [SqliteFact]
    public async Task A_service_that_was_stopped_leaves_one_file()
    {
        var (service, address) = await Executable.ServeAsync(_folder, ("ASPNETCORE_ENVIRONMENT", "Development"));
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

    // Most of it is folded back beside the writer, which would write on for ever behind what is folded.
    [SqliteFact]
    public async Task The_log_begins_anew_while_a_large_batch_comes_in()
    {
        const int Studies = 6_000;
        await using var service = await Service.StartInAsync(_folder);
        var log = new FileInfo($"{_folder.StorePath}-wal");
        var batch = service.PostText("/studies/batch", string.Join('\n', Enumerable.Range(0, Studies).Select(i => A.Study($"s{i * 7919 % Studies:0000}", A.Effect(n: 20 + i)).ToJsonString())),
            "application/x-ndjson");
        var longest = 0L;
        while (!batch.IsCompleted)
        {
            log.Refresh();
            longest = Math.Max(longest, log.Length);
            await Task.Delay(5);
        }

        Assert.Equal(Studies, (await batch).ShouldBe(207).Number("accepted"));
        Assert.InRange(longest, 4_000 * 4096, 10_000 * 4096);
    }

    // SQLite keeps −0 as 0 (sqlite.org/datatype3.html, "REAL stored as INTEGER"); what is hashed must be what is read back.
    [Theory]
    [InlineData("higherIsWorse", "0")]
    [InlineData("higherIsBetter", "-0.0")]
    public async Task A_correlation_of_zero_is_read_back_as_it_was_hashed(string direction, string r)
    {
        await using var service = await Service.StartInAsync(_folder);
        (await service.PostText("/studies", A.Study("zero", A.Effect().With("outcomeDirection", direction)).WithText("effects/0/statistic/value", r))).ShouldBe(201);
        await service.Submit(A.Study());
        Assert.Equal(2, (await service.Get("/meta/pool")).ShouldBe(200).Number("used"));
    }

    [SqliteFact]
    public async Task The_file_is_in_WAL_mode_and_every_table_is_strict()
    {
        await using var service = await Service.StartInAsync(_folder);
        Assert.Equal(["wal"], Store.Rows(_folder.StorePath, "PRAGMA journal_mode"));
        Assert.True(File.Exists(_folder.StorePath + "-wal"));
        var tables = Store.Rows(_folder.StorePath, "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'");
        Assert.True(tables.Count >= 7);
        Assert.All(tables, t => Assert.EndsWith("|1", t, StringComparison.Ordinal));
    }

    [SqliteFact]
    public async Task The_writer_syncs_every_commit_and_holds_foreign_keys()
    {
        await using var service = await Service.StartInAsync(_folder);
        var settings = await service.Parts.GetRequiredService<GroupCommitWriter>().WriteAsync(transaction =>
            (transaction.Connection.ExecuteScalar<long>("PRAGMA synchronous"), transaction.Connection.ExecuteScalar<long>("PRAGMA foreign_keys")));
        Assert.Equal((2, 1), settings); // FULL
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_refused()
    {
        await using (await Service.StartInAsync(_folder)) { }
        Store.Execute(_folder.StorePath, "INSERT INTO migration (number, name, digest, applied_at) VALUES (9999, '9999_future', 'x', '2999-01-01T00:00:00.000000Z')");
        var finished = await Executable.RunAsync(_folder, [], ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"));
        Assert.Contains("9999_future", finished.ShouldExitWith(1).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_whose_schema_was_made_otherwise_is_refused()
    {
        await using (await Service.StartInAsync(_folder)) { }
        Store.Execute(_folder.StorePath, "UPDATE migration SET digest = 'edited' WHERE number = 1");
        Assert.Contains("differs", (await Executable.RunAsync(_folder, ["keys", "list"])).ShouldExitWith(1).Text, StringComparison.Ordinal);
    }

    [SqliteFact]
    public async Task A_file_that_is_no_store_is_refused_in_a_sentence()
    {
        _folder.Write("store.db", new string('x', 8192));
        var finished = (await Executable.RunAsync(_folder, [], ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"))).ShouldExitWith(1);
        Assert.DoesNotContain("   at ", finished.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sixteen_clients_at_once_get_a_revision_each()
    {
        await using var service = await Service.StartInAsync(_folder);
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(async client =>
        {
            var own = new List<Answer>();
            for (var i = 0; i < 10; i++)
            {
                own.Add((await service.Post("/studies", A.Study($"c{client}-{i}"))).ShouldBe(201));
            }

            return own;
        }));
        Assert.Equal(Enumerable.Range(1, 160), answers.SelectMany(a => a).Select(a => (int)a.Number("revision")).Order());
        Assert.Equal(160, (await service.Get("/meta/pool")).Number("used"));
        Assert.Equal(["160|160"], Store.Rows(_folder.StorePath, "SELECT log, evidence FROM revision"));
    }

    [Fact]
    public async Task The_change_log_has_every_change_in_order_and_without_gaps()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.Submit(A.Study("a"));
        await service.Post("/studies", A.Study("a"));
        await service.Post("/studies", A.Study("a", A.Effect(r: 0.9)));
        await service.Post("/studies", A.Study("b", A.Effect(n: 3)));
        await service.Put("/studies/a", A.Study("a", A.Effect(r: 0.4)), ("If-Match", "*"));
        await service.Put("/studies/a", A.Study("a", A.Effect(r: 0.4)), ("If-Match", "*"));
        var before = Log();
        await service.Delete("/studies/a", ("If-Match", "*"));
        await service.Put("/studies/a", A.Study("a"), ("If-Match", "*"));
        Assert.Equal(["1|1|submitted|a|1", "2|2|replaced|a|2", "3|3|retracted|a|3", "4|4|replaced|a|4"], Log());
        Assert.Equal(before, Log().Take(before.Count));
        var instants = Store.Rows(_folder.StorePath, "SELECT recorded_at FROM change ORDER BY number");
        Assert.Equal(instants.Distinct().Order(StringComparer.Ordinal), instants);

        List<string> Log() => Store.Rows(_folder.StorePath, "SELECT number, evidence, kind, subject, version FROM change JOIN change_subject USING (number) ORDER BY number");
    }

    [Fact]
    public async Task A_write_beside_the_service_is_seen_at_its_next_question()
    {
        await using var service = await Service.StartInAsync(_folder);
        await service.Submit(A.Study("a"));
        var tag = (await service.Get("/meta/pool")).ETag;
        (await Executable.RunAsync(_folder, ["import", _folder.Write("more.json", $"[{A.Study("b").ToJsonString()}]")])).ShouldExitWith(0);
        var answer = (await service.Get("/meta/pool?minRevision=2", ("If-None-Match", tag!))).ShouldBe(200);
        Assert.Equal((2, 2), (answer.Number("used"), answer.Number("data/revision")));
        Assert.Equal(3, (await service.Submit(A.Study("c"))).Number("revision"));
    }

    [Fact]
    public async Task Health_says_whether_the_store_can_be_read()
    {
        await using var service = await Service.StartInAsync(_folder);
        Assert.Equal("live", (await service.Get("/health/live")).ShouldBe(200).String("status"));
        var ready = (await service.Get("/health/ready")).ShouldBe(200);
        Assert.Equal("ready", ready.String("status"));
        Assert.True(ready.Number("schema") >= 1);
    }
}
