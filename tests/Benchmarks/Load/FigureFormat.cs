using System.Globalization;

using Benchmarks.Load.RawHttp;

namespace Benchmarks.Load;

/// <summary>How numbers are written.</summary>
internal static class FigureFormat
{
    /// <summary>Three digits, or all before the point.</summary>
    public static string ThreeDigits(double x) => Math.Abs(x) >= 100 ? x.ToString("N0", CultureInfo.InvariantCulture)
        : x.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Rate, median and 99th percentile.</summary>
    public static string RateAndLatency(LoadResult pace) =>
        $"{ThreeDigits(pace.PerSecond)}/s ({ThreeDigits(pace.Median)}, {ThreeDigits(pace.Percentile99)} ms)";

    /// <summary>What one request costs.</summary>
    public static string CostPerRequest(LoadResult pace) =>
        $"{(pace.AllocatedKilobytes is { } allocated ? $"{ThreeDigits(allocated)} kB, " : "")}{ThreeDigits(pace.CpuMilliseconds)} ms";
}
