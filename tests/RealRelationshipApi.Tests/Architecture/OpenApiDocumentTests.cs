using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.OpenApi;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>The OpenAPI document against the service that it describes.</summary>
public sealed class OpenApiDocumentTests(EmptyService empty) : IClassFixture<EmptyService>, IAsyncLifetime
{
    private JsonNode _document = null!;

    public async ValueTask InitializeAsync() => _document = (await empty.Service.Get("/openapi/v1.json")).ShouldBe(200).Json;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public void Every_operation_of_the_service_is_in_the_document_with_its_query_parameters()
    {
        var endpoints = empty.Service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .ToDictionary(e => e.Metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName,
                e => e.Metadata.GetMetadata<QueryParametersMetadata>()?.Parameters ?? []);
        var operations = OpenApiOperation.ReadAll(_document).ToDictionary(o => o.Id, o => o.Parameters("query").Select(p => p.At("name")!.GetValue<string>()));
        Assert.Equal(endpoints.Keys.Order(), operations.Keys.Order());
        foreach (var (name, parameters) in endpoints)
        {
            Assert.Equal(parameters.Where(p => !p.IsPattern && p.Refusal is null).Select(p => p.Name).Order(), operations[name].Order());
        }
    }

    /// <summary>A document of an earlier build would describe another service.</summary>
    [Fact]
    public void The_document_is_that_of_the_endpoints() =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(DocumentSender.Generate(empty.Service.Services)), _document));

    [Fact]
    public void What_operations_share_is_in_the_document_once()
    {
        Assert.InRange(_document.ToJsonString().Length, 100_000, 1_000_000);
        JsonNode[] operations = [.. _document.At("paths")!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!)];
        var own = operations.SelectMany(o => o["parameters"]?.AsArray() ?? [])
            .Concat(operations.SelectMany(o => o.At("responses")!.AsObject()).Where(r => r.Key[0] is '4' or '5').Select(r => r.Value))
            .Where(node => node!["$ref"] is null).Select(node => node!.ToJsonString()).ToList();
        Assert.NotEmpty(own);
        Assert.Equal(own.Distinct(), own);
    }

    [Fact]
    public async Task The_document_is_compressed_and_not_sent_again()
    {
        foreach (var coding in new[] { "br", "gzip" })
        {
            var first = (await empty.Service.Get("/openapi/v1.json", ("Accept-Encoding", coding))).ShouldBe(200);
            Assert.Equal(coding, first.Header("Content-Encoding"));
            Assert.InRange(first.Bytes.Length, 50_000, 160_000);
            Assert.EndsWith($".{coding}\"", first.Header("ETag"), StringComparison.Ordinal);
            var again = await empty.Service.Get("/openapi/v1.json", ("Accept-Encoding", coding), ("If-None-Match", first.Header("ETag")!));
            Assert.Equal((304, 0, first.Header("ETag")), (again.Status, again.Bytes.Length, again.Header("ETag")));
        }
    }

    [Fact]
    public void Every_operation_has_one_of_the_four_tags()
    {
        var tags = _document.At("tags")!.AsArray();
        string[] names = [.. tags.Select(t => t.At("name")!.GetValue<string>())];
        Assert.Equal(["Analyse", "Submit", "Look", "Operate"], names);
        Assert.All(tags, tag => Assert.NotEmpty(tag.At("description")!.GetValue<string>()));
        foreach (var operation in OpenApiOperation.ReadAll(_document))
        {
            var group = Assert.Single(operation.Node.At("tags")!.AsArray())!.GetValue<string>();
            Assert.Contains(group, names);
            Assert.True(group != "Submit" || operation.Method != HttpMethod.Get, $"{operation.Id} submits nothing");
        }
    }

    [Fact]
    public void Choices_and_defaults_of_query_parameters_are_documented()
    {
        var test = OpenApiOperation.ReadAll(_document).Single(o => o.Id == "poolEvidence").Parameters("query")
            .Single(p => p.At("name")!.GetValue<string>() == "test");
        Assert.Equal(["auto", "z", "t", "knappHartung", "knappHartungAdHoc"], test.At("schema/enum")!.AsArray().Select(v => v!.GetValue<string>()));
        Assert.Equal("auto", test.At("schema/default")!.GetValue<string>());
    }

    [Theory]
    [InlineData("StudyRequest", "key/pattern", "\"^[a-z0-9-]{1,64}$\"")]
    [InlineData("StudyRequest", "country/pattern", "\"^[A-Z]{2}$\"")]
    [InlineData("StudyRequest", "note/maxLength", "2000")]
    [InlineData("StudyRequest", "status/readOnly", "true")]
    [InlineData("Statistic", "n/minimum", "4")]
    [InlineData("Statistic", "n/maximum", "10000000")]
    [InlineData("Statistic", "confidence/exclusiveMinimum", "0.5")]
    [InlineData("Citation", "year/minimum", "1900")]
    [InlineData("EffectRequest", "sample/minLength", "1")]
    [InlineData("ModelRequest", "rho/exclusiveMaximum", "1")]
    [InlineData("InlineEffect", "r/exclusiveMinimum", "-1")]
    [InlineData("InlineEffect", "id/minLength", "1")]
    [InlineData("PoolRequest", "effects/minItems", "1")]
    [InlineData("PoolRequest", "effects/maxItems", "100000")]
    [InlineData("BiasRequest", "steps/maxItems", "10")]
    [InlineData("BiasRequest", "steps/items/exclusiveMaximum", "1")]
    [InlineData("ModeratorsRequest", "by/maxItems", "20")]
    [InlineData("ModeratorsRequest", "by/items/minLength", "1")]
    [InlineData("ModeratorsRequest", "by/uniqueItems", "true")]
    [InlineData("StudyRequest", "effects/maxItems", "500")]
    [InlineData("StudyRequest", "setting/minLength", "1")]
    [InlineData("EffectRequest", "moderators/maxProperties", "50")]
    [InlineData("Statistic", "tails/enum", "[1, 2, null]")]
    [InlineData("SessionRequest", "measures/maxItems", "100")]
    [InlineData("ErasureRequest", "patient/pattern", "\"^[A-Za-z0-9._:/+=|#-]{1,128}$\"")]
    [InlineData("InstrumentRequest", "codings/maxItems", "20")]
    public void Validation_rules_of_members_are_in_the_document(string schema, string rule, string value) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(value), _document.At($"components/schemas/{schema}/properties/{rule}")),
            _document.At($"components/schemas/{schema}/properties/{rule.Split('/')[0]}")!.ToJsonString());

    [Theory]
    [InlineData("listStudies", "limit", "maximum", "200")]
    [InlineData("poolEvidence", "confidence", "exclusiveMinimum", "0.5")]
    [InlineData("poolEvidence", "minRevision", "minimum", "0")]
    [InlineData("poolEvidence", "country", "items/minLength", "1")]
    [InlineData("associations", "confidence", "exclusiveMaximum", "1")]
    [InlineData("analyzeEvidenceModerators", "by", "maxItems", "20")]
    [InlineData("testEvidenceBias", "steps", "items/exclusiveMinimum", "0")]
    [InlineData("drawEvidenceForestPlot", "rows", "maximum", "500")]
    [InlineData("convertStatistic", "n", "minimum", "4")]
    [InlineData("convertStatistic", "sign", "enum", "[1, -1]")]
    public void Limits_of_query_parameters_are_in_the_document(string operation, string name, string rule, string value)
    {
        var parameter = OpenApiOperation.ReadAll(_document).Single(o => o.Id == operation).Parameters("query")
            .Single(p => p.At("name")!.GetValue<string>() == name);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(value), parameter.At($"schema/{rule}")), parameter.ToJsonString());
    }

    [Fact]
    public void Every_parameter_of_every_operation_has_a_description()
    {
        string[] all = [.. OpenApiOperation.ReadAll(_document).SelectMany(o => (o.Node["parameters"]?.AsArray() ?? [])
            .Where(parameter => string.IsNullOrWhiteSpace(parameter!["description"]?.GetValue<string>()))
            .Select(parameter => $"{o.Id} {parameter.At("in")} {parameter.At("name")}"))];
        Assert.Empty(all);
        Assert.Contains(OpenApiOperation.ReadAll(_document), o => o.Parameters("path").Any());
    }

    [Fact]
    public void Every_member_of_every_request_and_response_has_a_description()
    {
        var schemas = _document.At("components/schemas")!.AsObject();
        var (reached, open) = (new HashSet<string>(), new Stack<string>(OpenApiOperation.ReadAll(_document)
            .SelectMany(o => SchemasOf(o.Node["requestBody"])
                .Concat(o.Node.At("responses")!.AsObject().SelectMany(response => SchemasOf(response.Value))))));
        while (open.TryPop(out var name))
        {
            if (reached.Add(name))
            {
                foreach (var inner in SchemasOf(schemas[name]))
                {
                    open.Push(inner);
                }
            }
        }

        Assert.Contains("PoolRequest", reached);
        Assert.Empty(OpenApiOperation.ReadAll(_document).SelectMany(o => InlineMembers(o.Node["requestBody"]).Concat(InlineMembers(o.Node["responses"]))
            .Where(member => string.IsNullOrWhiteSpace(member.Value!["description"]?.GetValue<string>())).Select(member => $"{o.Id} {member.Key}")));
        Assert.True(reached.Count > 150, $"{reached.Count} are too few");
        Assert.Empty(reached.Order().SelectMany(name => (schemas[name]!["properties"]?.AsObject() ?? [])
            .Where(member => string.IsNullOrWhiteSpace(member.Value!["description"]?.GetValue<string>())).Select(member => $"{name}.{member.Key}")));
        Assert.Contains("median", Description("r"), StringComparison.Ordinal);
        Assert.Contains("mean correlation", Description("mean"), StringComparison.Ordinal);

        string Description(string member) => _document.At($"components/schemas/CorrelationResponse/properties/{member}/description")!.GetValue<string>();
    }

    // Of schemas that stand in the operation itself.
    private static IEnumerable<KeyValuePair<string, JsonNode?>> InlineMembers(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key switch
        {
            "properties" => member.Value!.AsObject().Concat(InlineMembers(member.Value)),
            "example" or "examples" => [],
            _ => InlineMembers(member.Value),
        }),
        JsonArray items => items.SelectMany(InlineMembers),
        _ => [],
    };

    private static IEnumerable<string> SchemasOf(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == "$ref"
            ? member.Value!.GetValue<string>() is ['#', .. var reference] && reference.StartsWith("/components/schemas/", StringComparison.Ordinal)
                ? [reference.Split('/')[^1]] : [] : SchemasOf(member.Value)),
        JsonArray items => items.SelectMany(SchemasOf),
        _ => [],
    };

    [Fact]
    public void The_document_contains_no_CLR_type_names() => Assert.DoesNotMatch(@"RealRelationshipApi\.[A-Z]", _document.ToJsonString());

    [Fact]
    public void FHIR_schemas_allow_additional_properties() => Assert.All(
        OpenApiOperation.ReadAll(_document).Where(o => o.Path.StartsWith("/fhir", StringComparison.Ordinal)).SelectMany(o => o.Node.At("responses")!.AsObject())
            .SelectMany(r => r.Value.At("content")!.AsObject()),
        content => Assert.True(content.Value.At("schema/additionalProperties") is JsonObject, content.Value!.ToJsonString()));

    [Theory]
    [InlineData("StudyRequest", "citation effects key kind")]
    [InlineData("EffectRequest", "key level outcomeDirection outcomeMeasure relationshipMeasure sample statistic")]
    [InlineData("Citation", "authors title")]
    [InlineData("ModeratorsRequest", "by")]
    public void Required_members_are_in_the_document(string schema, string members) =>
        Assert.Equal(members, string.Join(' ', _document.At($"components/schemas/{schema}/required")!.AsArray().Select(m => m!.GetValue<string>()).Order()));

    [Fact]
    public void Only_protected_operations_have_a_security_requirement()
    {
        foreach (var operation in OpenApiOperation.ReadAll(_document))
        {
            Assert.True(operation.Node["security"]?.AsArray().Count is > 0 == operation.Node.At("responses")!.AsObject().ContainsKey("401"), operation.Id);
        }
    }

    [Fact]
    public void Operations_that_require_If_Match_document_it()
    {
        var conditional = OpenApiOperation.ReadAll(_document).Where(o => o.Parameters("header").Any(p => p.At("name")!.GetValue<string>() == "If-Match"))
            .ToList();
        Assert.Equal(["declareSources", "replaceAbout", "replacePractice", "replaceStudy", "retractStudy", "signCertainty"],
            conditional.Select(o => o.Id).Order());
        Assert.All(conditional, o => Assert.Contains("If-Match", o.Node.At("description")!.GetValue<string>(), StringComparison.Ordinal));
    }
}
