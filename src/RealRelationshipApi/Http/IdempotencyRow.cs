using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;

using Dapper;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Http;

/// <summary>A stored response to a request with an <c>Idempotency-Key</c>.</summary>
/// <param name="Ids">A line an item: its status and id.</param>
/// <param name="Mac">Keyed hash of the other columns.</param>
internal sealed record IdempotencyRow(string Tenant, string KeyDigest, string RequestDigest, long Status, string Ids, string CreatedAt, byte[]? Mac)
{
    public const string SelectSql =
        "SELECT tenant, key_digest AS KeyDigest, request_digest AS RequestDigest, status, ids, created_at AS CreatedAt, mac FROM idempotency";

    /// <exception cref="TamperedDataException">The row was edited.</exception>
    public static IdempotencyRow? Find(WriteTransaction transaction, IdempotentRequest request)
    {
        var row = transaction.EnqueueQuery<IdempotencyRow>($"{SelectSql} WHERE tenant = @Tenant AND key_digest = @KeyDigest", request).Value.SingleOrDefault();
        return row is null || row.IsGenuine(transaction.CreateHash) ? row
            : throw new TamperedDataException("The stored response to this Idempotency-Key is not what was written.");
    }

    public static void Insert(WriteTransaction transaction, IdempotencyRow row) => transaction.Enqueue(
        """
        INSERT INTO idempotency (tenant, key_digest, request_digest, status, ids, created_at, mac)
        VALUES (@Tenant, @KeyDigest, @RequestDigest, @Status, @Ids, @CreatedAt, @Mac)
        """, row.Signed(transaction.CreateHash));

    public IdempotencyRow Signed(Func<string, KeyedHash> createHash) => this with { Mac = ComputeMac(createHash) };

    public bool IsGenuine(Func<string, KeyedHash> createHash) => CryptographicOperations.FixedTimeEquals(Mac, ComputeMac(createHash));

    public StoredResponse ToResponse() => new((int)Status, [.. Ids.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ParseItem)]);

    private byte[] ComputeMac(Func<string, KeyedHash> createHash) => createHash(KeyPurposes.IdempotencyRow).Add(Tenant).Add(KeyDigest).Add(RequestDigest)
        .Add(Status).Add(Ids).Add(CreatedAt).Finish();

    private static (int Status, string Id) ParseItem(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return (int.Parse(line.AsSpan(0, space), CultureInfo.InvariantCulture), line[(space + 1)..]);
    }
}

/// <summary>Verifies the MAC of every stored response.</summary>
internal sealed class IdempotencyIntegrityCheck(PrivacyKey privacy) : IntegrityCheck
{
    public override string Name => "the stored responses";

    public override IReadOnlyList<string> Tables => ["idempotency"];

    public override void Run(DbConnection connection, VerificationResult result)
    {
        foreach (var row in connection.Query<IdempotencyRow>($"{IdempotencyRow.SelectSql} ORDER BY tenant, key_digest", buffered: false)
            .Where(row => !row.IsGenuine(privacy.CreateHash)))
        {
            result.AddError($"The response of {row.CreatedAt} to Idempotency-Key {row.KeyDigest} of tenant '{row.Tenant}' is not what was written.");
        }
    }
}

/// <summary>Signs the stored responses of release 0.1.</summary>
internal sealed class IdempotencyMacMigration : DataMigration
{
    public override long Number => MigrationNumbers.Integrity;

    public override IReadOnlyList<string> Apply(WriteTransaction transaction)
    {
        foreach (var row in transaction.Connection.Query<IdempotencyRow>($"{IdempotencyRow.SelectSql} ORDER BY tenant, key_digest").ToList())
        {
            transaction.Enqueue("UPDATE idempotency SET mac = @Mac WHERE tenant = @Tenant AND key_digest = @KeyDigest", row.Signed(transaction.CreateHash));
        }

        return [];
    }
}
