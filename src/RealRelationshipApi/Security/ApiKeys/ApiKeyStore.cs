using System.Data;
using System.Security.Cryptography;
using System.Text;

using Dapper;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Security.ApiKeys;

/// <summary>An API key without its secret.</summary>
/// <param name="Tenant">Tenant of the key.</param>
/// <param name="Id">Public id.</param>
/// <param name="Digest">SHA-256 of the secret.</param>
/// <param name="Scopes">Its scopes, separated by spaces.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="ExpiresAt">When it expires, if ever.</param>
/// <param name="RevokedAt">When it was revoked.</param>
/// <param name="FirstId">Id of the first key of a series of rotations; null for a key of release 0.1.</param>
/// <param name="SourceSystem">The only source system that it may send for; null for all.</param>
/// <param name="TimeZone">Time zone of days that it sends; null for UTC.</param>
internal sealed record ApiKey(string Tenant, string Id, string Digest, string Scopes, string CreatedAt, string? ExpiresAt, string? RevokedAt, string? FirstId,
    string? SourceSystem, string? TimeZone)
{
    /// <summary>What is the same for a key and those that it replaced.</summary>
    public string Lineage => FirstId ?? Id;

    public IReadOnlyList<string> ScopeList => Scopes.Split(' ');

    /// <summary>Whether in release 0.1 the key included <c>studies:review</c> and the rights of an operator.</summary>
    public bool LacksScopesOfAdmin01 => ScopeList.Contains(Security.Scopes.Admin) && !ScopeList.Contains(Security.Scopes.StudiesReview)
        && !ScopeList.Contains(Security.Scopes.Operator);

    /// <summary>Subject of the key in the change log.</summary>
    public string Subject => $"{ApiKeyStore.SubjectKind}/{Id}";

    public bool IsActive(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || now < UtcTimestamp.Parse(ExpiresAt));

    // Keys of release 0.1 have none of the last three.
    public byte[] ComputeHash(KeyedHash hash)
    {
        hash.Add(Tenant).Add(Id).Add(Digest).Add(Scopes).Add(CreatedAt).Add(ExpiresAt).Add(RevokedAt);
        return (FirstId is null && SourceSystem is null && TimeZone is null ? hash : hash.Add(FirstId).Add(SourceSystem).Add(TimeZone)).Finish();
    }
}

/// <summary>Keys of the form <c>rr_{id}_{secret}</c>: the secret has 256 bits, is shown once, and only its SHA-256 is stored.
/// Each state of a key is a change of the log; a key that is in another state lets nobody in.</summary>
internal static class ApiKeyStore
{
    /// <summary>Number of the migration since which <c>admin</c> does not include all scopes.</summary>
    public const long AdminMigration = 10;

    /// <summary>Kind of the subjects of keys in the change log.</summary>
    public const string SubjectKind = "key";

    private const string Prefix = "rr_";
    private const string Columns = "tenant, id, digest, scopes, created_at AS CreatedAt, expires_at AS ExpiresAt, revoked_at AS RevokedAt, "
        + "lineage AS FirstId, source_system AS SourceSystem, time_zone AS TimeZone";

