using RealRelationshipApi.Access;
using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Commands;

/// <summary>Runs the service until it is told to stop.</summary>
internal static class Serve
{
    /// <returns>0 after an orderly stop, 1 when the settings or the store do not let the service start.</returns>
    public static async Task<int> RunAsync(WebApplication app)
    {
        try
        {
            await app.RunAsync();
            return 0;
        }
        catch (Exception error) when (error is StartRefusedException or StorageRefusedException)
        {
            app.Logger.LogCritical("The service did not start. {Reason}", error.Message);
            return 1;
        }
    }
}
