using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Load.Servers;

/// <summary>A server that is started for a comparison and ended with it: the bare endpoint, or the peer.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private ServerProcess(Process process, BenchmarkServer server) => (_process, Server) = (process, server);

    public BenchmarkServer Server { get; }

    /// <summary>The limit, with the garbage collector of the service.</summary>
    public static async Task<ServerProcess> StartBaselineAsync(IEnumerable<int> sizes)
    {
        var process = Start("dotnet", ["exec", typeof(ServerProcess).Assembly.Location, "bare", .. sizes.Select(size => $"{size}")], ("DOTNET_gcServer", "1"));
        var address = await process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException($"The bare endpoint did not start: {await process.StandardError.ReadToEndAsync()}");
        return new(process, BenchmarkServer.At(new Uri(address), process.Id));
    }

    /// <summary>R with plumber and metafor; connections are closed, because plumber stalls on persistent ones.</summary>
    /// <param name="folder">Where its <c>serve.R</c> is.</param>
    public static async Task<ServerProcess> StartPeerAsync(string folder)
    {
        var address = FindFreeAddress();
        var process = Start("Rscript", [Path.Combine(folder, "serve.R"), $"{address.Port}"]);
        _ = process.StandardOutput.ReadToEndAsync();
        var said = process.StandardError.ReadToEndAsync();
        var started = Stopwatch.GetTimestamp();
        while (!await IsListeningAsync(address))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(started) > s_startTimeout)
            {
                throw new InvalidOperationException($"The peer did not start: {(process.HasExited ? await said : "it does not listen")}");
            }

            await Task.Delay(100);
        }

        return new(process, new BenchmarkServer(address, process.Id, KeepsConnections: false, HasMetrics: false));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Start(string program, IEnumerable<string> arguments, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static IPEndPoint FindFreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    private static async Task<bool> IsListeningAsync(IPEndPoint address)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
