using System.Diagnostics;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>The server itself goes away and comes back, on a server of this class's own.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private OwnPostgres _server = null!;

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.HasPrograms)
        {
            _server = await OwnPostgres.MakeAsync();
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

    [PostgresFact(PostgresNeed.Programs)]
    public async Task While_the_server_is_down_everything_is_503_and_afterwards_nothing_is()
    {
        await _server.StartAsync();
        await using var service = await StartAsync();
        await service.Submit(A.Study("a"));
        var pool = (await service.Get("/meta/pool")).ShouldBe(200);
        await _server.StopAsync();

        (await service.Get("/studies/a")).ShouldBeProblem(503);
        (await service.Get("/effects")).ShouldBeProblem(503);
        (await service.Get("/health/ready")).ShouldBeProblem(503);
        (await service.Get("/health/live")).ShouldBe(200);
        // Pooled answers are in memory, and what they rest on has not changed.
        Assert.Equal(pool.Text, (await service.Get("/meta/pool")).ShouldBe(200).Text);
        (await service.Get("/meta/pool?minRevision=2")).ShouldBeProblem(503);
        var started = Stopwatch.GetTimestamp();
        Assert.Equal("1", (await service.Post("/studies", A.Study("b"))).ShouldBeProblem(503).Header("Retry-After"));
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 5, 20);

        await _server.StartAsync();
        // Every pooled connection is lost, and no reader is told.
        (await service.Get("/studies/a")).ShouldBe(200);
        (await service.Get("/health/ready")).ShouldBe(200);
        Assert.Equal(2, (await service.Submit(A.Study("b"))).Number("revision"));
        Assert.Equal(2, (await service.Get("/meta/pool?minRevision=2")).ShouldBe(200).Number("used"));
    }

    [PostgresFact(PostgresNeed.Programs)]
    public async Task A_restart_is_not_noticed_by_who_reads_next()
    {
        await _server.StartAsync();
        await using var service = await StartAsync();
        await service.Submit(A.Study("a"));
        foreach (var mode in new[] { "fast", "immediate" })
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => service.Get("/studies/a")));
            await _server.StopAsync(mode);
            await _server.StartAsync();
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => service.Get("/studies/a")));
            Assert.True(answers.All(answer => answer.Status == 200), $"after {mode}: {service.Errors}");
        }
    }

    [PostgresFact(PostgresNeed.Programs)]
    public async Task A_server_that_crashes_under_load_loses_and_doubles_nothing()
    {
        await _server.StartAsync();
        await using var service = await StartAsync();
        await service.Submit(A.Study("first"));
        var loading = Load.RunAsync(service, clients: 6, each: 30);
        for (var i = 0; i < 2; i++)
        {
            await Task.Delay(300);
            await _server.StopAsync("immediate");
            await Task.Delay(300);
            await _server.StartAsync();
        }

        await (await loading).LostAndDoubledNothing(service);
    }

    [PostgresFact(PostgresNeed.Programs)]
    public async Task A_service_waits_for_a_server_that_is_starting()
    {
        var starting = StartAsync();
        await Task.Delay(1000);
        Assert.False(starting.IsCompleted);
        await _server.StartAsync();
        await using var service = await starting;
        (await service.Get("/health/ready")).ShouldBe(200);
    }

    [PostgresFact(PostgresNeed.Programs)]
    public async Task A_server_that_does_not_come_is_one_line()
    {
        var finished = await StartExecutableAsync(_server.ConnectionString + ";Password=secret-of-mine");
        Assert.Contains("cannot be used as a store", finished.Text, StringComparison.Ordinal);
    }

    [PostgresFact(PostgresNeed.Programs)]
    public async Task A_server_that_does_not_let_us_in_is_one_line_without_the_password()
    {
        await _server.StartAsync();
        Assert.Contains("does not exist", (await StartExecutableAsync(_server.ConnectionString + ";Password=secret-of-mine;Database=nowhere")).Text, StringComparison.Ordinal);
        Assert.Contains("does not exist", (await StartExecutableAsync(_server.ConnectionString + ";Password=secret-of-mine;Username=nobody")).Text, StringComparison.Ordinal);
        Assert.Contains("Storage__ConnectionString", (await StartExecutableAsync("Hast=db;Password=secret-of-mine")).Text, StringComparison.Ordinal);
        Assert.Contains("Storage__ConnectionString", (await StartExecutableAsync("")).Text, StringComparison.Ordinal);
    }

    [PostgresFact(PostgresNeed.Programs)]
    public async Task A_server_that_is_too_old_is_refused_before_anything_is_made()
    {
        await _server.StartAsync();
        using var wire = new Wire(_server.ConnectionString) { Version = "14" };
        Assert.Contains("is too old: 15 or newer is needed", (await StartExecutableAsync(wire.ConnectionString)).Text, StringComparison.Ordinal);
        Assert.Empty(PostgresServer.Rows(_server.ConnectionString, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'"));
    }

    // A commit that only the primary has is not acknowledged while the server is told to wait for a standby.
    [PostgresFact(PostgresNeed.Programs)]
    public async Task A_write_that_no_standby_has_yet_is_not_acknowledged()
    {
        await _server.StartAsync();
        await using var service = await StartAsync();
        await _server.RestartToWaitForStandbyAsync();
        (await service.Post("/studies", A.Study("a"), ("Idempotency-Key", "k"))).ShouldBeProblem(503);
        await using var standby = await _server.MakeStandbyAsync();
        Answer? answer = null;
        await Eventually.True(async () => (answer = await service.Post("/studies", A.Study("a"), ("Idempotency-Key", "k"))).Status == 201);
        Assert.Equal("true", answer!.Header("Idempotent-Replayed"));
        Assert.Equal(["a"], PostgresServer.Rows(standby.ConnectionString, "SELECT study_key FROM study_version"));
    }

    [PostgresFact(PostgresNeed.Programs)]
    public async Task When_the_standby_takes_over_nothing_acknowledged_is_missing()
    {
        await _server.StartAsync();
        await _server.RestartToWaitForStandbyAsync();
        await using var standby = await _server.MakeStandbyAsync();
        await using var service = await Service.StartInAsync(_folder, settings: [("Storage__Provider", "Postgres"),
            ("Storage__ConnectionString", $"Host={_server.Address},{standby.Address};Username=postgres;Database=postgres;SSL Mode=Disable;Host Recheck Seconds=1")]);
        await service.Submit(A.Study("first"));
        var loading = Load.RunAsync(service, clients: 4, each: 25);
        await Task.Delay(500);
        await _server.StopAsync("immediate");
        (await service.Get("/studies/first")).ShouldBe(200);
        standby.Execute("ALTER SYSTEM SET synchronous_standby_names = ''");
        standby.Execute("SELECT pg_reload_conf()");
        await standby.PromoteAsync();
        await (await loading).LostAndDoubledNothing(service);
    }

    private Task<Service> StartAsync() => Service.StartInAsync(_folder, settings: _server.Settings);

    private async Task<Finished> StartExecutableAsync(string connectionString)
    {
        var finished = (await Executable.RunAsync(_folder, [], ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"),
            ("Storage__Provider", "Postgres"), ("Storage__ConnectionString", connectionString))).ShouldExitWith(1);
        Assert.DoesNotContain("secret-of-mine", finished.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", finished.Text, StringComparison.Ordinal);
        return finished;
    }
}
