using Microsoft.Extensions.DependencyInjection;

using Npgsql;

using RealRelationship.Storage;
using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>Two services on one database, as behind a load balancer.</summary>
public sealed class MultipleInstanceTests : IDisposable
{
    private static readonly TimeSpan s_maxPropagationDelay = TimeSpan.FromSeconds(1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PostgresFact]
    public Task A_study_reaches_the_other_instance_within_a_second_by_polling() => ShouldPropagateInTime();

    [PostgresFact]
    public Task A_study_reaches_the_other_instance_within_a_second_by_LISTEN() =>
        ShouldPropagateInTime(("Storage__NotifyConnectionString", PostgresTestServer.ConnectionStringFor(_folder.StorePath)));

    // A connection that listens is there to be quick; when it cannot be had, the revision is polled.
    [PostgresFact]
    public Task A_study_reaches_the_other_instance_without_LISTEN() =>
        ShouldPropagateInTime(("Storage__NotifyConnectionString", "Host=127.0.0.1;Port=1;Timeout=1"));

    [PostgresFact]
    public async Task minRevision_of_a_write_works_on_the_other_instance_at_once()
    {
        var (a, b) = await StartTwoAsync();
        await using (a)
        await using (b)
        {
            for (var i = 1; i <= 20; i++)
            {
                var revision = (await a.SubmitStudy(TestData.Study($"s{i}"))).Number("revision");
                Assert.Equal(i, (await b.Get($"/meta/pool?minRevision={revision}")).ShouldBe(200).Number("used"));
                Assert.Equal(i, (await b.Get($"/meta/pool?asOf={revision}")).ShouldBe(200).Number("used"));
            }
        }
    }

