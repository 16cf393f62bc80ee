using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;

using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security.ApiKeys;
using RealRelationshipApi.Security.Jwt;
using RealRelationshipApi.Security.RateLimiting;

namespace RealRelationshipApi.Security;

public static class AccessServices
{
    private const string KeyOrToken = "KeyOrToken";

    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<AccessOptions>(configuration.GetSection(AccessOptions.Section));
        services.AddSingleton<AccessPolicy>();
        services.AddSingleton<ApiKeyCache>();
        services.AddSingleton<RequestRateLimiter>();
        services.AddSingleton<AccessAudit>().AddHostedService(provider => provider.GetRequiredService<AccessAudit>());
        services.AddSingleton<IntegrityCheck, AccessCheck>();
        services.AddOtherOrigins(configuration.GetSection(AccessOptions.Section).Get<AccessOptions>() ?? new());
        services.AddHostedService<StartupSecurityValidator>();
        // Authentication by key protects no data of its own: no key ring is written to disk.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.Configure<JwtOptions>(configuration.GetSection(JwtOptions.Section));
        var tokens = configuration.GetSection(JwtOptions.Section).Get<JwtOptions>() ?? new();
        services.AddAuthentication(tokens.IsSet ? KeyOrToken : ApiKeyAuthentication.SchemeName)
            .AddPolicyScheme(KeyOrToken, null, scheme =>
            {
                scheme.ForwardDefaultSelector = context => ApiKeyAuthentication.IsByToken(context.Request) ? TokenAuthentication.SchemeName : ApiKeyAuthentication.SchemeName;
                scheme.ForwardChallenge = scheme.ForwardForbid = ApiKeyAuthentication.SchemeName;
            })
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null)
            .AddTokens(tokens);
        var authorization = services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build());
        foreach (var scope in Scopes.All)
        {
            authorization.AddPolicy(scope, policy => policy.RequireAssertion(context => context.User.HasScope(scope)));
        }

        return services;
    }

    /// <summary>Says who may call the operation, to the middleware and to the reader of its documentation.</summary>
    public static RouteHandlerBuilder RequireScope(this RouteHandlerBuilder endpoint, string scope) =>
        endpoint.RequireAuthorization(scope).WithMetadata(new NeededScope(scope),
            new ProducesResponseTypeMetadata(StatusCodes.Status429TooManyRequests, typeof(ProblemDocument), [Problem.ContentType]));

    /// <summary>Says that callers on this machine need no key.</summary>
    public static RouteHandlerBuilder OpenOnThisMachine(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new OpenOnThisMachine());
}

/// <summary>Endpoint metadata: callers on this machine need no key.</summary>
public sealed record OpenOnThisMachine;

/// <summary>Endpoint metadata: the scope that a caller needs.</summary>
public sealed record NeededScope(string Scope);
