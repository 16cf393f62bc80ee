namespace RealRelationship.Statistics.Tests;

/// <summary>Where the reference values lie.</summary>
internal static class ReferenceFile
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Reference", name);
}
