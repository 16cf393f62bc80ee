using System.Text.Json.Nodes;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>Examples in <c>openapi/examples</c>, embedded in the assembly. Tests record those of responses.</summary>
internal static class ExampleFile
{
    public static JsonObject Read(string name)
    {
        using var stream = typeof(ExampleFile).Assembly.GetManifestResourceStream(name)!;
        return JsonNode.Parse(stream)!.AsObject();
    }

    /// <summary>The example body of an operation, in <c>requests/{operationId}.json</c>, <c>.ndjson</c> or <c>.csv</c>; null without one.</summary>
    public static string? ReadRequest(string operationId, string extension)
    {
        using var stream = typeof(ExampleFile).Assembly.GetManifestResourceStream($"requests/{operationId}.{extension}");
        return stream is null ? null : new StreamReader(stream).ReadToEnd().TrimEnd('\n');
    }
}
