using System.Diagnostics;

using Benchmarks.Load.RawHttp;
using Benchmarks.Load.Servers;

using RealRelationship.Testing.Processes;

namespace Benchmarks.Load.Soak;

/// <summary>Many mixed requests in one run: whether anything fails, grows or slows down.</summary>
internal static class SoakBenchmark
{
    private const int Requests = 2_000_000;
    private const int Clients = 16;
    private const int Slices = 40;
    private const int WarmupSlices = 8;
    private const double MaxMegabytesPerUnit = 1;
    private const double MaxHandleGrowth = 4;
    private const double MaxDrift = 0.10;
    private const double RequestsPerUnit = 100_000;

    // The service hears of closed connections a moment later.
    private static readonly TimeSpan s_settleDelay = TimeSpan.FromMilliseconds(300);

    /// <returns>Whether every goal was met.</returns>
    public static async Task<bool> RunAsync(CommandLineArguments arguments, TextWriter output)
    {
        using var scope = new BenchmarkContext(arguments);
        var report = new BenchmarkReport(output);
        var requests = arguments.Number("--requests", Requests);
        await using var service = await scope.Build.StartOnFileAsync(scope.NewFilePath("soak.db"));
        var mix = await RequestMix.CreateAsync(service.Server);
        report.WriteLine($"{requests:N0} requests by {Clients} clients: {RequestMix.Description}");
        report.BeginTable("Soak", "requests", "rate (p50, p99)", "memory, MB", "handles", "faults");
        var slices = new List<Slice>();
        var started = Stopwatch.GetTimestamp();
        for (var i = 1; i <= Slices; i++)
        {
            var pace = ClosedLoopLoad.Run([service.Server], mix, Clients, TimeSpan.MaxValue, requests / Slices);
            await Task.Delay(s_settleDelay);
            slices.Add(new(requests / Slices * i, pace, service.ResidentMegabytes, ProcessStatistics.Handles(service.Server.ProcessId), new(service.Server)));
            if (i % 4 == 0)
            {
                report.WriteCells($"{slices[^1].Requests:N0}", FigureFormat.RateAndLatency(pace), FigureFormat.ThreeDigits(slices[^1].Megabytes),
                    $"{slices[^1].Handles}", $"{slices.Sum(slice => slice.Errors)}");
            }
        }

        EvaluateGoals(report, slices, requests, Stopwatch.GetElapsedTime(started));
        return report.AllGoalsMet;
    }

    private static void EvaluateGoals(BenchmarkReport report, List<Slice> slices, long requests, TimeSpan took)
    {
        var steady = slices[WarmupSlices..];
        ReportRouteDrift(report, steady);
        var (first, last) = (steady[..(steady.Count / 4)], steady[^(steady.Count / 4)..]);
        report.BeginTable($"Soak: {requests:N0} requests in {took.TotalMinutes:0.0} minutes, the first {WarmupSlices * 100 / Slices} % to warm up", "what",
            "goals");
        report.WriteRow([BenchmarkGoal.Max("faults", slices.Sum(slice => slice.Errors), 0, "answers")], "answers that should not have been");
        report.WriteRow([BenchmarkGoal.Max("slope", Slope(steady) * RequestsPerUnit, MaxMegabytesPerUnit, "MB")],
            $"memory in {RequestsPerUnit:N0} requests, least squares");
        report.WriteRow(
            [BenchmarkGoal.Max("grown by", last.Average(slice => slice.Handles) - first.Average(slice => slice.Handles), MaxHandleGrowth, "handles")],
            "open files and sockets, last quarter against the first");
        report.WriteRow([BenchmarkGoal.Max("drift", (Median(last) / Median(first)) - 1, MaxDrift, "%")],
            $"p99 of a slice, {Median(first):0.00} → {Median(last):0.00} ms");
        report.WriteSummary();
    }

    private static double Median(List<Slice> slices) => slices.Select(slice => slice.Load.Percentile99).Order().ElementAt(slices.Count / 2);

    private static double Slope(List<Slice> slices)
    {
        var (x, y) = (slices.Average(slice => slice.Requests), slices.Average(slice => slice.Megabytes));
        return slices.Sum(slice => (slice.Requests - x) * (slice.Megabytes - y)) / slices.Sum(slice => (slice.Requests - x) * (slice.Requests - x));
    }

    /// <summary>Which requests became slower.</summary>
    private static void ReportRouteDrift(BenchmarkReport report, List<Slice> steady)
    {
        var quarter = steady.Count / 4;
        var (first, last) = (steady[quarter].Routes.MeanSince(steady[0].Routes), steady[^1].Routes.MeanSince(steady[^quarter].Routes));
        report.BeginTable("Soak: mean time in the service", "route", "first quarter, ms", "last quarter, ms");
        foreach (var (route, milliseconds) in last.OrderByDescending(route => route.Value).Where(route => first.ContainsKey(route.Key)))
        {
            report.WriteCells($"`{route}`", $"{first[route]:0.00}", $"{milliseconds:0.00}");
        }
    }

    private sealed record Slice(long Requests, LoadResult Load, double Megabytes, int Handles, RouteDurations Routes)
    {
        public int Errors => Load.ErrorsByStatus.Values.Sum();
    }
}
