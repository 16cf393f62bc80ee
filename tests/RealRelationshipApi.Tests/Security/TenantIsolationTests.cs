using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security;

/// <summary>No data of a site are visible to another, by any id, cursor, ETag or key.</summary>
public sealed partial class TenantIsolationTests : IAsyncLifetime
{
    /// <summary>How many requests are sent; more take longer and prove more.</summary>
    private const string RequestCountVariable = "REALRELATIONSHIP_TEST_FOREIGN_REQUESTS";

    private const int Patients = 12;

    private readonly TemporaryFolder _folder = new();
    private Service _service = null!;
    private TestTenant _north = null!;
    private TestTenant _south = null!;
    private string[] _foreignMarkers = [];
    private string _cursor = "";

    private static int Requests => int.TryParse(Environment.GetEnvironmentVariable(RequestCountVariable), out var requests) ? requests : 3000;

    public async ValueTask InitializeAsync()
    {
        await using (var before = await Service.StartInAsync(_folder, settings: ("Demo__Load", "true")))
        {
            await ProductionService.CreateKeyAsync(before, "operator", [Scopes.Admin]);
        }

        _service = await Service.StartInAsync(_folder, "Production", ("Limits__RequestsPerMinute", "0"), ("Limits__RequestsPerDay", "0"));
        (_north, _south) = (await TestTenant.CreateAsync(_service, "north"), await TestTenant.CreateAsync(_service, "south"));
        await _north.SeedAsync(_service, Patients);
        await _south.SeedAsync(_service, 1);
        var own = (await _service.Get("/sessions?limit=5", _north.Key)).ShouldBe(200);
        _cursor = own.String("next");
        var all = (await _service.Get("/sessions?limit=200", _north.Key)).ShouldBe(200);
        _foreignMarkers = [.. Pseudonym().Matches(all.Text).Select(m => m.Value).Distinct(StringComparer.Ordinal), _north.Marker];
        Assert.True(_foreignMarkers.Length > 2 * Patients, "the site has too few pseudonyms to look for");
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _folder.Dispose();
    }

    [SlowFact("It sends every request of the contract.")]
    public async Task No_request_of_a_tenant_returns_data_of_another()
    {
        var operations = Operations().ToList();
        var random = new Random(20261123);
        var seen = new List<string>();
        for (var i = 0; i < Requests; i++)
        {
            var (method, path) = operations[random.Next(operations.Count)];
            var (status, text, asked) = await SendRandomRequestAsync(method, path, random);
            Assert.NotEqual(500, status);
            seen.AddRange(
                _foreignMarkers.Where(canary => canary != asked && text.Contains(canary, StringComparison.Ordinal))
                    .Select(canary => $"{method} {path}: {canary}"));
        }

        Assert.Empty(seen);
        Assert.Equal(2 * Patients, (await _service.Get("/sessions?limit=200", _north.Key)).At("sessions")!.AsArray().Count);
    }

    [Fact]
    public async Task Data_of_another_tenant_is_not_found()
    {
        (await _service.Get($"/instruments/{_north.InstrumentCode}", _north.Key)).ShouldBe(200);
        (await _service.Get($"/instruments/{_north.InstrumentCode}", _south.Key)).ShouldBeProblem(404);
        Assert.DoesNotContain(_north.Marker, (await _service.Get("/instruments", _south.Key)).ShouldBe(200).Text, StringComparison.Ordinal);
        var search = new JsonObject { ["sourceSystem"] = $"{_north.Marker}-ehr", ["patient"] = $"{_north.Marker}-p1" };
        Assert.NotEmpty((await _service.Post("/sessions/search", search, _north.Key)).ShouldBe(200).At("sessions")!.AsArray());
        Assert.Empty((await _service.Post("/sessions/search", search, _south.Key)).ShouldBe(200).At("sessions")!.AsArray());
    }

