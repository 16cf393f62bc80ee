using System.Text.Json.Nodes;

using Npgsql;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Security;

/// <summary>PostgreSQL's own wall between sites, for a service that is not the owner of the tables.</summary>
public sealed class RowSecurityTests : IAsyncLifetime
{
    private const string Role = "realrelationship_test_service";

    private readonly TemporaryFolder _folder = new();
    private Pooler? _pooler;

    private string Owner => PostgresServer.Store(_folder.StorePath);

    private string AsService => new NpgsqlConnectionStringBuilder(Owner) { Username = Role }.ToString();

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.IsThere)
        {
            PostgresServer.Execute(Owner, $"DO $$ BEGIN CREATE ROLE {Role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
            PostgresServer.Execute(Owner, $"GRANT USAGE ON SCHEMA public TO {Role}; ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {Role}");
            _pooler = PostgresServer.HasPgBouncer ? await Pooler.StartAsync(AsService) : null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_pooler is not null)
        {
            await _pooler.DisposeAsync();
        }

        _folder.Dispose();
    }

    [PostgresFact]
    public async Task Who_names_no_site_sees_none_and_who_names_one_sees_that_alone()
    {
        await using (var service = await StartAsync(AsService))
        {
            await SendAsync(service);
        }

        using var connection = PostgresServer.Open(AsService);
        string Count() => Vocabulary.Store.Rows(connection, "SELECT count(*), count(DISTINCT tenant) FROM measure_version").Single();
        Assert.Equal("0|0", Count());
        Vocabulary.Store.Rows(connection, "BEGIN; SELECT set_config('realrelationship.site', 'north', true)");
        Assert.Equal("6|1", Count());
        Vocabulary.Store.Rows(connection, "ROLLBACK; BEGIN; SELECT set_config('realrelationship.site', '*', true)");
        Assert.Equal("12|2", Count());
        Vocabulary.Store.Rows(connection, "ROLLBACK");
        Assert.Equal("0|0", Count());
        var refused = Assert.Throws<PostgresException>(() => Vocabulary.Store.Rows(connection,
            "BEGIN; SELECT set_config('realrelationship.site', 'north', true); INSERT INTO site_count (tenant, sealed) VALUES ('south', 'x')"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [PostgresFact]
    public async Task The_service_works_behind_the_wall()
    {
        await using var service = await StartAsync(AsService);
        await SendAsync(service);
    }

    [PostgresFact(PostgresNeed.PgBouncer)]
    public async Task The_service_works_behind_the_wall_and_a_pooler()
    {
        await using var service = await StartAsync(_pooler!.Before(AsService));
        await SendAsync(service);
    }

    [PostgresFact]
    public async Task A_store_behind_the_wall_is_checked_backed_up_and_exported_whole()
    {
        await using (var service = await StartAsync(AsService))
        {
            await SendAsync(service);
        }

        (string, string)[] settings = [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", AsService), ("Storage__MigrationConnectionString", Owner), ("Privacy__Key", Executable.PrivacyKey)];
        Assert.Contains("measure_version=12", (await Executable.RunAsync(_folder, ["verify"], settings)).ShouldExitWith(0).Output, StringComparison.Ordinal);
        Assert.Contains("measure_version=12", (await Executable.RunAsync(_folder, ["backup", "all.db"], settings)).ShouldExitWith(0).Output, StringComparison.Ordinal);
    }

    // Two sites send and read at the same time, so that one connection serves both by turns.
    private static async Task SendAsync(Service service)
    {
        var (north, south) = (await Site.OpenAsync(service, "north"), await Site.OpenAsync(service, "south"));
        await Task.WhenAll(north.FillAsync(service, 3), south.FillAsync(service, 3));
        foreach (var site in new[] { north, south })
        {
            Assert.Equal(6, (await service.Get("/sessions", site.Key)).ShouldBe(200).At("sessions")!.AsArray().Count);
            (await service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = $"{site.Mark}-ehr", ["patient"] = $"{site.Mark}-p1" }, site.Key)).ShouldBe(200);
            (await service.Get($"/instruments/{site.InstrumentCode}", site.Key)).ShouldBe(200);
        }

        (await service.Get($"/instruments/{north.InstrumentCode}", south.Key)).ShouldBeProblem(404);
    }

    private Task<Service> StartAsync(string connectionString) => Service.StartInAsync(_folder, settings:
        [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", connectionString), ("Storage__MigrationConnectionString", Owner)]);
}
