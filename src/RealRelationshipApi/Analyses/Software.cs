using System.Reflection;

namespace RealRelationshipApi.Meta;

/// <summary>Which software gave an answer.</summary>
internal static class Software
{
    /// <summary>The released version, as answers give it.</summary>
    public static string Version { get; } =
        typeof(Software).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Differs between any two builds that could answer differently.</summary>
    public static string Build { get; } =
        $"{Version}/{typeof(Software).Module.ModuleVersionId}/{typeof(RealRelationship.Statistics.FisherZ).Module.ModuleVersionId}";
}
