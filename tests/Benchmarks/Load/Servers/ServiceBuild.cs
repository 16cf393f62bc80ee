using System.Diagnostics;

using Benchmarks.Load.RawHttp;

using RealRelationship.Testing.Processes;

namespace Benchmarks.Load.Servers;

/// <summary>A build of the service, which is run without limits on its callers and with what the runtime learns while it runs.</summary>
/// <param name="folder">Folder of a published build; null for the build of this solution, which is not compiled ahead of time.</param>
internal sealed class ServiceBuild(string? folder)
{
    private static readonly (string, string)[] s_settings = [("DOTNET_TieredPGO", "1"), ("Limits__RequestsPerMinute", "0"), ("Limits__RequestsPerDay", "0")];

    private readonly string? _assembly = folder is null ? null : Path.Combine(folder, "RealRelationshipApi.dll");

    /// <summary>On a store in a file, made where there is none.</summary>
    public Task<RunningService> StartOnFileAsync(string path) => StartAsync([("Storage__Path", path)]);

    /// <summary>On a store in a file that is there already, in Production.</summary>
    /// <returns>The service, and the header that lets in.</returns>
    public async Task<(RunningService Service, string Header)> StartInProductionAsync(string path)
    {
        (string, string)[] settings = [("ASPNETCORE_ENVIRONMENT", "Production"), ("Storage__Path", path)];
        await using var keys = ServiceProcess.Spawn(settings, ["keys", "create", "--tenant", "load", "--scope", "admin"], assembly: _assembly);
        await keys.WaitForExitAsync();
        var key = keys.Lines.Single(line => line.StartsWith("rr_", StringComparison.Ordinal));
        return (await StartAsync(settings), $"X-API-Key: {key}");
    }

    public async Task<RunningService> StartAsync(IEnumerable<(string Name, string Value)> settings)
    {
        var started = Stopwatch.GetTimestamp();
        var process = ServiceProcess.Spawn([.. s_settings, .. settings], assembly: _assembly);
        var server = BenchmarkServer.At(await process.WaitUntilListeningAsync(), process.Id);
        server.SendOnce(RawHttpRequest.Get("/health/ready"), 200);
        return new(process, server, Stopwatch.GetElapsedTime(started));
    }
}
