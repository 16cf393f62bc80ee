using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Caching.Memory;

using RealRelationship.Storage;

namespace RealRelationshipApi.Security.ApiKeys;

/// <summary>The keys that were used within the last second, so that the store is not read for every request;
/// a key that is revoked is known to be so a second later.</summary>
internal sealed class ApiKeyCache(Database database, TimeProvider clock) : IDisposable
{
    private const int MaxEntries = 10_000;
    private static readonly TimeSpan s_timeToLive = TimeSpan.FromSeconds(1);

    private readonly MemoryCache _keys = new(new MemoryCacheOptions { SizeLimit = MaxEntries });

    /// <summary>Lets in who brings the active key of that text; null when there is none, whatever the reason.</summary>
    public async ValueTask<AuthenticateResult?> AuthenticateAsync(string text, CancellationToken cancellationToken)
    {
        // Under a digest: the texts of keys stay out of memory, and whoever guesses learns nothing from how long a comparison takes.
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
