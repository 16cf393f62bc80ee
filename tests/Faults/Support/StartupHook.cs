using System.Diagnostics.CodeAnalysis;

/// <summary>Brings this assembly into a service that is told to load it (DOTNET_STARTUP_HOOKS), and does nothing else.</summary>
[SuppressMessage("Design", "MA0047:Declare types in namespaces", Justification = "The runtime looks for it by this name.")]
internal static class StartupHook
{
    public static void Initialize()
    {
    }
}
