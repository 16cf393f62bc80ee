using System.Text.Json.Nodes;

using Microsoft.OpenApi;

using Swashbuckle.AspNetCore.SwaggerGen;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>Recorded problems, as examples of the operation that returned them or of the nearest that declares their status. A test compares them
/// with live responses, and can rewrite them.</summary>
internal sealed class ProblemExamples : IDocumentFilter
{
    private static readonly IReadOnlyList<ProblemExample> s_examples = Read();

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        var components = (swaggerDoc.Components ??= new()).Examples ??= new Dictionary<string, IOpenApiExample>();
        foreach (var example in s_examples)
        {
            components[example.Name] = new OpenApiExample
            {
                Summary = example.Request, Description = example.SentBody is { } sent ? $"Of `{sent}`" : null,
                Value = example.Body
            };
        }

        foreach (var (path, method, operation) in swaggerDoc.Paths.SelectMany(p => p.Value.Operations!.Select(o => (p.Key, o.Key.Method, o.Value))))
        {
            foreach (var (status, response) in operation.Responses!)
            {
                foreach (var (mediaType, content) in response.Content ?? new Dictionary<string, OpenApiMediaType>())
                {
                    AddExamples(swaggerDoc, content,
                        SelectNearest([.. s_examples.Where(r => r.Status == status && r.MediaType == mediaType)], operation.OperationId!, path, method));
                }
            }
        }
    }

    private static void AddExamples(OpenApiDocument document, OpenApiMediaType content, IReadOnlyList<ProblemExample> examples)
    {
        if (examples.Count > 0)
        {
            content.Examples = examples.ToDictionary(r => r.Name, IOpenApiExample (r) => new OpenApiExampleReference(r.Name, document));
        }
    }

    // Examples of the operation; otherwise of similar paths with the same method; otherwise any with the same status.
    private static IReadOnlyList<ProblemExample> SelectNearest(IReadOnlyList<ProblemExample> candidates, string operation, string path, string method)
    {
        ProblemExample[] own = [.. candidates.Where(r => r.Operation == operation)];
        ProblemExample[] near = own.Length > 0 ? own : [.. candidates.Where(r => r.Method == method && r.PathRoot == FirstSegment(path))];
        return near.Length > 0 ? near : [.. candidates.OrderByDescending(r => r.Method == method).Take(1)];
    }

    private static string FirstSegment(string path) => path.Split('/')[1];

    private static IReadOnlyList<ProblemExample> Read() =>
        [.. ExampleFile.Read("problems.json")
            .Select(r => new ProblemExample(r.Key, r.Value!["operation"]!.GetValue<string>(), r.Value["request"]!.GetValue<string>(),
            r.Value["sent"]?.GetValue<string>(), r.Value["status"]!.ToString(), r.Value["mediaType"]!.GetValue<string>(), r.Value["body"]!.DeepClone()))];

    /// <summary>A recorded request and its problem.</summary>
    private sealed record ProblemExample(string Name, string Operation, string Request, string? SentBody, string Status, string MediaType, JsonNode Body)
    {
        public string Method => Request.Split(' ')[0];

        public string PathRoot => FirstSegment(Request.Split(' ')[1].Split('?')[0]);
    }
}
