using System.Diagnostics;

using Benchmarks.Load.Servers;
using Benchmarks.Load.Wire;

namespace Benchmarks.Load.Soak;

/// <summary>Many mixed requests in one run: whether anything fails, grows or slows down.</summary>
internal static class SoakRun
{
    private const int Requests = 2_000_000;
    private const int Clients = 16;
    private const int Slices = 40;
    private const int WarmSlices = 8;
    private const double MostMegabytes = 1;
    private const double MostHandles = 4;
    private const double MostDrift = 0.10;
    private const double Unit = 100_000;

    // The service hears of closed connections a moment later.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(300);

    /// <returns>Whether every goal was met.</returns>
    public static async Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        using var scope = new Scope(arguments);
        var report = new Report(output);
        var requests = arguments.Number("--requests", Requests);
        await using var service = await scope.Service.OnFileAsync(scope.File("soak.db"));
        var mix = await Mix.OverAsync(service.Server);
        report.Say($"{requests:N0} requests by {Clients} clients: {Mix.Words}");
        report.Head("Soak", "requests", "rate (p50, p99)", "memory, MB", "handles", "faults");
        var slices = new List<Slice>();
        var started = Stopwatch.GetTimestamp();
        for (var i = 1; i <= Slices; i++)
        {
            var pace = Drive.Run([service.Server], mix, Clients, TimeSpan.MaxValue, requests / Slices);
            await Task.Delay(s_pause);
            slices.Add(new(requests / Slices * i, pace, service.ResidentMegabytes, ProcessFigures.Handles(service.Server.ProcessId), new(service.Server)));
            if (i % 4 == 0)
            {
                report.Line($"{slices[^1].Requests:N0}", Figures.Of(pace), Figures.Short(slices[^1].Megabytes), $"{slices[^1].Handles}", $"{slices.Sum(slice => slice.Faults)}");
            }
        }

        Judge(report, slices, requests, Stopwatch.GetElapsedTime(started));
        return report.IsAllMet;
    }

    private static void Judge(Report report, List<Slice> slices, long requests, TimeSpan took)
    {
        var steady = slices[WarmSlices..];
        CompareRoutes(report, steady);
        var (first, last) = (steady[..(steady.Count / 4)], steady[^(steady.Count / 4)..]);
        report.Head($"Soak: {requests:N0} requests in {took.TotalMinutes:0.0} minutes, the first {WarmSlices * 100 / Slices} % to warm up", "what", "goals");
        report.Row([Goal.AtMost("faults", slices.Sum(slice => slice.Faults), 0, "answers")], "answers that should not have been");
        report.Row([Goal.AtMost("slope", Slope(steady) * Unit, MostMegabytes, "MB")], $"memory in {Unit:N0} requests, least squares");
        report.Row([Goal.AtMost("grown by", last.Average(slice => slice.Handles) - first.Average(slice => slice.Handles), MostHandles, "handles")], "open files and sockets, last quarter against the first");
        report.Row([Goal.AtMost("drift", (Median(last) / Median(first)) - 1, MostDrift, "%")], $"p99 of a slice, {Median(first):0.00} → {Median(last):0.00} ms");
        report.End();
    }

    private static double Median(List<Slice> slices) => slices.Select(slice => slice.Pace.Slow).Order().ElementAt(slices.Count / 2);

    private static double Slope(List<Slice> slices)
    {
        var (x, y) = (slices.Average(slice => slice.Requests), slices.Average(slice => slice.Megabytes));
        return slices.Sum(slice => (slice.Requests - x) * (slice.Megabytes - y)) / slices.Sum(slice => (slice.Requests - x) * (slice.Requests - x));
    }

    /// <summary>Which requests became slower.</summary>
    private static void CompareRoutes(Report report, List<Slice> steady)
    {
        var quarter = steady.Count / 4;
        var (first, last) = (steady[quarter].Routes.MeanSince(steady[0].Routes), steady[^1].Routes.MeanSince(steady[^quarter].Routes));
        report.Head("Soak: mean time in the service", "route", "first quarter, ms", "last quarter, ms");
        foreach (var (route, milliseconds) in last.OrderByDescending(route => route.Value).Where(route => first.ContainsKey(route.Key)))
        {
            report.Line($"`{route}`", $"{first[route]:0.00}", $"{milliseconds:0.00}");
        }
    }

    private sealed record Slice(long Requests, Pace Pace, double Megabytes, int Handles, RouteTimes Routes)
    {
        public int Faults => Pace.Faults.Values.Sum();
    }
}
