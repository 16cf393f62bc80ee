using System.Diagnostics;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>The server itself goes away and comes back, on a server of this class's own.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private static readonly TimeSpan s_writeTimeout = TimeSpan.FromSeconds(2);

    private readonly TemporaryFolder _folder = new();
    private PostgresInstance _server = null!;

    public async ValueTask InitializeAsync()
    {
        if (PostgresTestServer.HasBinaries)
        {
            _server = await PostgresInstance.CreateAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [PostgresFact(PostgresRequirement.Binaries)]
    public async Task During_an_outage_every_request_gets_503_and_recovers_afterwards()
    {
        await _server.StartAsync();
        await using var service = await StartAsync();
        await service.SubmitStudy(TestData.Study("a"));
        var pool = (await service.Get("/meta/pool")).ShouldBe(200);
        await _server.StopAsync();

        (await service.Get("/studies/a")).ShouldBeProblem(503);
        (await service.Get("/effects")).ShouldBeProblem(503);
        (await service.Get("/health/ready")).ShouldBeProblem(503);
        (await service.Get("/health/live")).ShouldBe(200);
        // Responses are cached, and their evidence has not changed.
        Assert.Equal(pool.Text, (await service.Get("/meta/pool")).ShouldBe(200).Text);
        (await service.Get("/meta/pool?minRevision=2")).ShouldBeProblem(503);
        var started = Stopwatch.GetTimestamp();
        Assert.Equal("1", (await service.Post("/studies", TestData.Study("b"))).ShouldBeProblem(503).Header("Retry-After"));
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, s_writeTimeout.TotalSeconds, 20);

        await _server.StartAsync();
        // All pooled connections are lost, without notice.
        (await service.Get("/studies/a")).ShouldBe(200);
        (await service.Get("/health/ready")).ShouldBe(200);
        Assert.Equal(2, (await service.SubmitStudy(TestData.Study("b"))).Number("revision"));
        Assert.Equal(2, (await service.Get("/meta/pool?minRevision=2")).ShouldBe(200).Number("used"));
    }

    [PostgresFact(PostgresRequirement.Binaries)]
    public async Task A_database_restart_is_invisible_to_the_next_read()
    {
        await _server.StartAsync();
        await using var service = await StartAsync();
        await service.SubmitStudy(TestData.Study("a"));
        foreach (var mode in new[] { "fast", "immediate" })
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => service.Get("/studies/a")));
            await _server.StopAsync(mode);
            await _server.StartAsync();
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => service.Get("/studies/a")));
            Assert.True(answers.All(answer => answer.Status == 200), $"after {mode}: {service.LoggedErrors}");
        }
    }

    [PostgresFact(PostgresRequirement.Binaries)]
    public async Task A_database_crash_under_load_loses_and_duplicates_nothing()
    {
        await _server.StartAsync();
        await using var service = await StartAsync();
        await service.SubmitStudy(TestData.Study("first"));
        var load = ConcurrentLoad.Start(service, clients: 6);
        for (var i = 0; i < 2; i++)
        {
            await load.WaitForWritesAsync(20);
            await _server.StopAsync("immediate");
            await load.WaitForUnavailableAsync();
            await _server.StartAsync();
        }

        await load.WaitForWritesAsync(20);
        await load.StopAndVerifyAsync(service);
    }

    [PostgresFact(PostgresRequirement.Binaries)]
    public async Task A_service_waits_for_a_starting_database()
    {
        var starting = StartAsync();
        await _server.DropConnectionsAsync(2);
        Assert.False(starting.IsCompleted);
        await _server.StartAsync();
        await using var service = await starting;
        (await service.Get("/health/ready")).ShouldBe(200);
    }

    [PostgresFact(PostgresRequirement.Binaries)]
    [Trait("Category", "Slow")] // Waits for the service's own startup timeout of ten seconds.
    public async Task An_unreachable_database_ends_startup_with_one_line()
    {
        var finished = await RunUntilStartupFailsAsync(_server.ConnectionString + ";Password=secret-of-mine");
        Assert.Contains("cannot be used as a store", finished.Text, StringComparison.Ordinal);
    }

    [PostgresFact(PostgresRequirement.Binaries)]
    public async Task A_refused_login_ends_startup_with_one_line_without_the_password()
    {
        await _server.StartAsync();
        Assert.Contains("does not exist", (await RunUntilStartupFailsAsync(_server.ConnectionString + ";Password=secret-of-mine;Database=nowhere")).Text,
            StringComparison.Ordinal);
        Assert.Contains("does not exist", (await RunUntilStartupFailsAsync(_server.ConnectionString + ";Password=secret-of-mine;Username=nobody")).Text,
            StringComparison.Ordinal);
        Assert.Contains("Storage__ConnectionString", (await RunUntilStartupFailsAsync("Hast=db;Password=secret-of-mine")).Text, StringComparison.Ordinal);
        Assert.Contains("Storage__ConnectionString", (await RunUntilStartupFailsAsync("")).Text, StringComparison.Ordinal);
    }

    [PostgresFact(PostgresRequirement.Binaries)]
    public async Task An_unsupported_server_version_is_refused_before_any_change()
    {
        await _server.StartAsync();
        using var wire = new PostgresProxy(_server.ConnectionString) { ReportedVersion = "14" };
        Assert.Contains("is too old: 15 or newer is needed", (await RunUntilStartupFailsAsync(wire.ConnectionString)).Text, StringComparison.Ordinal);
        Assert.Empty(PostgresTestServer.Query(_server.ConnectionString, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'"));
    }

    // Neither the service nor a timeout of the server cancels the wait for a standby: the server would report success.
    [PostgresFact(PostgresRequirement.Binaries)]
    public async Task A_write_not_yet_on_a_synchronous_standby_is_neither_acknowledged_nor_visible()
    {
        await _server.StartAsync();
        _server.Execute("ALTER ROLE postgres SET statement_timeout = '500ms'");
        await using var service = await StartAsync();
        await _server.RestartWithSynchronousStandbyAsync();
        var refused = (await service.Post("/studies", TestData.Study("a"), ("Idempotency-Key", "k"))).ShouldBeProblem(503);
        Assert.Contains("waits for a synchronous standby", refused.Text, StringComparison.Ordinal);
        (await service.Get("/studies/a")).ShouldBeProblem(404);
        Assert.Equal(["SyncRep"], PostgresTestServer.Query(_server.ConnectionString, "SELECT wait_event FROM pg_stat_activity WHERE wait_event = 'SyncRep'"));
        await using var standby = await _server.CreateStandbyAsync();
        ServiceResponse? answer = null;
        await Wait.UntilAsync(async () => (answer = await service.Post("/studies", TestData.Study("a"), ("Idempotency-Key", "k"))).Status == 201);
        Assert.Equal("true", answer!.Header("Idempotent-Replayed"));
        Assert.Equal(["a"], PostgresTestServer.Query(standby.ConnectionString, "SELECT study_key FROM study_version"));
    }

    [PostgresFact(PostgresRequirement.Binaries)]
    public async Task A_wait_for_the_standby_that_an_administrator_cancels_is_no_acknowledgement()
    {
        await _server.StartAsync();
        await using var service = await StartAsync();
        await _server.RestartWithSynchronousStandbyAsync();
        var writing = service.Post("/studies", TestData.Study("a"));
        const string Waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        await Wait.UntilAsync(() => Task.FromResult(PostgresTestServer.Query(_server.ConnectionString, $"SELECT pg_cancel_backend(pid) {Waiting}").Count == 1));
        // The write is visible now, and one more commit waits for the standby.
        await Wait.UntilAsync(() =>
            Task.FromResult(writing.IsCompleted || PostgresTestServer.Query(_server.ConnectionString, $"SELECT query {Waiting}") is ["COMMIT"]));
        Assert.False(writing.IsCompleted);
        await using var standby = await _server.CreateStandbyAsync();
        Assert.Equal(201, (await writing).Status);
        Assert.Equal(["a"], PostgresTestServer.Query(standby.ConnectionString, "SELECT study_key FROM study_version"));
    }

    [PostgresFact(PostgresRequirement.Binaries)]
    public async Task After_failover_no_acknowledged_write_is_missing()
    {
        await _server.StartAsync();
        await _server.RestartWithSynchronousStandbyAsync();
        await using var standby = await _server.CreateStandbyAsync();
        await using var service = await Service.StartInAsync(_folder, settings: [("Storage__Provider", "Postgres"),
            ("Storage__ConnectionString",
                $"Host={_server.Address},{standby.Address};Username=postgres;Database=postgres;SSL Mode=Disable;Host Recheck Seconds=1")]);
        await service.SubmitStudy(TestData.Study("first"));
        var load = ConcurrentLoad.Start(service, clients: 4);
        await load.WaitForWritesAsync(20);
        await _server.StopAsync("immediate");
        (await service.Get("/studies/first")).ShouldBe(200);
        standby.Execute("ALTER SYSTEM SET synchronous_standby_names = ''");
        standby.Execute("SELECT pg_reload_conf()");
        await standby.PromoteAsync();
        await load.WaitForWritesAsync(20);
        await load.StopAndVerifyAsync(service);
    }

    private Task<Service> StartAsync() => Service.StartInAsync(_folder,
        services => services.PostConfigure<StorageOptions>(options => options.WriteTimeout = s_writeTimeout), settings: _server.Settings);

    private async Task<ProcessResult> RunUntilStartupFailsAsync(string connectionString)
    {
        var finished = (await ServiceExecutable.RunAsync(_folder, [], ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"),
            ("Storage__Provider", "Postgres"), ("Storage__ConnectionString", connectionString))).ShouldExitWith(1);
        Assert.DoesNotContain("secret-of-mine", finished.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", finished.Text, StringComparison.Ordinal);
        return finished;
    }
}
