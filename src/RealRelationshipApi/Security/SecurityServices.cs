using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;

using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security.ApiKeys;
using RealRelationshipApi.Security.Jwt;
using RealRelationshipApi.Security.RateLimiting;

namespace RealRelationshipApi.Security;

internal static class SecurityServices
{
    private const string ApiKeyOrJwtScheme = "KeyOrToken";

    public static IServiceCollection AddSecurity(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<CorsOptions>(configuration.GetSection(CorsOptions.Section));
        services.Configure<AccessOptions>(configuration.GetSection(AccessOptions.Section));
        services.AddSingleton<AccessPolicy>();
        services.AddSingleton<ApiKeyCache>().AddSingleton<WrongKeyLimiter>();
        services.AddSingleton<DataMigration, AdminKeyMigration>();
        services.AddSingleton<RequestRateLimiter>().AddSingleton<ComputeLimiter>().AddSingleton<BodyLimiter>();
        services.AddSingleton<AuditLog>().AddHostedService(provider => provider.GetRequiredService<AuditLog>());
        services.AddSingleton<IntegrityCheck, AuditIntegrityCheck>().AddSingleton<IntegrityCheck, ApiKeyIntegrityCheck>();
        services.AddSingleton<DataMigration, ApiKeyMigration>();
        services.Configure<EmbedOptions>(configuration.GetSection(EmbedOptions.Section));
        services.AddTextCompression();
        services.AddConfiguredCors(configuration.GetSection(CorsOptions.Section).Get<CorsOptions>() ?? new());
        services.AddHostedService<StartupSecurityValidator>();
        // Data protection is not used, so no key ring needs to be written to disk.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.Configure<JwtOptions>(configuration.GetSection(JwtOptions.Section));
        var jwtOptions = configuration.GetSection(JwtOptions.Section).Get<JwtOptions>() ?? new();
        services.AddAuthentication(jwtOptions.IsConfigured ? ApiKeyOrJwtScheme : ApiKeyAuthenticationHandler.SchemeName)
            .AddPolicyScheme(ApiKeyOrJwtScheme, null, scheme =>
            {
                scheme.ForwardDefaultSelector = context =>
                    ApiKeyAuthenticationHandler.UsesBearerToken(context.Request) ? JwtAuthentication.SchemeName : ApiKeyAuthenticationHandler.SchemeName;
                scheme.ForwardChallenge = scheme.ForwardForbid = ApiKeyAuthenticationHandler.SchemeName;
            })
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthenticationHandler>(ApiKeyAuthenticationHandler.SchemeName, null)
            .AddJwtTokens(jwtOptions);
        var authorization = services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build());
        foreach (var scope in Scopes.All)
        {
            authorization.AddPolicy(scope, policy => policy.RequireAssertion(context => context.User.HasScope(scope)));
        }

        return services;
    }

    /// <summary>Requires a scope, and documents it together with 429.</summary>
    public static RouteHandlerBuilder RequireScope(this RouteHandlerBuilder endpoint, string scope)
    {
        // Inserted first, so that the documentation lists it before the responses declared by the handler.
        endpoint.Add(builder => builder.Metadata.Insert(0,
            new ProducesResponseTypeMetadata(StatusCodes.Status429TooManyRequests, typeof(ProblemDocument), [Problem.ContentType])));
        return endpoint.RequireAuthorization(scope).WithMetadata(new RequiredScope(scope));
    }

    /// <summary>Shows the endpoint under <c>Access__PublicRead</c> only; otherwise there is no such path.</summary>
    public static RouteHandlerBuilder RequirePublicRead(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new PublicReadOnly());

    /// <summary>Lets callers on this machine call the endpoint without a key.</summary>
    public static RouteHandlerBuilder AllowLoopback(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new LoopbackAccess());
}

/// <summary>Endpoint metadata: callers on this machine need no key.</summary>
internal sealed record LoopbackAccess;

/// <summary>Endpoint metadata: the operation answers under <c>Access__PublicRead</c> only.</summary>
internal sealed record PublicReadOnly;

/// <summary>Endpoint metadata: the required scope.</summary>
internal sealed record RequiredScope(string Scope);
