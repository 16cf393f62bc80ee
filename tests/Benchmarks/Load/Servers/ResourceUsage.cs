using RealRelationship.Testing.Processes;

namespace Benchmarks.Load.Servers;

/// <summary>What servers have spent since they started.</summary>
/// <param name="CpuMilliseconds">Of all threads, in the system and out of it.</param>
/// <param name="AllocatedBytes">Managed allocations; null if a server does not report them.</param>
internal sealed record ResourceUsage(double CpuMilliseconds, double? AllocatedBytes)
{
    public static ResourceUsage Measure(IReadOnlyList<BenchmarkServer> servers) => new(
        servers.Sum(server => ProcessStatistics.CpuMilliseconds(server.ProcessId)),
        servers.All(server => server.HasMetrics) ? servers.Sum(server => ScrapedMetrics.ScrapeFrom(server).Sum(ScrapedMetrics.Allocated)) : null);

    public static ResourceUsage operator -(ResourceUsage later, ResourceUsage earlier) =>
        new(later.CpuMilliseconds - earlier.CpuMilliseconds, later.AllocatedBytes - earlier.AllocatedBytes);
}
