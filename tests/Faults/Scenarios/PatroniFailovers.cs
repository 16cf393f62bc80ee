using System.Diagnostics;
using System.Text;

using Faults.Clusters;
using Faults.Support;

using RealRelationship.Testing.Postgres;
using RealRelationship.Testing.Processes;

namespace Faults.Scenarios;

/// <summary>Two services on a cluster of three PostgreSQL servers under Patroni, whose servers and agents are killed and suspended
/// under sixteen writing clients. The primary at the time of a fault is listed first in the connection string.</summary>
internal static class PatroniFailovers
{
    private const int ClientsOfEach = 8;
    private static readonly TimeSpan s_maxGap = TimeSpan.FromSeconds(35);
    private static readonly TimeSpan s_maxRead = TimeSpan.FromSeconds(10);

    // Longer than a service waits for a commit, and its write is then looked for on a standby.
    private static readonly TimeSpan s_standbyOutage = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_etcdOutage = TimeSpan.FromSeconds(30);

    private static readonly (string Name, Func<Round, Task> Inject)[] s_faults =
    [
        ("both standbys killed", KillStandbysAsync),
        ("agent of the primary suspended", round => SuspendAsync(round, [round.Primary], server: false, agent: true)),
        ("server and agent of the primary suspended", round => SuspendAsync(round, [round.Primary], server: true, agent: true)),
        ("server of the primary suspended", round => SuspendAsync(round, [round.Primary], server: true, agent: false)),
        ("server of the primary killed", round => round.Primary.KillServerAsync()),
        ("server and agent of the primary killed", KillNodeAsync),
        ("synchronous standby suspended", async round => await SuspendAsync(round, await SynchronousStandbysAsync(round), server: true, agent: true)),
        ("switchover", round => round.Cluster.SwitchOverAsync(round.Primary)),
        ("etcd stopped", StopEtcdAsync),
    ];

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var record = new WriteRecord();
        await using var cluster = await PatroniCluster.StartNewAsync();
        var rounds = run.Scaled(3, 30);
        run.Log("The cluster runs.");
        await using var services = await FailoverServices.StartAsync(cluster, run.ServiceAssembly);
        await ProveReplicationCheckAsync(cluster, services.Clients[0], record);
        using var stop = new CancellationTokenSource();
        FailoverLoad[] loads = [.. services.Clients.Select((http, i) => new FailoverLoad(http, record, cluster.Nodes, $"{(char)('a' + i)}"))];
        var loading = Task.WhenAll(loads.Select(load => load.RunAsync(ClientsOfEach, stop.Token)));
        var (longestGap, longestRead) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var i = 0; i < rounds; i++)
        {
            var fault = s_faults[i % s_faults.Length];
            var primary = await services.ListPrimaryFirstAsync();
            await Task.WhenAll(loads.Select(load => load.WaitForWriteOfEveryClientAsync()));
            var round = new Round(cluster, primary, TimeSpan.FromSeconds(run.IsLong ? 90 : 60));
            using var injected = new CancellationTokenSource();
            var logging = LogStatesAsync(run, round, injected.Token);
            await fault.Inject(round);
            await cluster.WaitUntilHealthyAsync();
            await injected.CancelAsync();
            await logging;
            await Task.Delay(TimeSpan.FromSeconds(2));
            var (gap, read) = (loads.Max(load => load.LongestGap(round.WritableSince)), loads.Max(load => load.LongestRead(round.Started)));
            run.Log($"{fault.Name}: {gap.TotalSeconds:0.0} s without a write, longest read {read.TotalSeconds:0.0} s, {record.Violations.Count} violations");
            Require(gap <= s_maxGap, $"{fault.Name}: no write was acknowledged for {gap.TotalSeconds:0} s");
            Require(read <= s_maxRead, $"{fault.Name}: a read took {read.TotalSeconds:0} s");
            await services.RecordExitsAsync(record, fault.Name);
            (longestGap, longestRead) = (gap > longestGap ? gap : longestGap, read > longestRead ? read : longestRead);
        }

        await stop.CancelAsync();
        await loading;
        var last = await cluster.WaitUntilHealthyAsync();
        StoreInspection.CompareWithRecord(record, record.AcknowledgedKeys, StoreInspection.ReadStudies(PatroniCluster.Settings([last])));
        return new(
            $"{rounds} failures of a Patroni cluster of three, {record.Acknowledged:N0} acknowledged writes, {loads.Sum(l => l.Refused):N0} answers 503",
            $"{record.Lost} lost, {record.Duplicated} doubled; at most {longestGap.TotalSeconds:0} s without writes, "
                + $"reads within {longestRead.TotalSeconds:0.0} s, {loads.Sum(l => l.UnavailableReads):N0} of them 503",
            [.. record.Violations]);

        void Require(bool holds, string violation)
        {
            if (!holds)
            {
                record.RecordViolation(violation);
            }
        }
    }

    // A row that is committed only locally while the standbys are suspended must be found.
    private static async Task ProveReplicationCheckAsync(PatroniCluster cluster, HttpClient http, WriteRecord record)
    {
        var primary = await cluster.WaitUntilHealthyAsync();
        var stored = new GeneratedStudy("replicated");
        record.RecordSent(stored.Key);
        using (var body = new StringContent(stored.Json(), Encoding.UTF8, "application/json"))
        using (var response = await http.PostAsync(new Uri("/studies", UriKind.Relative), body))
        {
            record.RecordResponse(stored.Key, (int)response.StatusCode);
        }

        var standbys = cluster.Nodes.Where(node => node != primary).ToList();
        await Task.WhenAll(standbys.Select(node => node.FreezeServerAsync()));
        PostgresTestServer.Execute(primary.ConnectionString,
            """
            BEGIN; SET LOCAL synchronous_commit = local;
            INSERT INTO study_version SELECT (jsonb_populate_record(s, '{"study_key": "unreplicated"}')).* FROM study_version s WHERE study_key = 'replicated';
            COMMIT
            """);
        var found = await ReplicationCheck.FindUnreplicatedAsync(cluster.Nodes, "unreplicated", TimeSpan.FromSeconds(1));
        await Task.WhenAll(standbys.Select(node => node.ThawServerAsync()));
        PostgresTestServer.Execute(primary.ConnectionString, "DELETE FROM study_version WHERE study_key = 'unreplicated'");
        if (found != primary)
        {
            record.RecordViolation("The check for writes without a standby does not find one.");
        }
    }

    private static async Task LogStatesAsync(ScenarioRun run, Round round, CancellationToken stop)
    {
        for (var last = ""; !stop.IsCancellationRequested; await Task.Delay(s_pollInterval, CancellationToken.None))
        {
            if (await round.Cluster.DescribeAsync() is var state && state != last)
            {
                run.Log($"after {Stopwatch.GetElapsedTime(round.Started).TotalSeconds:0.0} s: {state}");
                last = state;
            }
        }
    }

    private static async Task SuspendAsync(Round round, IReadOnlyList<PatroniNode> nodes, bool server, bool agent)
    {
        foreach (var node in nodes)
        {
            await (agent ? node.FreezeAgentAsync() : Task.CompletedTask);
            await (server ? node.FreezeServerAsync() : Task.CompletedTask);
        }

        await Task.Delay(round.Hold);
        foreach (var node in nodes)
        {
            await node.ThawServerAsync();
            await (agent ? node.ThawAgentAsync() : Task.CompletedTask);
        }
    }

    // Their agents start them again.
    private static async Task KillStandbysAsync(Round round)
    {
        var standbys = round.Cluster.Nodes.Where(node => node != round.Primary).ToList();
        foreach (var node in standbys)
        {
            await node.FreezeAgentAsync();
            await node.KillServerAsync();
        }

        await Task.Delay(s_standbyOutage);
        await Task.WhenAll(standbys.Select(node => node.ThawAgentAsync()));
        round.WritableSince = Stopwatch.GetTimestamp();
    }

    private static async Task KillNodeAsync(Round round)
    {
        await round.Primary.KillAgentAsync();
        await round.Primary.KillServerAsync();
        await Task.Delay(s_maxGap);
        round.Primary.StartAgent();
    }

    // Without etcd no server may be the primary.
    private static async Task StopEtcdAsync(Round round)
    {
        await round.Cluster.StopEtcdAsync();
        await Task.Delay(s_etcdOutage);
        round.Cluster.StartEtcd();
        round.WritableSince = Stopwatch.GetTimestamp();
    }

    private static async Task<IReadOnlyList<PatroniNode>> SynchronousStandbysAsync(Round round)
    {
        var names = await round.Primary.QueryAsync("SELECT application_name FROM pg_stat_replication WHERE sync_state = 'sync'") ?? [];
        return [.. round.Cluster.Nodes.Where(node => names.Contains(node.Name))];
    }

    /// <param name="Cluster">The servers.</param>
    /// <param name="Primary">The primary before the fault.</param>
    /// <param name="Hold">How long processes are suspended.</param>
    private sealed record Round(PatroniCluster Cluster, PatroniNode Primary, TimeSpan Hold)
    {
        public long Started { get; } = Stopwatch.GetTimestamp();

        /// <summary>From then on writes must be possible again in time.</summary>
        public long WritableSince { get; set; } = Stopwatch.GetTimestamp();
    }
}
