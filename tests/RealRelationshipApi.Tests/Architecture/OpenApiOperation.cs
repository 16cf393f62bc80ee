using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>An operation of the OpenAPI document.</summary>
internal sealed record OpenApiOperation(string Path, HttpMethod Method, JsonNode Node)
{
    // What a CSV file needs in the query, where other formats have it in the body.
    private static readonly Dictionary<string, string> s_queryOfCsv = new()
    {
        ["submitSessions"] = "?sourceSystem=rom", ["analyzeEffectModerators"] = "?by=Rater", ["regressEffects"] = "?terms=year",
        ["planForEffects"] = "?target=excludesZero", ["drawEffectBubblePlot"] = "?terms=year",
    };

    public string Id => Node.At("operationId")!.GetValue<string>();

    public static IEnumerable<OpenApiOperation> ReadAll(JsonNode document) =>
        from path in document.At("paths")!.AsObject()
        from operation in path.Value!.AsObject()
        select new OpenApiOperation(path.Key, HttpMethod.Parse(operation.Key), WithComponents(document, operation.Value!));

    // Parameters and responses that operations share are in the components.
    private static JsonNode WithComponents(JsonNode document, JsonNode operation)
    {
        var own = operation.DeepClone();
        if (own["parameters"] is JsonArray parameters)
        {
            own["parameters"] = new JsonArray([.. parameters.Select(parameter => Target(document, parameter!))]);
        }

        own["responses"] = new JsonObject(own.At("responses")!.AsObject().Select(r => KeyValuePair.Create(r.Key, (JsonNode?)Target(document, r.Value!))));
        return own;
    }

    private static JsonNode Target(JsonNode document, JsonNode node) =>
        (node["$ref"]?.GetValue<string>() is { } reference ? document.At(reference["#/".Length..])! : node).DeepClone();

    public IEnumerable<JsonNode> Parameters(string place) =>
        (Node["parameters"]?.AsArray() ?? []).Where(p => p.At("in")!.GetValue<string>() == place)!;

    /// <summary>The request that Swagger UI sends when the operation is pressed, once for each type of body.</summary>
    public IEnumerable<(string Path, (string Name, string Value)[] Headers, string? MediaType, string? Body)> ExampleRequests()
    {
        var path = Parameters("path").Aggregate(Path, (at, p) => at.Replace($"{{{p.At("name")}}}", ExampleValue(p), StringComparison.Ordinal));
        var query = Parameters("query").Where(p => p["example"] is not null || p["required"]?.GetValue<bool>() == true)
            .Select(p => $"{p.At("name")}={ExampleValue(p)}");
        (string, string)[] headers =
            [.. Parameters("header").Where(p => p["required"]?.GetValue<bool>() == true).Select(p => (p.At("name")!.GetValue<string>(), ExampleValue(p)))];
        var address = $"{path}?{string.Join('&', query)}".TrimEnd('?');
        if (Node["requestBody"] is not { } body)
        {
            return [(address, headers, null, null)];
        }

        // A workbook has no example.
        return body.At("content")!.AsObject().Where(media => !media.Key.Contains("spreadsheetml", StringComparison.Ordinal))
            .Select(
                media =>
                    (media.Key == "text/csv" ? address + s_queryOfCsv.GetValueOrDefault(Id, "") : address, headers, (string?)media.Key,
                        (string?)(media.Value.At("example") is JsonValue text && text.TryGetValue<string>(out var raw) ? raw
                            : media.Value.At("example")!.ToJsonString())));
    }

    private static string ExampleValue(JsonNode parameter) => parameter.At("example") switch
    {
        JsonArray several => several.Single()!.ToString(),
        { } one => one.ToString(),
        null => throw new KeyNotFoundException($"{parameter.At("name")} has no example"),
    };
}
