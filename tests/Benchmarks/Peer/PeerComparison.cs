using System.Diagnostics;
using System.Globalization;

using RealRelationship.Statistics;

namespace Benchmarks.Peer;

/// <summary>Runs the same tasks on the same effects here and in metafor, one after the other, and writes the ratios as a table.</summary>
/// <param name="output">Where to.</param>
/// <param name="blas">A folder with libblas.so.3 and liblapack.so.3 that R takes instead of its own for a second row of REML, k = 1,000;
/// none when null.</param>
internal sealed class PeerComparison(TextWriter output, string? blas)
{
    private const int Repetitions = 21;

    private static readonly TimeSpan s_warmup = TimeSpan.FromMilliseconds(500); // until the compiler has made its last version

    // The same work as rma.mv does: no robust variance, no profile intervals.
    private static readonly MultilevelOptions s_threeLevel = new()
    {
        Model = DependenceModel.ThreeLevel, Robust = RobustVariance.None,
        ProfileIntervals = false
    };
    private static readonly MultilevelOptions s_correlatedHierarchical = s_threeLevel with { Model = DependenceModel.CorrelatedHierarchical };

    private sealed record ComparisonTask(string Name, string Peer, GeneratedEffects Evidence, int PeerRepetitions, Action<GeneratedEffects> Run);

    public void Write()
    {
        output.WriteLine(RunPeer(null, "versions", "-", "0"));
        output.WriteLine("| work | here | metafor | ratio |");
        output.WriteLine("|---|---|---|---|");
        foreach (var task in Tasks())
        {
            var ours = MeasureMedian(task);
            WriteRow(task.Name, ours, MeasurePeerMedian(task, null));
            if (blas is not null && task.Peer == "reml" && task.Evidence.Estimates.Length >= 1_000) // below it makes no difference
            {
                WriteRow($"{task.Name}; R with {Path.GetFileName(blas.TrimEnd('/'))}", ours, MeasurePeerMedian(task, blas));
            }
        }
    }

    private static IEnumerable<ComparisonTask> Tasks()
    {
        foreach (var (k, repetitions) in new[] { (16, 21), (100, 11), (1_000, 3) })
        {
            yield return new($"REML with every interval, k = {k:N0}", "reml", GeneratedEffects.Generate(k), repetitions,
                e => RandomEffectsModel.Fit(e.Estimates, e.Variances));
        }
        var hundred = GeneratedEffects.Generate(100);
        yield return new("leave-one-out, k = 100", "leaveOneOut", hundred, 5, e => LeaveOneOut.Run(e.Estimates, e.Variances));
        yield return new("influence, k = 100", "influence", hundred, 5, e => Influence.Run(e.Estimates, e.Variances));
        yield return new("trim and fill, k = 100", "trimAndFill", hundred, 5, e => TrimAndFill.Run(e.Estimates, e.Variances));
        yield return new("selection model, one step, k = 100", "selection", hundred, 5, e => SelectionModel.Fit(e.Estimates, e.Variances, [0.025]));
        yield return new("1,000 permutations, k = 100", "permutation", hundred, 1, e => PermutationTest.Run(e.Estimates, e.Variances, e.StandardErrorDesign()));
        foreach (var (samples, effects, repetitions) in new[] { (16, 3, 11), (300, 4, 3), (1_000, 5, 1) })
        {
            var nested = GeneratedEffects.Generate(samples, effects);
            var name = $"{samples:N0} × {effects}{(samples > 50 ? ", sparse" : "")}";
            yield return new($"three-level, {name}", "threeLevel", nested, repetitions,
                e => MultilevelModel.Fit(e.Estimates, e.Variances, e.Samples, s_threeLevel));
            if (samples < 1_000)
            {
                yield return new($"correlated hierarchical, {name}", "correlatedHierarchical", nested, repetitions,
                    e => MultilevelModel.Fit(e.Estimates, e.Variances, e.Samples, s_correlatedHierarchical));
            }
        }
    }

    private void WriteRow(string name, double ours, double peers)
    {
        output.WriteLine(
            string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {FormatSignificant(ours)} ms | {FormatSignificant(peers)} ms | {FormatSignificant(peers / ours)}× |"));
        output.Flush();
    }

    /// <summary>Three of them, or all before the point.</summary>
    private static string FormatSignificant(double x) => x.ToString(x >= 100 ? "N0" : "G3", CultureInfo.InvariantCulture);

    private static double MeasureMedian(ComparisonTask task)
    {
        var once = Stopwatch.GetTimestamp();
        var runs = 0;
        while (Stopwatch.GetElapsedTime(once) < s_warmup || runs < 3)
        {
            task.Run(task.Evidence);
            runs++;
        }
        // Short tasks are repeated inside a measurement until it lasts about 20 ms.
        var inner = (int)Math.Max(1, 20 / (Stopwatch.GetElapsedTime(once).TotalMilliseconds / runs));

        return Enumerable.Range(0, Repetitions).Select(_ =>
        {
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < inner; i++)
            {
                task.Run(task.Evidence);
            }

            return Stopwatch.GetElapsedTime(started).TotalMilliseconds / inner;
        }).Order().ElementAt(Repetitions / 2);
    }

    private static double MeasurePeerMedian(ComparisonTask task, string? blas)
    {
        var file = Path.GetTempFileName();
        var e = task.Evidence;
        File.WriteAllLines(file, [
            "yi,vi,sample",
            .. Enumerable.Range(0, e.Estimates.Length)
                .Select(i => string.Create(CultureInfo.InvariantCulture, $"{e.Estimates[i]:R},{e.Variances[i]:R},{e.Samples[i]}")),
        ]);
        var text = RunPeer(blas, task.Peer, file, task.PeerRepetitions.ToString(CultureInfo.InvariantCulture));
        File.Delete(file);
        return double.Parse(text, CultureInfo.InvariantCulture);
    }

    private static string RunPeer(string? blas, params string[] arguments)
    {
        var start = new ProcessStartInfo("Rscript", [Path.Combine(AppContext.BaseDirectory, "Peer", "metafor.R"), .. arguments])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        if (blas is not null)
        {
            start.Environment["LD_PRELOAD"] = $"{Path.Combine(blas, "libblas.so.3")}:{Path.Combine(blas, "liblapack.so.3")}";
        }
        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return text;
    }
}
