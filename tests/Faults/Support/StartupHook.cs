using System.Diagnostics.CodeAnalysis;

/// <summary>Loads this assembly into a service (DOTNET_STARTUP_HOOKS).</summary>
[SuppressMessage("Design", "MA0047:Declare types in namespaces", Justification = "The runtime looks for it by this name.")]
internal static class StartupHook
{
    public static void Initialize()
    {
    }
}
