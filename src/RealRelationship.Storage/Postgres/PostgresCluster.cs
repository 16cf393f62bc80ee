using System.Runtime.ExceptionServices;

using Npgsql;

namespace RealRelationship.Storage.Postgres;

/// <summary>The servers that a connection string names. Several are probed every second for the one that is the primary;
/// a single one may be a pooler or proxy and is used as it is.</summary>
/// <remarks>
/// Two servers call themselves primary while the old one has not noticed that another was promoted. The primary is the one on the highest
/// timeline, unless this process has seen an even higher one: then there is none at present.
/// </remarks>
internal sealed class PostgresCluster : IDisposable
{
    private static readonly TimeSpan s_probeInterval = TimeSpan.FromSeconds(1);

    private readonly List<PostgresHost> _hosts;
    private readonly Lazy<Task> _firstProbe;
    private readonly CancellationTokenSource _stopping = new();

    public PostgresCluster(NpgsqlConnectionStringBuilder settings, PostgresTimeline timeline)
    {
        Settings = SplitHosts(settings);
        _hosts = [.. Settings.Select(host => new PostgresHost(host, timeline))];
        _firstProbe = new(StartProbing);
    }

    /// <summary>Connection settings of each host.</summary>
    public IReadOnlyList<NpgsqlConnectionStringBuilder> Settings { get; }

    public bool HasSeveralHosts => _hosts.Count > 1;

    /// <summary>The hosts that may be used for a purpose, best first: positions in <see cref="Settings"/>.</summary>
    /// <exception cref="NpgsqlException">There is none.</exception>
    public async ValueTask<IReadOnlyList<(int Position, PostgresHost Host)>> FindAsync(ServerRole role)
    {
        if (!HasSeveralHosts)
        {
            return [(0, _hosts[0])];
        }

        await _firstProbe.Value;
        var hosts = _hosts.Index().ToList();
        var primary = hosts.Where(h => h.Item.IsPrimary).OrderByDescending(h => h.Item.Timeline).Take(1);
        var standbys = hosts.Where(h => h.Item.IsStandby);
        List<(int, PostgresHost)> found = [.. role switch
        {
            ServerRole.Primary => primary,
            ServerRole.PrimaryOrStandby => primary.Concat(standbys),
            _ => standbys.Concat(primary),
        }];
        return found.Count > 0 ? found : throw CreateError(role);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _hosts.ForEach(host => host.Dispose());
        _stopping.Dispose();
    }

    private static List<NpgsqlConnectionStringBuilder> SplitHosts(NpgsqlConnectionStringBuilder settings)
    {
        var hosts = (settings.Host ?? "").Split(',', StringSplitOptions.TrimEntries);
        return [.. hosts.Select(host =>
        {
            var own = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Host = host };
            // These choose among several hosts.
            Array.ForEach(["Target Session Attributes", "Load Balance Hosts", "Host Recheck Seconds"], option => own.Remove(option));
            return own;
        })];
    }

    // Without the context of the request that comes first.
    private Task StartProbing()
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.WhenAll(_hosts.Select(host =>
            {
                var first = Task.Run(host.ProbeAsync);
                _ = Task.Run(() => ProbeRepeatedlyAsync(host, first, _stopping.Token));
                return first;
            }));
        }
    }

    private static async Task ProbeRepeatedlyAsync(PostgresHost host, Task first, CancellationToken stopping)
    {
        await first;
        using var timer = new PeriodicTimer(s_probeInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                await host.ProbeAsync();
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // The service stops.
        }
    }

    // A wrong password, role or database is reported as such if no server can be used.
    private Exception CreateError(ServerRole role)
    {
        if (_hosts.TrueForAll(host => host.Timeline is null)
            && _hosts.Find(host => PostgresErrors.Classify(host.Error!, null) == StorageErrorKind.AccessRefused) is { } refusing)
        {
            ExceptionDispatchInfo.Throw(refusing.Error!);
        }

        return new NpgsqlException($"No {(role == ServerRole.Primary ? "primary" : "server")} among {string.Join("; ", _hosts)}");
    }
}

/// <summary>The servers that are suitable, in the order of preference.</summary>
internal enum ServerRole
{
    Primary,

    /// <summary>The primary, or a standby while there is none.</summary>
    PrimaryOrStandby,

    /// <summary>A standby if there is one, otherwise the primary.</summary>
    StandbyOrPrimary,
}
