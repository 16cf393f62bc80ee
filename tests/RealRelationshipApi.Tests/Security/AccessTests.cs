using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage.Writing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Security.ApiKeys;
using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Security;

public sealed class AccessTests(GuardedService guarded) : IClassFixture<GuardedService>
{
    private readonly Service _service = guarded.Service;

    [Fact]
    public async Task Without_a_key_every_operation_but_the_open_ones_is_refused()
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
            Assert.Equal("ApiKey", answer.Challenge!.Scheme);
        }
    }

    [Fact]
    public async Task A_key_with_every_scope_but_the_right_one_is_refused()
    {
        foreach (var operations in Operations().Where(o => o.Scope is not null).GroupBy(o => o.Scope!))
        {
            var key = await guarded.KeyAsync("clinic", [.. Scopes.All.Except([operations.Key, Scopes.Admin])]);
            foreach (var (method, path, _) in operations)
            {
                ShouldBeRefused(await _service.Send(method, path, null, key), path, 403);
            }
        }
    }

    [Fact]
    public async Task The_right_scope_alone_is_enough_and_so_is_admin()
    {
        foreach (var operations in Operations().Where(o => o.Scope is not null).GroupBy(o => o.Scope!))
        {
            var right = await guarded.KeyAsync("clinic", operations.Key);
            foreach (var (method, path, _) in operations)
            {
                foreach (var key in new[] { right, ("X-API-Key", guarded.Admin) })
                {
                    Assert.True((await _service.Send(method, path, null, key)).Status is not 401 and not 403, $"{method} {path}");
                }
            }
        }
        (await _service.Get("/meta/pool", await guarded.KeyAsync("clinic", Scopes.MetaRead))).ShouldBe(200);
        (await _service.Post("/studies", A.Study("scoped"), await guarded.KeyAsync("clinic", Scopes.StudiesWrite))).ShouldBe(201);
    }

    [Fact]
    public async Task What_does_not_exist_is_answered_as_such_without_a_key()
    {
        (await _service.Get("/nothing")).ShouldBeProblem(404);
        (await _service.Send(HttpMethod.Patch, "/studies", null)).ShouldBeProblem(405);
    }

    [Fact]
    public async Task The_document_and_Swagger_UI_are_open()
    {
        foreach (var path in new[] { "/openapi/v1.json", "/swagger/index.html", "/health/live", "/health/ready", "/problems/malformed" })
        {
            (await _service.Get(path)).ShouldBe(200);
        }
    }

    [Fact]
    public async Task An_expired_key_is_no_key()
    {
        var now = TimeProvider.System.GetUtcNow();
        var expired = await GuardedService.MakeKeyAsync(_service, "clinic", [Scopes.Admin], now.AddSeconds(-1));
        (await _service.Get("/meta/pool", ("X-API-Key", expired))).ShouldBeProblem(401);
        var lasting = await GuardedService.MakeKeyAsync(_service, "clinic", [Scopes.Admin], now.AddDays(1));
        (await _service.Get("/meta/pool", ("X-API-Key", lasting))).ShouldBe(200);
    }

    [Fact]
    public async Task A_revoked_key_is_no_key_within_two_seconds()
    {
        var key = await guarded.KeyAsync("clinic", Scopes.MetaRead);
        (await _service.Get("/meta/pool", key)).ShouldBe(200);
        Assert.True(await _service.Parts.GetRequiredService<GroupCommitWriter>().WriteAsync(t => ApiKeyStore.Revoke(t, key.Value.Split('_')[1])));
        Assert.InRange(await Eventually.True(async () => (await _service.Get("/meta/pool", key)).Status == 401), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        (await _service.Get("/meta/pool", key)).ShouldBeProblem(401);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rr_")]
    [InlineData("rr__")]
    [InlineData("rr_0000000000000000_0000")]
    [InlineData("Bearer x")]
    [InlineData("rr_a_b_c")]
    public async Task What_is_no_key_opens_nothing(string key) => (await _service.Get("/meta/pool", ("X-API-Key", key))).ShouldBeProblem(401);

    [Fact]
    public async Task A_key_with_another_secret_opens_nothing()
    {
        var key = guarded.Admin;
        var other = key[..^1] + (key[^1] == '0' ? '1' : '0');
        (await _service.Get("/meta/pool", ("X-API-Key", other))).ShouldBeProblem(401);
        (await _service.Get("/meta/pool", ("X-API-Key", key), ("X-API-Key", key))).ShouldBeProblem(401);
    }

    [Fact]
    public void Only_a_digest_of_a_key_is_kept()
    {
        var rows = string.Join('\n', Store.Rows(_service.StorePath, "SELECT * FROM api_key"));
        var parts = guarded.Admin.Split('_');
        Assert.Contains(parts[1], rows, StringComparison.Ordinal);
        Assert.DoesNotContain(parts[2], rows, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_study_belongs_to_the_tenant_that_submitted_it_or_an_admin()
    {
        var (owner, other) = (await guarded.KeyAsync("north", Scopes.StudiesWrite), await guarded.KeyAsync("south", Scopes.StudiesWrite, Scopes.MetaRead));
        var admin = ("X-API-Key", guarded.Admin);
        (await _service.Post("/studies", A.Study("owned"), owner)).ShouldBe(201);
        (await _service.Put("/studies/owned", A.Study("owned", A.Effect(r: 0.9)), other, ("If-Match", "*"))).ShouldBeProblem(403);
        (await _service.Delete("/studies/owned", other, ("If-Match", "*"))).ShouldBeProblem(403);
        Assert.Equal(1, (await _service.Get("/studies/owned", other)).ShouldBe(200).Number("version"));
        (await _service.Put("/studies/owned", A.Study("owned", A.Effect(r: 0.4)), admin, ("If-Match", "*"))).ShouldBe(200);
        (await _service.Put("/studies/owned", A.Study("owned", A.Effect(r: 0.5)), owner, ("If-Match", "*"))).ShouldBe(200);
        (await _service.Delete("/studies/owned", admin, ("If-Match", "*"))).ShouldBe(204);
    }

    [Fact]
    public async Task An_Idempotency_Key_is_its_tenants_own()
    {
        var (north, south) = (await guarded.KeyAsync("north", Scopes.StudiesWrite), await guarded.KeyAsync("south", Scopes.StudiesWrite));
        (await _service.Post("/studies", A.Study("first"), north, ("Idempotency-Key", "1"))).ShouldBe(201);
        Assert.Null((await _service.Post("/studies", A.Study("second"), south, ("Idempotency-Key", "1"))).ShouldBe(201).Header("Idempotent-Replayed"));
    }

    // /fhir says the same in its own words.
    private static void ShouldBeRefused(Answer answer, string path, int status)
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
        from endpoint in _service.Parts.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where endpoint.RoutePattern.RawText != "/metrics" // open on this machine, where tests run: ScrapeTests
        from method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
        let path = "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(s => s.Parts[0] is RoutePatternLiteralPart literal ? literal.Content : "nothing-there"))
        select (new HttpMethod(method), path, endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null ? endpoint.Metadata.GetRequiredMetadata<NeededScope>().Scope : null);
}
