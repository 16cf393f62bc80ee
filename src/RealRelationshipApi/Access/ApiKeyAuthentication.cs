using System.Net;
using System.Text.Encodings.Web;

using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

using RealRelationshipApi.Http;
using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Access;

/// <summary>Authenticates by <c>X-API-Key</c>; in Development callers on this machine need none.</summary>
internal sealed class ApiKeyAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder,
    Database database, AccessPolicy policy, TimeProvider clock) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string HeaderName = "X-API-Key";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var given = Request.Headers[HeaderName];
        if (given.Count == 0)
        {
            return Keyless();
        }

        if (given.Count > 1)
        {
            return AuthenticateResult.Fail("More than one key was given.");
        }

        return await database.ReadAsync(connection => ApiKeys.Find(connection, given[0]!, clock.GetUtcNow()), Context.RequestAborted) is { } key
            ? Success(key.Tenant, key.ScopeList)
            : AuthenticateResult.Fail("No active key has this text.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = SchemeName;
        return new Problem(ProblemKind.Unauthenticated).ExecuteAsync(Context);
    }

    // Who came without a key, where reading is public, lacks a key and not a scope.
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Request.Headers.ContainsKey(HeaderName) ? new Problem(ProblemKind.Forbidden).ExecuteAsync(Context) : HandleChallengeAsync(properties);

    private AuthenticateResult Keyless()
    {
        if (policy.AllowsAnonymous && IsOnThisMachine(Context.Connection.RemoteIpAddress))
        {
            return Success(Caller.DevelopmentTenant, Scopes.All);
        }

        return policy.AllowsPublicRead ? Success("public", [Scopes.MetaRead]) : AuthenticateResult.NoResult();
    }

    private static AuthenticateResult Success(string tenant, IEnumerable<string> scopes) =>
        AuthenticateResult.Success(new AuthenticationTicket(Caller.Of(SchemeName, tenant, scopes), SchemeName));

    // An in-process test server has no remote address.
    private static bool IsOnThisMachine(IPAddress? address) => address is null || IPAddress.IsLoopback(address);
}
