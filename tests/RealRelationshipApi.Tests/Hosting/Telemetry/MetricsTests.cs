using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;

using RealRelationship.Testing;
using RealRelationship.Testing.Postgres;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Hosting.Telemetry;

/// <summary><c>/metrics</c> of a service in Production: who may scrape it, and that its numbers are those of what was done.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Metrics_count_what_was_done()
    {
        var key = await CreateKeyAsync("admin", "operator");
        var (service, address) = await ServiceExecutable.ServeAsync(_folder, ("Privacy__Key", ServiceExecutable.PrivacyKey), ("Limits__MaxBodyBytes", "20000"),
            ("Limits__RequestsPerMinute", "0"));
        await using var running = service;
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Add("X-API-Key", key);
        var before = await ScrapeAsync(client);
        for (var i = 0; i < 3; i++)
        {
            await Send(client, 404, HttpMethod.Get, "/studies/nobody");
        }

        await Send(client, 201, HttpMethod.Post, "/sessions", """
            { "sourceSystem": "emr", "patient": "p1", "therapist": "t1", "session": "s1", "sessionNumber": 1, "occurredAt": "2026-03-01T10:00:00+01:00",
              "measures": [
              { "sourceId": "o1", "version": 1, "status": "final", "instrument": "rri-c-sf", "rater": "client", "score": 4.2 },
              { "sourceId": "o2", "version": 1, "status": "final", "instrument": "srs", "rater": "client", "items": [7.1, 6.0, 8.2, 7.7] } ] }
            """);
        await Send(client, 200, HttpMethod.Post, "/meta/pool", """{ "effects": [{ "r": 0.45, "n": 88 }, { "r": 0.31, "n": 120 }] }""");
        await Send(client, 200, HttpMethod.Get, "/meta/references");
        await Send(client, 200, HttpMethod.Get, "/meta/options");
        await Send(client, 200, HttpMethod.Get, "/meta/options");
        await Send(client, 413, HttpMethod.Post, "/meta/pool", new string(' ', 30_000));
        var after = await ScrapeAsync(client);

        Assert.Equal(0, Sum(before, "http_server_request_duration_seconds_count", "/studies/{key", "404"));
        Assert.Equal(3, Sum(after, "http_server_request_duration_seconds_count", "/studies/{key", "404"));
        Assert.Equal(0, Sum(before, "realrelationship_changes_total", "measured"));
        Assert.Equal(2, Sum(after, "realrelationship_changes_total", "measured"));
        Assert.Equal(1, Sum(after, "realrelationship_fit_duration_seconds_count", "independent"));
        Assert.Equal(1, Sum(after, "realrelationship_evidence_snapshots_total", "miss"));
        Assert.Equal(1, Sum(after, "realrelationship_evidence_snapshots_total", "hit"));
        Assert.Equal(2, Sum(after, "realrelationship_answers_total", "miss"));
        Assert.Equal(1, Sum(after, "realrelationship_answers_total", "hit"));
        Assert.Equal(1, Sum(after, "realrelationship_refusals_total", "bodyBytes"));
        Assert.True(Sum(after, "realrelationship_commit_writes_count") > Sum(before, "realrelationship_commit_writes_count"));
        Assert.InRange(Sum(after, "realrelationship_evidence_age_seconds"), 0, 5);
        Assert.True(Sum(after, "dotnet_process_memory_working_set_bytes") > 1e7);
        foreach (var gauge in new[] { "writer_queue", "store_free_bytes", "evidence_revision", "evidence_snapshot_lag", "analyses_waiting" })
        {
            Assert.Contains(after, line => line.StartsWith($"realrelationship_{gauge}{{", StringComparison.Ordinal));
        }

        if (!PostgresTestServer.IsDefaultEngine)
        {
            Assert.True(Sum(after, "realrelationship_store_log_size_bytes") > 0);
        }
    }

    [Fact]
    public async Task Every_metric_of_the_service_is_in_the_manual()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        (await service.Get("/meta/pool")).ShouldBe(200);
        var own = (await service.Get("/metrics")).ShouldBe(200).Text.Split('\n')
            .Where(line => line.StartsWith("# TYPE realrelationship_", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]).ToList();
        Assert.True(own.Count > 10, "the scrape shows too few");
        var manual = ManualFiles.Read("Operations");
        Assert.DoesNotContain(own, name => !manual.Contains($"`{name}`", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Through_a_proxy_only_an_operator_may_scrape()
    {
        var (key, other) = (await CreateKeyAsync("operator"), await CreateKeyAsync("admin"));
        var (service, address) = await ServiceExecutable.ServeAsync(_folder, ("Privacy__Key", ServiceExecutable.PrivacyKey));
        await using var running = service;
        using var client = new HttpClient { BaseAddress = address };
        Assert.Equal(200, await StatusAsync(client));
        foreach (var header in new[] { "X-Forwarded-For", "Forwarded", "X-Real-IP", "Via" })
        {
            Assert.Equal(401, await StatusAsync(client, (header, "203.0.113.7")));
        }

        Assert.Equal(403, await StatusAsync(client, ("X-Forwarded-For", "203.0.113.7"), ("X-API-Key", other)));
        Assert.Equal(200, await StatusAsync(client, ("X-Forwarded-For", "203.0.113.7"), ("X-API-Key", key)));
    }

    [Fact]
    public async Task From_another_machine_only_an_operator_may_scrape()
    {
        var outside = NetworkInterface.GetAllNetworkInterfaces().SelectMany(n => n.GetIPProperties().UnicastAddresses).Select(a => a.Address)
            .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
        Assert.SkipWhen(outside is null, "this machine has no address beside loopback");
        var (key, other) = (await CreateKeyAsync("operator"), await CreateKeyAsync("admin"));
        var (service, address) = await ServiceExecutable.ServeAsync(_folder, ("Privacy__Key", ServiceExecutable.PrivacyKey),
            ("ASPNETCORE_URLS", "http://0.0.0.0:0"));
        await using var running = service;
        using var client = new HttpClient { BaseAddress = new UriBuilder(address) { Host = outside.ToString() }.Uri };
        Assert.Equal(401, await StatusAsync(client));
        Assert.Equal(403, await StatusAsync(client, ("X-API-Key", other)));
        Assert.Equal(200, await StatusAsync(client, ("X-API-Key", key)));
    }

    private async Task<string> CreateKeyAsync(params string[] scopes) =>
        (await ServiceExecutable.RunAsync(_folder, ["keys", "create", "--tenant", "clinic", .. scopes.SelectMany(scope => new[] { "--scope", scope })]))
            .ShouldExitWith(0).StandardOutput.Trim();

    private static async Task<int> StatusAsync(HttpClient client, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/metrics", UriKind.Relative));
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using var answer = await client.SendAsync(request);
        return (int)answer.StatusCode;
    }

    private static async Task Send(HttpClient client, int status, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method,
            new Uri(path, UriKind.Relative))
        { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await client.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    private static async Task<string[]> ScrapeAsync(HttpClient client) => (await client.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n');

    // Lines of a metric whose labels contain all given texts.
    private static double Sum(string[] lines, string name, params string[] labels) => lines
        .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && labels.All(label => line.Contains($"\"{label}", StringComparison.Ordinal)))
        .Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
}
