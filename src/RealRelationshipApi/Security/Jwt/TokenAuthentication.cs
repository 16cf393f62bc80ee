using System.Security.Claims;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

using RealRelationship.Storage;

namespace RealRelationshipApi.Security.Jwt;

/// <summary>Authenticates by <c>Authorization: Bearer</c>, with tokens of the issuer of the settings.</summary>
/// <remarks>Keys come from the issuer's own document and from nowhere else; algorithm, audience, issuer and type are pinned (RFC 8725).</remarks>
internal static class TokenAuthentication
{
    public const string SchemeName = JwtBearerDefaults.AuthenticationScheme;

    // Headers that name a key of the sender's own, or a meaning that is not known here.
    private static readonly string[] s_refusedHeaders = ["jku", "jwk", "x5u", "x5c", "crit", "zip", "b64"];

    public static AuthenticationBuilder AddTokens(this AuthenticationBuilder authentication, JwtOptions options)
    {
        if (!options.IsSet)
        {
            return authentication;
        }

        return authentication.AddJwtBearer(SchemeName, bearer =>
        {
            bearer.Authority = options.Authority;
            bearer.RequireHttpsMetadata = !options.IsPlain;
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
                OnMessageReceived = FindIssuerAsync,
                OnTokenValidated = context => Task.FromResult(context.Principal = CallerOf(context, options)),
            };
        });
    }

    // Who cannot be asked for its keys has not refused the token.
    private static async Task FindIssuerAsync(MessageReceivedContext context)
    {
        try
        {
            await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted);
        }
        catch (InvalidOperationException unreachable)
        {
            throw new StorageUnavailableException("The issuer of tokens cannot be reached.", unreachable);
        }
    }

    private static ClaimsPrincipal? CallerOf(TokenValidatedContext context, JwtOptions options)
    {
        var token = (JsonWebToken)context.SecurityToken;
        if (Array.Find(s_refusedHeaders, header => token.TryGetHeaderValue<object>(header, out _)) is { } refused)
        {
            context.Fail($"The token has a header that is not taken: {refused}.");
            return null;
        }

        var claims = context.Principal!;
        var tenant = options.Tenant ?? claims.FindFirstValue(options.TenantClaim);
        if (!Caller.IsTenantName(tenant))
        {
            context.Fail("The token names no tenant.");
            return null;
        }

        var granted = claims.FindAll(options.ScopeClaim).SelectMany(c => c.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToHashSet(StringComparer.Ordinal);
        return Caller.Of(SchemeName, tenant!, Scopes.GrantedBy(granted), $"{token.Issuer} {token.Subject}");
    }
}
