using System.Diagnostics;
using System.Globalization;

using RealRelationship.Statistics;

namespace Benchmarks.Peer;

/// <summary>Runs the same tasks on the same effects here and in metafor, one after the other, and writes the ratios as a table.</summary>
internal static class PeerComparison
{
    private const int Repetitions = 21;

    // The same work as rma.mv does: no robust variance, no profile intervals.
    private static readonly MultilevelOptions s_threeLevel = new() { Model = NestedModel.ThreeLevel, Robust = RobustVariance.None, ProfileIntervals = false };
    private static readonly MultilevelOptions s_correlated = s_threeLevel with { Model = NestedModel.CorrelatedHierarchical };

    private sealed record Task(string Name, string Peer, Evidence Evidence, int PeerRepetitions, Action<Evidence> Run);

    private static IEnumerable<Task> Tasks()
    {
        foreach (var (k, repetitions) in new[] { (16, 21), (100, 11), (1_000, 3) })
        {
            yield return new($"REML with every interval, k = {k:N0}", "reml", Evidence.Of(k), repetitions, e => RandomEffectsModel.Fit(e.Estimates, e.Variances));
        }
        var hundred = Evidence.Of(100);
        yield return new("leave-one-out, k = 100", "leaveOneOut", hundred, 5, e => LeaveOneOut.Run(e.Estimates, e.Variances));
        yield return new("influence, k = 100", "influence", hundred, 5, e => Influence.Run(e.Estimates, e.Variances));
        yield return new("trim and fill, k = 100", "trimAndFill", hundred, 5, e => TrimAndFill.Run(e.Estimates, e.Variances));
        yield return new("selection model, one step, k = 100", "selection", hundred, 5, e => SelectionModel.Fit(e.Estimates, e.Variances, [0.025]));
        yield return new("1,000 permutations, k = 100", "permutation", hundred, 1, e => PermutationTest.Run(e.Estimates, e.Variances, e.OnStandardError()));
        foreach (var (samples, effects, repetitions) in new[] { (16, 3, 11), (300, 4, 3) })
        {
            var nested = Evidence.Of(samples, effects);
            yield return new($"three-level, {samples} × {effects}", "threeLevel", nested, repetitions, e => MultilevelModel.Fit(e.Estimates, e.Variances, e.Samples, s_threeLevel));
            yield return new($"correlated hierarchical, {samples} × {effects}", "correlatedHierarchical", nested, repetitions,
                e => MultilevelModel.Fit(e.Estimates, e.Variances, e.Samples, s_correlated));
        }
    }

    public static void Write(TextWriter output)
    {
        output.WriteLine("| work | here | metafor | ratio |");
        output.WriteLine("|---|---|---|---|");
        foreach (var task in Tasks())
        {
            var (ours, peers) = (Median(task), PeerMedian(task));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {task.Name} | {ours:G3} ms | {peers:G3} ms | {peers / ours:N0}× |"));
        }
    }

    private static double Median(Task task)
    {
        var once = Stopwatch.GetTimestamp();
        task.Run(task.Evidence);
        // Short tasks are repeated inside a measurement until it lasts about 20 ms.
        var inner = (int)Math.Clamp(20 / Math.Max(Stopwatch.GetElapsedTime(once).TotalMilliseconds, 1e-3), 1, 2_000);
        for (var i = 0; i < inner; i++)
        {
            task.Run(task.Evidence);
        }

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

    private static double PeerMedian(Task task)
    {
        var file = Path.GetTempFileName();
        var e = task.Evidence;
        File.WriteAllLines(file, [
            "yi,vi,sample",
            .. Enumerable.Range(0, e.Estimates.Length).Select(i => string.Create(CultureInfo.InvariantCulture, $"{e.Estimates[i]:R},{e.Variances[i]:R},{e.Samples[i]}")),
        ]);
        var script = Path.Combine(AppContext.BaseDirectory, "Peer", "metafor.R");
        using var process = Process.Start(new ProcessStartInfo("Rscript", [script, task.Peer, file, task.PeerRepetitions.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        File.Delete(file);
        return double.Parse(text, CultureInfo.InvariantCulture);
    }
}
