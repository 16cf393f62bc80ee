using System.Diagnostics;

using Benchmarks.Load.Servers;

namespace Benchmarks.Load.Wire;

/// <summary>How a drive went.</summary>
/// <param name="Requests">How many were answered, rightly or not.</param>
/// <param name="PerSecond">Of all clients together.</param>
/// <param name="Median">Of the times to an answer, ms.</param>
/// <param name="Slow">Their 99th percentile, ms.</param>
/// <param name="CpuMilliseconds">That the servers spent on a request.</param>
/// <param name="AllocatedKilobytes">That the servers allocated for a request; null where they do not tell.</param>
/// <param name="Faults">Answers that should not have been, by status; 0 where there was none.</param>
internal sealed record Pace(int Requests, double PerSecond, double Median, double Slow, double CpuMilliseconds, double? AllocatedKilobytes, IReadOnlyDictionary<int, int> Faults)
{
    /// <summary>No part of it went wrong.</summary>
    public bool IsClean => Faults.Count == 0;

    public static Pace Of(long[] took, TimeSpan elapsed, Spent spent, IReadOnlyDictionary<int, int> faults)
    {
        Array.Sort(took);
        return new(took.Length, took.Length / elapsed.TotalSeconds, Milliseconds(took[took.Length / 2]), Milliseconds(took[(int)(took.Length * 0.99)]),
            spent.CpuMilliseconds / took.Length, spent.AllocatedBytes / 1024 / took.Length, faults);
    }

    /// <summary>The one whose rate is the median.</summary>
    public static Pace MedianOf(IEnumerable<Pace> paces)
    {
        var ordered = paces.OrderBy(pace => pace.PerSecond).ToList();
        return ordered[ordered.Count / 2];
    }

    private static double Milliseconds(long ticks) => ticks * 1e3 / Stopwatch.Frequency;
}
