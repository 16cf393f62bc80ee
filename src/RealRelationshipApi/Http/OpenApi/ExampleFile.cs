using System.Text.Json.Nodes;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>What a real run answered, as a test wrote it beside this file; it is part of the program.</summary>
internal static class ExampleFile
{
    public static JsonObject Read(string name)
    {
        using var stream = typeof(ExampleFile).Assembly.GetManifestResourceStream(typeof(ExampleFile), name)!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}
