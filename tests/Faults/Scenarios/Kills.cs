using Faults.Vocabulary;

namespace Faults.Scenarios;

/// <summary><c>kill −9</c> in random moments – while starting, under sixteen clients, while the log is folded back – and a start after each.</summary>
internal static class Kills
{
    private const int Clients = 16;
    private const int KillsAStore = 20;
    private const double ShareAtStart = 0.1;

    public static async Task<Finding> RunAsync(Run run)
    {
        var random = new Random(run.Seed);
        var ledgers = new List<Ledger>();
        var kills = run.Count(5, 1000);
        for (var killed = 0; killed < kills; killed += KillsAStore)
        {
            var ledger = new Ledger();
            ledgers.Add(ledger);
            await KillAsync(run, ledger, random, Math.Min(KillsAStore, kills - killed));
            run.Say($"{Math.Min(killed + KillsAStore, kills)} kills, {ledgers.Sum(l => l.Acknowledged)} acknowledged, {ledgers.Sum(l => l.Lost)} lost, {ledgers.Sum(l => l.Doubled)} doubled");
        }

        return new($"{kills} kills, {ledgers.Sum(l => l.Acknowledged):N0} acknowledged writes", $"{ledgers.Sum(l => l.Lost)} lost, {ledgers.Sum(l => l.Doubled)} doubled", [.. ledgers.SelectMany(l => l.Violations)]);
    }

    // A store for a while, then another, so that starts stay quick.
    private static async Task KillAsync(Run run, Ledger ledger, Random random, int kills)
    {
        var folder = run.Folder();
        var path = Path.Combine(folder, "store.db");
        HashSet<string> verified = new(StringComparer.Ordinal);
        for (var kill = 0; kill < kills; kill++)
        {
            await using var service = ServiceProcess.SpawnOn(path);
            if (random.NextDouble() < ShareAtStart)
            {
                await Task.Delay(random.Next(50, 1200));
                await service.KillAsync();
                continue;
            }

            using var http = await service.ClientAsync();
            await VerifyNewAsync(ledger, http, verified);
            using var stop = new CancellationTokenSource();
            var load = new Load(http, ledger, $"k{kill}", random.Next()).RunAsync(Clients, stop.Token);
            await Task.Delay(random.Next(100, 1500));
            await service.KillAsync();
            await stop.CancelAsync();
            await load;
        }

        await using (var last = await ServiceProcess.StartOnAsync(path))
        {
            using var http = await last.ClientAsync();
            await VerifyNewAsync(ledger, http, verified);
            using var pool = await http.GetAsync(new Uri("/meta/pool?dependence=independent", UriKind.Relative));
            if (!pool.IsSuccessStatusCode)
            {
                ledger.Violate($"/meta/pool answers {(int)pool.StatusCode}: {await pool.Content.ReadAsStringAsync()}");
            }
        }

        StoreCheck.Verify(ledger, ledger.AcknowledgedKeys, StoreCheck.ReadFile(path));
        Directory.Delete(folder, recursive: true);
    }

    private static async Task VerifyNewAsync(Ledger ledger, HttpClient http, HashSet<string> verified)
    {
        string[] keys = [.. ledger.AcknowledgedKeys.Concat(ledger.UnansweredKeys).Where(verified.Add)];
        await ledger.VerifyAsync(http, keys);
    }
}
