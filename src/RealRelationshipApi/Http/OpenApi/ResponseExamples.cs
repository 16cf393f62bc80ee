using System.Text.Json.Nodes;

using Microsoft.OpenApi;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>What operations answered when they were pressed in a run on the demonstration data; a test holds it against the live answers,
/// and writes it anew when asked.</summary>
internal static class ResponseExamples
{
    private static readonly JsonObject s_examples = ExampleFile.Read("responses.json");

    /// <summary>Writes the answer of an operation into its documentation.</summary>
    public static void AddTo(OpenApiOperation operation)
    {
        if (s_examples[operation.OperationId!] is { } example && operation.Responses!.TryGetValue(example["status"]!.ToString(), out var response)
            && response.Content is { } contents && contents.TryGetValue(example["mediaType"]!.GetValue<string>(), out var content)
            && content is OpenApiMediaType media)
        {
            media.Example = example["body"]!.DeepClone();
        }
    }
}
