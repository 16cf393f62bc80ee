using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage.Writing;
using RealRelationship.Testing;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Fhir;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>The example problems in the document equal those of a live run;
/// <c>REALRELATIONSHIP_WRITE_ANSWERS=1</c> records them.</summary>
public sealed partial class OpenApiExampleProblemTests
{
    private const string ExamplesFile = "openapi/examples/problems.json";
    private const string FhirMediaType = "application/fhir+json";

    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true, NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    private readonly SortedDictionary<string, JsonNode> _problems = new(StringComparer.Ordinal);

    [Fact]
    public async Task Example_problems_equal_those_of_a_live_run()
    {
        await CaptureAnonymousAsync();
        await CaptureProductionAsync();
        await CaptureRateLimitedAsync();
        await CaptureOverloadedAsync();
        var live = new JsonObject(_problems.Select(r => KeyValuePair.Create(r.Key, (JsonNode?)r.Value)));
        if (Environment.GetEnvironmentVariable("REALRELATIONSHIP_WRITE_ANSWERS") == "1")
        {
            await File.WriteAllTextAsync(System.IO.Path.Combine(RepositoryFiles.Root, ExamplesFile), live.ToJsonString(s_indented) + "\n");
        }

        var shown = JsonNode.Parse(RepositoryFiles.Read(ExamplesFile))!.AsObject();
        Assert.Equal(live.Select(r => r.Key), shown.Select(r => r.Key));
        foreach (var (name, refusal) in live)
        {
            Assert.True(JsonNode.DeepEquals(refusal, shown[name]), $"{name}: {refusal!.ToJsonString()} is shown as {shown[name]!.ToJsonString()}");
        }
    }

    [Fact]
    public async Task Every_declared_problem_has_an_example_with_its_status()
    {
        await using var service = await Service.StartAsync();
        var document = (await service.Get("/openapi/v1.json")).ShouldBe(200).Json;
        var shown = 0;
        foreach (var operation in OpenApiOperation.ReadAll(document))
        {
            foreach (var (status, response) in operation.Node.At("responses")!.AsObject().Where(r => r.Key[0] is '4' or '5'))
            {
                foreach (var (mediaType, content) in response!.At("content")!.AsObject())
                {
                    var names = content.At("examples")!.AsObject().Select(e => e.Value.At("$ref")!.GetValue<string>().Split('/')[^1]).ToList();
                    Assert.NotEmpty(names);
                    var bodies = names.Select(name => document.At($"components/examples/{name}/value")!);
                    Assert.All(bodies,
                        body =>
                            Assert.True(
                                mediaType == FhirMediaType ? body.At("resourceType")!.GetValue<string>() == "OperationOutcome"
                                    : body.At("status")!.ToString() == status, operation.Id));
                    shown++;
                }
            }
        }

        Assert.True(shown > 300, $"{shown} are too few");
    }

    // In Development, on the demonstration data.
    private async Task CaptureAnonymousAsync()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"), ("Access__PublicRead", "true"));
        await GetAsync(service, "poolEvidence", "/meta/pool?confidence=0,95", 400);
        await GetAsync(service, "poolEvidence", "/meta/pool?confidence=2&rho=1", 422);
        await GetAsync(service, "analyzeEvidenceModerators", "/meta/moderators?by=colour", 422);
        await GetAsync(service, "poolEvidence", "/meta/pool?country=XX", 422);
        await GetAsync(service, "poolEvidence", "/meta/pool", 406, ("Accept", "image/png"));
        await GetAsync(service, "listStudies", "/studies?limit=1000", 422);
        await GetAsync(service, "listStudies", "/studies?offset=10", 400);
        await GetAsync(service, "readStudy", "/studies/nobody-2020", 404);
        await GetAsync(service, "readInstrument", "/instruments/nothing", 404);
        await GetAsync(service, "explainProblem", "/problems/nothing", 404);
        await GetAsync(service, "getFhirCapabilities", "/fhir/metadata?resource=Patient", 400);
        await GetAsync(service, "getFhirCapabilities", "/fhir/metadata", 406, ("Accept", "application/fhir+xml"));

