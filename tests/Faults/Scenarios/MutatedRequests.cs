using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

using Faults.Support;

using RealRelationship.Testing.Processes;
using RealRelationship.Testing.Traffic;

namespace Faults.Scenarios;

/// <summary>Sends every operation with mutated path, query, headers and body: no response is 5xx, and none is cut off.</summary>
internal static class MutatedRequests
{
    private const int Concurrent = 4;

    private static readonly string[] s_values =
    [
        "", "0", "-1", "1e400", "NaN", "null", "true", "a", "\u00fc\ud83d\ude00", "%00", "'; DROP TABLE change; --", "../../etc/passwd", "2026-13-01",
        "9223372036854775808", "*", "{}",
    ];

    private static readonly (string Name, string[] Values)[] s_headers =
    [
        ("Accept", ["*/*", "text/csv", "application/xml", "image/svg+xml", "x", "text/html;q=0", "application/x-ndjson"]),
        ("If-Match", ["*", "\"1-0\"", "W/\"x\"", "x", "\"", ""]),
        ("If-None-Match", ["*", "\"x\"", "x"]),
        ("Idempotency-Key", ["1", "\"1\"", "", new string('k', 300)]),
        ("Prefer", ["respond-async", "handling=lenient", "return=minimal", ";"]),
        ("Content-Encoding", ["gzip", "br", "deflate", "zstd", ""]),
        ("X-API-Key", ["rr_0000000000000000_0000", "x"]),
        ("Authorization", ["Bearer x.y.z", "Basic eDp5", "Bearer"]),
        ("X-Forwarded-For", ["1.2.3.4", "x"]),
        ("Origin", ["null", "https://evil.example"]),
    ];

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var requests = run.Scaled(3_000, 50_000);
        await using var service = ServiceProcess.Spawn(
            [("Storage__Path", Path.Combine(run.NewFolder(), "store.db")), ("Demo__Load", "true"), ("Limits__QueuedAnalyses", "100000")]);
        using var client = await service.CreateClientAsync();
        var document = JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json"))!;
        var operations = Operations(document).ToList();
        var statuses = new int[600];
        var violations = new List<string>();
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, Concurrent).Select(worker => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number <= requests)
            {
                var chance = new Random(run.Seed + number);
                var operation = operations[chance.Next(operations.Count)];
                using var request = operation.Create(chance);
                var what = $"{number}: {request.Method} {request.RequestUri}";
                try
                {
                    using var response = await client.SendAsync(request);
                    await response.Content.ReadAsByteArrayAsync();
                    Interlocked.Increment(ref statuses[(int)response.StatusCode]);
                    if ((int)response.StatusCode >= 500)
                    {
                        Report($"{what} got {(int)response.StatusCode}");
                    }
                }
                catch (Exception error) when (error is HttpRequestException or IOException or TaskCanceledException)
                {
                    Report($"{what} had no complete response: {error.Message}");
                }
            }
        })));
        var summary = string.Join(", ", statuses.Index().Where(status => status.Item > 0).GroupBy(status => status.Index / 100)
            .Select(group => $"{group.Sum(status => status.Item):N0} × {group.Key}xx"));
        return new($"{requests:N0} mutated requests to {operations.Count} operations", summary, violations);

        void Report(string violation)
        {
            lock (violations)
            {
                violations.Add(violation);
            }
        }
    }

    private static IEnumerable<Operation> Operations(JsonNode document) =>
        from path in document["paths"]!.AsObject()
        from method in path.Value!.AsObject()
        where method.Value!["operationId"] is not null
        let parameters = (method.Value["parameters"]?.AsArray() ?? []).Select(p => SharedOrOwn(document, p!))
            .Select(p => new Parameter((string)p!["name"]!, (string)p["in"]!, p["example"]?.ToString())).ToList()
        let bodies = (method.Value["requestBody"]?["content"]?.AsObject() ?? []).Select(c => (c.Key, Text: TextOf(c.Value!["example"]))).ToList()
        select new Operation(new HttpMethod(method.Key.ToUpperInvariant()), path.Key, parameters, bodies);

    private static JsonNode SharedOrOwn(JsonNode document, JsonNode parameter) =>
        parameter["$ref"]?.GetValue<string>() is { } reference ? document["components"]!["parameters"]![reference.Split('/')[^1]]! : parameter;

    private static string TextOf(JsonNode? example) =>
        example is JsonValue value && value.TryGetValue<string>(out var text) ? text : example?.ToJsonString() ?? "{}";

    private sealed record Parameter(string Name, string In, string? Example);

    private sealed record Operation(HttpMethod Method, string Path, IReadOnlyList<Parameter> Parameters, IReadOnlyList<(string Type, string Text)> Bodies)
    {
        public HttpRequestMessage Create(Random chance)
        {
            var path = Path;
            foreach (var parameter in Parameters.Where(p => p.In == "path"))
            {
                var value = chance.Next(4) == 0 ? s_values[chance.Next(s_values.Length)] : parameter.Example ?? "x";
                path = path.Replace($"{{{parameter.Name}}}", Uri.EscapeDataString(value), StringComparison.Ordinal);
            }

            var query = Parameters.Where(p => p.In == "query" && chance.Next(6) == 0).Select(p => (p.Name,
                Value: chance.Next(2) == 0 && p.Example is { } example ? example : s_values[chance.Next(s_values.Length)]))
                .Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value)}").ToList();
            var request = new HttpRequestMessage(Method, path + (query.Count > 0 ? $"?{string.Join('&', query)}" : ""));
            if (Bodies.Count > 0)
            {
                var (type, text) = Bodies[chance.Next(Bodies.Count)];
                var body = Encoding.UTF8.GetBytes(text);
                request.Content = new ByteArrayContent(chance.Next(8) == 0 ? body : ByteMutation.Mutate(body, chance));
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(chance.Next(10) == 0 ? Bodies[chance.Next(Bodies.Count)].Type : type);
            }

            foreach (var (name, values) in s_headers.Where(_ => chance.Next(12) == 0))
            {
                var value = values[chance.Next(values.Length)];
                _ = name.StartsWith("Content-", StringComparison.Ordinal) ? request.Content?.Headers.TryAddWithoutValidation(name, value)
                    : request.Headers.TryAddWithoutValidation(name, value);
            }

            return request;
        }
    }
}
