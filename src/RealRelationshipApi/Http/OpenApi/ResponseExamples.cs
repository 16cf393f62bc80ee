using System.Text.Json.Nodes;

using Microsoft.OpenApi;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>Recorded responses of the example requests on the demonstration data. A test compares them with live responses,
/// and can rewrite them.</summary>
internal static class ResponseExamples
{
    private static readonly JsonObject s_examples = ExampleFile.Read("responses.json");

    /// <summary>Adds the recorded responses of an operation to its documentation.</summary>
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
