using System.Diagnostics;

using Benchmarks.Load.Wire;

using Faults.Vocabulary;

namespace Benchmarks.Load.Servers;

/// <summary>The built service without limits on its callers, as it is run: with what the runtime learns while it runs.</summary>
internal sealed class Service : IAsyncDisposable
{
    private static readonly (string, string)[] s_settings = [("DOTNET_TieredPGO", "1"), ("Limits__RequestsPerMinute", "0"), ("Limits__RequestsPerDay", "0")];

    private readonly ServiceProcess _process;

    private Service(ServiceProcess process, Server server, TimeSpan untilReady) => (_process, Server, UntilReady) = (process, server, untilReady);

    public Server Server { get; }

    /// <summary>From the start of the process to its first 200 of <c>/health/ready</c>.</summary>
    public TimeSpan UntilReady { get; }

    public double ResidentMegabytes => ProcessFigures.ResidentMegabytes(Server.ProcessId);

    /// <summary>A store in a file, made where there is none.</summary>
    public static Task<Service> OnFileAsync(string path, params ReadOnlySpan<(string Name, string Value)> settings) => StartAsync([("Storage__Path", path), .. settings]);

    /// <summary>A store in a file that is there already, in Production.</summary>
    /// <returns>The service, and the header that lets in.</returns>
    public static async Task<(Service Service, string Header)> InProductionAsync(string path)
    {
        (string, string)[] settings = [("ASPNETCORE_ENVIRONMENT", "Production"), ("Storage__Path", path)];
        await using var keys = ServiceProcess.Spawn(settings, ["keys", "create", "--tenant", "load", "--scope", "admin"]);
        await keys.EndsAsync();
        var key = keys.Lines.Single(line => line.StartsWith("rr_", StringComparison.Ordinal));
        return (await StartAsync(settings), $"X-API-Key: {key}");
    }

    public static async Task<Service> StartAsync(IEnumerable<(string Name, string Value)> settings)
    {
        var started = Stopwatch.GetTimestamp();
        var process = ServiceProcess.Spawn([.. s_settings, .. settings]);
        var server = Server.At(await process.ListensAsync(), process.Id);
        server.Once(Message.Get("/health/ready"), 200);
        return new(process, server, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Ends it as an operator would, so that its store is one file.</summary>
    public async Task StopAsync() => await _process.StopAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
