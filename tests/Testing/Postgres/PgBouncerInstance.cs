using System.Diagnostics;

using Npgsql;

namespace RealRelationship.Testing.Postgres;

/// <summary>pgbouncer in transaction mode before the server of the tests: each transaction may run on another of a few connections.</summary>
internal sealed class PgBouncerInstance : IAsyncDisposable
{
    private readonly string _folder;
    private readonly Process _process;
    private readonly int _port;

    private PgBouncerInstance(string folder, Process process, int port) => (_folder, _process, _port) = (folder, process, port);

    public static async Task<PgBouncerInstance> StartAsync(string connectionString)
    {
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        var (folder, port) = (await PostgresBinaries.CreateFolderAsync(), PostgresBinaries.FindFreePort());
        var password = server.Password is { Length: > 0 } given ? $" password='{given}'" : "";
        var file = Path.Combine(folder, "pgbouncer.ini");
        PostgresBinaries.WriteConfiguration(file,
            $"""
            [databases]
            * = host={server.Host} port={server.Port} user={server.Username}{password}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = 3
            max_client_conn = 200
            """);

        var pooler = new PgBouncerInstance(folder, PostgresBinaries.Start(PostgresBinaries.PgBouncer!, "-q", file), port);
        try
        {
            await Wait.UntilAsync(() => Task.FromResult(pooler.IsListening(connectionString)));
            return pooler;
        }
        catch
        {
            await pooler.DisposeAsync();
            throw;
        }
    }

    /// <summary>The same database, by way of the pooler.</summary>
    public string ConnectionStringThroughPooler(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = _port, SslMode = SslMode.Disable }.ToString();

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private bool IsListening(string connectionString)
    {
        try
        {
            PostgresTestServer.Execute(ConnectionStringThroughPooler(connectionString), "SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
