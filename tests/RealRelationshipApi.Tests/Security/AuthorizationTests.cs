using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage.Writing;
using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Security.ApiKeys;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security;

public sealed class AuthorizationTests(ProductionService guarded) : IClassFixture<ProductionService>
{
    private readonly Service _service = guarded.Service;

    [Fact]
    public async Task Without_a_key_only_open_operations_are_allowed()
    {
        foreach (var (method, path, scope) in Operations())
        {
            var answer = await _service.Send(method, path, null);
            if (scope is null)
            {
                Assert.True(answer.Status is not 401 and not 403, path);
                continue;
            }
            ShouldBeRefused(answer, path, 401);
            Assert.Equal("ApiKey", answer.AuthenticateChallenge!.Scheme);
        }
    }

    [Fact]
    public async Task A_key_with_every_scope_except_the_required_one_is_refused()
    {
        foreach (var operations in Operations().Where(o => o.Scope is not null).GroupBy(o => o.Scope!))
        {
            var key = await guarded.CreateKeyHeaderAsync("clinic", [.. Scopes.All.Except([operations.Key, Scopes.Admin])]);
            foreach (var (method, path, _) in operations)
            {
                ShouldBeRefused(await _service.Send(method, path, null, key), path, 403);
            }
        }
    }

    [Fact]
    public async Task The_required_scope_or_admin_alone_is_sufficient()
    {
        foreach (var operations in Operations().Where(o => o.Scope is not null).GroupBy(o => o.Scope!))
        {
            var right = await guarded.CreateKeyHeaderAsync("clinic", operations.Key);
            foreach (var (method, path, _) in operations)
            {
                Assert.True((await _service.Send(method, path, null, right)).Status is not 401 and not 403, $"{method} {path}");
                var asAdmin = (await _service.Send(method, path, null, ("X-API-Key", guarded.AdminKey))).Status;
                Assert.True(Scopes.IsIncludedInAdmin(operations.Key) ? asAdmin is not 401 and not 403 : asAdmin is 403, $"{method} {path} as admin");
            }
        }
        (await _service.Get("/meta/pool", await guarded.CreateKeyHeaderAsync("clinic", Scopes.MetaRead))).ShouldBe(200);
        (await _service.Post("/studies", TestData.Study("scoped"), await guarded.CreateKeyHeaderAsync("clinic", Scopes.StudiesWrite))).ShouldBe(201);
    }

    [Fact]
    public async Task Unknown_paths_return_404_without_a_key()
    {
        (await _service.Get("/nothing")).ShouldBeProblem(404);
        (await _service.Send(HttpMethod.Patch, "/studies", null)).ShouldBeProblem(405);
    }

    [Fact]
    public async Task The_OpenAPI_document_and_Swagger_UI_need_no_key()
    {
        foreach (var path in new[] { "/openapi/v1.json", "/swagger/index.html", "/health/live", "/health/ready", "/problems/malformed" })
        {
            (await _service.Get(path)).ShouldBe(200);
        }
    }

