using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Caching.Memory;

using RealRelationship.Storage;

namespace RealRelationshipApi.Security.ApiKeys;

/// <summary>The keys that were used within the last second, so that the store is not read for every request; a key that is revoked is known to be so a second later.</summary>
internal sealed class ApiKeyCache(Database database, TimeProvider clock) : IDisposable
{
    private const int Most = 10_000;
    private static readonly TimeSpan s_trusted = TimeSpan.FromSeconds(1);

    private readonly MemoryCache _keys = new(new MemoryCacheOptions { SizeLimit = Most });

    /// <summary>Lets in who brings the active key of that text; null when there is none, whatever the reason.</summary>
    public async ValueTask<AuthenticateResult?> FindAsync(string text, CancellationToken cancellationToken)
    {
        // Under a digest: the texts of keys stay out of memory, and whoever guesses learns nothing from how long a comparison takes.
        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        if (_keys.TryGetValue(digest, out Known? known))
        {
            return known!.Key.IsActive(clock.GetUtcNow()) ? known.LetIn : null;
        }

        var found = await database.ReadAsync(connection => ApiKeyStore.Find(connection, text, clock.GetUtcNow()), cancellationToken);
        if (found is null)
        {
            return null;
        }

        var letIn = ApiKeyAuthentication.LetIn(found.Tenant, found.ScopeList, found.Id);
        _keys.Set(digest, new Known(found, letIn), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = s_trusted });
        return letIn;
    }

    public void Dispose() => _keys.Dispose();

    private sealed record Known(ApiKey Key, AuthenticateResult LetIn);
}
