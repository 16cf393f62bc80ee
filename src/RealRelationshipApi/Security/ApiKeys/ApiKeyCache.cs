using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Caching.Memory;

using RealRelationship.Storage;

namespace RealRelationshipApi.Security.ApiKeys;

/// <summary>Caches API keys for one second, so that the store is not read for every request;
/// a revoked key works one second longer.</summary>
internal sealed class ApiKeyCache(Database database, TimeProvider clock) : IDisposable
{
    private const int MaxEntries = 10_000;
    private static readonly TimeSpan s_timeToLive = TimeSpan.FromSeconds(1);

    private readonly MemoryCache _keys = new(new MemoryCacheOptions { SizeLimit = MaxEntries });

    /// <summary>Authenticates an active key; null for any other text.</summary>
    public async ValueTask<AuthenticateResult?> AuthenticateAsync(string text, CancellationToken cancellationToken)
    {
        // By digest: no key stays in memory, and the time of a look-up reveals nothing about a key.
        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        if (_keys.TryGetValue(digest, out CachedApiKey? cached))
        {
            return cached!.Key.IsActive(clock.GetUtcNow()) ? cached.Result : null;
        }

        var found = await database.ReadAsync(connection => ApiKeyStore.Find(connection, text, clock.GetUtcNow()), cancellationToken);
        if (found is null)
        {
            return null;
        }

        var result = ApiKeyAuthenticationHandler.Succeed(found.Tenant, found.ScopeList, found.Id);
        _keys.Set(digest, new CachedApiKey(found, result), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = s_timeToLive });
        return result;
    }

    public void Dispose() => _keys.Dispose();

    private sealed record CachedApiKey(ApiKey Key, AuthenticateResult Result);
}
