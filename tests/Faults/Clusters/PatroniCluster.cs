using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

using RealRelationship.Testing.Postgres;
using RealRelationship.Testing.Processes;

namespace Faults.Clusters;

/// <summary>Three PostgreSQL servers under Patroni with a strict synchronous standby, and etcd, on this machine.</summary>
internal sealed class PatroniCluster : IAsyncDisposable
{
    private const string SynchronousStandbysSql =
        "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum')";

    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(500);

    private readonly string _folder;
    private readonly int _etcdPort = PostgresBinaries.FindFreePort();
    private readonly int _etcdPeerPort = PostgresBinaries.FindFreePort();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private Process? _etcd;

    private PatroniCluster(string folder)
    {
        _folder = folder;
        Nodes = [.. Enumerable.Range(1, 3).Select(i => new PatroniNode($"node{i}", folder, _etcdPort))];
    }

    public IReadOnlyList<PatroniNode> Nodes { get; }

    /// <summary>Settings of a service that knows all nodes, in this order.</summary>
    public static (string Name, string Value)[] Settings(IEnumerable<PatroniNode> nodes) => [("Storage__Provider", "Postgres"),
        ("Storage__ConnectionString",
            $"Host={string.Join(',', nodes.Select(node => node.Address))};Username=postgres;Database=postgres;SSL Mode=Disable;Host Recheck Seconds=1")];

    public static async Task<PatroniCluster> StartNewAsync()
    {
        var cluster = new PatroniCluster(await PostgresBinaries.CreateFolderAsync());
        cluster.StartEtcd();
        cluster.Nodes[0].StartAgent();
        await WaitUntilAsync(async () => await cluster.Nodes[0].TimelineAsync() > 0, "the first node is the primary", cluster);
        cluster.Nodes[1].StartAgent();
        cluster.Nodes[2].StartAgent();
        await cluster.WaitUntilHealthyAsync();
        return cluster;
    }

    public void StartEtcd()
    {
        var (client, peer) = ($"http://127.0.0.1:{_etcdPort}", $"http://127.0.0.1:{_etcdPeerPort}");
        // Patroni 3.0 needs API 2: with API 3 a primary that was frozen takes its expired lock back.
        _etcd = ClusterProcess.Start("etcd", Path.Combine(_folder, "etcd.log"), "--enable-v2", "--data-dir", Path.Combine(_folder, "etcd"),
            "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", $"default={peer}", "--logger", "zap", "--log-level", "warn");
    }

    public async Task StopEtcdAsync()
    {
        await ProcessSignals.SendAsync("TERM", _etcd!.Id);
        await _etcd.WaitForExitAsync();
    }

    /// <summary>The server that accepts writes and is on the highest timeline; null if there is none.</summary>
    public async Task<PatroniNode?> FindPrimaryAsync()
    {
        var timelines = await Task.WhenAll(Nodes.Select(async node => (Node: node, Timeline: await node.TimelineAsync())));
        return timelines.Where(t => t.Timeline > 0).OrderByDescending(t => t.Timeline).FirstOrDefault().Node;
    }

    /// <summary>Waits until there is one primary, which two servers follow, one of them synchronously and known as such to Patroni,
    /// which would not promote it otherwise.</summary>
    /// <returns>The primary.</returns>
    public async Task<PatroniNode> WaitUntilHealthyAsync()
    {
        PatroniNode? primary = null;
        await WaitUntilAsync(async () =>
        {
            var timelines = await Task.WhenAll(Nodes.Select(node => node.TimelineAsync()));
            primary = await FindPrimaryAsync();
            return primary is not null && timelines.Count(t => t == 0) == 2 && await primary.QueryAsync(
                """
                SELECT count(*) = 2 AND count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')) >= 1 FROM pg_stat_replication
                WHERE state = 'streaming' AND application_name LIKE 'node%'
                """) is ["True"] && await KnowsSynchronousStandbyAsync(primary);
        }, "one primary is followed by two standbys", this);
        return primary!;
    }

    /// <summary>The servers that accept writes, with timeline and number of synchronous standbys.</summary>
    public async Task<string> DescribeAsync()
    {
        var primaries = await Task.WhenAll(Nodes.Select(async node =>
            await node.TimelineAsync() is > 0 and var timeline
            && await node.QueryAsync(SynchronousStandbysSql) is [var standbys]
                ? $"{node.Name} on timeline {timeline} with {standbys} synchronous standbys" : null));
        return primaries.OfType<string>().ToList() is { Count: > 0 } found ? string.Join(", ", found) : "no primary";
    }

    /// <summary>Hands the primary's role to another node.</summary>
    public async Task SwitchOverAsync(PatroniNode primary)
    {
        // Its server does not read chunked bodies.
        using var body = new StringContent($$"""{"leader":"{{primary.Name}}"}""", Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri(primary.Api, "switchover"), body);
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        if (_etcd is { HasExited: false })
        {
            await StopEtcdAsync();
        }

        _etcd?.Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> KnowsSynchronousStandbyAsync(PatroniNode primary)
    {
        try
        {
            var cluster = await _http.GetFromJsonAsync<JsonElement>(new Uri(primary.Api, "cluster"));
            return cluster.GetProperty("members").EnumerateArray().Any(member => member.GetProperty("role").GetString() == "sync_standby");
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private string LastLogLines() => string.Join('\n', Directory.EnumerateFiles(_folder, "*.log")
        .SelectMany(file => File.ReadLines(file).TakeLast(8).Select(line => $"{Path.GetFileName(file)}: {line}")));

    private static async Task WaitUntilAsync(Func<Task<bool>> condition, string what, PatroniCluster cluster)
    {
        for (var started = Stopwatch.GetTimestamp(); !await condition(); await Task.Delay(s_pollInterval))
        {
            if (Stopwatch.GetElapsedTime(started) > s_timeout)
            {
                throw new TimeoutException($"Within {s_timeout.TotalMinutes} minutes it did not come about that {what}.\n{cluster.LastLogLines()}");
            }
        }
    }
}
