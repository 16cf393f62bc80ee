using Faults.Vocabulary;

namespace Faults.Scenarios;

/// <summary>PostgreSQL, killed with all its processes under sixteen clients of two services, and started again; every third time it is restarted politely.</summary>
internal static class PostgresKills
{
    private const int Clients = 8;
    private const int Polite = 3;

    public static async Task<Finding> RunAsync(Run run)
    {
        var kills = run.Count(3, 50);
        var random = new Random(run.Seed);
        var ledger = new Ledger();
        await using var server = await PostgresServer.StartNewAsync();
        await using var one = ServiceProcess.Spawn(server.Settings);
        using var ofOne = await one.ClientAsync();
        await using var other = ServiceProcess.Spawn(server.Settings);
        using var ofOther = await other.ClientAsync();
        using var stop = new CancellationTokenSource();
        Load[] loads = [new(ofOne, ledger, "a", random.Next(), largestBatch: 40), new(ofOther, ledger, "b", random.Next(), largestBatch: 40)];
        var loading = Task.WhenAll(loads.Select(load => load.RunAsync(Clients, stop.Token)));
        for (var kill = 0; kill < kills; kill++)
        {
            await Task.Delay(random.Next(300, 1500));
            await BreakAsync(server, isPolite: kill % Polite == Polite - 1);
            if (loading.IsCompleted)
            {
                ledger.Violate($"After {kill + 1} kills nobody answers any more: {string.Join(' ', one.Lines.Concat(other.Lines).TakeLast(3))}");
                break;
            }
        }

        await stop.CancelAsync();
        await loading;
        await ledger.VerifyAsync(ofOne, ledger.AcknowledgedKeys.Concat(ledger.UnansweredKeys));
        StoreCheck.Verify(ledger, ledger.AcknowledgedKeys, StoreCheck.Read(server.Settings));
        return new($"{kills} kills and restarts of PostgreSQL, {ledger.Acknowledged:N0} acknowledged writes, {loads.Sum(l => l.Refused):N0} answers 503",
            $"{ledger.Lost} lost, {ledger.Doubled} doubled", [.. ledger.Violations]);
    }

    private static async Task BreakAsync(PostgresServer server, bool isPolite)
    {
        if (isPolite)
        {
            await server.RestartAsync();
            return;
        }

        await server.KillAsync();
        await server.StartAsync();
    }
}
