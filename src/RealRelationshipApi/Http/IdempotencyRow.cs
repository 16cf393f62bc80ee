using System.Globalization;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Http;

/// <summary>A stored response to a request with an <c>Idempotency-Key</c>.</summary>
/// <param name="Ids">A line an item: its status and id.</param>
internal sealed record IdempotencyRow(string Tenant, string KeyDigest, string RequestDigest, long Status, string Ids, string CreatedAt, byte[]? Mac)
    : SignedRow<IdempotencyRow>(Mac)
{
    public static readonly SignedTable Table = new SignedTable<IdempotencyRow>("idempotency", Columns, "tenant, key_digest", Key,
        row => $"The response of {row.CreatedAt} to Idempotency-Key {row.KeyDigest} of tenant '{row.Tenant}'");

    private const string Columns =
        "tenant, key_digest AS KeyDigest, request_digest AS RequestDigest, status, ids, created_at AS CreatedAt, mac";

    private const string Key = "tenant = @Tenant AND key_digest = @KeyDigest";

    /// <exception cref="TamperedDataException">The row was edited.</exception>
    public static IdempotencyRow? Find(WriteTransaction transaction, IdempotentRequest request) =>
        EnqueueFind(transaction, request).Value.SingleOrDefault()?.Verified(transaction.CreateHash);

    /// <summary>Queues the query of the row, which is not verified.</summary>
    public static QueuedResult<List<IdempotencyRow>> EnqueueFind(WriteTransaction transaction, IdempotentRequest request) =>
        transaction.EnqueueLookup<IdempotencyRow>($"SELECT {Columns} FROM idempotency WHERE {Key}", request);

    public static void Insert(WriteTransaction transaction, IdempotencyRow row) => transaction.EnqueueRow(
        """
        INSERT INTO idempotency (tenant, key_digest, request_digest, status, ids, created_at, mac)
        VALUES (@Tenant, @KeyDigest, @RequestDigest, @Status, @Ids, @CreatedAt, @Mac)
        """, row.Signed(transaction.CreateHash));

    public StoredResponse ToResponse() => new((int)Status, [.. Ids.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ParseItem)]);

    protected override string Describe() => "The stored response to this Idempotency-Key";

    protected override byte[] ComputeMac(Func<string, KeyedHash> createHash) => createHash(KeyPurposes.IdempotencyRow).Add(Tenant).Add(KeyDigest)
        .Add(RequestDigest).Add(Status).Add(Ids).Add(CreatedAt).Finish();

    private static (int Status, string Id) ParseItem(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return (int.Parse(line.AsSpan(0, space), CultureInfo.InvariantCulture), line[(space + 1)..]);
    }
}
