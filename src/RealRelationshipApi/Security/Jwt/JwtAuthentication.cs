using System.Security.Claims;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Security.Jwt;

/// <summary>Authenticates by <c>Authorization: Bearer</c>, with tokens of the configured issuer.</summary>
/// <remarks>Accepts only signing keys from the issuer's metadata; algorithm, audience, issuer and type are pinned (RFC 8725).</remarks>
internal static class JwtAuthentication
{
    public const string SchemeName = JwtBearerDefaults.AuthenticationScheme;

    // Headers that carry or reference a key, or change the meaning of the token.
    private static readonly string[] s_rejectedHeaders = ["jku", "jwk", "x5u", "x5c", "crit", "zip", "b64"];

    public static AuthenticationBuilder AddJwtTokens(this AuthenticationBuilder authentication, JwtOptions options)
    {
        if (!options.IsConfigured)
        {
            return authentication;
        }

        return authentication.AddJwtBearer(SchemeName, bearer =>
        {
            bearer.Authority = options.Authority;
            bearer.RequireHttpsMetadata = !options.IsPlainHttp;
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
                OnMessageReceived = LoadIssuerConfigurationAsync,
                OnTokenValidated = context => Task.FromResult(context.Principal = CreatePrincipal(context, options)),
            };
        });
    }

    // Without the issuer's keys the token is neither valid nor invalid: 503, not 401.
    private static async Task LoadIssuerConfigurationAsync(MessageReceivedContext context)
    {
        try
        {
            await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted);
        }
        catch (InvalidOperationException unreachable)
        {
            throw new DependencyUnavailableException("The issuer of tokens cannot be reached.", unreachable);
        }
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
        var tenant = options.Tenant ?? claims.FindFirstValue(options.TenantClaim);
        if (!Caller.IsTenantName(tenant))
        {
            context.Fail("The token names no tenant.");
            return null;
        }

        var granted = claims.FindAll(options.ScopeClaim).SelectMany(c => c.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToHashSet(StringComparer.Ordinal);
        return Caller.CreatePrincipal(SchemeName, tenant!, Scopes.FromTokenScopes(granted), $"{token.Issuer} {token.Subject}");
    }
}
