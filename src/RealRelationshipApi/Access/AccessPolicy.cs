using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Access;

/// <summary>Who may come in, from the settings and the environment.</summary>
public sealed class AccessPolicy(IOptions<AccessOptions> options, IHostEnvironment environment)
{
    public bool AllowsAnonymous => options.Value.Anonymous ?? environment.IsDevelopment();

    public bool AllowsPublicRead => options.Value.PublicRead;

    public bool IsDevelopment => environment.IsDevelopment();
}

/// <summary>The settings would leave the door open, or let nobody in; the message says what to set.</summary>
public sealed class StartRefusedException(string message) : Exception(message)
{
    public StartRefusedException() : this("The service will not start with these settings.") { }

    public StartRefusedException(string message, Exception inner) : this(message) => _ = inner;
}

/// <summary>Refuses to run with settings that would leave the door open, or let nobody in.</summary>
internal sealed class DoorCheck(AccessPolicy policy, PrivacyKey privacy, Database database, IServer server) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (policy is { AllowsAnonymous: true, IsDevelopment: false })
            throw new StartRefusedException("Access__Anonymous is for Development only: remove it, and make a key with `keys create --tenant NAME --scope SCOPE`.");
        privacy.Check();
        return Task.CompletedTask;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (policy.AllowsAnonymous || policy.AllowsPublicRead)
            return;
        await using var connection = await database.OpenReaderAsync(cancellationToken);
        if (ApiKeys.List(connection).Count == 0)
            throw new StartRefusedException(
                "Nobody could get in: there is no API key yet. Make one with `keys create --tenant NAME --scope admin`, or open the read endpoints with Access__PublicRead=true.");
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        if (policy.AllowsAnonymous && addresses.FirstOrDefault(a => !IsLoopback(a)) is { } open)
            throw new StartRefusedException($"Without keys the service listens on this machine only, not on {open}: use a loopback address, or set Access__Anonymous=false and make a key.");
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static bool IsLoopback(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.IsLoopback;
}

public static class AccessServices
{
    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<AccessOptions>(configuration.GetSection(AccessOptions.Section));
        services.Configure<PrivacyOptions>(configuration.GetSection(PrivacyOptions.Section));
        services.AddSingleton<AccessPolicy>();
        services.AddSingleton<PrivacyKey>();
        services.AddHostedService<DoorCheck>();
        // Authentication by key protects no data of its own: no key ring is written to disk.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAuthentication(ApiKeyAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null);
        var authorization = services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build());
        foreach (var scope in Scopes.All)
            authorization.AddPolicy(scope, policy => policy.RequireAssertion(context => context.User.HasScope(scope)));
        return services;
    }

    /// <summary>Says who may call the operation, to the middleware and to the reader of its documentation.</summary>
    public static RouteHandlerBuilder NeedsScope(this RouteHandlerBuilder endpoint, string scope) =>
        endpoint.RequireAuthorization(scope).WithMetadata(new NeededScope(scope));
}

/// <summary>Endpoint metadata: the scope that a caller needs.</summary>
public sealed record NeededScope(string Scope);