        await PostAsync(service, "poolEffects", "/meta/pool", """{ "effects": [{ "r": 0.45, "n": "88" }] }""", 400);
        await PostAsync(service, "poolEffects", "/meta/pool", """{ "effects": [{ "r": 1.2, "n": 88 }, { "r": 0.3, "n": 2 }], "model": { "rho": 1 } }""", 422);
        await PostAsync(service, "poolEffects", "/meta/pool", """{ "filter": { "country": "XX" } }""", 422);
        await PostAsync(service, "poolEffects", "/meta/pool", "r = 0.45", 415, "text/plain");
        await PostAsync(service, "convertStatisticBody", "/meta/convert", """{ "type": "beta", "value": 0.3 }""", 422);

        var study = TestData.Study("lee-2020");
        await PostAsync(service, "submitStudy", "/studies", study.With("colour", "red").ToJsonString(), 400);
        await PostAsync(service, "submitStudy", "/studies",
            study.With("effects/0/statistic/value", 1.2).With("effects/0/statistic/n", 2).With("country", "Italy").ToJsonString(), 422);
        (await service.Post("/studies", study)).ShouldBe(201);
        await PostAsync(service, "submitStudy", "/studies", study.With("country", "IT").ToJsonString(), 409);
        await PostAsync(service, "submitStudy", "/studies", "key,year", 415, "text/plain");
        await SendAsync(service, HttpMethod.Put, "replaceStudy", "/studies/lee-2020", study.ToJsonString(), 428);
        await SendAsync(service, HttpMethod.Put, "replaceStudy", "/studies/lee-2020", study.ToJsonString(), 412, headers: ("If-Match", "\"0\""));
        await SendAsync(service, HttpMethod.Put, "replaceStudy", "/studies/lee-2020", study.With("key", "kim-2020").ToJsonString(), 422,
            headers: ("If-Match", "*"));
        (await service.Delete("/studies/lee-2020", ("If-Match", "*"))).ShouldBe(204);
        await GetAsync(service, "readStudy", "/studies/lee-2020", 410);

        const string session =
            """{ "sourceSystem": "emr", "patient": "PATIENT", "occurredAt": "2026-03-01T10:00:00+01:00", "measures": [{ "sourceId": "o-1","""
            + """ "version": VERSION, "status": "final", "instrument": "srs", "rater": "client", "score": 30 }] }""";
        string Session(string patient, string version) => session.Replace("PATIENT", patient, StringComparison.Ordinal)
            .Replace("VERSION", version, StringComparison.Ordinal);
        await PostAsync(service, "submitSessions", "/sessions", Session("p-1", "\"1\""), 400);
        await PostAsync(service, "submitSessions", "/sessions", Session("Ann Lee", "0"), 422);
        await PostAsync(service, "erase", "/erasures", """{ "sourceSystem": "emr", "patient": "Ann Lee" }""", 422);
        await PostAsync(service, "searchSessions", "/sessions/search", """{ "sourceSystem": "emr" }""", 422);
        await PostAsync(service, "declareInstrument", "/instruments",
            """{ "code": "phq-9", "items": { "count": 12, "minimum": 0, "maximum": 3 }, "reversed": [2, 2] }""", 422);

