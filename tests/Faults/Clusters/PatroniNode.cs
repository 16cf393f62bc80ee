using System.Diagnostics;
using System.Globalization;

using Npgsql;

using RealRelationship.Testing.Postgres;
using RealRelationship.Testing.Processes;

namespace Faults.Clusters;

/// <summary>A PostgreSQL server and its Patroni agent, both as the user postgres.</summary>
internal sealed class PatroniNode(string name, string folder, int etcdPort) : IAsyncDisposable
{
    // Timeline of a primary, 0 for a standby.
    private const string TimelineSql =
        "SELECT CASE WHEN pg_is_in_recovery() THEN 0 ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint END";

    private readonly int _port = PostgresBinaries.FindFreePort();
    private readonly int _apiPort = PostgresBinaries.FindFreePort();
    private Process? _agent;
    private IReadOnlyList<int> _frozen = [];

    public string Name => name;

    public string Address => $"127.0.0.1:{_port}";

    public Uri Api => new($"http://127.0.0.1:{_apiPort}");

    /// <summary>For a connection of its own that waits for nothing long.</summary>
    public string ConnectionString =>
        $"Host=127.0.0.1;Port={_port};Username=postgres;Database=postgres;SSL Mode=Disable;Pooling=false;Timeout=2;Command Timeout=4";

    private string DataDirectory => Path.Combine(folder, name);

    private string ConfigurationFile => Path.Combine(folder, $"{name}.yml");

    public void StartAgent()
    {
        PostgresBinaries.WriteConfiguration(ConfigurationFile, Configuration());
        _agent = ClusterProcess.Start("patroni", Path.Combine(folder, $"{name}.log"), ConfigurationFile);
    }

    public Task FreezeAgentAsync() => ProcessSignals.SendAsync("STOP", _agent!.Id);

    public Task ThawAgentAsync() => ProcessSignals.SendAsync("CONT", _agent!.Id);

    public async Task KillAgentAsync()
    {
        _agent!.Kill();
        await _agent.WaitForExitAsync();
    }

    public async Task FreezeServerAsync() => _frozen = await ProcessSignals.FreezeTreeAsync(await PostgresBinaries.PostmasterOfAsync(DataDirectory));

    public async Task ThawServerAsync()
    {
        await ProcessSignals.SendAsync("CONT", _frozen);
        _frozen = [];
    }

    public async Task KillServerAsync() => await ProcessSignals.KillTreeAsync(await PostgresBinaries.PostmasterOfAsync(DataDirectory));

    /// <summary>The timeline that the server writes, 0 for a standby; null if it does not respond.</summary>
    public async Task<long?> TimelineAsync() => await QueryAsync(TimelineSql) is [{ } timeline] ? long.Parse(timeline, CultureInfo.InvariantCulture) : null;

    /// <summary>The first column of a query as text; null if the server does not respond.</summary>
    public async Task<IReadOnlyList<string>?> QueryAsync(string sql, params (string Name, string Value)[] parameters)
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(sql, connection);
            Array.ForEach(parameters, p => command.Parameters.AddWithValue(p.Name, p.Value));
            await using var reader = await command.ExecuteReaderAsync();
            var rows = new List<string>();
            while (await reader.ReadAsync())
            {
                rows.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
            }

            return rows;
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ThawServerAsync();
        if (_agent is { HasExited: false })
        {
            await KillAgentAsync();
        }

        _agent?.Dispose();
        if (File.Exists(Path.Combine(DataDirectory, "postmaster.pid")))
        {
            await KillServerAsync();
        }
    }

    private string Configuration() =>
        $$"""
        scope: faults
        name: {{name}}
        restapi: { listen: "127.0.0.1:{{_apiPort}}", connect_address: "127.0.0.1:{{_apiPort}}" }
        etcd: { host: "127.0.0.1:{{etcdPort}}" }
        bootstrap:
          dcs:
            ttl: 20
            loop_wait: 5
            retry_timeout: 5
            synchronous_mode: true
            synchronous_mode_strict: true
            postgresql: { use_pg_rewind: true, parameters: { max_connections: 200, wal_keep_size: 1GB } }
          initdb: [ { encoding: UTF8 }, { locale: C } ]
          pg_hba: [ "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust" ]
        postgresql:
          listen: "127.0.0.1:{{_port}}"
          connect_address: "127.0.0.1:{{_port}}"
          data_dir: {{DataDirectory}}
          bin_dir: {{PostgresBinaries.Folder}}
          pgpass: {{Path.Combine(folder, $"{name}.pgpass")}}
          authentication:
            superuser: { username: postgres, password: postgres }
            replication: { username: replicator, password: replicator }
          parameters: { unix_socket_directories: "{{folder}}" }
        watchdog: { mode: "off" }
        """;
}
