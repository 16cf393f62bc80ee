using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>pgbouncer in transaction mode between the services and the server; schema steps and notifications go past it.</summary>
public sealed class PgBouncerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private PgBouncerInstance? _pooler;

    private string DirectConnectionString => PostgresTestServer.ConnectionStringFor(_folder.StorePath);

    public async ValueTask InitializeAsync() => _pooler = PostgresTestServer.HasPgBouncer ? await PgBouncerInstance.StartAsync(DirectConnectionString) : null;

    public async ValueTask DisposeAsync()
    {
        if (_pooler is not null)
        {
            await _pooler.DisposeAsync();
        }

        _folder.Dispose();
    }

    [PostgresFact(PostgresRequirement.PgBouncer)]
    public async Task Writes_reads_and_replays_work_through_PgBouncer()
    {
        await using var service = await StartAsync();
        await service.SubmitStudy(TestData.Study("a", TestData.Effect(r: 0.2), TestData.Effect(r: 0.3)));
        await service.SubmitStudy(TestData.Study("b"));
        (await service.Put("/studies/b", TestData.Study("b", TestData.Effect(r: 0.5)), ("If-Match", "*"))).ShouldBe(200);
        (await service.Delete("/studies/a", ("If-Match", "*"))).ShouldBe(204);
        Assert.Equal(4, (await service.Get("/meta/pool")).ShouldBe(200).Number("data/revision"));
        (await service.Post("/studies", TestData.Study("c"), ("Idempotency-Key", "k"))).ShouldBe(201);
        Assert.Equal("true", (await service.Post("/studies", TestData.Study("c"), ("Idempotency-Key", "k"))).ShouldBe(201).Header("Idempotent-Replayed"));
        Assert.Equal(2, (await service.Get("/studies/a/versions")).At("versions")!.AsArray().Count);
    }

    [PostgresFact(PostgresRequirement.PgBouncer)]
    public async Task Two_services_on_three_pooled_connections_lose_and_duplicate_nothing()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync(("Storage__NotifyConnectionString", DirectConnectionString));
        await a.SubmitStudy(TestData.Study("first"));
        var load = ConcurrentLoad.Start(a, clients: 8);
        await load.WaitForWritesAsync(80);
        await load.StopAndVerifyAsync(b);
        await Wait.UntilAsync(async () => (await b.Get("/meta/pool")).Number("used") == load.AcknowledgedCount + 1);
    }

    [PostgresFact(PostgresRequirement.PgBouncer)]
    public async Task A_connection_dropped_by_PgBouncer_is_recovered()
    {
        await using var service = await StartAsync();
        await service.SubmitStudy(TestData.Study("a"));
        PostgresTestServer.Execute(DirectConnectionString,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await service.SubmitStudy(TestData.Study("b"));
        (await service.Get("/studies/b")).ShouldBe(200);
    }

    private Task<Service> StartAsync(params (string Name, string Value)[] settings) => Service.StartInAsync(_folder, settings:
        [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", _pooler!.ConnectionStringThroughPooler(DirectConnectionString)),
            ("Storage__MigrationConnectionString", DirectConnectionString), .. settings]);
}
