using RealRelationship.Testing.Processes;

namespace Benchmarks.Load.Servers;

/// <summary>A running service.</summary>
/// <param name="process">Which listens.</param>
/// <param name="server">Where.</param>
/// <param name="timeToReady">From the start of the process to its first 200 of <c>/health/ready</c>.</param>
internal sealed class RunningService(ServiceProcess process, BenchmarkServer server, TimeSpan timeToReady) : IAsyncDisposable
{
    public BenchmarkServer Server => server;

    public TimeSpan TimeToReady => timeToReady;

    public double ResidentMegabytes => ProcessStatistics.ResidentMegabytes(server.ProcessId);

    /// <summary>Ends it as an operator would, so that its store is one file.</summary>
    public Task StopAsync() => process.StopAsync();

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
