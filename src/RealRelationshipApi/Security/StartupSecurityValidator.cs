using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Security.ApiKeys;
using RealRelationshipApi.Security.Jwt;

namespace RealRelationshipApi.Security;

/// <summary>Fails the startup for insecure settings, and for settings under which no caller could authenticate.</summary>
internal sealed class StartupSecurityValidator(AccessPolicy policy, IOptions<CorsOptions> corsOptions, IOptions<EmbedOptions> embedOptions,
    IOptions<JwtOptions> jwtOptions, PrivacyKey privacy,
    ColumnEncryption encryption, ChangeLog changes, Database database, IServer server, IConfiguration configuration, TimeProvider clock,
    ILogger<StartupSecurityValidator> log) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (policy is { AllowsAnonymous: true, IsDevelopment: false })
        {
            throw new StartupConfigurationException(
                "Access__Anonymous is for Development only: remove it, and make a key with `keys create --tenant NAME --scope SCOPE`.");
        }

        if (CommandLineSecrets.FindError(Environment.GetCommandLineArgs()) is { } exposedSecret)
        {
            throw new StartupConfigurationException(exposedSecret);
        }

        if (configuration[SecretFiles.ErrorKey] is { } unreadableFile)
        {
            throw new StartupConfigurationException(unreadableFile);
        }

        jwtOptions.Value.Validate();
        CorsConfiguration.Validate(corsOptions.Value, embedOptions.Value);
        privacy.Validate();
        encryption.Validate();
        RejectPublicAddress(ConfiguredAddresses());
        return Task.CompletedTask;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var (keys, oldAdmins) = await database.ReadAsync(connection =>
        {
            changes.VerifyHead(connection);
            return (ApiKeyStore.List(connection).Count, ApiKeyStore.ListOldAdminKeys(connection, clock.GetUtcNow()));
        }, cancellationToken);
        if (oldAdmins.Count > 0)
        {
            log.LogWarning("In release 0.1 scope admin included studies:review and studies of other tenants; these need the scopes studies:review and operator "
                + "now. {Count} keys have admin alone: {Keys}. Create new keys where they are needed", oldAdmins.Count,
                string.Join(", ", oldAdmins.Select(key => key.Id)));
        }

        if (keys == 0 && !policy.AllowsAnonymous && !policy.AllowsPublicRead && !jwtOptions.Value.IsConfigured)
        {
            throw new StartupConfigurationException(
                "Nobody could get in: there is no API key yet. Make one with `keys create --tenant NAME --scope admin`, name an issuer of tokens with "
                    + "Jwt__Authority and Jwt__Audience, or open the read endpoints with Access__PublicRead=true.");
        }
    }

    // Checks again once the server has started, as addresses may come from other sources than the settings above.
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        RejectPublicAddress(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<string> ConfiguredAddresses()
    {
        var urls = configuration["urls"]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        var ports = urls.Length > 0 ? [] : configuration["http_ports"]?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return [.. urls, .. ports.Select(port => $"http://*:{port}")];
    }

    private void RejectPublicAddress(IEnumerable<string> addresses)
    {
        if (policy.AllowsAnonymous && addresses.FirstOrDefault(a => !IsLoopback(a)) is { } publicAddress)
        {
            throw new StartupConfigurationException(
                $"Without keys the service listens on this machine only, not on {publicAddress}: use a loopback address, or set Access__Anonymous=false and "
                    + "make a key.");
        }
    }

    private static bool IsLoopback(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.IsLoopback;
}
