using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>pgbouncer in transaction mode between the services and the server; schema steps and notifications go past it.</summary>
public sealed class PoolerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Pooler? _pooler;

    private string Direct => PostgresServer.Store(_folder.StorePath);

    public async ValueTask InitializeAsync() => _pooler = PostgresServer.HasPgBouncer ? await Pooler.StartAsync(Direct) : null;

    public async ValueTask DisposeAsync()
    {
        if (_pooler is not null)
        {
            await _pooler.DisposeAsync();
        }

        _folder.Dispose();
    }

    [PostgresFact(PostgresNeed.PgBouncer)]
    public async Task Writes_reads_and_repeated_requests_are_answered_as_without_it()
    {
        await using var service = await StartAsync();
        await service.Submit(A.Study("a", A.Effect(r: 0.2), A.Effect(r: 0.3)));
        await service.Submit(A.Study("b"));
        (await service.Put("/studies/b", A.Study("b", A.Effect(r: 0.5)), ("If-Match", "*"))).ShouldBe(200);
        (await service.Delete("/studies/a", ("If-Match", "*"))).ShouldBe(204);
        Assert.Equal(4, (await service.Get("/meta/pool")).ShouldBe(200).Number("data/revision"));
        (await service.Post("/studies", A.Study("c"), ("Idempotency-Key", "k"))).ShouldBe(201);
        Assert.Equal("true", (await service.Post("/studies", A.Study("c"), ("Idempotency-Key", "k"))).ShouldBe(201).Header("Idempotent-Replayed"));
        Assert.Equal(2, (await service.Get("/studies/a/versions")).At("versions")!.AsArray().Count);
    }

    [PostgresFact(PostgresNeed.PgBouncer)]
    public async Task Two_services_with_three_connections_between_them_lose_and_double_nothing()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync(("Storage__NotifyConnectionString", Direct));
        await a.Submit(A.Study("first"));
        await (await Load.RunAsync(a, clients: 8, each: 10)).LostAndDoubledNothing(b);
        await Eventually.True(async () => (await b.Get("/meta/pool")).Number("used") == 81);
    }

    [PostgresFact(PostgresNeed.PgBouncer)]
    public async Task A_connection_that_the_pooler_loses_is_got_over()
    {
        await using var service = await StartAsync();
        await service.Submit(A.Study("a"));
        PostgresServer.Execute(Direct, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await service.Submit(A.Study("b"));
        (await service.Get("/studies/b")).ShouldBe(200);
    }

    private Task<Service> StartAsync(params (string Name, string Value)[] settings) => Service.StartInAsync(_folder, settings:
        [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", _pooler!.Before(Direct)), ("Storage__MigrationConnectionString", Direct), .. settings]);
}
