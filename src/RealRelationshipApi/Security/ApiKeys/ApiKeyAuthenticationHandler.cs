using System.Net;
using System.Text.Encodings.Web;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security.Jwt;
using RealRelationshipApi.Security.RateLimiting;

namespace RealRelationshipApi.Security.ApiKeys;

/// <summary>Authenticates by <c>X-API-Key</c>; in Development callers on this machine need none. Bearer tokens go to another scheme.</summary>
internal sealed class ApiKeyAuthenticationHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder,
    ApiKeyCache keyCache, AccessPolicy policy, IOptions<JwtOptions> jwtOptions) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string HeaderName = "X-API-Key";

    private static readonly AuthenticateResult s_developmentResult = Succeed(Caller.DevelopmentTenant, Scopes.All);
    private static readonly AuthenticateResult s_publicReaderResult = Succeed("public", [Scopes.MetaRead]);

    private bool _hasSentTooManyWrongKeys;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (IsOpen(Context))
        {
            return AuthenticateResult.NoResult();
        }

        var headerValues = Request.Headers[HeaderName];
        if (headerValues.Count + (HasBearerToken(Request) ? 1 : 0) > 1)
        {
            return AuthenticateResult.Fail("More than one key or token was given.");
        }

        if (headerValues.Count == 0)
        {
            return HasBearerToken(Request) ? AuthenticateResult.Fail("Tokens do not let in here.") : AuthenticateWithoutKey();
        }

        var result = await keyCache.AuthenticateAsync(headerValues[0]!, RateLimitClient.NetworkOf(Context.Connection.RemoteIpAddress), Context.RequestAborted);
        _hasSentTooManyWrongKeys = result is null;
        return result ?? AuthenticateResult.Fail("Too many wrong keys came from this network.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_hasSentTooManyWrongKeys)
        {
            return new Problem(ProblemKind.TooManyRequests, "Too many wrong keys came from this network.").ExecuteAsync(Context);
        }

        if (Context.Features.Get<DependencyUnavailableException>() is { } unavailable)
        {
            return new Problem(ProblemKind.Unavailable, unavailable.Message).ExecuteAsync(Context);
        }

        Response.Headers.WWWAuthenticate = Challenge();
        return new Problem(ProblemKind.Unauthenticated).ExecuteAsync(Context);
    }

    // With public read access, a caller who is forbidden for lack of a key gets 401.
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Request.Headers.ContainsKey(HeaderName) || HasBearerToken(Request) ? new Problem(ProblemKind.Forbidden).ExecuteAsync(Context)
            : HandleChallengeAsync(properties);

    private StringValues Challenge() => !jwtOptions.Value.IsConfigured ? SchemeName
        : new StringValues([SchemeName, HasBearerToken(Request) ? "Bearer error=\"invalid_token\"" : "Bearer"]);

    /// <summary>Whether the endpoint is open to everyone: health checks depend neither on the store of keys nor on the issuer of tokens.</summary>
    public static bool IsOpen(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    /// <summary>Whether a request has a bearer token and no API key.</summary>
    public static bool UsesBearerToken(HttpRequest request) => HasBearerToken(request) && !request.Headers.ContainsKey(HeaderName);

    private static bool HasBearerToken(HttpRequest request) =>
        request.Headers.Authorization.Any(value => value?.StartsWith("Bearer", StringComparison.OrdinalIgnoreCase) == true);

    private AuthenticateResult AuthenticateWithoutKey()
    {
        // DNS rebinding: a page whose host name resolves to this machine sends that name as Host.
        var isLocal = IsLoopback(Context.Connection.RemoteIpAddress) && !IsForwarded(Request) && PublicAddress.IsLoopback(Request.Host);
        if (isLocal && (policy.AllowsAnonymous || Context.GetEndpoint()?.Metadata.GetMetadata<LoopbackAccess>() is not null))
        {
            return s_developmentResult;
        }

        return policy.AllowsPublicRead ? s_publicReaderResult : AuthenticateResult.NoResult();
    }

    /// <summary>Creates an authentication result, which can be reused.</summary>
    public static AuthenticateResult Succeed(string tenant, IEnumerable<string> scopes, string actor = "") =>
        AuthenticateResult.Success(new AuthenticationTicket(Caller.CreatePrincipal(SchemeName, tenant, scopes, actor), SchemeName));

    // Requests forwarded by a proxy on this machine come from elsewhere.
    private static bool IsForwarded(HttpRequest request) =>
        request.Headers.Keys.Any(name => name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
            || name.Equals("Forwarded", StringComparison.OrdinalIgnoreCase) || name.Equals("X-Real-IP", StringComparison.OrdinalIgnoreCase)
            || name.Equals("Via", StringComparison.OrdinalIgnoreCase));

    // An in-process test server has no remote address.
    private static bool IsLoopback(IPAddress? address) => address is null || IPAddress.IsLoopback(address);
}
