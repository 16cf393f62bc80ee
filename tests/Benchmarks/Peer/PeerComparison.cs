using System.Diagnostics;
using System.Globalization;

using RealRelationship.Statistics;

namespace Benchmarks.Peer;

/// <summary>Runs the same tasks on the same effects here and in metafor, one after the other, and writes the ratios as a table.</summary>
internal static class PeerComparison
{
    private const int Repetitions = 21;

    private sealed record Task(string Name, string Peer, Evidence Evidence, int PeerRepetitions, Action<Evidence> Run);

    private static IEnumerable<Task> Tasks()
    {
        foreach (var (k, repetitions) in new[] { (16, 21), (100, 11), (1_000, 3) })
        {
            yield return new($"REML with every interval, k = {k:N0}", "reml", Evidence.Of(k), repetitions, e => RandomEffectsModel.Fit(e.Estimates, e.Variances));
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
