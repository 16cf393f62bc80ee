using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Hosting;

/// <summary>Runs the service until it is stopped.</summary>
internal static class ServiceRunner
{
    /// <returns>0 after an orderly stop, 1 after a failed start or when the store is damaged.</returns>
    public static async Task<int> RunAsync(WebApplication app)
    {
        var corruptionGuard = app.Services.GetRequiredService<CorruptionGuard>();
        await using var stopping = corruptionGuard.Stopping.Register(app.Lifetime.StopApplication);
        await using var started = app.Lifetime.ApplicationStarted.Register(ReleaseStartupMemory);
        app.Services.GetRequiredService<RenamedSettings>().LogWarnings(app.Logger);
        try
        {
            await app.RunAsync();
            return corruptionGuard.Reason is null ? 0 : 1;
        }
        catch (Exception error)
            when (error is StartupConfigurationException or StoragePreconditionException or StorageCorruptionException or StorageUnavailableException)
        {
            app.Logger.LogCritical("The service did not start. {Reason}", error.Message);
            return 1;
        }
    }

    // Garbage of the startup would otherwise stay until the first full collection.
    private static void ReleaseStartupMemory() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
