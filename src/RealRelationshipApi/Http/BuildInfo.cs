using System.Reflection;

namespace RealRelationshipApi.Http;

/// <summary>Version of the software that produced a response.</summary>
internal static class BuildInfo
{
    /// <summary>The released version, as in responses.</summary>
    public static string Version { get; } =
        typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Differs between any two builds that could answer differently.</summary>
    public static string BuildId { get; } =
        $"{Version}/{typeof(BuildInfo).Module.ModuleVersionId}/{typeof(RealRelationship.Statistics.FisherZ).Module.ModuleVersionId}";
}
