using System.Security.Claims;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security.ApiKeys;

namespace RealRelationshipApi.Security.Jwt;

/// <summary>Authenticates by <c>Authorization: Bearer</c>, with tokens of the configured issuer.</summary>
/// <remarks>Accepts only signing keys from the issuer's metadata; algorithm, audience, issuer and type are pinned (RFC 8725).</remarks>
internal static class JwtAuthentication
{
    public const string SchemeName = JwtBearerDefaults.AuthenticationScheme;

    private const string BearerPrefix = "Bearer ";

    // Headers that carry or reference a key, or change the meaning of the token.
    private static readonly string[] s_rejectedHeaders = ["jku", "jwk", "x5u", "x5c", "crit", "zip", "b64"];

    public static AuthenticationBuilder AddJwtTokens(this AuthenticationBuilder authentication, JwtOptions options)
    {
        if (!options.IsConfigured)
        {
            return authentication;
        }

        authentication.Services.AddSingleton<IssuerKeys>().AddOptions<JwtBearerOptions>(SchemeName)
            .Configure<IssuerKeys>((bearer, keys) => bearer.ConfigurationManager = keys);
        return authentication.AddJwtBearer(SchemeName, bearer =>
        {
            bearer.MapInboundClaims = false;
            bearer.TokenValidationParameters = new TokenValidationParameters
            {
                ValidAlgorithms = options.AlgorithmList,
                ValidTypes = options.TypeList,
                ValidAudience = options.Audience,
                ClockSkew = TimeSpan.FromSeconds(options.SkewSeconds),
                TryAllIssuerSigningKeys = false,
                ValidateIssuerSigningKey = true,
            };
            bearer.Events = new JwtBearerEvents
            {
                OnMessageReceived = context => LoadKeyAsync(context, options),
                OnTokenValidated = context => Task.FromResult(context.Principal = CreatePrincipal(context, options)),
            };
        });
    }

    // The issuer is contacted only for tokens that could be its own. Without its keys these are neither valid nor invalid: 503, not 401.
    private static async Task LoadKeyAsync(MessageReceivedContext context, JwtOptions options)
    {
        if (ApiKeyAuthenticationHandler.IsOpen(context.HttpContext))
        {
            context.NoResult();
            return;
        }

        var header = context.Request.Headers.Authorization.ToString();
        var keys = context.HttpContext.RequestServices.GetRequiredService<IssuerKeys>();
        if (!header.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase)
            || FindKeyId(header[BearerPrefix.Length..].Trim(), options, keys.Issuer, context.HttpContext.RequestServices.GetRequiredService<TimeProvider>())
                is not { } keyId)
        {
            context.Fail("The token is not one of the issuer's.");
            return;
        }

        try
        {
            await keys.EnsureAsync(keyId, context.HttpContext.RequestAborted);
        }
        catch (DependencyUnavailableException unreachable)
        {
            context.HttpContext.Features.Set(unreachable);
            context.Fail(unreachable);
        }
    }

    // Null if the token would be invalid whatever its signature.
    private static string? FindKeyId(string text, JwtOptions options, string? issuer, TimeProvider clock)
    {
        JsonWebToken token;
        try
        {
            token = new JsonWebToken(text);
        }
        catch (Exception error) when (error is ArgumentException or SecurityTokenException)
        {
            return null;
        }

        var isPlausible = options.AlgorithmList.Contains(token.Alg) && options.TypeList.Contains(token.Typ) && token.Audiences.Contains(options.Audience)
            && (issuer is null || token.Issuer == issuer) && token.ValidTo > clock.GetUtcNow().UtcDateTime.AddSeconds(-options.SkewSeconds);
        return isPlausible && token.Kid is { Length: > 0 } keyId ? keyId : null;
    }

    private static ClaimsPrincipal? CreatePrincipal(TokenValidatedContext context, JwtOptions options)
    {
        var token = (JsonWebToken)context.SecurityToken;
        if (Array.Find(s_rejectedHeaders, header => token.TryGetHeaderValue<object>(header, out _)) is { } rejected)
        {
            context.Fail($"The token has a header that is not taken: {rejected}.");
            return null;
        }

        var claims = context.Principal!;
        var tenant = options.Tenant ?? FindText(token, options.TenantClaim);
        if (!Caller.IsTenantName(tenant))
        {
            context.Fail("The token does not name one tenant.");
            return null;
        }

        var granted = claims.FindAll(options.ScopeClaim).SelectMany(c => c.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToHashSet(StringComparer.Ordinal);
        // RFC 9068 names the client in client_id; older issuers in azp.
        var client = FindText(token, "client_id") ?? FindText(token, "azp");
        return Caller.CreatePrincipal(SchemeName, tenant!, Scopes.FromTokenScopes(granted, options.IsOperatorClient(client)), $"{token.Issuer} {token.Subject}")
            .WithLineage($"{token.Issuer} {client ?? token.Subject}");
    }

    // Not the first of several values.
    private static string? FindText(JsonWebToken token, string claim) => token.TryGetPayloadValue<object>(claim, out var value) ? value as string : null;
}
