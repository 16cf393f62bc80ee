using System.Globalization;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;

using Swashbuckle.AspNetCore.SwaggerGen;

namespace RealRelationshipApi.Http.OpenApi;

/// <summary>Writes what an endpoint declares of itself into its operation: query parameters, headers, examples, who may call it.</summary>
internal sealed class OperationConventions(IServiceProvider services) : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        var parameters = operation.Parameters ??= [];
        foreach (var parameter in metadata.OfType<QueryParameters>().SelectMany(p => p.All))
        {
            parameters.Add(Query(parameter));
        }

        foreach (var header in Headers(operation, context.ApiDescription.HttpMethod))
        {
            parameters.Add(header);
        }

        foreach (var example in metadata.OfType<ParameterExample>())
        {
            parameters.OfType<OpenApiParameter>().Single(p => p.Name == example.Name).Example = OpenApiDocuments.Node(example.Value);
        }

        foreach (var example in metadata.OfType<BodyExample>())
        {
            operation.RequestBody!.Content![example.MediaType].Example = example.MediaType.EndsWith("json", StringComparison.Ordinal) && example.MediaType != MediaTypes.Ndjson ? JsonNode.Parse(example.Text) : JsonValue.Create(example.Text);
        }

        DescribeTables(operation);
        TellOfTextThatIsJson(operation);
        AnswerExamples.Tell(operation);
        operation.Security = metadata.OfType<IAllowAnonymous>().Any() ? [] : OpenApiDocuments.KeyOrToken(context.Document);
    }

    private OpenApiParameter Query(QueryParameter parameter)
    {
        var one = new OpenApiSchema
        {
            Type = parameter.Kind switch
            {
                QueryKind.Number => JsonSchemaType.Number,
                QueryKind.Whole => JsonSchemaType.Integer,
                QueryKind.Flag => JsonSchemaType.Boolean,
                _ => JsonSchemaType.String,
            },
            Format = parameter.Kind == QueryKind.Whole ? "int64" : null,
            Enum = parameter.Values.Count > 0 ? [.. parameter.Values.Select(v => (JsonNode)v)] : null,
        };
        Limit(one, parameter);
        if (!parameter.Repeatable)
        {
            one.Default = Default(parameter);
        }

        var schema = parameter.Repeatable ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = one, Default = Default(parameter) is { } value ? new JsonArray(value) : null } : one;
        if (parameter.RulesOf is { } request)
        {
            SchemaRules.Write(services, request, parameter.Name, schema);
        }

        return new OpenApiParameter
        {
            Name = parameter.Name,
            In = ParameterLocation.Query,
            Description = parameter.Description + (parameter.Repeatable ? " Repeat the name for several values." : ""),
            Required = parameter.Required,
            Schema = schema,
            Explode = true,
            Example = parameter.Example is not { } example ? null
                : parameter.Repeatable ? new JsonArray((JsonNode)example)
                : parameter.Kind is QueryKind.Number or QueryKind.Whole ? JsonNode.Parse(example) : JsonValue.Create(example),
        };
    }

    private static void Limit(OpenApiSchema one, QueryParameter parameter)
    {
        var (least, most) = (parameter.Least?.ToString(CultureInfo.InvariantCulture), parameter.Most?.ToString(CultureInfo.InvariantCulture));
        (one.Minimum, one.Maximum, one.ExclusiveMinimum, one.ExclusiveMaximum) = parameter.IsOpen ? (null, null, least, most) : (least, most, (string?)null, (string?)null);
        // Of several texts none may be empty.
        one.MinLength = parameter is { Kind: QueryKind.Text, Repeatable: true } ? 1 : null;
    }

    private static JsonNode? Default(QueryParameter parameter) => parameter.Default is not { } text ? null : parameter.Kind switch
    {
        QueryKind.Number => JsonValue.Create(double.Parse(text, CultureInfo.InvariantCulture)),
        QueryKind.Whole => JsonValue.Create(long.Parse(text, CultureInfo.InvariantCulture)),
        QueryKind.Flag => JsonValue.Create(text == "true"),
        _ => JsonValue.Create(text),
    };

    // What a response may be tells which header the request takes: 428 an If-Match, 409 beside 201 or 207 an Idempotency-Key.
    private static IEnumerable<OpenApiParameter> Headers(OpenApiOperation operation, string? method)
    {
        var responses = operation.Responses!;
        if (responses.ContainsKey("428"))
        {
            yield return Header("If-Match", "The ETag of the version that you read; `*` means whatever is current.", required: true, example: "*");
        }
        else if (method == HttpMethods.Post && responses.ContainsKey("409"))
        {
            var header = Header(Idempotency.Header, $"Any text of at most {Idempotency.LongestKey} characters: the same request with the same key takes effect once.", required: false, example: null);
            header.Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = Idempotency.LongestKey };
            yield return header;
        }
    }

    private static OpenApiParameter Header(string name, string description, bool required, string? example) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Required = required,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        Example = OpenApiDocuments.Node(example),
    };

    // CSV, NDJSON, pages and pictures are texts, whatever they hold.
    private static void DescribeTables(OpenApiOperation operation)
    {
        var contents = operation.Responses!.Values.OfType<OpenApiResponse>().Select(r => r.Content).Append(operation.RequestBody?.Content);
        foreach (var media in contents.OfType<IDictionary<string, OpenApiMediaType>>().SelectMany(c => c).Where(m => m.Key is MediaTypes.Csv or MediaTypes.Ndjson or MediaTypes.Html or MediaTypes.Svg))
        {
            media.Value.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
        }
    }

    // A citation is written as text in each of its formats; as CSL-JSON it is a list of items.
    private static void TellOfTextThatIsJson(OpenApiOperation operation)
    {
        var texts = operation.Responses!.Values.SelectMany(response => response.Content ?? new Dictionary<string, OpenApiMediaType>())
            .Where(content => content.Key.EndsWith("json", StringComparison.Ordinal) && content.Value.Schema is { Type: JsonSchemaType.String });
        foreach (var (_, content) in texts)
        {
            content.Schema = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.Object } };
        }
    }
}
