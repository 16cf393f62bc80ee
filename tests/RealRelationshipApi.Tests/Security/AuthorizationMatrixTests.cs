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

/// <summary>Every operation, called with a key of every scope in every state.</summary>
public sealed class AuthorizationMatrixTests(ProductionService guarded) : IClassFixture<ProductionService>
{
    private readonly Service _service = guarded.Service;

    [SlowFact("It asks every operation with every scope.")]
    public async Task Every_operation_allows_exactly_active_keys_with_its_scope()
    {
        var operations = Operations().ToList();
        Assert.True(operations.Count > 30, "the walk finds too few operations");
        await using var elsewhere = await Service.StartAsync();
        var keys = new List<(string Scope, string State, (string, string)[] Headers)>();
        foreach (var scope in Scopes.All)
        {
            keys.AddRange((await KeysAsync(scope, elsewhere)).Select(key => (scope, key.State, key.Headers)));
        }

        // After too many wrong keys from a network only right keys that were seen before go on.
        foreach (var (_, _, headers) in keys.Where(key => key.State == "active"))
        {
            Assert.NotEqual(429, (await _service.Get("/studies", headers)).Status);
        }

        foreach (var (scope, state, key) in keys)
        {
            {
                foreach (var (method, path, needed, isOpenHere) in operations)
                {
                    var status = (await _service.Send(method, path, null, key)).Status;
                    var where = $"{method} {path} for a key of {scope}, {state}: {status}";
                    switch (state)
                    {
                        case "active" when needed is null || needed == scope || (scope == Scopes.Admin && Scopes.IsIncludedInAdmin(needed)):
                            Assert.True(status is not 401 and not 403, where);
                            break;
                        case "active":
                            Assert.True(status == 403, where);
                            break;
                        case "none" when isOpenHere:
                            Assert.True(status == 200, where);
                            break;
                        case "none":
                            Assert.True(needed is null ? status is not 401 and not 403 : status == 401, where);
                            break;
                        default: // 429 after too many wrong keys
                            Assert.True(needed is null ? status is not 401 and not 403 : status is 401 or 429, where);
                            break;
                    }
                }
            }
        }
    }

    [Fact]
    public async Task An_operation_without_a_policy_denies_everyone()
    {
        var policies = _service.Services.GetRequiredService<IAuthorizationPolicyProvider>();
        var fallback = await policies.GetFallbackPolicyAsync();
        Assert.NotNull(fallback);
        var authorization = _service.Services.GetRequiredService<IAuthorizationService>();
        Assert.False((await authorization.AuthorizeAsync(Caller.CreatePrincipal("test", "operator", Scopes.All), fallback)).Succeeded);
    }

    private async Task<IReadOnlyList<(string State, (string, string)[] Headers)>> KeysAsync(string scope, Service elsewhere)
    {
        var now = TimeProvider.System.GetUtcNow();
        var active = await ProductionService.CreateKeyAsync(_service, "clinic", [scope]);
        var expired = await ProductionService.CreateKeyAsync(_service, "clinic", [scope], now.AddSeconds(-1));
        var revoked = await ProductionService.CreateKeyAsync(_service, "clinic", [scope]);
        var rotated = await ProductionService.CreateKeyAsync(_service, "clinic", [scope]);
        var writer = _service.Services.GetRequiredService<GroupCommitWriter>();
        await writer.WriteAsync(t => ApiKeyStore.Revoke(t, revoked.Split('_')[1]));
        await writer.WriteAsync(t => ApiKeyStore.Rotate(t, rotated.Split('_')[1], now, now));
        var foreign = await ProductionService.CreateKeyAsync(elsewhere, "clinic", [scope]);
        return [("none", []), .. new[] { ("active", active), ("expired", expired), ("revoked", revoked), ("rotated", rotated), ("foreign", foreign) }
            .Select(key => (key.Item1, new[] { ("X-API-Key", key.Item2) }))];
    }

    // Fails for an operation that neither has a scope nor is anonymous. Those under public reading answer to everybody or to nobody: EmbedTests.
    private IEnumerable<(HttpMethod Method, string Path, string? Scope, bool IsOpenHere)> Operations() =>
        from endpoint in _service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where endpoint.Metadata.GetMetadata<PublicReadOnly>() is null
        from method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
        let path = "/"
            + string.Join('/',
                endpoint.RoutePattern.PathSegments.Select(s => s.Parts[0] is RoutePatternLiteralPart literal ? literal.Content : "nothing-there"))
        select (new HttpMethod(method), path,
            endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null ? endpoint.Metadata.GetRequiredMetadata<RequiredScope>().Scope : null,
            endpoint.Metadata.GetMetadata<LoopbackAccess>() is not null);
}
