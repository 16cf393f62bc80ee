using System.Diagnostics;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>A primary and its synchronous standby: two servers that both accept writes, and one that stops responding.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private PostgresInstance _primary = null!;
    private PostgresInstance _standby = null!;

    public async ValueTask InitializeAsync()
    {
        if (PostgresTestServer.HasBinaries)
        {
            _primary = await PostgresInstance.StartNewAsync();
            await _primary.RestartWithSynchronousStandbyAsync();
            _standby = await _primary.CreateStandbyAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        if (_standby is not null)
        {
            await _standby.DisposeAsync();
        }

        if (_primary is not null)
        {
            await _primary.DisposeAsync();
        }
    }

    // The old primary is not told, and is listed first.
    [PostgresFact(PostgresRequirement.Binaries)]
    public async Task Of_two_servers_that_accept_writes_the_promoted_one_gets_them()
    {
        await using var service = await StartAsync(BothHosts);
        await service.SubmitStudy(TestData.Study("a"));
        await PromoteAsync();
        (await service.Post("/studies", TestData.Study("b"))).ShouldBe(201);
        (await service.Get("/studies/b")).ShouldBe(200);
        await using (var other = await StartAsync(BothHosts))
        {
            (await other.Post("/studies", TestData.Study("c"))).ShouldBe(201);
        }

        Assert.Equal(["a", "b", "c"], StudiesOf(_standby));
        await _standby.StopAsync();
        (await service.Post("/studies", TestData.Study("d"))).ShouldBeProblem(503);
        (await service.Get("/studies/a")).ShouldBeProblem(503);
        Assert.Equal(["a"], StudiesOf(_primary));
        Assert.Null(service.Services.GetRequiredService<CorruptionGuard>().Reason);
    }

    // Behind one address, such as a proxy's.
    [PostgresFact(PostgresRequirement.Binaries)]
    public async Task A_primary_that_was_replaced_gets_no_writes()
    {
        await PromoteAsync();
        _primary.Execute("ALTER SYSTEM SET synchronous_standby_names = ''");
        _primary.Execute("SELECT pg_reload_conf()");
        using var proxy = new PostgresProxy(_standby.ConnectionString);
        await using var service = await StartAsync(proxy.ConnectionString);
        await service.SubmitStudy(TestData.Study("a"));
        await service.SubmitStudy(TestData.Study("b"));
        await using (var stale = await StartAsync(_primary.ConnectionString))
        {
            await stale.SubmitStudy(TestData.Study("x"));
        }

        proxy.Redirect(_primary.ConnectionString);
        _standby.Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres' AND pid <> pg_backend_pid()");
        (await service.Post("/studies", TestData.Study("c"))).ShouldBeProblem(503);
        Assert.Contains("is on timeline 1, but timeline 2 was seen", $"{service.LoggedErrors}", StringComparison.Ordinal);
        Assert.Equal(["x"], StudiesOf(_primary));
        // It has an earlier revision, which says nothing about the history of the primary.
        Assert.Null(service.Services.GetRequiredService<CorruptionGuard>().Reason);
        proxy.Redirect(_standby.ConnectionString);
        _primary.Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres' AND pid <> pg_backend_pid()");
        await Wait.UntilAsync(async () => (await service.Post("/studies", TestData.Study("c"))).Status is 200 or 201);
        Assert.Equal(["a", "b", "c"], StudiesOf(_standby));
    }

    [PostgresFact(PostgresRequirement.Binaries)]
    public async Task Reads_from_a_server_that_stops_responding_continue_on_the_next_one()
    {
        await using var service = await StartAsync(BothHosts);
        await service.SubmitStudy(TestData.Study("a"));
        await Wait.UntilAsync(() => Task.FromResult(StudiesOf(_standby).Count == 1));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.Get("/studies/a")));
        await _primary.FreezeAsync();
        var started = Stopwatch.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.Get("/studies/a")));
        Assert.All(answers, answer => answer.ShouldBe(200));
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 10);
        started = Stopwatch.GetTimestamp();
        (await service.Get("/studies/a")).ShouldBe(200);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 1);
        await _primary.ThawAsync();
        await Wait.UntilAsync(async () => (await service.Post("/studies", TestData.Study("b"))).Status is 200 or 201);
        Assert.Equal(["a", "b"], StudiesOf(_primary));
    }

    private string BothHosts => $"Host={_primary.Address},{_standby.Address};Username=postgres;Database=postgres;SSL Mode=Disable";

    private Task<Service> StartAsync(string connectionString) => Service.StartInAsync(_folder,
        services => services.PostConfigure<StorageOptions>(options => options.WriteTimeout = TimeSpan.FromSeconds(2)),
        settings: [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", connectionString)]);

    private Task PromoteAsync()
    {
        _standby.Execute("ALTER SYSTEM SET synchronous_standby_names = ''");
        _standby.Execute("SELECT pg_reload_conf()");
        return _standby.PromoteAsync();
    }

    private static IReadOnlyList<string> StudiesOf(PostgresInstance server) =>
        PostgresTestServer.Query(server.ConnectionString, "SELECT study_key FROM study_version ORDER BY 1");
}
