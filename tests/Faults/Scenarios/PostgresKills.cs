using Faults.Support;

using RealRelationship.Testing.Processes;

namespace Faults.Scenarios;

/// <summary>PostgreSQL, killed with all its processes under sixteen clients of two services, and started again;
/// every third time it is restarted politely.</summary>
internal static class PostgresKills
{
    private const int Clients = 8;
    private const int GracefulEvery = 3;

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var kills = run.Scaled(3, 50);
        var random = new Random(run.Seed);
        var ledger = new WriteRecord();
        await using var server = await KillablePostgres.StartNewAsync();
        await using var one = ServiceProcess.Spawn(server.Settings);
        using var ofOne = await one.CreateClientAsync();
        await using var other = ServiceProcess.Spawn(server.Settings);
        using var ofOther = await other.CreateClientAsync();
        using var stop = new CancellationTokenSource();
        WriteLoad[] loads = [new(ofOne, ledger, "a", random.Next(), maxBatch: 40), new(ofOther, ledger, "b", random.Next(), maxBatch: 40)];
        var loading = Task.WhenAll(loads.Select(load => load.RunAsync(Clients, stop.Token)));
        for (var kill = 0; kill < kills; kill++)
        {
            await Task.Delay(random.Next(300, 1500));
            await KillOrRestartAsync(server, isGraceful: kill % GracefulEvery == GracefulEvery - 1);
            if (loading.IsCompleted)
            {
                ledger.RecordViolation($"After {kill + 1} kills nobody answers any more: {string.Join(' ', one.Lines.Concat(other.Lines).TakeLast(3))}");
                break;
            }
        }

        await stop.CancelAsync();
        await loading;
        await ledger.VerifyAsync(ofOne, ledger.AcknowledgedKeys.Concat(ledger.UnacknowledgedKeys));
        StoreInspection.CompareWithRecord(ledger, ledger.AcknowledgedKeys, StoreInspection.ReadStudies(server.Settings));
        return new($"{kills} kills and restarts of PostgreSQL, {ledger.Acknowledged:N0} acknowledged writes, {loads.Sum(l => l.Refused):N0} answers 503",
            $"{ledger.Lost} lost, {ledger.Duplicated} doubled", [.. ledger.Violations]);
    }

    private static async Task KillOrRestartAsync(KillablePostgres server, bool isGraceful)
    {
        if (isGraceful)
        {
            await server.RestartAsync();
            return;
        }

        await server.KillAsync();
        await server.StartAsync();
    }
}
