using Microsoft.Extensions.DependencyInjection;

using Npgsql;

using RealRelationship.Storage;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>Two services on one database, as behind a load balancer.</summary>
public sealed class ReplicaTests : IDisposable
{
    private static readonly TimeSpan s_promised = TimeSpan.FromSeconds(1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PostgresFact]
    public Task A_study_is_in_the_pools_of_the_other_within_a_second_by_polling() => IsHeardOfInTime();

    [PostgresFact]
    public Task A_study_is_in_the_pools_of_the_other_within_a_second_by_listening() => IsHeardOfInTime(("Storage__NotifyConnectionString", PostgresServer.Store(_folder.StorePath)));

    // A connection that listens is there to be quick; when it cannot be had, the revision is polled.
    [PostgresFact]
    public Task A_study_is_in_the_pools_of_the_other_where_nobody_can_listen() => IsHeardOfInTime(("Storage__NotifyConnectionString", "Host=127.0.0.1;Port=1;Timeout=1"));

    [PostgresFact]
    public async Task The_revision_of_a_write_can_be_asked_of_the_other_at_once()
    {
        var (a, b) = await StartTwoAsync();
        await using (a)
        await using (b)
        {
            for (var i = 1; i <= 20; i++)
            {
                var revision = (await a.Submit(A.Study($"s{i}"))).Number("revision");
                Assert.Equal(i, (await b.Get($"/meta/pool?minRevision={revision}")).ShouldBe(200).Number("used"));
                Assert.Equal(i, (await b.Get($"/meta/pool?asOf={revision}")).ShouldBe(200).Number("used"));
            }
        }
    }

    [PostgresFact]
    public async Task Revisions_of_both_are_unique_and_without_gaps()
    {
        var (a, b) = await StartTwoAsync();
        await using (a)
        await using (b)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? a : b).Submit(A.Study($"s{i}"))));
            Assert.Equal(Enumerable.Range(1, 60), answers.Select(answer => (int)answer.Number("revision")).Order());
            Assert.Equal(["60|60"], Rows("SELECT log, evidence FROM revision"));
            Assert.Equal(60, (await b.Get("/meta/pool?minRevision=60")).Number("used"));
            Assert.Equal((await a.Get("/meta/pool?minRevision=60")).Text, (await b.Get("/meta/pool")).Text);
        }
    }

    [PostgresFact]
    public async Task A_study_sent_to_both_at_once_is_made_once()
    {
        var (a, b) = await StartTwoAsync();
        await using (a)
        await using (b)
        {
            for (var i = 0; i < 10; i++)
            {
                var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(j => (j % 2 == 0 ? a : b).Post("/studies", A.Study($"s{i}"))));
                Assert.Equal([200, 200, 200, 200, 200, 201], answers.Select(answer => answer.Status).Order());
            }

            Assert.Equal(["10|10"], Rows("SELECT count(*), count(DISTINCT study_key) FROM study_version"));
        }
    }

    [PostgresFact]
    public async Task A_request_with_an_idempotency_key_sent_to_both_at_once_takes_effect_once()
    {
        var (a, b) = await StartTwoAsync();
        await using (a)
        await using (b)
        {
            for (var i = 0; i < 10; i++)
            {
                var key = ("Idempotency-Key", $"key-{i}");
                var answers = await Task.WhenAll(a.Post("/studies", A.Study($"s{i}"), key), b.Post("/studies", A.Study($"s{i}"), key));
                Assert.All(answers, answer => answer.ShouldBe(201));
                Assert.Single(answers, answer => answer.Header("Idempotent-Replayed") == "true");
                Assert.All(answers, answer => Assert.Equal(i + 1, answer.Number("revision")));
            }

            Assert.Equal(["10"], Rows("SELECT log FROM revision"));
            (await b.Post("/studies", A.Study("another"), ("Idempotency-Key", "key-0"))).ShouldBeProblem(422);
        }
    }

    [PostgresFact]
    public async Task Services_that_start_at_once_on_an_empty_database_make_one_store()
    {
        var services = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Service.StartInAsync(_folder, settings: [.. PostgresServer.Settings(_folder.StorePath), ("Demo__Load", "true")])));
        foreach (var service in services)
        {
            Assert.Equal(1502, (await service.Get("/meta/pool?minRevision=20")).ShouldBe(200).Number("counts/participants"));
        }

        foreach (var service in services)
        {
            await service.DisposeAsync();
        }

        Assert.Equal(["20"], Rows("SELECT log FROM revision"));
    }

    [PostgresFact]
    public async Task A_service_ends_when_what_it_has_seen_is_gone()
    {
        using var earlier = new TemporaryFolder();
        await using (var first = await Service.StartInAsync(_folder, settings: PostgresServer.Settings(_folder.StorePath)))
        {
            await first.Submit(A.Study("a"));
        }

        PostgresServer.Copy(_folder.StorePath, earlier.StorePath);
        await using var service = await Service.StartInAsync(_folder, settings: PostgresServer.Settings(_folder.StorePath));
        await service.Submit(A.Study("b"));
        PostgresServer.Exchange(_folder.StorePath, earlier.StorePath);
        var failStop = service.Parts.GetRequiredService<CorruptionGuard>();
        await Eventually.True(() => Task.FromResult(failStop.Reason is not null));
        Assert.Contains("from evidence revision 2 to 1", failStop.Reason, StringComparison.Ordinal);
    }

    // The service is not the owner of its tables, and may not make any.
    [PostgresFact]
    public async Task A_service_needs_no_more_rights_than_the_README_says()
    {
        var owner = PostgresServer.Store(_folder.StorePath);
        PostgresServer.Execute(owner, "DO $$ BEGIN CREATE ROLE realrelationship LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$");
        var granting = Repository.Read("README.md").Split('`').Single(code => code.StartsWith("ALTER DEFAULT PRIVILEGES", StringComparison.Ordinal));
        PostgresServer.Execute(owner, granting);
        var rightless = new NpgsqlConnectionStringBuilder(owner) { Username = "realrelationship" }.ToString();
        (string, string)[] settings = [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", rightless)];
        await using (var first = await Service.StartInAsync(_folder, settings: [.. settings, ("Storage__MigrationConnectionString", owner)]))
        {
            await first.Submit(A.Study("a"));
        }

        await using var second = await Service.StartInAsync(_folder, settings: settings);
        await second.Submit(A.Study("b"));
        Assert.Equal(2, (await second.Get("/meta/pool")).Number("used"));
    }

    private async Task IsHeardOfInTime(params (string Name, string Value)[] settings)
    {
        var (a, b) = await StartTwoAsync(settings);
        await using (a)
        await using (b)
        {
            var times = new List<TimeSpan>();
            for (var i = 1; i <= 7; i++)
            {
                await a.Submit(A.Study($"s{i}"));
                times.Add(await Eventually.True(async () => await b.Get("/meta/pool") is { Status: 200 } pool && pool.Number("used") == i));
            }

            // Of a machine that does something else at the same moment, the middle one says what the service needs.
            Assert.InRange(times.Order().ElementAt(3), TimeSpan.Zero, s_promised);
        }
    }

    private async Task<(Service A, Service B)> StartTwoAsync(params (string Name, string Value)[] settings)
    {
        (string, string)[] all = [.. PostgresServer.Settings(_folder.StorePath), .. settings];
        return (await Service.StartInAsync(_folder, settings: all), await Service.StartInAsync(_folder, settings: all));
    }

    private IReadOnlyList<string> Rows(string query) => PostgresServer.Rows(PostgresServer.Store(_folder.StorePath), query);
}
