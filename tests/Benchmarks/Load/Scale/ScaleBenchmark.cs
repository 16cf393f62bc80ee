namespace Benchmarks.Load.Scale;

/// <summary>How cost grows with the evidence, and with the sessions of clinics: two tables and two pictures.</summary>
internal static class ScaleBenchmark
{
    private const int FewestEffects = 1_000;
    private const int MostEffects = 1_000_000;
    private const int FewestMeasures = 10_000;
    private const int MostMeasures = 10_000_000;

    /// <returns>Whether every goal was met.</returns>
    public static async Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        using var scope = new Scope(arguments);
        var report = new Report(output);
        var most = arguments.Number("--most", MostEffects);
        var folder = Directory.CreateDirectory(arguments.Value("--to") ?? Path.Combine("artifacts", "scale"));
        var only = arguments.Value("--only");
        if (only is null or "evidence")
        {
            Draw(folder, "evidence.svg", await new EvidenceGrowth(scope, report).RunAsync(Powers(FewestEffects, Math.Min(most, MostEffects))));
        }

        if (only is null or "sessions")
        {
            Draw(folder, "sessions.svg", await new SessionGrowth(scope, report).RunAsync(Powers(FewestMeasures, Math.Min(most, MostMeasures))));
        }

        report.Say($"\nThe pictures are in {folder.FullName}.");
        report.End();
        return report.IsAllMet;
    }

    private static void Draw(DirectoryInfo folder, string name, GrowthTable table) => File.WriteAllText(Path.Combine(folder.FullName, name), GrowthPicture.Draw(table));

    private static int[] Powers(int from, long to) => [.. Enumerable.Range(0, 8).Select(power => from * Math.Pow(10, power)).Where(size => size <= Math.Max(from, to)).Select(size => (int)size)];
}
