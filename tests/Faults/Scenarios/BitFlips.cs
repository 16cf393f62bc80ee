using System.Net;
using System.Text.Json;

using Faults.Support;

using RealRelationship.Testing.Processes;

namespace Faults.Scenarios;

/// <summary>Flips one bit in the file, in its log, or in a backup: the service must report an error, or return the correct result of a revision
/// that it names.</summary>
internal static class BitFlips
{
    private const int Studies = 120;
    private const string StatusOutcome = "neither a pool nor 503, but ";
    private const string PoolPath = "/meta/pool?dependence=independent";

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var random = new Random(run.Seed);
        var each = run.Scaled(2, 100);
        var violations = new List<string>();
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (whole, killed, backup) = await CreateStoresAsync(run);
        await using var truth = await ServiceProcess.StartOnFileAsync(Path.Combine(whole, "store.db"));
        using var ofTruth = await truth.CreateClientAsync();
        var control = run.NewFolder();
        File.Copy(Path.Combine(whole, "store.db"), Path.Combine(control, "store.db"));
        if (await ClassifyAsync(Path.Combine(control, "store.db"), ofTruth) is not "right" and var other)
        {
            violations.Add($"The store as it is, no bit turned, is {other}");
        }

        foreach (var (model, file) in new[] { (whole, "store.db"), (killed, "store.db-wal"), (backup, "backup.db") })
        {
            for (var i = 0; i < each; i++)
            {
                var folder = run.NewFolder();
                foreach (var name in Directory.EnumerateFiles(model).Select(f => Path.GetFileName(f))
                    .Where(n => !n.EndsWith("-shm", StringComparison.Ordinal) && (model != whole || n == "store.db")))
                {
                    File.Copy(Path.Combine(model, name), Path.Combine(folder, name));
                }

                var place = FlipBit(Path.Combine(folder, file), random);
                var outcome = file == "backup.db" ? await ClassifyRestoredAsync(folder, ofTruth)
                    : await ClassifyAsync(Path.Combine(folder, "store.db"), ofTruth);
                counts[outcome] = counts.GetValueOrDefault(outcome) + 1;
                if (outcome == "wrong" || outcome.StartsWith(StatusOutcome, StringComparison.Ordinal))
                {
                    violations.Add($"{file} with bit {place} turned: {outcome}");
                }

                Directory.Delete(folder, recursive: true);
            }

            run.Log($"{file}: {string.Join(", ", counts.Select(c => $"{c.Value} {c.Key}"))}");
        }

        return new($"{each * 3} bit flips in file, log and backup of {Studies} studies",
            $"{counts.GetValueOrDefault("wrong")} silently wrong pools ({string.Join(", ", counts.Select(c => $"{c.Value} {c.Key}"))})", violations);
    }

    /// <summary>One store whole, one killed with half of it in its log, and a backup.</summary>
    private static async Task<(string Whole, string Killed, string Backup)> CreateStoresAsync(ScenarioRun run)
    {
        var (whole, killed, backup) = (run.NewFolder(), run.NewFolder(), run.NewFolder());
        var path = Path.Combine(whole, "store.db");
        for (var half = 0; half < 2; half++)
        {
            await using var service = await ServiceProcess.StartOnFileAsync(path);
            using var http = await service.CreateClientAsync();
            for (var i = 0; i < Studies / 2; i++)
            {
                using var body = new StringContent(new GeneratedStudy($"s-{half}-{i}").Json(), System.Text.Encoding.UTF8, "application/json");
                using var response = await http.PostAsync(new Uri("/studies", UriKind.Relative), body);
                response.EnsureSuccessStatusCode();
            }

            if (half == 1)
            {
                await service.KillAsync();
                foreach (var file in new[] { "store.db", "store.db-wal" })
                {
                    File.Copy(Path.Combine(whole, file), Path.Combine(killed, file));
                }
            }
            else
            {
                await service.StopAsync();
            }
        }

        // Whoever opens it folds the log back.
        await using (var service = await ServiceProcess.StartOnFileAsync(path))
        {
            await service.StopAsync();
        }

        await using var making = ServiceProcess.Spawn([("Storage__Path", path)], ["backup", Path.Combine(backup, "backup.db")]);
        return await making.WaitForExitAsync() == 0 ? (whole, killed, backup) : throw new InvalidOperationException(string.Join('\n', making.Lines));
    }

    private static string FlipBit(string file, Random random)
    {
        using var stream = File.Open(file, FileMode.Open);
        var (at, bit) = (random.NextInt64(stream.Length), random.Next(8));
        stream.Position = at;
        var old = stream.ReadByte();
        stream.Position = at;
        stream.WriteByte((byte)(old ^ (1 << bit)));
        return $"{bit} of byte {at}";
    }

    private static async Task<string> ClassifyRestoredAsync(string folder, HttpClient ofTruth)
    {
        var path = Path.Combine(folder, "restored.db");
        await using var restoring = ServiceProcess.Spawn([("Storage__Path", path)], ["restore", Path.Combine(folder, "backup.db")]);
        return await restoring.WaitForExitAsync() == 0 ? await ClassifyAsync(path, ofTruth) : "refused";
    }

    // The correct result at any revision comes from the intact store.
    private static async Task<string> ClassifyAsync(string path, HttpClient ofTruth)
    {
        await using var service = await InProcessService.TryStartOnAsync(path);
        if (service.Client is not { } http)
        {
            return "refused";
        }

        var (status, answer) = await GetAsync(http, PoolPath);
        if (status != HttpStatusCode.OK)
        {
            return status == HttpStatusCode.ServiceUnavailable ? "refused" : $"{StatusOutcome}{(int)status}";
        }

        using var parsed = JsonDocument.Parse(answer);
        var revision = parsed.RootElement.GetProperty("data").GetProperty("revision").GetInt64();
        var (_, right) = await GetAsync(ofTruth, $"{PoolPath}&asOf={revision}");
        var (_, again) = await GetAsync(http, $"{PoolPath}&asOf={revision}");
        return again != right ? "wrong" : revision == Studies ? "right" : "right of an earlier revision that the answer names";
    }

    private static async Task<(HttpStatusCode Status, string Answer)> GetAsync(HttpClient http, string question)
    {
        using var response = await http.GetAsync(new Uri(question, UriKind.Relative));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
