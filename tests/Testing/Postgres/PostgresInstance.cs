using System.Net;
using System.Net.Sockets;

using RealRelationship.Testing.Processes;

namespace RealRelationship.Testing.Postgres;

/// <summary>A PostgreSQL of a test's own, which it may stop, start again, and copy.</summary>
internal sealed class PostgresInstance : IAsyncDisposable
{
    private readonly string _folder;
    private readonly int _port = PostgresBinaries.FindFreePort();
    private bool _isRunning;
    private IReadOnlyList<int> _frozen = [];

    private PostgresInstance(string folder) => _folder = folder;

    public string ConnectionString => $"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres;SSL Mode=Disable";

    public string Address => $"127.0.0.1:{_port}";

    public (string Name, string Value)[] Settings => [("Storage__Provider", "Postgres"), ("Storage__ConnectionString", ConnectionString)];

    private string DataDirectory => Path.Combine(_folder, "data");

    /// <summary>Made, but not started yet.</summary>
    public static async Task<PostgresInstance> CreateAsync()
    {
        var server = new PostgresInstance(await PostgresBinaries.CreateFolderAsync());
        await PostgresBinaries.RunAsync("initdb", "-D", server.DataDirectory, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        return server;
    }

    public static async Task<PostgresInstance> StartNewAsync()
    {
        var server = await CreateAsync();
        await server.StartAsync();
        return server;
    }

    /// <summary>A standby that follows this server.</summary>
    public async Task<PostgresInstance> CreateStandbyAsync()
    {
        var standby = new PostgresInstance(await PostgresBinaries.CreateFolderAsync());
        await PostgresBinaries.RunAsync("pg_basebackup", "-D", standby.DataDirectory, "-R", "-X", "stream", "-c", "fast", "--no-sync", "-d",
            $"host=127.0.0.1 port={_port} user=postgres application_name=standby");
        await standby.StartAsync();
        return standby;
    }

    public async Task StartAsync()
    {
        await PostgresBinaries.RunAsync("pg_ctl", "start", "-w", "-D", DataDirectory, "-l", Path.Combine(_folder, "log"),
            "-o", $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_folder} -c fsync=off");
        _isRunning = true;
    }

    /// <summary>While the server is down, listens on its port and drops that many connections as they come.</summary>
    public async Task DropConnectionsAsync(int count)
    {
        using var listener = new TcpListener(IPAddress.Loopback, _port);
        listener.Start();
        for (var i = 0; i < count; i++)
        {
            using var connection = await listener.AcceptTcpClientAsync().WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    /// <param name="mode"><c>fast</c> ends connections with a word; <c>immediate</c> as a crash does.</param>
    public async Task StopAsync(string mode = "fast")
    {
        await PostgresBinaries.RunAsync("pg_ctl", "stop", "-w", "-D", DataDirectory, "-m", mode);
        _isRunning = false;
    }

    /// <summary>From here on a commit waits for the standby.</summary>
    /// <remarks>By a restart, as a reload reaches the process that makes commits wait at some later time.</remarks>
    public async Task RestartWithSynchronousStandbyAsync()
    {
        Execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Suspends all its processes: connections stay open, and nothing answers.</summary>
    public async Task FreezeAsync() => _frozen = await ProcessSignals.FreezeTreeAsync(await PostgresBinaries.PostmasterOfAsync(DataDirectory));

    public async Task ThawAsync()
    {
        await ProcessSignals.SendAsync("CONT", _frozen);
        _frozen = [];
    }

    public Task PromoteAsync() => PostgresBinaries.RunAsync("pg_ctl", "promote", "-w", "-D", DataDirectory);

    public void Execute(string statement) => PostgresTestServer.Execute(ConnectionString, statement);

    public async ValueTask DisposeAsync()
    {
        await ThawAsync();
        if (_isRunning)
        {
            await StopAsync("immediate");
        }

        Directory.Delete(_folder, recursive: true);
    }
}
