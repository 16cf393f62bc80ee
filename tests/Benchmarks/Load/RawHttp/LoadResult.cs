using System.Diagnostics;

using Benchmarks.Load.Servers;

namespace Benchmarks.Load.RawHttp;

/// <summary>How a drive went.</summary>
/// <param name="Requests">Number of responses, correct or not.</param>
/// <param name="PerSecond">Of all clients together.</param>
/// <param name="Median">Median response time, ms.</param>
/// <param name="Percentile99">Their 99th percentile, ms.</param>
/// <param name="CpuMilliseconds">That the servers spent on a request.</param>
/// <param name="AllocatedKilobytes">Allocation of the servers per request; null if unknown.</param>
/// <param name="ErrorsByStatus">Answers that should not have been, by status; 0 where there was none.</param>
internal sealed record LoadResult(int Requests, double PerSecond, double Median, double Percentile99, double CpuMilliseconds, double? AllocatedKilobytes,
    IReadOnlyDictionary<int, int> ErrorsByStatus)
{
    /// <summary>No part of it went wrong.</summary>
    public bool HasNoErrors => ErrorsByStatus.Count == 0;

    public static LoadResult FromDurations(long[] took, TimeSpan elapsed, ResourceUsage spent, IReadOnlyDictionary<int, int> errors)
    {
        Array.Sort(took);
        return new(took.Length, took.Length / elapsed.TotalSeconds, Milliseconds(took[took.Length / 2]), Milliseconds(took[(int)(took.Length * 0.99)]),
            spent.CpuMilliseconds / took.Length, spent.AllocatedBytes / 1024 / took.Length, errors);
    }

    /// <summary>The one whose rate is the median.</summary>
    public static LoadResult MedianOf(IEnumerable<LoadResult> paces)
    {
        var ordered = paces.OrderBy(pace => pace.PerSecond).ToList();
        return ordered[ordered.Count / 2];
    }

    private static double Milliseconds(long ticks) => ticks * 1e3 / Stopwatch.Frequency;
}
