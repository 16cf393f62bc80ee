using Faults.Support;

using RealRelationship.Testing.Postgres;
using RealRelationship.Testing.Processes;

namespace Faults.Clusters;

/// <summary>Two services on a cluster, on ports that they keep when they are restarted.</summary>
internal sealed class FailoverServices : IAsyncDisposable
{
    private readonly PatroniCluster _cluster;
    private readonly string? _assembly;
    private readonly int[] _ports = [PostgresBinaries.FindFreePort(), PostgresBinaries.FindFreePort()];
    private readonly ServiceProcess[] _services = new ServiceProcess[2];
    private PatroniNode? _listedFirst;

    private FailoverServices(PatroniCluster cluster, string? assembly)
    {
        (_cluster, _assembly) = (cluster, assembly);
        Clients = [.. _ports.Select(port => new HttpClient(new SocketsHttpHandler())
        {
            BaseAddress = new($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(60),
        })];
    }

    public IReadOnlyList<HttpClient> Clients { get; }

    /// <param name="cluster">The servers.</param>
    /// <param name="assembly">Another build of the service.</param>
    public static async Task<FailoverServices> StartAsync(PatroniCluster cluster, string? assembly)
    {
        var services = new FailoverServices(cluster, assembly);
        await services.ListPrimaryFirstAsync();
        return services;
    }

    /// <summary>Restarts the services if the primary is not the first host of their connection string.</summary>
    /// <returns>The primary.</returns>
    public async Task<PatroniNode> ListPrimaryFirstAsync()
    {
        var primary = await _cluster.WaitUntilHealthyAsync();
        if (primary != _listedFirst)
        {
            _listedFirst = primary;
            for (var i = 0; i < _services.Length; i++)
            {
                await RestartAsync(i);
            }
        }

        return primary;
    }

    /// <summary>Records services that ended by themselves, and starts them again.</summary>
    public async Task RecordExitsAsync(WriteRecord record, string fault)
    {
        for (var i = 0; i < _services.Length; i++)
        {
            if (_services[i].HasExited)
            {
                record.RecordViolation($"{fault}: a service ended: {string.Join(' ', _services[i].Lines.TakeLast(6))}");
                await RestartAsync(i);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }

        foreach (var client in Clients)
        {
            client.Dispose();
        }
    }

    private async Task RestartAsync(int i)
    {
        if (_services[i] is { } running)
        {
            await running.KillAsync();
            await running.DisposeAsync();
        }

        _services[i] = ServiceProcess.Spawn(
            [.. PatroniCluster.Settings(_cluster.Nodes.OrderByDescending(node => node == _listedFirst)), ("ASPNETCORE_URLS", $"http://127.0.0.1:{_ports[i]}")],
            assembly: _assembly);
        await _services[i].WaitUntilListeningAsync();
    }
}
