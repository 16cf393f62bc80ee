using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>The example responses in the document equal those of a live run;
/// <c>REALRELATIONSHIP_WRITE_ANSWERS=1</c> records them.</summary>
public sealed class OpenApiExampleResponseTests
{
    private const string ExamplesFile = "openapi/examples/responses.json";
    private const int MaxItems = 2;
    private const int MaxLines = 12;

    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true, NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    [SlowFact("It asks every operation of the contract.")]
    public async Task Example_responses_have_the_shape_of_live_ones()
    {
        var live = await CaptureResponsesAsync();
        if (Environment.GetEnvironmentVariable("REALRELATIONSHIP_WRITE_ANSWERS") == "1")
        {
            await System.IO.File.WriteAllTextAsync(Path.Combine(RepositoryFiles.Root, ExamplesFile), live.ToJsonString(s_indented) + "\n");
        }

        var shown = JsonNode.Parse(RepositoryFiles.Read(ExamplesFile))!.AsObject();
        Assert.Equal(live.Select(a => a.Key).Order(StringComparer.Ordinal), shown.Select(a => a.Key).Order(StringComparer.Ordinal));
        foreach (var (operation, answer) in live)
        {
            Assert.Equal(answer.At("status")!.ToJsonString(), shown.At($"{operation}/status")!.ToJsonString());
            Assert.Equal(answer.At("mediaType")!.ToJsonString(), shown.At($"{operation}/mediaType")!.ToJsonString());
            var (here, there) = (Shape(answer.At("body")).ToDictionary(), Shape(shown.At($"{operation}/body")).ToDictionary());
            Assert.True(here.Keys.Order(StringComparer.Ordinal).SequenceEqual(there.Keys.Order(StringComparer.Ordinal)),
                $"{operation}: {string.Join(", ", here.Keys.Except(there.Keys).Concat(there.Keys.Except(here.Keys)))}");
            Assert.Empty(here.Where(m => m.Value is { } kind && there[m.Key] is { } other && other != kind).Select(m => $"{operation}: {m.Key}"));
        }
    }

    [Fact]
    public async Task Every_JSON_operation_has_an_example_response()
    {
        await using var service = await Service.StartAsync();
        var operations = OpenApiOperation.ReadAll((await service.Get("/openapi/v1.json")).ShouldBe(200).Json).ToList();
        Assert.True(operations.Count > 50);
        foreach (var operation in operations)
        {
            var contents = operation.Node.At("responses")!.AsObject().Where(r => r.Key[0] == '2').SelectMany(r => r.Value!["content"]?.AsObject() ?? [])
                .ToList();
            Assert.True(!contents.Exists(c => c.Key.EndsWith("json", StringComparison.Ordinal)) || contents.Exists(c => c.Value!["example"] is not null),
                operation.Id);
        }
    }

    // Reads run first, on the demonstration data alone; deletions run last.
    private static int ExecutionOrder(OpenApiOperation operation) => operation switch
    {
        { Id: "erase" } => 4,
        { Id: "listSessions" or "searchSessions" or "associations" or "readCompleteness" or "compareTherapists" or "readTrends" or "countRefusals" } => 3,
        { Method.Method: "DELETE" } => 5,
        { Method.Method: "PUT" } => 2,
        { Method.Method: "POST" } => 1,
        _ => 0,
    };

    private static async Task<JsonObject> CaptureResponsesAsync()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"), ("Access__PublicRead", "true"));
        var address = service.Client.BaseAddress!.ToString().TrimEnd('/');
        var answers = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal);
        var sessions = Sessions();
        (await service.Post("/sessions", sessions)).ShouldBe(201);
        var stream = (await service.PostText("/sessions", sessions[0]!.ToJsonString(), "application/x-ndjson", ("Prefer", "respond-async"))).ShouldBe(202)
            .Header("Location")!;
        foreach (var operation in OpenApiOperation.ReadAll((await service.Get("/openapi/v1.json")).Json).OrderBy(ExecutionOrder))
        {
            var (path, headers, mediaType, body) = operation.ExampleRequests().First();
            var content = body is null ? null
                : new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(mediaType!) } };
            var answer = await service.Send(operation.Method, operation.Id == "readImport" ? stream : path, content, headers);
            Assert.InRange(answer.Status, 200, 299);
            if (answer.MediaType is { } type
                && (IsJson(type) || type is "text/csv" or "text/plain" or "text/markdown" || type.StartsWith("application/x-", StringComparison.Ordinal)))
            {
                var text = answer.Text.Replace(address, "http://localhost:8080", StringComparison.Ordinal);
                answers[operation.Id] = new JsonObject
                {
                    ["status"] = answer.Status, ["mediaType"] = type,
                    ["body"] = IsJson(type) ? Abbreviate(JsonNode.Parse(text)) : string.Join('\n', text.Split('\n').Take(MaxLines))
                };
            }
        }

        return new JsonObject(answers.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value)));
    }

    // Of two dozen invented patients, so that there is something to say.
    private static JsonArray Sessions() => new([.. Enumerable.Range(0, 72).Select(i => (Patient: i / 3, Number: (i % 3) + 1)).Select(s => JsonNode.Parse($$"""
        { "sourceSystem": "emr", "patient": "p{{s.Patient}}", "therapist": "t{{s.Patient % 4}}", "session": "s{{s.Patient}}-{{s.Number}}",
          "sessionNumber": {{s.Number}}, "occurredAt": "2026-03-0{{s.Number}}T10:00:00+01:00",
          "measures": [{ "sourceId": "r{{s.Patient}}-{{s.Number}}", "version": 1, "status": "final", "instrument": "rri-c-sf", "rater": "client",
                         "score": {{3 + (((s.Patient * 7) + (s.Number * 3)) % 11 / 10.0)}} },
                       { "sourceId": "o{{s.Patient}}-{{s.Number}}", "version": 1, "status": "final", "instrument": "ses", "rater": "client",
                         "score": {{(25 + (((s.Patient * 7) + s.Number) % 6) + (s.Patient % 4)) / 10.0}} }] }
        """))]);

    private static bool IsJson(string mediaType) => mediaType.EndsWith("json", StringComparison.Ordinal);

    private static JsonNode? Abbreviate(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(m => KeyValuePair.Create(m.Key, Abbreviate(m.Value)))),
        JsonArray items => new JsonArray([.. items.Take(MaxItems).Select(Abbreviate)]),
        _ => node?.DeepClone(),
    };

    // Every member with the kind of its value; no kind where it is null.
    private static IEnumerable<KeyValuePair<string, JsonValueKind?>> Shape(JsonNode? node, string path = "") => node switch
    {
        JsonObject members => members.SelectMany(m => Shape(m.Value, $"{path}/{m.Key}")).Prepend(new(path, JsonValueKind.Object)),
        JsonArray items => items.SelectMany((item, i) => Shape(item, $"{path}/{i}")).Prepend(new(path, JsonValueKind.Array)),
        null => [new(path, null)],
        _ => [new(path, node.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? JsonValueKind.True : node.GetValueKind())],
    };
}
