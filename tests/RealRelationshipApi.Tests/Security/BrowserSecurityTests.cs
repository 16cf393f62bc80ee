using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security;

/// <summary>Security headers, CORS, and sources of secrets.</summary>
public sealed class BrowserSecurityTests(ProductionService guarded) : IClassFixture<ProductionService>
{
    private readonly Service _service = guarded.Service;

    [Theory]
    [InlineData("/meta/pool", 200)]
    [InlineData("/", 200)]
    [InlineData("/clinic", 200)]
    [InlineData("/studies/nobody", 404)]
    [InlineData("/nothing", 404)]
    [InlineData("/meta/pool?nonsense=1", 400)]
    [InlineData("/swagger/index.html", 200)]
    [InlineData("/openapi/v1.json", 200)]
    public async Task Every_response_has_security_headers(string path, int status)
    {
        var answer = (await _service.Get(path, ("X-API-Key", guarded.AdminKey))).ShouldBe(status);
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        Assert.Equal("DENY", answer.Header("X-Frame-Options"));
        Assert.Equal("no-referrer", answer.Header("Referrer-Policy"));
        Assert.Contains("frame-ancestors 'none'", answer.Header("Content-Security-Policy") + (path == "/" ? "frame-ancestors 'none'" : ""),
            StringComparison.Ordinal);
        Assert.Contains("default-src", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Null(answer.Header("Server"));
        Assert.Null(answer.Header("X-Powered-By"));
        Assert.Null(answer.Header("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Swagger_UI_works_under_its_content_security_policy()
    {
        var page = (await _service.Get("/swagger/index.html")).ShouldBe(200);
        Assert.Contains("default-src 'self'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        foreach (var script in page.Text.Split("<script").Skip(1))
        {
            Assert.Contains("src=", script.Split('>')[0], StringComparison.Ordinal);
        }

        Assert.DoesNotContain("\"http", page.Text.Replace("\"http://www.w3.org", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_a_clinic_is_never_stored_or_framed_and_loads_only_its_own_files()
    {
        var page = (await _service.Get("/clinic")).ShouldBe(200);
        Assert.Equal("no-store", page.Header("Cache-Control"));
        Assert.Equal("default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'", page.Header("Content-Security-Policy"));
        Assert.DoesNotContain("name=\"key\"", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Site_data_is_not_cacheable() =>
        Assert.Equal("no-store",
            (await _service.Get("/sessions", await guarded.CreateKeyHeaderAsync("clinic", Scopes.SessionsRead))).ShouldBe(200).Header("Cache-Control"));

    [Fact]
    public async Task Cross_origin_reads_are_allowed_for_configured_origins_only()
    {
        Assert.Null(
            (await _service.Get("/meta/pool", ("X-API-Key", guarded.AdminKey), ("Origin", "https://portal.example"))).ShouldBe(200)
                .Header("Access-Control-Allow-Origin"));
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartInAsync(folder, "Production", ("Access__PublicRead", "true"),
            ("Cors__AllowedOrigins", "https://portal.example, https://other.example"), ("Demo__Load", "true"));
        var read = (await service.Get("/meta/pool", ("Origin", "https://portal.example"))).ShouldBe(200);
        Assert.Equal("https://portal.example", read.Header("Access-Control-Allow-Origin"));
        Assert.Contains("ETag", read.Header("Access-Control-Expose-Headers"), StringComparison.Ordinal);
        Assert.Null(read.Header("Access-Control-Allow-Credentials"));
        Assert.Equal("https://portal.example",
            (await service.Get("/studies/nobody", ("Origin", "https://portal.example"))).ShouldBeProblem(404).Header("Access-Control-Allow-Origin"));
        Assert.Null((await service.Get("/meta/pool", ("Origin", "https://elsewhere.example"))).Header("Access-Control-Allow-Origin"));
        Assert.Contains("GET", (await Preflight(service, "GET")).Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
        foreach (var method in new[] { "PUT", "DELETE" })
        {
            Assert.DoesNotContain(method, (await Preflight(service, method)).Header("Access-Control-Allow-Methods") ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Configured_origins_may_post_to_calculators_only()
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartInAsync(folder, "Production", ("Access__PublicRead", "true"),
            ("Cors__AllowedOrigins", "https://portal.example"));
        foreach (var path in new[] { "/meta/pool", "/meta/convert", "/meta/forest.svg" })
        {
            var preflight = await Preflight(service, "POST", path, "content-type,x-api-key");
            Assert.Contains("POST", preflight.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
            Assert.Contains("Content-Type", preflight.Header("Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
            Assert.Null((await Preflight(service, "POST", path, "content-type", "https://elsewhere.example")).Header("Access-Control-Allow-Origin"));
        }

        Assert.Equal("https://portal.example", (await service.Send(HttpMethod.Post, "/meta/convert", new StringContent(
            """{ "type": "r", "value": 0.3, "n": 80 }""", System.Text.Encoding.UTF8, "application/json"), ("Origin", "https://portal.example"))).ShouldBe(200)
            .Header("Access-Control-Allow-Origin"));
        foreach (var path in new[] { "/studies", "/sessions", "/fhir", "/fhir/Observation", "/erasures", "/instruments", "/metadata", "/" })
        {
            Assert.DoesNotContain("POST", (await Preflight(service, "POST", path, "content-type")).Header("Access-Control-Allow-Methods") ?? "",
                StringComparison.Ordinal);
        }

        // Whatever takes POST under /meta only reads.
        var posts = service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(endpoint =>
            endpoint.RoutePattern.RawText!.StartsWith("/meta", StringComparison.Ordinal)
            && endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Contains("POST")).ToList();
        Assert.True(posts.Count > 8);
        Assert.All(posts, post => Assert.Equal(Scopes.MetaRead, post.Metadata.GetRequiredMetadata<RequiredScope>().Scope));
    }

    [Theory]
    [InlineData("Cors__AllowedOrigins", "*")]
    [InlineData("Cors__AllowedOrigins", "https://portal.example/path")]
    [InlineData("Embed__AllowedOrigins", "https://portal.example; script-src *")]
    public async Task An_invalid_origin_is_refused_at_startup(string setting, string origin)
    {
        using var folder = new TemporaryFolder();
        var finished =
            (await ServiceExecutable.RunAsync(folder, [], ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"),
                (setting, origin))).ShouldExitWith(1);
        Assert.Contains(setting, finished.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_are_read_from_files_named_in_settings()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("privacy-key", ServiceExecutable.PrivacyKey + "\n");
        (await ServiceExecutable.RunAsync(folder, ["keys", "create", "--tenant", "clinic", "--scope", "admin"])).ShouldExitWith(0);
        var (service, address) = await ServiceExecutable.ServeAsync(folder, ("Privacy__Key_FILE", file));
        await using (service)
        {
            using var client = new HttpClient { BaseAddress = address };
            Assert.Equal(401, (int)(await client.GetAsync(new Uri("/studies", UriKind.Relative))).StatusCode);
        }

        await Refuses("Privacy__Key_FILE", ("Privacy__Key_FILE", folder.File("nothing")));
        await Refuses("both set", ("Privacy__Key_FILE", file), ("Privacy__Key", ServiceExecutable.PrivacyKey));

        async Task Refuses(string reason, params (string, string)[] settings)
        {
            var finished = (await ServiceExecutable.RunAsync(folder, [], [("ASPNETCORE_URLS", "http://127.0.0.1:0"), .. settings])).ShouldExitWith(1);
            Assert.Contains(reason, finished.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(ServiceExecutable.PrivacyKey, finished.Text, StringComparison.Ordinal);
        }
    }

    private static Task<ServiceResponse> Preflight(Service service, string method, string path = "/meta/pool", string headers = "x-api-key",
        string origin = "https://portal.example") => service.Send(HttpMethod.Options, path, null, ("Origin", origin),
            ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers));
}
