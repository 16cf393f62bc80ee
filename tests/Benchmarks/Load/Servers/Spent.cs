namespace Benchmarks.Load.Servers;

/// <summary>What servers have spent since they started.</summary>
/// <param name="CpuMilliseconds">Of all threads, in the system and out of it.</param>
/// <param name="AllocatedBytes">On the managed heap; null where one of them does not tell.</param>
internal sealed record Spent(double CpuMilliseconds, double? AllocatedBytes)
{
    public static Spent By(IReadOnlyList<Server> servers) => new(
        servers.Sum(server => ProcessFigures.CpuMilliseconds(server.ProcessId)),
        servers.All(server => server.TellsMetrics) ? servers.Sum(server => Metrics.Of(server).Sum(Metrics.Allocated)) : null);

    public static Spent operator -(Spent later, Spent earlier) => new(later.CpuMilliseconds - earlier.CpuMilliseconds, later.AllocatedBytes - earlier.AllocatedBytes);
}
