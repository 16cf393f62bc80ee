using System.Text;
using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Hosting.Telemetry;

/// <summary>What leaves for a collector and what a scrape shows names routes, and nothing that a caller wrote;
/// the log and an error name the same trace.</summary>
public sealed class TracingTests : IDisposable
{
    private const string Marker = "kanarienvogel";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_metric_label_or_span_attribute_contains_caller_input()
    {
        var key =
            (await ServiceExecutable.RunAsync(_folder, ["keys", "create", "--tenant", $"{Marker}-clinic", "--scope", "admin", "--scope", "operator"]))
                .ShouldExitWith(0).StandardOutput.Trim();
        await using var collector = await TestOtlpCollector.StartAsync();
        var (service, address) = await ServiceExecutable.ServeAsync(_folder, ("Privacy__Key", ServiceExecutable.PrivacyKey),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
        await using var running = service;
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Add("X-API-Key", key);
        foreach (var (name, value) in new[] { ("User-Agent", Marker), ("tracestate", $"a={Marker}"), ("baggage", $"a={Marker}"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), ("Referer", $"http://{Marker}/") })
        {
            Assert.True(client.DefaultRequestHeaders.TryAddWithoutValidation(name, value));
        }

        foreach (var path in new[] { "/meta/pool", $"/studies/{Marker}", $"/{Marker}", $"/sessions/{Marker}", $"/sessions?patient={Marker}",
            $"/studies?key={key}", $"/meta/pool?outcomeMeasure={Marker}" })
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.NotEqual(500, (int)answer.StatusCode);
        }

        using (var odd = new HttpRequestMessage(new HttpMethod(Marker), new Uri("/sessions", UriKind.Relative)))
        using (var answer = await client.SendAsync(odd))
        {
            Assert.Equal(405, (int)answer.StatusCode);
        }

        using (var session = new StringContent($$"""
            { "sourceSystem": "{{Marker}}", "patient": "{{Marker}}-p", "therapist": "{{Marker}}-t", "session": "{{Marker}}-s",
              "sessionNumber": 1, "occurredAt": "2026-03-01T10:00:00+01:00",
              "measures": [{ "sourceId": "{{Marker}}-o", "version": 1, "status": "final", "instrument": "rri-c-sf", "rater": "client", "score": 4.2 }] }
            """, Encoding.UTF8, "application/json"))
        using (var answer = await client.PostAsync(new Uri("/sessions", UriKind.Relative), session))
        {
            Assert.Equal(201, (int)answer.StatusCode);
        }

        var scraped = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        (await service.StopAsync()).ShouldExitWith(0);
        var (traces, metrics) = (collector.ReceivedAt("/v1/traces"), collector.ReceivedAt("/v1/metrics"));
        Assert.Contains("/meta/pool", traces, StringComparison.Ordinal);
        Assert.Contains("/sessions", traces, StringComparison.Ordinal);
        Assert.Contains("realrelationship.commit.writes", metrics, StringComparison.Ordinal);
        Assert.Contains("realrelationship_changes_total", scraped, StringComparison.Ordinal);
        foreach (var seen in new[] { traces, metrics, scraped })
        {
            Assert.DoesNotContain(Marker, seen, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(key, seen, StringComparison.Ordinal);
            Assert.DoesNotContain(key.Split('_')[1], seen, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_log_and_a_problem_name_the_same_trace()
    {
        (await ServiceExecutable.RunAsync(_folder, ["keys", "create", "--tenant", "clinic", "--scope", "admin"])).ShouldExitWith(0);
        var (service, address) = await ServiceExecutable.ServeAsync(_folder, ("Privacy__Key", ServiceExecutable.PrivacyKey),
            ("Logging__Console__LogLevel__Microsoft.AspNetCore.Hosting.Diagnostics", "Information"));
        await using var running = service;
        using var client = new HttpClient { BaseAddress = address };
        using var answer = await client.GetAsync(new Uri("/studies", UriKind.Relative));
        Assert.Equal(401, (int)answer.StatusCode);
        var trace = JsonNode.Parse(await answer.Content.ReadAsStringAsync()).At("traceId")!.GetValue<string>();
        Assert.Matches("^[0-9a-f]{32}$", trace);
        var lines = (await service.StopAsync()).ShouldExitWith(0).StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Contains(lines, line => line["TraceId"]?.GetValue<string>() == trace);
    }
}
