using System.Data.Common;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary>Runs commands that use the store, whether or not the service is running.</summary>
internal static class StoreCommandRunner
{
    /// <summary>Runs work that may write, after creating or migrating the store if necessary.</summary>
    public static Task<int> RunAsync(TextWriter error, Func<IServiceProvider, Task<int>> work, CancellationToken cancellation) =>
        RunWithoutWriterAsync(error, async services =>
    {
        var writer = services.GetRequiredService<GroupCommitWriter>();
        await writer.StartAsync(cancellation);
        var status = await work(services);
        await writer.StopAsync(cancellation);
        return status;
    });

    /// <summary>Runs work on an existing store without migrating it.</summary>
    public static async Task<int> RunWithoutWriterAsync(TextWriter error, Func<IServiceProvider, Task<int>> work)
    {
        var builder = Composition.CreateBuilder([]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        await using var services = builder.Services.BuildServiceProvider();
        try
        {
            return await work(services);
        }
        catch (Exception precondition)
            when (precondition is StartupConfigurationException or StoragePreconditionException or StorageUnavailableException or StorageCorruptionException
                or TamperedDataException)
        {
            await error.WriteLineAsync(precondition.Message);
            return 1;
        }
        catch (Exception failure) when (failure is DbException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"The command failed: {failure.Message}");
            return 1;
        }
    }
}
