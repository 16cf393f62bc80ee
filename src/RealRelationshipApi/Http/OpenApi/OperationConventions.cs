using System.Globalization;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;

using Swashbuckle.AspNetCore.SwaggerGen;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>Adds endpoint metadata to an operation: query parameters, headers, examples, security.</summary>
internal sealed class OperationConventions(IServiceProvider services) : IOperationFilter
{
    // Each name means the same in all paths.
    private static readonly Dictionary<string, string> s_pathParameters = new(StringComparer.Ordinal)
    {
        ["key"] = "Key of the study.",
        ["code"] = "Code of the instrument, as `GET /instruments` lists it.",
        ["page"] = "Name of the page, as `/docs` lists it, in any case.",
        ["id"] = "Id of the import, from the `Location` of the response that began it.",
        ["slug"] = "Last part of the `type` of a problem.",
    };

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        var parameters = operation.Parameters ??= [];
        foreach (var parameter in metadata.OfType<QueryParametersMetadata>().SelectMany(p => p.Parameters).Where(p => !p.IsPattern && p.Refusal is null))
        {
            parameters.Add(ToOpenApiParameter(parameter));
        }

        foreach (var parameter in parameters.OfType<OpenApiParameter>().Where(p => p.In == ParameterLocation.Path))
        {
            parameter.Description ??= s_pathParameters.GetValueOrDefault(parameter.Name!);
        }

        foreach (var header in HeaderParameters(operation, context.ApiDescription.HttpMethod))
        {
            parameters.Add(header);
        }

        foreach (var example in metadata.OfType<ParameterExample>())
        {
            parameters.OfType<OpenApiParameter>().Single(p => p.Name == example.Name).Example = OpenApiDocuments.ToJsonNode(example.Value);
        }

        // A workbook has no example.
        foreach (var (mediaType, body) in (operation.RequestBody?.Content ?? new Dictionary<string, OpenApiMediaType>()).Where(b => b.Key != MediaTypes.Xlsx))
        {
            var extension = mediaType switch { MediaTypes.Csv => "csv", _ when MediaTypes.IsNdjson(mediaType) => "ndjson", _ => "json" };
            var text = ExampleFile.ReadRequest(operation.OperationId!, extension);
            body.Example = text is null ? null : extension == "json" ? JsonNode.Parse(text) : JsonValue.Create(text);
        }

        DescribeTextBodies(operation);
        if (operation.RequestBody?.Content?.TryGetValue(MediaTypes.Xlsx, out var workbook) == true)
        {
            workbook.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
        }