    [Fact]
    public async Task Equal_source_keys_of_two_tenants_are_independent()
    {
        var session = _north.Session(1, 1);
        (await _service.Post("/sessions", session, _north.Key)).ShouldBe(200);
        (await _service.Post("/sessions", session, _south.Key)).ShouldBe(201);
        session["measures"]![0]!["score"] = 3.5;
        session["measures"]![0]!["version"] = 2;
        (await _service.Post("/sessions", session, _south.Key)).ShouldBe(201);
        var (north, south) = (await Found(_north), await Found(_south));
        Assert.NotEqual(north.String("sessions/0/patient"), south.String("sessions/0/patient"));
        Assert.DoesNotContain("3.5", north.Text, StringComparison.Ordinal);

        Task<ServiceResponse> Found(TestTenant site) =>
            _service.Post("/sessions/search",
                new JsonObject { ["sourceSystem"] = $"{_north.Marker}-ehr", ["patient"] = $"{_north.Marker}-p1", ["session"] = $"{_north.Marker}-s1-1" },
                site.Key);
    }

    [Fact]
    public async Task An_idempotency_key_of_another_tenant_is_not_replayed()
    {
        var batch = new JsonArray(_north.Session(0, 1), _north.Session(0, 2));
        Assert.Equal("true",
            (await _service.Post("/sessions", batch, _north.Key, ("Idempotency-Key", $"{_north.Marker}-0"))).ShouldBe(201).Header("Idempotent-Replayed"));
        Assert.Null(
            (await _service.Post("/sessions", new JsonArray(_south.Session(5, 1)), _south.Key, ("Idempotency-Key", $"{_north.Marker}-0"))).ShouldBe(201)
                .Header("Idempotent-Replayed"));
    }

    [Fact]
    public async Task A_cursor_of_another_tenant_pages_through_own_data_only()
    {
        var answer = await _service.Get($"/sessions?limit=200&cursor={Uri.EscapeDataString(_cursor)}", _south.Key);
        Assert.DoesNotContain(_foreignMarkers, canary => answer.Text.Contains(canary, StringComparison.Ordinal));
    }

    private async Task<(int Status, string Text, string Asked)> SendRandomRequestAsync(HttpMethod method, string path, Random random)
    {
        var headers = new List<(string, string)> { _south.Key };
        if (random.Next(3) == 0)
        {
            headers.Add(("If-None-Match", random.Next(2) == 0 ? "*" : $"\"{_foreignMarkers[0]}\""));
        }

        if (method == HttpMethod.Post && random.Next(2) == 0)
        {
            headers.Add(("Idempotency-Key", $"{_north.Marker}-{random.Next(Patients)}"));
        }

        var query = random.Next(4) switch
        {
            0 => "?limit=200",
            1 => $"?limit=200&cursor={Uri.EscapeDataString(_cursor)}",
            2 => $"?{_north.Name}=1",
            _ => "",
        };
        // The id that was asked for comes back in an error.
        var id = random.Next(2) == 0 ? "nobody-there" : _foreignMarkers[random.Next(_foreignMarkers.Length - 1)].ToLowerInvariant();
        var patient = random.Next(Patients);
        JsonNode? body = method != HttpMethod.Post ? null : random.Next(4) switch
        {
            0 => new JsonObject { ["sourceSystem"] = $"{_north.Marker}-ehr", ["patient"] = $"{_north.Marker}-p{patient}" },
            1 => new JsonObject { ["sourceSystem"] = $"{_north.Marker}-ehr", ["sourceId"] = $"{_north.Marker}-o{patient}-1" },
            2 => new JsonObject { ["effects"] = new JsonArray(new JsonObject { ["r"] = 0.3, ["n"] = 50 }) },
            _ => new JsonObject(),
        };
        using var content = body is null ? null : new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        var answer = await _service.Send(method, path.Replace("{}", id, StringComparison.Ordinal) + query, content, [.. headers]);
        return (answer.Status, answer.Text + answer.ETag + answer.Header("Link") + answer.Header("Location"), id);
    }

    private IEnumerable<(HttpMethod Method, string Path)> Operations() =>
        from endpoint in _service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
        let path = "/"
            + string.Join('/', endpoint.RoutePattern.PathSegments.Select(s => s.Parts[0] is RoutePatternLiteralPart literal ? literal.Content : "{}"))
        select (new HttpMethod(method), path);

    [GeneratedRegex(@"(?<![a-z2-7A-Z0-9-])([a-z2-7]{26}|[A-Z2-7]{26})(?![a-z2-7A-Z0-9-])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pseudonym();
}