    /// <returns>The key with its secret, which is not stored.</returns>
    public static string Create(WriteTransaction transaction, string tenant, IEnumerable<string> scopes, DateTimeOffset? expires, string? sourceSystem = null,
        string? timeZone = null, string? lineage = null)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var key = new ApiKey(tenant, id, ComputeDigest(secret), string.Join(' ', scopes), transaction.Now(),
            expires is { } e ? UtcTimestamp.ToText(e) : null, null, lineage ?? id, sourceSystem, timeZone);
        transaction.Enqueue(
            """
            INSERT INTO api_key (tenant, id, digest, scopes, created_at, expires_at, lineage, source_system, time_zone)
            VALUES (@Tenant, @Id, @Digest, @Scopes, @CreatedAt, @ExpiresAt, @FirstId, @SourceSystem, @TimeZone)
            """, key);
        Record(transaction, ChangeKind.Issued, key);
        return $"{Prefix}{id}_{secret}";
    }

    /// <summary>Revokes a key; true if it exists, even if already revoked.</summary>
    /// <exception cref="TamperedDataException">The last change of the key was edited.</exception>
    public static bool Revoke(WriteTransaction transaction, string id)
    {
        if (FindById(transaction.Connection, id) is not { } key)
        {
            return false;
        }

        if (key.RevokedAt is null)
        {
            key = key with { RevokedAt = transaction.Now() };
            transaction.Enqueue("UPDATE api_key SET revoked_at = @RevokedAt WHERE id = @Id", key);
            Record(transaction, ChangeKind.Revoked, key);
        }

        return true;
    }

    /// <summary>Replaces an active key by a new one with the same tenant, lineage, scopes, source system and expiry; the old one remains valid until
    /// <paramref name="oldKeyExpiresAt"/>.</summary>
    /// <returns>The new key with its secret; null if there is no such active key.</returns>
    /// <exception cref="TamperedDataException">The key was edited.</exception>
    public static string? Rotate(WriteTransaction transaction, string id, DateTimeOffset now, DateTimeOffset oldKeyExpiresAt)
    {
        if (FindById(transaction.Connection, id) is not { } old || !old.IsActive(now))
        {
            return null;
        }

        if (!IsAsRecorded(old, transaction.FindLatestChange(old.Tenant, old.Subject), transaction.CreateHash(KeyPurposes.ApiKey)))
        {
            throw new TamperedDataException($"API key {id} is not what was written: revoke it, and create another.");
        }

        DateTimeOffset? expiresAt = old.ExpiresAt is { } text ? UtcTimestamp.Parse(text) : null;
        if (oldKeyExpiresAt <= now)
        {
            Revoke(transaction, id);
        }
        else if (expiresAt is null || oldKeyExpiresAt < expiresAt)
        {
            var shortened = old with { ExpiresAt = UtcTimestamp.ToText(oldKeyExpiresAt) };
            transaction.Enqueue("UPDATE api_key SET expires_at = @ExpiresAt WHERE id = @Id", shortened);
            Record(transaction, ChangeKind.Rotated, shortened);
        }

        return Create(transaction, old.Tenant, old.ScopeList, expiresAt, old.SourceSystem, old.TimeZone, old.Lineage);
    }

    /// <summary>Records the state of a key as a change.</summary>
    internal static void Record(WriteTransaction transaction, ChangeKind kind, ApiKey key)
    {
        var version = kind is ChangeKind.Issued or ChangeKind.Adopted ? 1 : (transaction.FindLatestChange(key.Tenant, key.Subject)?.Subject.Version ?? 0) + 1;
        transaction.RecordChange(key.Tenant, kind, key.Subject, version, _ => key.ComputeHash(transaction.CreateHash(KeyPurposes.ApiKey)));
    }

    /// <summary>Whether a key is in the state that the log recorded last.</summary>
    public static bool IsAsRecorded(IDbConnection connection, ChangeLog log, ApiKey key)
    {
        try
        {
            return IsAsRecorded(key, log.FindLatest(connection, key.Tenant, key.Subject), log.CreateHash(KeyPurposes.ApiKey));
        }
        catch (TamperedDataException)
        {
            return false;
        }
    }

    private static bool IsAsRecorded(ApiKey key, LoggedChange? latest, KeyedHash hash) =>
        latest is not null && CryptographicOperations.FixedTimeEquals(latest.Subject.ContentHash, key.ComputeHash(hash));

    public static IReadOnlyList<ApiKey> List(IDbConnection connection) =>
        [.. connection.Query<ApiKey>($"SELECT {Columns} FROM api_key ORDER BY tenant, created_at, id")];

    /// <summary>The keys of a store that has only the columns of release 0.1.</summary>
    public static IReadOnlyList<ApiKey> ListOfRelease01(IDbConnection connection) =>
        [.. connection.Query<(string Tenant, string Id, string Digest, string Scopes, string CreatedAt, string? ExpiresAt, string? RevokedAt)>(
                "SELECT tenant, id, digest, scopes, created_at, expires_at, revoked_at FROM api_key ORDER BY tenant, created_at, id")
            .Select(k => new ApiKey(k.Tenant, k.Id, k.Digest, k.Scopes, k.CreatedAt, k.ExpiresAt, k.RevokedAt, null, SourceSystem: null, TimeZone: null))];

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
        var matches = CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(ComputeDigest(secret)),
            Encoding.ASCII.GetBytes(key?.Digest ?? ComputeDigest("")));
        return matches && key is not null && key.IsActive(now) ? key : null;
    }

    private static ApiKey? FindById(IDbConnection connection, string id) =>
        connection.QuerySingleOrDefault<ApiKey>($"SELECT {Columns} FROM api_key WHERE id = @id", new { id });

    private static string ComputeDigest(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