        await PostAsync(service, "submitFhirObservation", "/fhir/Observation", FhirTestData.Observation().With("colour", "red").ToJsonString(), 400,
            FhirMediaType);
        await PostAsync(service, "submitFhirObservation", "/fhir/Observation", FhirTestData.Observation(score: 400).ToJsonString(), 422, FhirMediaType);
        await PostAsync(service, "submitFhirObservation", "/fhir/Observation", "PHQ-9: 12", 415, "text/plain");
        (await service.PostText("/fhir/Observation", FhirTestData.Observation().ToJsonString(), FhirMediaType)).ShouldBe(201);
        await PostAsync(service, "submitFhirObservation", "/fhir/Observation", FhirTestData.Observation(score: 13).ToJsonString(), 409, FhirMediaType);
        (await service.PostText("/erasures", $$"""{ "sourceSystem": "{{FhirTestData.Source}}", "patient": "p-1" }""")).ShouldBe(200);
        await PostAsync(service, "submitFhirObservation", "/fhir/Observation", FhirTestData.Observation().ToJsonString(), 410, FhirMediaType);
    }

    // In Production a key is needed, and the right one.
    private async Task CaptureProductionAsync()
    {
        var guarded = new ProductionService();
        await guarded.InitializeAsync();
        await using (guarded)
        {
            var reader = await guarded.CreateKeyHeaderAsync("reader", Scopes.MetaRead);
            await GetAsync(guarded.Service, "poolEvidence", "/meta/pool", 401);
            await PostAsync(guarded.Service, "submitStudy", "/studies", TestData.Study().ToJsonString(), 403, headers: reader);
            await PostAsync(guarded.Service, "submitFhirObservation", "/fhir/Observation", FhirTestData.Observation().ToJsonString(), 401, FhirMediaType);
            await PostAsync(guarded.Service, "submitFhirObservation", "/fhir/Observation", FhirTestData.Observation().ToJsonString(), 403, FhirMediaType,
                reader);
        }
    }

    // Once a day is little.
    private async Task CaptureRateLimitedAsync()
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartInAsync(folder, settings: ("Limits__RequestsPerDay", "1"));
        var key = ("X-API-Key", await ProductionService.CreateKeyAsync(service, "clinic", [Scopes.Admin]));
        (await service.Get("/studies", key)).ShouldBe(200);
        await SendAsync(service, HttpMethod.Get, "listStudies", "/studies", null, 429, headers: key);
        await PostAsync(service, "submitFhirObservation", "/fhir/Observation", FhirTestData.Observation().ToJsonString(), 429, FhirMediaType, key);
    }

    // A service with low limits and a blocked writer.
    private async Task CaptureOverloadedAsync()
    {
        await using var service = await Service.StartAsync(("Limits__MaxBodyBytes", "1024"), ("Storage__MaxQueuedWrites", "1"));
        var long1 = TestData.Study().With("note", new string('n', 1100)).ToJsonString();
        await PostAsync(service, "submitStudy", "/studies", long1, 413, shown: "{ … }");
        await PostAsync(service, "submitFhirObservation", "/fhir/Observation", FhirTestData.Observation().With("status", new string('n', 1100)).ToJsonString(),
            413, FhirMediaType, shown: "{ … }");

        var writer = service.Services.GetRequiredService<GroupCommitWriter>();
        using var gate = new SemaphoreSlim(0);
        using var begun = new SemaphoreSlim(0);
        var held = writer.WriteAsync(_ => { begun.Release(); Assert.True(gate.Wait(TimeSpan.FromSeconds(30))); return 0; });
        await begun.WaitAsync();
        var waiting = writer.WriteAsync(_ => 0);
        await PostAsync(service, "submitStudy", "/studies", TestData.Study().ToJsonString(), 503);
        await PostAsync(service, "submitFhirObservation", "/fhir/Observation", FhirTestData.Observation().ToJsonString(), 503, FhirMediaType);
        gate.Release();
        await Task.WhenAll(held, waiting);
    }

    private Task GetAsync(Service service, string operation, string path, int status, params (string, string)[] headers) =>
        SendAsync(service, HttpMethod.Get, operation, path, null, status, headers: headers);

    private Task PostAsync(Service service, string operation, string path, string body, int status, string mediaType = "application/json",
        (string, string)? headers = null, string? shown = null) =>
        SendAsync(service, HttpMethod.Post, operation, path, body, status, mediaType, shown, headers is { } header ? [header] : []);

    private async Task SendAsync(Service service, HttpMethod method, string operation, string path, string? body, int status,
        string mediaType = "application/json", string? shown = null,
        params (string Name, string Value)[] headers)
    {
        var content = body is null ? null : new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new(mediaType) } };
        var answer = (await service.Send(method, path, content, headers)).ShouldBe(status);
        // A trace names one request of one run.
        var text = answer.Text.Replace(service.Client.BaseAddress!.ToString().TrimEnd('/'), "http://localhost:8080", StringComparison.Ordinal);
        var given = JsonNode.Parse(TraceId().Replace(text, "0af7651916cd43dd8448eb211c80319c"))!;
        var slug = answer.MediaType == FhirMediaType ? $"{status}"
            : ProblemKind.All.Single(k => given.At("type")!.GetValue<string>().EndsWith($"/{k.Slug}", StringComparison.Ordinal)).Slug;
        var said = headers.Where(h => h.Name != "X-API-Key").Select(h => $" {h.Name}: {h.Value}")
            .Append(mediaType == "text/plain" ? " Content-Type: text/plain" : "");
        _problems[$"{operation}.{slug}"] = new JsonObject
        {
            ["operation"] = operation,
            ["request"] = $"{method} {path}{string.Concat(said)}",
            ["sent"] = shown ?? body,
            ["status"] = status,
            ["mediaType"] = answer.MediaType,
            ["body"] = given,
        };
    }

    [GeneratedRegex(@"\b[0-9a-f]{32}\b", RegexOptions.None, 1000)]
    private static partial Regex TraceId();
}
