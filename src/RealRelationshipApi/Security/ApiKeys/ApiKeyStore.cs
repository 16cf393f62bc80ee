using System.Data;
using System.Security.Cryptography;
using System.Text;

using Dapper;

using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Security.ApiKeys;

/// <summary>An API key without its secret.</summary>
internal sealed record ApiKey(string Tenant, string Id, string Digest, string Scopes, string CreatedAt, string? ExpiresAt, string? RevokedAt)
{
    public IReadOnlyList<string> ScopeList => Scopes.Split(' ');

    /// <summary>Whether in release 0.1 the key included <c>studies:review</c> and the rights of an operator.</summary>
    public bool LacksScopesOfAdmin01 => ScopeList.Contains(Security.Scopes.Admin) && !ScopeList.Contains(Security.Scopes.StudiesReview)
        && !ScopeList.Contains(Security.Scopes.Operator);

    public bool IsActive(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || now < UtcTimestamp.Parse(ExpiresAt));
}

/// <summary>Keys of the form <c>rr_{id}_{secret}</c>: the secret has 256 bits, is shown once, and only its SHA-256 is stored.</summary>
internal static class ApiKeyStore
{
    /// <summary>Number of the migration since which <c>admin</c> does not include all scopes.</summary>
    public const long AdminMigration = 10;

    private const string Prefix = "rr_";
    private const string Columns = "tenant, id, digest, scopes, created_at AS CreatedAt, expires_at AS ExpiresAt, revoked_at AS RevokedAt";

    /// <returns>The key with its secret, which is not stored.</returns>
    public static string Create(WriteTransaction transaction, string tenant, IEnumerable<string> scopes, DateTimeOffset? expires)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        transaction.Enqueue(
            """
            INSERT INTO api_key (tenant, id, digest, scopes, created_at, expires_at) VALUES (@tenant, @id, @Digest, @Scopes, @CreatedAt, @ExpiresAt)
            """,
            new
            {
                tenant, id, Digest = Digest(secret), Scopes = string.Join(' ', scopes), CreatedAt = transaction.Now(), ExpiresAt = expires is { } e
                ? UtcTimestamp.ToText(e) : null
            });
        return $"{Prefix}{id}_{secret}";
    }

    /// <summary>Revokes a key; true if it exists, even if already revoked.</summary>
    public static bool Revoke(WriteTransaction transaction, string id) =>
        transaction.EnqueueUpdate("UPDATE api_key SET revoked_at = coalesce(revoked_at, @Now) WHERE id = @id", new { id, Now = transaction.Now() }).Value == 1;

    /// <summary>Replaces an active key by a new one with the same tenant, scopes and expiry; the old one remains valid until
    /// <paramref name="oldKeyExpiresAt"/>.</summary>
    /// <returns>The new key with its secret; null if there is no such active key.</returns>
    public static string? Rotate(WriteTransaction transaction, string id, DateTimeOffset now, DateTimeOffset oldKeyExpiresAt)
    {
        if (FindById(transaction.Connection, id) is not { } old || !old.IsActive(now))
        {
            return null;
        }

        DateTimeOffset? expiresAt = old.ExpiresAt is { } text ? UtcTimestamp.Parse(text) : null;
        if (oldKeyExpiresAt <= now)
        {
            Revoke(transaction, id);
        }
        else if (expiresAt is null || oldKeyExpiresAt < expiresAt)
        {
            transaction.Enqueue("UPDATE api_key SET expires_at = @ends WHERE id = @id", new { id, ends = UtcTimestamp.ToText(oldKeyExpiresAt) });
        }

        return Create(transaction, old.Tenant, old.ScopeList, expiresAt);
    }

    public static IReadOnlyList<ApiKey> List(IDbConnection connection) =>
        [.. connection.Query<ApiKey>($"SELECT {Columns} FROM api_key ORDER BY tenant, created_at, id")];

    /// <summary>Active keys with scope <c>admin</c> from before that scope was limited.</summary>
    public static IReadOnlyList<ApiKey> ListOldAdminKeys(IDbConnection connection, DateTimeOffset now) =>
        [.. connection.Query<ApiKey>(
                $"SELECT {Columns} FROM api_key WHERE created_at < (SELECT applied_at FROM migration WHERE number = @AdminMigration) ORDER BY id",
                new { AdminMigration }).Where(key => key.IsActive(now) && key.LacksScopesOfAdmin01)];

    /// <summary>Finds an active key by its full text; null if there is none.</summary>
    public static ApiKey? Find(IDbConnection connection, string text, DateTimeOffset now)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length..].Split('_') is not [var id, var secret])
        {
            return null;
        }

        var key = FindById(connection, id);
        var matches = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Digest(secret)), Encoding.ASCII.GetBytes(key?.Digest ?? Digest("")));
        return matches && key is not null && key.IsActive(now) ? key : null;
    }

    private static ApiKey? FindById(IDbConnection connection, string id) =>
        connection.QuerySingleOrDefault<ApiKey>($"SELECT {Columns} FROM api_key WHERE id = @id", new { id });

    private static string Digest(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
