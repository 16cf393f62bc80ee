using System.Globalization;

using Microsoft.OpenApi;

using Swashbuckle.AspNetCore.SwaggerGen;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>Moves parameters and problems that several operations have in common to the components, where the document has them once; operations refer to
/// them. Runs after the filters that add examples.</summary>
internal sealed class SharedComponents : IDocumentFilter
{
    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        OpenApiOperation[] operations = [.. swaggerDoc.Paths.Values.SelectMany(path => path.Operations!.Values)];
        RemoveRepeatedDescriptions(operations, swaggerDoc);
        ShareParameters(operations, swaggerDoc);
        ShareResponses(operations, swaggerDoc);
    }

    private static void ShareParameters(OpenApiOperation[] operations, OpenApiDocument document)
    {
        var used = operations.SelectMany(operation => operation.Parameters ?? [],
            (operation, parameter) => new Use<IOpenApiParameter>(parameter.Name!, operation.OperationId!, parameter)).ToList();
        var shared = SelectShared(used);
        document.Components!.Parameters = shared.OrderBy(s => s.Value.Name, StringComparer.Ordinal).ToDictionary(s => s.Value.Name, s => s.Value.Value);
        foreach (var operation in operations.Where(o => o.Parameters is not null))
        {
            operation.Parameters = [.. operation.Parameters!.Select(parameter =>
                shared.TryGetValue(ToText(parameter), out var same) ? new OpenApiParameterReference(same.Name, document) : parameter)];
        }
    }

    private static void ShareResponses(OpenApiOperation[] operations, OpenApiDocument document)
    {
        var used = operations.SelectMany(operation => operation.Responses!.Where(response => response.Key[0] is '4' or '5'),
            (operation, response) => new Use<IOpenApiResponse>(NameOf(response.Value), operation.OperationId!, response.Value)).ToList();
        var shared = SelectShared(used);
        document.Components!.Responses = shared.OrderBy(s => s.Value.Name, StringComparer.Ordinal).ToDictionary(s => s.Value.Name, s => s.Value.Value);
        foreach (var responses in operations.Select(o => o.Responses!))
        {
            foreach (var (status, response) in responses.ToList())
            {
                if (shared.TryGetValue(ToText(response), out var same))
                {
                    responses[status] = new OpenApiResponseReference(same.Name, document);
                }
            }
        }
    }

    // "Not Found" is NotFound.
    private static string NameOf(IOpenApiResponse response) => string.Concat(response.Description!.Where(char.IsLetter));

    /// <summary>What at least two operations have, by its text. The most frequent of a name has that name, others the operation that is first to have it, too.
    /// </summary>
    private static Dictionary<string, (string Name, T Value)> SelectShared<T>(IEnumerable<Use<T>> uses) where T : IOpenApiSerializable =>
        uses.GroupBy(use => ToText(use.Value), StringComparer.Ordinal).Where(same => same.Skip(1).Any())
            .GroupBy(same => same.First().Name, StringComparer.Ordinal)
            .SelectMany(ofName => ofName.OrderByDescending(same => same.Count()).Select((same, rank) =>
                (Text: same.Key, Name: rank == 0 ? ofName.Key : $"{ofName.Key}.{same.First().Operation}", same.First().Value)))
            .ToDictionary(s => s.Text, s => (s.Name, s.Value), StringComparer.Ordinal);

    // A reference has the description of its schema: said again, it is only longer.
    private static void RemoveRepeatedDescriptions(OpenApiOperation[] operations, OpenApiDocument document)
    {
        var contents = operations.SelectMany(o => o.Responses!.Values.Select(response => response.Content).Append(o.RequestBody?.Content));
        foreach (var media in contents.OfType<IDictionary<string, OpenApiMediaType>>().SelectMany(content => content.Values))
        {
            if (media.Schema is OpenApiSchemaReference { Reference: { Id: { } id, Description: { } description } } reference
                && document.Components?.Schemas?.TryGetValue(id, out var schema) == true && schema.Description == description)
            {
                reference.Reference.Description = null;
            }
        }
    }

    private static string ToText(IOpenApiSerializable element)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        element.SerializeAsV31(new OpenApiJsonWriter(text, new OpenApiJsonWriterSettings { Terse = true }));
        return text.ToString();
    }

    private readonly record struct Use<T>(string Name, string Operation, T Value);
}
