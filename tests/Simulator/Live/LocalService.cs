using RealRelationship.Testing.Processes;

namespace Simulator.Live;

/// <summary>The built service as a process of its own, on an embedded store that is thrown away.</summary>
internal static class LocalService
{
    private const int Tenants = 4;

    /// <returns>0 where all was as it must be.</returns>
    public static async Task<int> RunAsync(TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("simulator-");
        try
        {
            var store = Path.Combine(folder.FullName, "store.db");
            var keys = new List<string>();
            for (var i = 1; i <= Tenants; i++)
            {
                keys.Add(await CreateKeyAsync(store, $"clinic-{i}"));
            }

            await using var service = await ServiceProcess.StartOnFileAsync(store);
            using var http = await service.CreateClientAsync();
            return (await LiveSimulation.RunAsync(http, keys, output)).Count == 0 ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> CreateKeyAsync(string store, string tenant)
    {
        await using var command = ServiceProcess.Spawn([("Storage__Path", store)],
            ["keys", "create", "--tenant", tenant, "--scope", "sessions:write", "--scope", "sessions:read", "--scope", "meta:read"]);
        await command.WaitForExitAsync();
        return command.Lines.First(line => line.StartsWith("rr_", StringComparison.Ordinal));
    }
}
