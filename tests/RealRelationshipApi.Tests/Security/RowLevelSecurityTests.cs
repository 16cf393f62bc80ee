using System.Text.Json.Nodes;

using Npgsql;

using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security;

/// <summary>PostgreSQL's own wall between sites, for a service that is not the owner of the tables.</summary>
public sealed class RowLevelSecurityTests : IAsyncLifetime
{
    private const string Role = "realrelationship_test_service";

    private readonly TemporaryFolder _folder = new();
    private PgBouncerInstance? _pooler;

    private string Owner => PostgresTestServer.ConnectionStringFor(_folder.StorePath);

    private string AsService => new NpgsqlConnectionStringBuilder(Owner) { Username = Role }.ToString();

    public async ValueTask InitializeAsync()
    {
        if (PostgresTestServer.IsAvailable)
        {
            PostgresTestServer.Execute(Owner, $"DO $$ BEGIN CREATE ROLE {Role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
            PostgresTestServer.Execute(Owner,
                $"GRANT USAGE ON SCHEMA public TO {Role}; ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {Role}");
            _pooler = PostgresTestServer.HasPgBouncer ? await PgBouncerInstance.StartAsync(AsService) : null;
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
    public async Task A_connection_sees_only_the_rows_of_its_tenant()
    {
        await using (var service = await StartAsync(AsService))
        {
            await SendAsync(service);
        }

        using var connection = PostgresTestServer.Open(AsService);
        string Count() => RealRelationship.Testing.RawStore.Query(connection, "SELECT count(*), count(DISTINCT tenant) FROM measure_version").Single();
        Assert.Equal("0|0", Count());
        RealRelationship.Testing.RawStore.Query(connection, "BEGIN; SELECT set_config('realrelationship.site', 'north', true)");
        Assert.Equal("6|1", Count());
        RealRelationship.Testing.RawStore.Query(connection, "ROLLBACK; BEGIN; SELECT set_config('realrelationship.site', '*', true)");
        Assert.Equal("12|2", Count());
        RealRelationship.Testing.RawStore.Query(connection, "ROLLBACK");
        Assert.Equal("0|0", Count());
        var refused = Assert.Throws<PostgresException>(() => RealRelationship.Testing.RawStore.Query(connection,
            "BEGIN; SELECT set_config('realrelationship.site', 'north', true); INSERT INTO site_count (tenant, sealed) VALUES ('south', 'x')"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [PostgresFact]
    public async Task The_service_works_under_row_level_security()
    {
        await using var service = await StartAsync(AsService);
        await SendAsync(service);
    }

    [PostgresFact(PostgresRequirement.PgBouncer)]
    public async Task The_service_works_under_row_level_security_behind_PgBouncer()
    {
        await using var service = await StartAsync(_pooler!.ConnectionStringThroughPooler(AsService));
        await SendAsync(service);
    }

    [PostgresFact]
    public async Task Verification_backup_and_export_cover_every_tenant_under_row_level_security()
    {
        await using (var service = await StartAsync(AsService))
        {
            await SendAsync(service);
        }

        (string, string)[] settings = [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", AsService),
            ("Storage__MigrationConnectionString", Owner), ("Privacy__Key", ServiceExecutable.PrivacyKey)];
        Assert.Contains("measure_version=12", (await ServiceExecutable.RunAsync(_folder, ["verify"], settings)).ShouldExitWith(0).StandardOutput,
            StringComparison.Ordinal);
        Assert.Contains("measure_version=12", (await ServiceExecutable.RunAsync(_folder, ["backup", "all.db"], settings)).ShouldExitWith(0).StandardOutput,
            StringComparison.Ordinal);
    }

    // FORCE ROW LEVEL SECURITY: a superuser alone is exempt.
    [PostgresFact]
    public async Task The_owner_of_the_tables_is_restricted_too_and_backs_up_and_restores_every_tenant()
    {
        using var other = new TemporaryFolder();
        var owner = PostgresTestServer.OwnerConnectionStringFor(_folder.StorePath);
        var otherOwner = PostgresTestServer.OwnerConnectionStringFor(other.StorePath);
        await using (var service = await Service.StartInAsync(_folder, settings: [.. Settings(owner)]))
        {
            await SendAsync(service);
        }

        Assert.Equal(["0|0"], PostgresTestServer.Query(owner, "SELECT count(*), count(DISTINCT tenant) FROM measure_version"));
        Assert.Equal(["0"], PostgresTestServer.Query(owner, "SELECT count(*) FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"));

        var backup = _folder.File("all.db");
        Assert.Contains("measure_version=12", (await ServiceExecutable.RunAsync(_folder, ["verify"], Settings(owner))).ShouldExitWith(0).StandardOutput,
            StringComparison.Ordinal);
        (await ServiceExecutable.RunAsync(_folder, ["backup", backup], Settings(owner))).ShouldExitWith(0);
        Assert.Contains("measure_version=12", (await ServiceExecutable.RunAsync(other, ["restore", backup], Settings(otherOwner))).ShouldExitWith(0)
            .StandardOutput, StringComparison.Ordinal);
    }

    private static (string, string)[] Settings(string connectionString) => [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", connectionString),
        ("Privacy__Key", ServiceExecutable.PrivacyKey)];

    // Two sites send and read at the same time, so that one connection serves both by turns.
    private static async Task SendAsync(Service service)
    {
        var (north, south) = (await TestTenant.CreateAsync(service, "north"), await TestTenant.CreateAsync(service, "south"));
        await Task.WhenAll(north.SeedAsync(service, 3), south.SeedAsync(service, 3));
        foreach (var site in new[] { north, south })
        {
            Assert.Equal(6, (await service.Get("/sessions", site.Key)).ShouldBe(200).At("sessions")!.AsArray().Count);
            (await service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = $"{site.Marker}-ehr", ["patient"] = $"{site.Marker}-p1" },
                site.Key)).ShouldBe(200);
            (await service.Get($"/instruments/{site.InstrumentCode}", site.Key)).ShouldBe(200);
        }

        (await service.Get($"/instruments/{north.InstrumentCode}", south.Key)).ShouldBeProblem(404);
    }

    private Task<Service> StartAsync(string connectionString) => Service.StartInAsync(_folder, settings:
        [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", connectionString), ("Storage__MigrationConnectionString", Owner)]);
}
