using System.Text.Json.Nodes;

using Microsoft.OpenApi;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>What operations answered when they were pressed in a run on the demonstration data; a test holds it against the live answers, and writes it anew when asked.</summary>
internal static class AnswerExamples
{
    private static readonly JsonObject s_answers = ExampleFile.Read("answers.json");

    /// <summary>Writes the answer of an operation into its documentation.</summary>
    public static void Tell(OpenApiOperation operation)
    {
        if (s_answers[operation.OperationId!] is { } answer && operation.Responses!.TryGetValue(answer["status"]!.ToString(), out var response)
            && response.Content is { } contents && contents.TryGetValue(answer["mediaType"]!.GetValue<string>(), out var content) && content is OpenApiMediaType media)
        {
            media.Example = answer["body"]!.DeepClone();
        }
    }
}
