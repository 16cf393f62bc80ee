using Faults.Support;

using RealRelationship.Testing;
using RealRelationship.Testing.Processes;

namespace Faults.Scenarios;

/// <summary><c>kill −9</c> in random moments – while starting, under sixteen clients, while the log is folded back – and a start after each.</summary>
internal static class ProcessKills
{
    private const int Clients = 16;
    private const int KillsPerStore = 20;
    private const double ShareDuringStartup = 0.1;

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var random = new Random(run.Seed);
        var ledgers = new List<WriteRecord>();
        var kills = run.Scaled(5, 1000);
        for (var killed = 0; killed < kills; killed += KillsPerStore)
        {
            var ledger = new WriteRecord();
            ledgers.Add(ledger);
            await KillRepeatedlyAsync(run, ledger, random, Math.Min(KillsPerStore, kills - killed));
            run.Log(
                $"{Math.Min(killed + KillsPerStore, kills)} kills, {ledgers.Sum(l => l.Acknowledged)} acknowledged, {ledgers.Sum(l => l.Lost)} lost, "
                    + $"{ledgers.Sum(l => l.Duplicated)} doubled");
        }

        return new($"{kills} kills, {ledgers.Sum(l => l.Acknowledged):N0} acknowledged writes",
            $"{ledgers.Sum(l => l.Lost)} lost, {ledgers.Sum(l => l.Duplicated)} doubled", [.. ledgers.SelectMany(l => l.Violations)]);
    }

    // A store for a while, then another, so that starts stay quick.
    private static async Task KillRepeatedlyAsync(ScenarioRun run, WriteRecord ledger, Random random, int kills)
    {
        var folder = run.NewFolder();
        var path = Path.Combine(folder, "store.db");
        HashSet<string> verified = new(StringComparer.Ordinal);
        for (var kill = 0; kill < kills; kill++)
        {
            await using var service = ServiceProcess.SpawnOnFile(path);
            if (random.NextDouble() < ShareDuringStartup)
            {
                await Task.Delay(random.Next(50, 1200));
                await service.KillAsync();
                continue;
            }

            using var http = await service.CreateClientAsync();
            await VerifyUncheckedAsync(ledger, http, verified);
            using var stop = new CancellationTokenSource();
            var before = ledger.Acknowledged;
            var load = new WriteLoad(http, ledger, $"k{kill}", random.Next()).RunAsync(Clients, stop.Token);
            // A loaded machine may take seconds for the first answer, without which a kill shows nothing.
            await Wait.UntilAsync(() => Task.FromResult(ledger.Acknowledged > before));
            await Task.Delay(random.Next(0, 1400));
            await service.KillAsync();
            await stop.CancelAsync();
            await load;
        }

        await using (var last = await ServiceProcess.StartOnFileAsync(path))
        {
            using var http = await last.CreateClientAsync();
            await VerifyUncheckedAsync(ledger, http, verified);
            using var pool = await http.GetAsync(new Uri("/meta/pool?dependence=independent", UriKind.Relative));
            if (!pool.IsSuccessStatusCode)
            {
                ledger.RecordViolation($"/meta/pool answers {(int)pool.StatusCode}: {await pool.Content.ReadAsStringAsync()}");
            }
        }

        StoreInspection.CompareWithRecord(ledger, ledger.AcknowledgedKeys, StoreInspection.ReadStudiesOfFile(path));
        Directory.Delete(folder, recursive: true);
    }

    private static async Task VerifyUncheckedAsync(WriteRecord ledger, HttpClient http, HashSet<string> verified)
    {
        string[] keys = [.. ledger.AcknowledgedKeys.Concat(ledger.UnacknowledgedKeys).Where(verified.Add)];
        await ledger.VerifyAsync(http, keys);
    }
}
