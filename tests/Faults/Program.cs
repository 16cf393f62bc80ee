using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

using Faults.Scenarios;
using Faults.Support;

namespace Faults;

/// <summary>Injects faults and counts lost and duplicated writes: <c>dotnet run -c Release --project tests/Faults -- NAME… | all [--long
/// [--part N]] [--seed N] [--service DLL]</c>.</summary>
internal static class Program
{
    private static readonly Dictionary<string, Func<ScenarioRun, Task<ScenarioResult>>> s_scenarios = new(StringComparer.Ordinal)
    {
        ["kills"] = ProcessKills.RunAsync,
        ["powercuts"] = PowerCuts.RunAsync,
        ["disks"] = DiskFailures.RunAsync,
        ["removals"] = RemovedFiles.RunAsync,
        ["flips"] = BitFlips.RunAsync,
        ["postgreskills"] = PostgresKills.RunAsync,
        ["contention"] = Contention.RunAsync,
        ["lostreplies"] = LostResponses.RunAsync,
        ["histories"] = MessageOrder.RunAsync,
        ["brokenlines"] = MalformedLines.RunAsync,
        ["speed"] = WriteThroughput.RunAsync,
        ["growth"] = StoreGrowth.RunAsync,
        ["patroni"] = PatroniFailovers.RunAsync,
        ["costs"] = CostEstimates.RunAsync,
        ["cancellations"] = Cancellations.RunAsync,
        ["abandoned"] = AbandonedAnalyses.RunAsync,
        ["memory"] = MemoryUse.RunAsync,
        ["fuzz"] = MutatedRequests.RunAsync,
    };

    [SuppressMessage("ApiDesign", "RS0030", Justification = "The seam to the console.")]
    private static async Task<int> Main(string[] args)
    {
        var names = args.Where(s_scenarios.ContainsKey).ToList();
        if (names.Count == 0 && !args.Contains("all"))
        {
            await Console.Error.WriteLineAsync(
                $"Name one or more of {string.Join(", ", s_scenarios.Keys)}, or all; --long for the full numbers, --long --part N for one part in N of them.");
            return 2;
        }

        var (seed, part) = (ReadOption(args, "--seed", 20261123), ReadOption(args, "--part", 1));
        var service = Array.IndexOf(args, "--service") is >= 0 and var at ? args[at + 1] : null;
        var findings = new List<(string Name, ScenarioResult Finding, TimeSpan Took)>();
        foreach (var name in args.Contains("all") ? [.. s_scenarios.Keys] : names)
        {
            using var run = new ScenarioRun(name, args.Contains("--long"), part, seed, service, Console.Out);
            var started = Stopwatch.GetTimestamp();
            findings.Add((name, await s_scenarios[name](run), Stopwatch.GetElapsedTime(started)));
            run.Log(findings[^1].Finding.Summary);
        }

        return WriteReport(findings);
    }

    private static int ReadOption(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, name) is >= 0 and var at ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

    [SuppressMessage("ApiDesign", "RS0030", Justification = "The seam to the console.")]
    private static int WriteReport(List<(string Name, ScenarioResult Finding, TimeSpan Took)> findings)
    {
        Console.Out.WriteLine();
        Console.Out.WriteLine("| scenario | procedure | result | minutes |");
        Console.Out.WriteLine("|---|---|---|---|");
        foreach (var (name, finding, took) in findings)
        {
            Console.Out.WriteLine($"| {name} | {finding.Actions} | {finding.Result} | {took.TotalMinutes:0.0} |");
        }

        foreach (var (name, finding, _) in findings)
        {
            foreach (var violation in finding.Violations.Take(20))
            {
                Console.Out.WriteLine($"VIOLATION in {name}: {violation}");
            }
        }

        return findings.TrueForAll(f => f.Finding.Violations.Count == 0) ? 0 : 1;
    }
}
