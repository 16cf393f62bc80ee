using Faults.Vocabulary;

namespace Benchmarks.Load.Servers;

/// <summary>A running service.</summary>
/// <param name="process">Which listens.</param>
/// <param name="server">Where.</param>
/// <param name="untilReady">From the start of the process to its first 200 of <c>/health/ready</c>.</param>
internal sealed class Service(ServiceProcess process, Server server, TimeSpan untilReady) : IAsyncDisposable
{
    public Server Server => server;

    public TimeSpan UntilReady => untilReady;

    public double ResidentMegabytes => ProcessFigures.ResidentMegabytes(server.ProcessId);

    /// <summary>Ends it as an operator would, so that its store is one file.</summary>
    public Task StopAsync() => process.StopAsync();

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
