using System.Text.Json.Nodes;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>Examples in <c>openapi/examples</c>, embedded in the assembly; tests write them from answers of a real run.</summary>
internal static class ExampleFile
{
    public static JsonObject Read(string name)
    {
        using var stream = typeof(ExampleFile).Assembly.GetManifestResourceStream(name)!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}
