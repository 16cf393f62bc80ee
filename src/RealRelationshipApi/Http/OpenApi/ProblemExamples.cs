using System.Text.Json.Nodes;

using Microsoft.OpenApi;

using Swashbuckle.AspNetCore.SwaggerGen;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>Refusals of a real run, each shown where it may be met: by the operation that gave it, or by those nearest to it. A test makes the run, and writes it anew when asked.</summary>
internal sealed class ProblemExamples : IDocumentFilter
{
    private static readonly IReadOnlyList<Refusal> s_refusals = Read();

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        var components = (swaggerDoc.Components ??= new()).Examples ??= new Dictionary<string, IOpenApiExample>();
        foreach (var refusal in s_refusals)
        {
            components[refusal.Name] = new OpenApiExample { Summary = refusal.Request, Description = refusal.Sent is { } sent ? $"Of `{sent}`" : null, Value = refusal.Body };
        }

        foreach (var (path, method, operation) in swaggerDoc.Paths.SelectMany(p => p.Value.Operations!.Select(o => (p.Key, o.Key.Method, o.Value))))
        {
            foreach (var (status, response) in operation.Responses!)
            {
                foreach (var (mediaType, content) in response.Content ?? new Dictionary<string, OpenApiMediaType>())
                {
                    Show(swaggerDoc, content, Nearest([.. s_refusals.Where(r => r.Status == status && r.MediaType == mediaType)], operation.OperationId!, path, method));
                }
            }
        }
    }

    private static void Show(OpenApiDocument document, OpenApiMediaType content, IReadOnlyList<Refusal> refusals)
    {
        if (refusals.Count > 0)
        {
            content.Examples = refusals.ToDictionary(r => r.Name, IOpenApiExample (r) => new OpenApiExampleReference(r.Name, document));
        }
    }

    // Its own; else those of its neighbours by the same method; else one that only has the same status.
    private static IReadOnlyList<Refusal> Nearest(IReadOnlyList<Refusal> refusals, string operation, string path, string method)
    {
        Refusal[] own = [.. refusals.Where(r => r.Operation == operation)];
        Refusal[] near = own.Length > 0 ? own : [.. refusals.Where(r => r.Method == method && r.Part == PartOf(path))];
        return near.Length > 0 ? near : [.. refusals.OrderByDescending(r => r.Method == method).Take(1)];
    }

    private static string PartOf(string path) => path.Split('/')[1];

    private static IReadOnlyList<Refusal> Read() =>
        [.. ExampleFile.Read("problems.json").Select(r => new Refusal(r.Key, r.Value!["operation"]!.GetValue<string>(), r.Value["request"]!.GetValue<string>(),
            r.Value["sent"]?.GetValue<string>(), r.Value["status"]!.ToString(), r.Value["mediaType"]!.GetValue<string>(), r.Value["body"]!.DeepClone()))];

    /// <summary>A request of the run that was refused, and with what.</summary>
    private sealed record Refusal(string Name, string Operation, string Request, string? Sent, string Status, string MediaType, JsonNode Body)
    {
        public string Method => Request.Split(' ')[0];

        public string Part => PartOf(Request.Split(' ')[1].Split('?')[0]);
    }
}
