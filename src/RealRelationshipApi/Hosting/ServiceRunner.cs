using RealRelationship.Storage;

namespace RealRelationshipApi.Hosting;

/// <summary>Runs the service until it is stopped.</summary>
internal static class ServiceRunner
{
    private static bool _startupMemoryReleased;

    /// <returns>0 after a graceful shutdown, 1 after a failed start or if the store is corrupt.</returns>
    public static async Task<int> RunAsync(WebApplication app)
    {
        var corruptionGuard = app.Services.GetRequiredService<CorruptionGuard>();
        await using var stopping = corruptionGuard.Stopping.Register(() =>
        {
            app.Logger.LogCritical("The service stops. {Reason}", corruptionGuard.Reason);
            app.Lifetime.StopApplication();
        });
        // Taken now: a host that failed to start is disposed of when the exception arrives.
        var applicationStarted = app.Lifetime.ApplicationStarted;
        await using var started = applicationStarted.Register(ReleaseStartupMemory);
        app.Services.GetRequiredService<RenamedSettings>().LogWarnings(app.Logger);
        try
        {
            await app.RunAsync();
            return corruptionGuard.Reason is null ? 0 : 1;
        }
        catch (Exception error) when (!applicationStarted.IsCancellationRequested)
        {
            app.Logger.LogCritical("The service did not start. {Reason}", error.Message);
            app.Logger.LogDebug(error, "Details of the failed start");
            return 1;
        }
    }

    // Startup garbage would otherwise stay in memory until the first full collection. A process that starts many services, as tests do, needs it once.
    private static void ReleaseStartupMemory()
    {
        if (!Interlocked.Exchange(ref _startupMemoryReleased, true))
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}
