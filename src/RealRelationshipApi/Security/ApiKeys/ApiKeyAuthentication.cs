using System.Net;
using System.Text.Encodings.Web;

using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security.Jwt;

namespace RealRelationshipApi.Security.ApiKeys;

/// <summary>Authenticates by <c>X-API-Key</c>; in Development callers on this machine need none. Who came with a token is asked for it elsewhere.</summary>
internal sealed class ApiKeyAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder,
    ApiKeyCache keys, AccessPolicy policy, IOptions<JwtOptions> tokens) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string HeaderName = "X-API-Key";

    private static readonly AuthenticateResult s_development = LetIn(Caller.DevelopmentTenant, Scopes.All);
    private static readonly AuthenticateResult s_public = LetIn("public", [Scopes.MetaRead]);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var given = Request.Headers[HeaderName];
        if (given.Count + (BringsToken(Request) ? 1 : 0) > 1)
        {
            return AuthenticateResult.Fail("More than one key or token was given.");
        }

        if (given.Count == 0)
        {
            return BringsToken(Request) ? AuthenticateResult.Fail("Tokens do not let in here.") : Keyless();
        }

        return await keys.FindAsync(given[0]!, Context.RequestAborted) ?? AuthenticateResult.Fail("No active key has this text.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = Challenge();
        return new Problem(ProblemKind.Unauthenticated).ExecuteAsync(Context);
    }

    // Who came without a key, where reading is public, lacks a key and not a scope.
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Request.Headers.ContainsKey(HeaderName) || BringsToken(Request) ? new Problem(ProblemKind.Forbidden).ExecuteAsync(Context) : HandleChallengeAsync(properties);

    private StringValues Challenge() => !tokens.Value.IsSet ? SchemeName
        : new StringValues([SchemeName, BringsToken(Request) ? "Bearer error=\"invalid_token\"" : "Bearer"]);

    /// <summary>Whether a request brings a token, and no key beside it.</summary>
    public static bool IsByToken(HttpRequest request) => BringsToken(request) && !request.Headers.ContainsKey(HeaderName);

    private static bool BringsToken(HttpRequest request) =>
        request.Headers.Authorization.Any(value => value?.StartsWith("Bearer", StringComparison.OrdinalIgnoreCase) == true);

    private AuthenticateResult Keyless()
    {
        if (Context.GetEndpoint()?.Metadata.GetMetadata<OpenOnThisMachine>() is not null && IsOnThisMachine(Context.Connection.RemoteIpAddress) && !IsForwarded(Request))
        {
            return s_development;
        }

        if (policy.AllowsAnonymous && IsOnThisMachine(Context.Connection.RemoteIpAddress))
        {
            return s_development;
        }

        return policy.AllowsPublicRead ? s_public : AuthenticateResult.NoResult();
    }

    /// <summary>What is said of a caller who is let in; it may be said again.</summary>
    public static AuthenticateResult LetIn(string tenant, IEnumerable<string> scopes, string actor = "") =>
        AuthenticateResult.Success(new AuthenticationTicket(Caller.Of(SchemeName, tenant, scopes, actor), SchemeName));

    // A proxy on this machine brings the callers of other machines.
    private static bool IsForwarded(HttpRequest request) =>
        request.Headers.Keys.Any(name => name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
            || name.Equals("Forwarded", StringComparison.OrdinalIgnoreCase) || name.Equals("X-Real-IP", StringComparison.OrdinalIgnoreCase) || name.Equals("Via", StringComparison.OrdinalIgnoreCase));

    // An in-process test server has no remote address.
    private static bool IsOnThisMachine(IPAddress? address) => address is null || IPAddress.IsLoopback(address);
}
