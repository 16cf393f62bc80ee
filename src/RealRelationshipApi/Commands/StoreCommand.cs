using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Commands;

/// <summary>Work on the store by a command: beside a running service, or before the first one.</summary>
internal static class StoreCommand
{
    public static async Task<int> RunAsync(TextWriter error, Func<IServiceProvider, Task<int>> work, CancellationToken cancellation)
    {
        var builder = Composition.Builder([]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        await using var services = builder.Services.BuildServiceProvider();
        try
        {
            var writer = services.GetRequiredService<Writer>();
            await writer.StartAsync(cancellation);
            var status = await work(services);
            await writer.StopAsync(cancellation);
            return status;
        }
        catch (Exception refusal) when (refusal is StartRefusedException or StorageRefusedException or StorageUnavailableException or StorageDamagedException)
        {
            await error.WriteLineAsync(refusal.Message);
            return 1;
        }
    }
}