    [Fact]
    public async Task An_expired_key_is_refused()
    {
        var now = TimeProvider.System.GetUtcNow();
        var expired = await ProductionService.CreateKeyAsync(_service, "clinic", [Scopes.Admin], now.AddSeconds(-1));
        (await _service.Get("/meta/pool", ("X-API-Key", expired))).ShouldBeProblem(401);
        var lasting = await ProductionService.CreateKeyAsync(_service, "clinic", [Scopes.Admin], now.AddDays(1));
        (await _service.Get("/meta/pool", ("X-API-Key", lasting))).ShouldBe(200);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_within_two_seconds()
    {
        var key = await guarded.CreateKeyHeaderAsync("clinic", Scopes.MetaRead);
        (await _service.Get("/meta/pool", key)).ShouldBe(200);
        Assert.True(await _service.Services.GetRequiredService<GroupCommitWriter>().WriteAsync(t => ApiKeyStore.Revoke(t, key.Value.Split('_')[1])));
        Assert.InRange(await Wait.UntilAsync(async () => (await _service.Get("/meta/pool", key)).Status == 401), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        (await _service.Get("/meta/pool", key)).ShouldBeProblem(401);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rr_")]
    [InlineData("rr__")]
    [InlineData("rr_0000000000000000_0000")]
    [InlineData("Bearer x")]
    [InlineData("rr_a_b_c")]
    public async Task A_malformed_key_is_refused(string key) => (await _service.Get("/meta/pool", ("X-API-Key", key))).ShouldBeProblem(401);

    [Fact]
    public async Task A_key_with_a_wrong_secret_is_refused()
    {
        var key = guarded.AdminKey;
        var other = key[..^1] + (key[^1] == '0' ? '1' : '0');
        (await _service.Get("/meta/pool", ("X-API-Key", other))).ShouldBeProblem(401);
        (await _service.Get("/meta/pool", ("X-API-Key", key), ("X-API-Key", key))).ShouldBeProblem(401);
    }

    [Fact]
    public void Only_a_digest_of_a_key_is_stored()
    {
        var rows = string.Join('\n', RawStore.Query(_service.StorePath, "SELECT * FROM api_key"));
        var parts = guarded.AdminKey.Split('_');
        Assert.Contains(parts[1], rows, StringComparison.Ordinal);
        Assert.DoesNotContain(parts[2], rows, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_submitting_tenant_or_an_operator_may_change_a_study()
    {
        var (owner, other) = (await guarded.CreateKeyHeaderAsync("north", Scopes.StudiesWrite),
            await guarded.CreateKeyHeaderAsync("south", Scopes.Admin));
        var operatorKey = await guarded.CreateKeyHeaderAsync("host", Scopes.StudiesWrite, Scopes.Operator);
        (await _service.Post("/studies", TestData.Study("owned"), owner)).ShouldBe(201);
        (await _service.Put("/studies/owned", TestData.Study("owned", TestData.Effect(r: 0.9)), other, ("If-Match", "*"))).ShouldBeProblem(403);
        (await _service.Delete("/studies/owned", other, ("If-Match", "*"))).ShouldBeProblem(403);
        Assert.Equal(1, (await _service.Get("/studies/owned", other)).ShouldBe(200).Number("version"));
        (await _service.Put("/studies/owned", TestData.Study("owned", TestData.Effect(r: 0.4)), operatorKey, ("If-Match", "*"))).ShouldBe(200);
        (await _service.Put("/studies/owned", TestData.Study("owned", TestData.Effect(r: 0.5)), owner, ("If-Match", "*"))).ShouldBe(200);
        (await _service.Delete("/studies/owned", operatorKey, ("If-Match", "*"))).ShouldBe(204);
    }

    [Fact]
    public async Task An_operator_sees_no_sessions()
    {
        var key = await guarded.CreateKeyHeaderAsync("host", Scopes.Operator);
        foreach (var path in new[] { "/sessions", "/associations" })
        {
            (await _service.Get(path, key)).ShouldBeProblem(403);
        }

        (await _service.Get("/metrics", key)).ShouldBe(200);
    }

    [Fact]
    public async Task Idempotency_keys_are_scoped_to_their_tenant()
    {
        var (north, south) = (await guarded.CreateKeyHeaderAsync("north", Scopes.StudiesWrite),
            await guarded.CreateKeyHeaderAsync("south", Scopes.StudiesWrite));
        (await _service.Post("/studies", TestData.Study("first"), north, ("Idempotency-Key", "1"))).ShouldBe(201);
        Assert.Null((await _service.Post("/studies", TestData.Study("second"), south, ("Idempotency-Key", "1"))).ShouldBe(201).Header("Idempotent-Replayed"));
    }

    // /fhir reports the same as an OperationOutcome.
    private static void ShouldBeRefused(ServiceResponse answer, string path, int status)
    {
        if (path.StartsWith("/fhir", StringComparison.Ordinal))
        {
            answer.ShouldBe(status);
            Assert.Equal("OperationOutcome", answer.String("resourceType"));
        }
        else
        {
            answer.ShouldBeProblem(status);
        }
    }

    // Every mapped operation with a path that can be called, and the scope that it needs.
    private IEnumerable<(HttpMethod Method, string Path, string? Scope)> Operations() =>
        from endpoint in _service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where endpoint.Metadata.GetMetadata<PublicReadOnly>() is null // those answer to everybody or to nobody: EmbedTests
        where endpoint.RoutePattern.RawText != "/metrics" // open on this machine, where tests run: MetricsTests
        from method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
        let path = "/"
            + string.Join('/',
                endpoint.RoutePattern.PathSegments.Select(s => s.Parts[0] is RoutePatternLiteralPart literal ? literal.Content : "nothing-there"))
        select (new HttpMethod(method), path,
            endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null ? endpoint.Metadata.GetRequiredMetadata<RequiredScope>().Scope : null);
}
