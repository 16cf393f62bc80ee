using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage.Writing;
using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Security.ApiKeys;

namespace RealRelationshipApi.Tests.Support;

/// <summary>A service in Production on the demonstration data, and its keys.</summary>
public sealed class ProductionService : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public Service Service { get; private set; } = null!;

    public string AdminKey { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await using (var before = await Service.StartInAsync(_folder, settings: ("Demo__Load", "true")))
        {
            AdminKey = await CreateKeyAsync(before, "operator", [Scopes.Admin]);
        }

        Service = await Service.StartInAsync(_folder, "Production", ("Privacy__Key", ServiceExecutable.PrivacyKey));
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        _folder.Dispose();
    }

    /// <returns>The header that brings a new key.</returns>
    public async Task<(string Name, string Value)> CreateKeyHeaderAsync(string tenant, params string[] scopes) =>
        ("X-API-Key", await CreateKeyAsync(Service, tenant, scopes));

    public static Task<string> CreateKeyAsync(Service service, string tenant, string[] scopes, DateTimeOffset? expires = null) =>
        service.Services.GetRequiredService<GroupCommitWriter>().WriteAsync(transaction => ApiKeyStore.Create(transaction, tenant, scopes, expires));
}
