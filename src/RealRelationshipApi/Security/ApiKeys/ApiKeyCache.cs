using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Caching.Memory;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Security.ApiKeys;

/// <summary>Caches API keys for one second, so that the store is not read for every request. A revoked key works for one second longer.</summary>
internal sealed class ApiKeyCache(Database database, ChangeLog log, WrongKeyLimiter wrongKeys, TimeProvider clock, ILogger<ApiKeyCache> logger)
    : IDisposable
{
    private const int MaxEntries = 10_000;
    private static readonly TimeSpan s_timeToLive = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_knownFor = TimeSpan.FromHours(1);

    private static readonly AuthenticateResult s_wrongKey = AuthenticateResult.Fail("No active key has this text.");

    private readonly MemoryCache _keys = new(new MemoryCacheOptions { SizeLimit = MaxEntries });

    /// <summary>Authenticates an active key; fails for any other text.</summary>
    /// <param name="text">The key as sent.</param>
    /// <param name="network">Client network. After too many wrong keys from it, unknown keys fail without a look-up; cached keys do not.</param>
    /// <param name="cancellationToken">Cancels reading the store.</param>
    /// <returns>Null if the network has sent too many wrong keys.</returns>
    public async ValueTask<AuthenticateResult?> AuthenticateAsync(string text, string network, CancellationToken cancellationToken)
    {
        // Keyed by digest, so that no key stays in memory and look-up times reveal nothing about keys.
        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        var isKnown = _keys.TryGetValue(digest, out CachedApiKey? cached);
        if (isKnown && clock.GetUtcNow() - cached!.ReadAt < s_timeToLive)
        {
            return cached.Key.IsActive(clock.GetUtcNow()) ? cached.Result : s_wrongKey;
        }

        using var lookup = isKnown ? null : await wrongKeys.AcquireLookupAsync(network, cancellationToken);
        if (!isKnown && lookup is null)
        {
            return null;
        }

        var (found, isAsRecorded) = await database.ReadAsync(
            connection => ApiKeyStore.Find(connection, text, clock.GetUtcNow()) is { } key ? (key, ApiKeyStore.IsAsRecorded(connection, log, key)) : default,
            cancellationToken);
        if (found is not null && !isAsRecorded)
        {
            logger.LogError("API key {Id} lets nobody in: its row is not what the change log recorded", found.Id);
        }

        if (found is null || !isAsRecorded)
        {
            _keys.Remove(digest);
            wrongKeys.CountWrongKey(network);
            return s_wrongKey;
        }

        var result = ApiKeyAuthenticationHandler.Succeed(found.Tenant, found.ScopeList, found.Id);
        result.Principal!.WithLineage(found.Lineage, found.SourceSystem, found.TimeZone);
        _keys.Set(digest, new CachedApiKey(found, result, clock.GetUtcNow()),
            new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = s_knownFor });
        return result;
    }

    public void Dispose() => _keys.Dispose();

    private sealed record CachedApiKey(ApiKey Key, AuthenticateResult Result, DateTimeOffset ReadAt);
}
