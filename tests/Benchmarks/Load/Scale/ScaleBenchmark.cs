namespace Benchmarks.Load.Scale;

/// <summary>How cost grows with the evidence, and with the sessions of clinics: two tables and two pictures.</summary>
internal static class ScaleBenchmark
{
    private const int MinEffects = 1_000;
    private const int MaxEffects = 1_000_000;
    private const int MinMeasures = 10_000;
    private const int MaxMeasures = 10_000_000;

    /// <returns>Whether every goal was met.</returns>
    public static async Task<bool> RunAsync(CommandLineArguments arguments, TextWriter output)
    {
        using var scope = new BenchmarkContext(arguments);
        var report = new BenchmarkReport(output);
        var most = arguments.Number("--most", MaxEffects);
        var folder = Directory.CreateDirectory(arguments.Value("--to") ?? Path.Combine("artifacts", "scale"));
        var only = arguments.Value("--only");
        if (only is null or "evidence")
        {
            Draw(folder, "evidence.svg", await new EvidenceGrowth(scope, report).RunAsync(PowersOfTen(MinEffects, Math.Min(most, MaxEffects))));
        }

        if (only is null or "sessions")
        {
            Draw(folder, "sessions.svg", await new SessionGrowth(scope, report).RunAsync(PowersOfTen(MinMeasures, Math.Min(most, MaxMeasures))));
        }

        report.WriteLine($"\nThe pictures are in {folder.FullName}.");
        report.WriteSummary();
        return report.AllGoalsMet;
    }

    private static void Draw(DirectoryInfo folder, string name, GrowthTable table) =>
        File.WriteAllText(Path.Combine(folder.FullName, name), GrowthPlot.Draw(table));

    private static int[] PowersOfTen(int from, long to) =>
        [.. Enumerable.Range(0, 8).Select(power => from * Math.Pow(10, power)).Where(size => size <= Math.Max(from, to)).Select(size => (int)size)];
}