    [PostgresFact]
    public async Task Revisions_across_instances_are_unique_and_gapless()
    {
        var (a, b) = await StartTwoAsync();
        await using (a)
        await using (b)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? a : b).SubmitStudy(TestData.Study($"s{i}"))));
            Assert.Equal(Enumerable.Range(1, 60), answers.Select(answer => (int)answer.Number("revision")).Order());
            Assert.Equal(["60|60"], Rows("SELECT log, evidence FROM revision"));
            Assert.Equal(60, (await b.Get("/meta/pool?minRevision=60")).Number("used"));
            Assert.Equal((await a.Get("/meta/pool?minRevision=60")).Text, (await b.Get("/meta/pool")).Text);
        }
    }

    [PostgresFact]
    public async Task A_study_sent_to_both_instances_is_stored_once()
    {
        var (a, b) = await StartTwoAsync();
        await using (a)
        await using (b)
        {
            for (var i = 0; i < 10; i++)
            {
                var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(j => (j % 2 == 0 ? a : b).Post("/studies", TestData.Study($"s{i}"))));
                Assert.Equal([200, 200, 200, 200, 200, 201], answers.Select(answer => answer.Status).Order());
            }

            Assert.Equal(["10|10"], Rows("SELECT count(*), count(DISTINCT study_key) FROM study_version"));
        }
    }

    [PostgresFact]
    public async Task A_request_with_an_idempotency_key_sent_to_both_instances_takes_effect_once()
    {
        var (a, b) = await StartTwoAsync();
        await using (a)
        await using (b)
        {
            for (var i = 0; i < 10; i++)
            {
                var key = ("Idempotency-Key", $"key-{i}");
                var answers = await Task.WhenAll(a.Post("/studies", TestData.Study($"s{i}"), key), b.Post("/studies", TestData.Study($"s{i}"), key));
                Assert.All(answers, answer => answer.ShouldBe(201));
                Assert.Single(answers, answer => answer.Header("Idempotent-Replayed") == "true");
                Assert.All(answers, answer => Assert.Equal(i + 1, answer.Number("revision")));
            }

            Assert.Equal(["10"], Rows("SELECT log FROM revision"));
            (await b.Post("/studies", TestData.Study("another"), ("Idempotency-Key", "key-0"))).ShouldBeProblem(422);
        }
    }

    [PostgresFact]
    public async Task Instances_starting_together_on_an_empty_database_create_one_store()
    {
        var services =
            await Task.WhenAll(
                Enumerable.Range(0, 4)
                    .Select(_ => Service.StartInAsync(_folder, settings: [.. PostgresTestServer.StorageSettings(_folder.StorePath), ("Demo__Load", "true")])));
        foreach (var service in services)
        {
            Assert.Equal(1502, (await service.Get("/meta/pool?minRevision=39")).ShouldBe(200).Number("counts/participants"));
        }

        foreach (var service in services)
        {
            await service.DisposeAsync();
        }

        Assert.Equal(["39"], Rows("SELECT log FROM revision"));
    }

    [PostgresFact]
    public async Task A_service_stops_when_committed_data_disappears()
    {
        using var earlier = new TemporaryFolder();
        await using (var first = await Service.StartInAsync(_folder, settings: PostgresTestServer.StorageSettings(_folder.StorePath)))
        {
            await first.SubmitStudy(TestData.Study("a"));
        }

        PostgresTestServer.Copy(_folder.StorePath, earlier.StorePath);
        await using var service = await Service.StartInAsync(_folder, settings: PostgresTestServer.StorageSettings(_folder.StorePath));
        await service.SubmitStudy(TestData.Study("b"));
        PostgresTestServer.SwapDatabases(_folder.StorePath, earlier.StorePath);
        var failStop = service.Services.GetRequiredService<CorruptionGuard>();
        await Wait.UntilAsync(() => Task.FromResult(failStop.Reason is not null));
        Assert.Contains("from evidence revision 2 to 1", failStop.Reason, StringComparison.Ordinal);
        await Wait.UntilAsync(() => Task.FromResult($"{service.LoggedErrors}".Contains($"The service stops. {failStop.Reason}", StringComparison.Ordinal)));
    }

    // The service is not the owner of its tables, and may not make any.
    [PostgresFact]
    public async Task A_service_needs_only_the_database_rights_in_the_manual()
    {
        var owner = PostgresTestServer.ConnectionStringFor(_folder.StorePath);
        PostgresTestServer.Execute(owner,
            "DO $$ BEGIN CREATE ROLE realrelationship LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$");
        var granting = ManualFiles.Read("PostgreSQL").Split('`').Single(code => code.StartsWith("ALTER DEFAULT PRIVILEGES", StringComparison.Ordinal));
        PostgresTestServer.Execute(owner, granting);
        var rightless = new NpgsqlConnectionStringBuilder(owner) { Username = "realrelationship" }.ToString();
        (string, string)[] settings = [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", rightless)];
        await using (var first = await Service.StartInAsync(_folder, settings: [.. settings, ("Storage__MigrationConnectionString", owner)]))
        {
            await first.SubmitStudy(TestData.Study("a"));
        }

        await using var second = await Service.StartInAsync(_folder, settings: settings);
        await second.SubmitStudy(TestData.Study("b"));
        Assert.Equal(2, (await second.Get("/meta/pool")).Number("used"));
    }

    private async Task ShouldPropagateInTime(params (string Name, string Value)[] settings)
    {
        var (a, b) = await StartTwoAsync(settings);
        await using (a)
        await using (b)
        {
            var times = new List<TimeSpan>();
            for (var i = 1; i <= 7; i++)
            {
                await a.SubmitStudy(TestData.Study($"s{i}"));
                times.Add(await Wait.UntilAsync(async () => await b.Get("/meta/pool") is { Status: 200 } pool && pool.Number("used") == i));
            }

            // The median, as other load on the machine affects single values.
            Assert.InRange(times.Order().ElementAt(3), TimeSpan.Zero, s_maxPropagationDelay);
        }
    }

    private async Task<(Service A, Service B)> StartTwoAsync(params (string Name, string Value)[] settings)
    {
        (string, string)[] all = [.. PostgresTestServer.StorageSettings(_folder.StorePath), .. settings];
        return (await Service.StartInAsync(_folder, settings: all), await Service.StartInAsync(_folder, settings: all));
    }

    private IReadOnlyList<string> Rows(string query) => PostgresTestServer.Query(PostgresTestServer.ConnectionStringFor(_folder.StorePath), query);
}