        DescribeJsonInText(operation);
        ResponseExamples.AddTo(operation);
        operation.Security = metadata.OfType<IAllowAnonymous>().Any() ? [] : OpenApiDocuments.ApiKeyOrBearer(context.Document);
    }

    private OpenApiParameter ToOpenApiParameter(QueryParameter parameter)
    {
        var itemSchema = new OpenApiSchema
        {
            Type = parameter.Kind switch
            {
                QueryParameterType.Number => JsonSchemaType.Number,
                QueryParameterType.Integer => JsonSchemaType.Integer,
                QueryParameterType.Boolean => JsonSchemaType.Boolean,
                _ => JsonSchemaType.String,
            },
            Format = parameter.Kind == QueryParameterType.Integer ? "int64" : null,
            Enum = parameter.Values.Count > 0 ? [.. parameter.Values.Select(v => (JsonNode)v)] : null,
        };
        SetLimits(itemSchema, parameter);
        if (!parameter.Repeatable)
        {
            itemSchema.Default = DefaultValue(parameter);
        }

        var schema = parameter.Repeatable
            ? new OpenApiSchema
            {
                Type = JsonSchemaType.Array, Items = itemSchema,
                Default = DefaultValue(parameter) is { } value ? new JsonArray(value) : null
            } : itemSchema;
        if (parameter.RequestType is { } request)
        {
            SchemaConstraints.Apply(services, request, parameter.Name, schema);
        }

        return new OpenApiParameter
        {
            Name = parameter.Name,
            In = ParameterLocation.Query,
            Description = parameter.Description + (parameter.Repeatable ? " Repeat the parameter for several values." : ""),
            Required = parameter.Required,
            Schema = schema,
            Explode = true,
            Example = parameter.Example is not { } example ? null
                : parameter.Repeatable ? new JsonArray((JsonNode)example)
                : parameter.Kind is QueryParameterType.Number or QueryParameterType.Integer ? JsonNode.Parse(example) : JsonValue.Create(example),
        };
    }

    private static void SetLimits(OpenApiSchema schema, QueryParameter parameter)
    {
        var (min, max) = (parameter.Minimum?.ToString(CultureInfo.InvariantCulture), parameter.Maximum?.ToString(CultureInfo.InvariantCulture));
        (schema.Minimum, schema.Maximum, schema.ExclusiveMinimum, schema.ExclusiveMaximum) = parameter.IsExclusive ? (null, null, min, max)
            : (min, max, (string?)null, (string?)null);
        // Repeatable texts may not be empty.
        schema.MinLength = parameter is { Kind: QueryParameterType.Text, Repeatable: true } ? 1 : null;
    }

    private static JsonNode? DefaultValue(QueryParameter parameter) => parameter.Default is not { } text ? null : parameter.Kind switch
    {
        QueryParameterType.Number => JsonValue.Create(double.Parse(text, CultureInfo.InvariantCulture)),
        QueryParameterType.Integer => JsonValue.Create(long.Parse(text, CultureInfo.InvariantCulture)),
        QueryParameterType.Boolean => JsonValue.Create(text == "true"),
        _ => JsonValue.Create(text),
    };

    // Declared responses imply request headers: 428 If-Match, 409 of a POST Idempotency-Key.
    private static IEnumerable<OpenApiParameter> HeaderParameters(OpenApiOperation operation, string? method)
    {
        var responses = operation.Responses!;
        if (responses.ContainsKey("428"))
        {
            yield return HeaderParameter("If-Match", "ETag of the current version; `*` matches any version.", required: true, example: "*");
        }
        else if (method == HttpMethods.Post && responses.ContainsKey("409"))
        {
            var header = HeaderParameter(Idempotency.Header,
                $"Key of up to {Idempotency.MaxKeyLength} characters; a request repeated with the same key takes effect once.", required: false,
                example: null);
            header.Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = Idempotency.MaxKeyLength };
            yield return header;
        }
    }

    private static OpenApiParameter HeaderParameter(string name, string description, bool required, string? example) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Required = required,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        Example = OpenApiDocuments.ToJsonNode(example),
    };

    // CSV, NDJSON, HTML, SVG and Atom have the schema of a string.
    private static void DescribeTextBodies(OpenApiOperation operation)
    {
        var contents = operation.Responses!.Values.OfType<OpenApiResponse>().Select(r => r.Content).Append(operation.RequestBody?.Content);
        foreach (var media in contents.OfType<IDictionary<string, OpenApiMediaType>>().SelectMany(c => c)
            .Where(m => m.Key is MediaTypes.Csv or MediaTypes.Html or MediaTypes.Svg or MediaTypes.Atom || MediaTypes.IsNdjson(m.Key)))
        {
            media.Value.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
        }
    }

    // Citations are written as text in all formats, but CSL-JSON has the schema of an array.
    private static void DescribeJsonInText(OpenApiOperation operation)
    {
        var texts = operation.Responses!.Values.SelectMany(response => response.Content ?? new Dictionary<string, OpenApiMediaType>())
            .Where(content => content.Key.EndsWith("json", StringComparison.Ordinal) && content.Value.Schema is { Type: JsonSchemaType.String });
        foreach (var (_, content) in texts)
        {
            content.Schema = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.Object } };
        }
    }
}
