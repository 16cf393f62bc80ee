using System.Globalization;

using Benchmarks.Load.Scale;

namespace Benchmarks.Load;

/// <summary>The whole service over loopback, each comparison by turns in one run.</summary>
internal static class LoadBenchmark
{
    /// <returns>Whether every goal was met.</returns>
    public static async Task<bool> RunAsync(CommandLineArguments arguments, TextWriter output)
    {
        using var scope = new BenchmarkContext(arguments);
        var report = new BenchmarkReport(output);
        report.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores, {TimeProvider.System.GetUtcNow():yyyy-MM-dd}, .NET {Environment.Version}, "
                + $"{(scope.IsFull ? "full" : "short")} form: medians of {scope.Rounds} turns of {scope.TurnDuration.TotalSeconds:0} s; clients, "
                + $"service and peer share the cores"));
        var peer = arguments.Value("--peer");
        if (peer is null)
        {
            report.WriteLine("The peer is left out: name the folder of its serve.R with --peer.");
        }

        var postgres = arguments.Value("--postgres");
        if (postgres is null)
        {
            report.WriteLine("PostgreSQL is left out: name a server with --postgres CONNECTION.");
        }

        (string Name, bool IsMeant, Func<Task> Run)[] parts =
        [
            ("start", true, () => new StartupBenchmark(scope, report).RunAsync()),
            ("answers", true, () => new AnalysisBenchmark(scope, report, peer).RunAsync()),
            ("writes", true, () => new WriteBenchmark(scope, report).RunAsync()),
            ("postgres", postgres is not null, () => new PostgresBenchmark(scope, report, postgres!).RunAsync()),
            ("million", scope.IsFull, () => new EvidenceGrowth(scope, report).RunAsync([EvidenceGrowth.GoalSize])),
        ];
        var only = arguments.Value("--only");
        foreach (var part in parts.Where(part => only is null ? part.IsMeant : part.Name == only))
        {
            await part.Run();
        }

        report.WriteSummary();
        return report.AllGoalsMet;
    }
}
