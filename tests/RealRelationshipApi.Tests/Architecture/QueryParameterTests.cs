using System.Globalization;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Testing;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Tests.Fhir;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>Every declared query parameter of a GET operation is checked for type and limits, in every media type of the response.</summary>
public sealed class QueryParameterTests(DemoService demo) : IClassFixture<DemoService>, IAsyncLifetime
{
    // Whatever the number, there may be something to say of it; `minRevision` has its limit where it is part of a filter.
    private static readonly string[] s_unbounded = ["yearFrom", "yearTo", "minRevision", "value", "lower", "upper", "orwinTarget"];

    private readonly Service _service = demo.Service;
    private List<(OpenApiOperation Operation, string Form)> _getOperations = [];

    public async ValueTask InitializeAsync()
    {
        var forms = _service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .ToDictionary(e => e.Metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName,
                e => e.Metadata.GetMetadata<OfferedMediaTypes>()?.MediaTypes ?? [MediaTypes.Json]);
        _getOperations =
            [.. OpenApiOperation.ReadAll((await _service.Get("/openapi/v1.json")).ShouldBe(200).Json)
                .Where(o => o.Method == HttpMethod.Get && o.Parameters("query").Any())
            .SelectMany(o => forms[o.Id].Select(form => (o, form)))];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Values_of_a_wrong_type_are_refused_in_every_format()
    {
        var tried = 0;
        foreach (var (operation, form) in _getOperations)
        {
            foreach (var parameter in operation.Parameters("query").Where(p => IsTyped(p.At("schema")!)))
            {
                var name = parameter.At("name")!.GetValue<string>();
                var answer = await _service.Get(UrlWith(operation, name, "abc"), ("Accept", WithProblems(form)));
                // Under /fhir a problem is an OperationOutcome.
                _ = operation.Path.StartsWith("/fhir", StringComparison.Ordinal) ? answer.ShouldBeOutcome(400, $"http.{name}", "notAValue")
                    : answer.ShouldBeProblem(400, $"?{name}", "notAValue");
                tried++;
            }
        }

        Assert.True(_getOperations.Count > 30 && tried > 800, $"{tried} of {_getOperations.Count} forms are too few");
    }

    [SlowFact("Two or more requests for every number of every operation.")]
    public async Task Numbers_outside_documented_limits_are_refused_and_at_the_limits_accepted()
    {
        var tried = 0;
        foreach (var (operation, form) in _getOperations)
        {
            foreach (var (name, schema) in Numbers(operation))
            {
                // The number of pages depends on the evidence.
                foreach (var (value, isTaken) in AtLimits(schema).Where(l => name != "page" || !l.IsTaken))
                {
                    var answer = await _service.Get(UrlWith(operation, name, value), ("Accept", WithProblems(form)));
                    var pointers = answer.Status < 400 ? []
                        : answer.At("errors")!.AsArray()
                            .Where(e => e.At("code")!.GetValue<string>() is "outOfRange" or "tooSmall" or "tooLarge" or "notAllowed")
                            .Select(e => e.At("pointer")!.GetValue<string>());
                    Assert.True(pointers.Contains($"?{name}") != isTaken && (isTaken || answer.Status == 422),
                        $"{operation.Id} as {form}, {name}={value}: {answer.Status} {answer.Text[..Math.Min(300, answer.Text.Length)]}");
                    tried++;
                }
            }
        }

        Assert.True(tried > 200, $"{tried} are too few");
    }

    [Fact]
    public void Numeric_parameters_document_their_limits()
    {
        var unlimited = _getOperations.SelectMany(r => Numbers(r.Operation).Where(n => !AtLimits(n.Schema).Any()).Select(n => n.Name)).Distinct();
        Assert.Equal(s_unbounded.Order(), unlimited.Order());
    }

    // Pages show their errors as pages, except to clients that accept problem documents.
    private static string WithProblems(string form) => form == MediaTypes.Html ? $"{form}, {Problem.ContentType}" : form;

    private static bool IsTyped(JsonNode schema) =>
        (schema["items"] ?? schema) is var one && (one["enum"] is not null || one.At("type")!.GetValue<string>() != "string");

    private static IEnumerable<(string Name, JsonNode Schema)> Numbers(OpenApiOperation operation) => operation.Parameters("query")
        .Select(p => (p.At("name")!.GetValue<string>(), Schema: p.At("schema")!["items"] ?? p.At("schema")!))
        .Where(p => p.Schema.At("type")!.GetValue<string>() is "number" or "integer");

    // Values at a limit and just beyond it; for a list of numbers, its ends.
    private static IEnumerable<(string Value, bool IsTaken)> AtLimits(JsonNode schema)
    {
        var step = schema.At("type")!.GetValue<string>() == "integer" ? 1 : 1e-3;
        if (schema["enum"] is JsonArray values)
        {
            double[] numbers = [.. values.Select(v => v!.GetValue<double>())];
            return [(Text(numbers.Min()), true), (Text(numbers.Max()), true), (Text(numbers.Min() - 1), false), (Text(numbers.Max() + 1), false)];
        }

        return new[] { ("minimum", -step), ("exclusiveMinimum", step), ("maximum", step), ("exclusiveMaximum", -step) }.Where(l => schema[l.Item1] is not null)
            .SelectMany(limit =>
        {
            var (at, beside) = (schema[limit.Item1]!.GetValue<double>(), schema[limit.Item1]!.GetValue<double>() + limit.Item2);
            var isOpen = limit.Item1.StartsWith("exclusive", StringComparison.Ordinal);
            return new[] { (Text(isOpen ? beside : at), true), (Text(isOpen ? at : beside), false) };
        });
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    // A valid request with one parameter set.
    private static string UrlWith(OpenApiOperation operation, string name, string value)
    {
        var (path, query) = operation.ExampleRequests().First().Path.Split('?') is [var only, .. var rest] ? (only, rest.FirstOrDefault() ?? "") : ("", "");
        var others = query.Split('&', StringSplitOptions.RemoveEmptyEntries).Where(p => !p.StartsWith($"{name}=", StringComparison.Ordinal));
        string[] companions = name switch
        {
            // Without a posterior, priors have an effect on a sequence only.
            _ when name.StartsWith("prior", StringComparison.Ordinal) => Takes("parts") ? ["parts=bayes"] : Takes("sequential") ? ["sequential=anytime"] : [],
            "uRatio" => ["artifacts=reliability", "rangeRestriction=direct"],
            _ => [],
        };
        return $"{path}?{string.Join('&', [.. others, .. companions, $"{name}={value}"])}";

        bool Takes(string parameter) => operation.Parameters("query").Any(p => p.At("name")!.GetValue<string>() == parameter);
    }
}
