using System.Globalization;

using Benchmarks.Load.Wire;

namespace Benchmarks.Load;

/// <summary>How numbers are written.</summary>
internal static class Figures
{
    /// <summary>Three digits, or all before the point.</summary>
    public static string Short(double x) => Math.Abs(x) >= 100 ? x.ToString("N0", CultureInfo.InvariantCulture) : x.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Rate, median and 99th percentile.</summary>
    public static string Of(Pace pace) => $"{Short(pace.PerSecond)}/s ({Short(pace.Median)}, {Short(pace.Slow)} ms)";

    /// <summary>What one request costs.</summary>
    public static string CostOf(Pace pace) => $"{(pace.AllocatedKilobytes is { } allocated ? $"{Short(allocated)} kB, " : "")}{Short(pace.CpuMilliseconds)} ms";
}
