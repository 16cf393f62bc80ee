using System.Data.Common;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary>Work on the store by a command: beside a running service, or before the first one.</summary>
internal static class StoreCommandRunner
{
    /// <summary>Work that may write; the store is made, or brought up to date, if need be.</summary>
    public static Task<int> RunAsync(TextWriter error, Func<IServiceProvider, Task<int>> work, CancellationToken cancellation) =>
        RunWithoutWriterAsync(error, async services =>
    {
        var writer = services.GetRequiredService<GroupCommitWriter>();
        await writer.StartAsync(cancellation);
        var status = await work(services);
        await writer.StopAsync(cancellation);
        return status;
    });

    /// <summary>Work on the store as it is.</summary>
    public static async Task<int> RunWithoutWriterAsync(TextWriter error, Func<IServiceProvider, Task<int>> work)
    {
        var builder = Composition.CreateBuilder([]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        await using var services = builder.Services.BuildServiceProvider();
        try
        {
            return await work(services);
        }
        catch (Exception refusal)
            when (refusal is StartupConfigurationException or StoragePreconditionException or StorageUnavailableException or StorageCorruptionException)
        {
            await error.WriteLineAsync(refusal.Message);
            return 1;
        }
        catch (Exception failure) when (failure is DbException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"The command failed: {failure.Message}");
            return 1;
        }
    }
}
