using System.Data;
using System.Security.Cryptography;

using Dapper;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Ledger;

/// <summary>The append-only history: a hash chain of entries under the key of the store.</summary>
/// <remarks>
/// <code>
/// digest(n) = HMAC(key, entry n ‖ subject ‖ version ‖ content hash ‖ salt)      commits to what changed
/// chain(n)  = HMAC(key, chain(n−1) ‖ entry n ‖ digest(n))                       commits to the order
/// seal      = HMAC(key, log ‖ evidence ‖ instant ‖ chain of the last)           commits to the end
/// </code>
/// Subject, version, content hash and salt are in <c>change_subject</c>. After an erasure the digest reveals nothing, and the chain still verifies.
/// </remarks>
public sealed class ChangeLog(PrivacyKey privacy)
{
    private const int SaltBytes = 16;

    private const string HeadSql =
        "SELECT r.log, r.evidence, r.recorded_at AS RecordedAt, r.chain, r.seal, s.key_check AS KeyCheck FROM revision r LEFT JOIN store s ON s.id = 1";

    private static readonly byte[] s_initialChain = new byte[KeyedHash.Length];

    /// <summary>Begins a hash under the subkey of <paramref name="purpose"/>.</summary>
    public KeyedHash CreateHash(string purpose) => privacy.CreateHash(purpose);

    /// <summary>Checks that the store was made with this key and that its head was not edited.</summary>
    /// <exception cref="StoragePreconditionException">The store was made with another key.</exception>
    /// <exception cref="StorageCorruptionException">The head was edited.</exception>
    public void VerifyHead(IDbConnection connection) => ReadHead(connection);

    /// <summary>Reads the head and checks its key and seal.</summary>
    /// <exception cref="StoragePreconditionException">The store was made with another key.</exception>
    /// <exception cref="StorageCorruptionException">The head was edited.</exception>
    internal ChangeLogHead ReadHead(IDbConnection connection) => VerifyHeadRow(connection.QuerySingle<HeadRow>(HeadSql));

    /// <summary>Queues the query of the head, for <see cref="VerifyHeadRow"/>.</summary>
    internal static QueuedResult<List<HeadRow>> EnqueueReadHead(SqlBatch batch) => batch.EnqueueQuery<HeadRow>(new(HeadSql));

    /// <inheritdoc cref="ReadHead"/>
    internal ChangeLogHead VerifyHeadRow(HeadRow row)
    {
        var (head, isSealed) = InspectHeadRow(row);
        return isSealed ? head : throw new StorageCorruptionException("The head of the change log does not carry this store's seal: it was edited.");
    }

    /// <summary>Reads the head, and whether its seal is valid.</summary>
    /// <exception cref="StoragePreconditionException">The store was made with another key.</exception>
    internal (ChangeLogHead Head, bool IsSealed) InspectHead(IDbConnection connection) => InspectHeadRow(connection.QuerySingle<HeadRow>(HeadSql));

    private (ChangeLogHead Head, bool IsSealed) InspectHeadRow(HeadRow row)
    {
        var head = new ChangeLogHead(row.Log, row.Evidence, row.RecordedAt ?? "", row.Chain ?? s_initialChain);
        if (row.Log == 0 && row.Seal is null)
        {
            return (head, true);
        }

        if (!CryptographicOperations.FixedTimeEquals(row.KeyCheck, privacy.CreateHash(KeyPurposes.KeyCheck).Finish()))
        {
            throw new StoragePreconditionException(
                "Privacy__Key is not the key that this store was made with. It can never be changed: set the first one again.");
        }

        return (head, CryptographicOperations.FixedTimeEquals(row.Seal, ComputeSeal(head)));
    }

    /// <summary>Writes the head of the log.</summary>
    /// <param name="batch">Statements of the writer.</param>
    /// <param name="head">The new head.</param>
    /// <param name="isFirst">Whether the log was empty: then the store is bound to this key.</param>
    internal void WriteHead(SqlBatch batch, ChangeLogHead head, bool isFirst = true)
    {
        batch.Enqueue(new("UPDATE revision SET log = @Log, evidence = @Evidence, recorded_at = @RecordedAt, chain = @Chain, seal = @Seal",
            new { head.Log, head.Evidence, head.RecordedAt, head.Chain, Seal = ComputeSeal(head) }));
        if (isFirst)
        {
            batch.Enqueue(new("UPDATE store SET key_check = @check WHERE key_check IS NULL",
                new { check = privacy.CreateHash(KeyPurposes.KeyCheck).Finish() }));
        }
    }

    /// <summary>Whether the log contains exactly this entry, and not another one of the same number.</summary>
    internal static bool Contains(IDbConnection connection, ChangeLogHead head) =>
        connection.ExecuteScalar<byte[]?>("SELECT chain FROM change WHERE number = @Log", new { head.Log }) is { } chain
            && chain.AsSpan().SequenceEqual(head.Chain);

    /// <summary>Appends an entry.</summary>
    /// <returns>The new head.</returns>
    internal ChangeLogHead Append(SqlBatch batch, ChangeLogHead head, ChangeLogEntry entry, ChangeSubject subject)
    {
        var salt = new byte[SaltBytes];
        RandomBytes.Fill(salt);
        var digest = ComputeDigest(entry, subject, salt);
        var chain = ComputeChain(head.Chain, entry, digest);
        batch.EnqueueRow(new(
            """
            INSERT INTO change (number, evidence, moves, recorded_at, tenant, kind, digest, chain)
            VALUES (@Number, @Evidence, @Moves, @RecordedAt, @Tenant, @Kind, @digest, @chain)
            """,
            new { entry.Number, entry.Evidence, Moves = entry.MovesEvidence ? 1L : 0L, entry.RecordedAt, entry.Tenant, entry.Kind, digest, chain }));
        batch.EnqueueRow(new(
            "INSERT INTO change_subject (number, subject, version, content_hash, salt) VALUES (@Number, @Subject, @Version, @ContentHash, @salt)",
            new { entry.Number, subject.Subject, subject.Version, subject.ContentHash, salt }));
        return new(entry.Number, entry.Evidence, entry.RecordedAt, chain);
    }

    /// <summary>The evidence changes up to a revision, in order and without gaps, each verified against its digest.</summary>
    /// <exception cref="StorageCorruptionException">One is missing or was edited; the message names it.</exception>
    public IReadOnlyList<LoggedChange> ReadEvidenceEntries(IDbConnection connection, long after, long upTo)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var expected = after;
        var entries = new List<LoggedChange>();
        foreach (var row in connection.Query<EntryRow>($"{EntriesSql} WHERE c.moves = 1 AND c.evidence > @after AND c.evidence <= @upTo ORDER BY c.evidence",
            new { after, upTo }))
        {
            expected++;
            if (row.Evidence != expected || row.Subject is null)
            {
                throw new StorageCorruptionException($"The change that made evidence revision {expected} is missing from the log.");
            }

            entries.Add(Verify(row) ?? throw new StorageCorruptionException($"Change {row.Number} of the log was edited."));
        }

        return expected == upTo ? entries
            : throw new StorageCorruptionException($"The change that made evidence revision {expected + 1} is missing from the log.");
    }

    /// <summary>The change of a row with a subject; null if it does not give its digest.</summary>
    internal LoggedChange? Verify(EntryRow row)
    {
        var subject = new ChangeSubject(row.Subject!, row.Version!.Value, row.ContentHash!);
        return CryptographicOperations.FixedTimeEquals(row.Digest, ComputeDigest(row.Entry, subject, row.Salt!)) ? new(row.Entry, subject) : null;
    }

    internal const string EntryColumns = """
        c.number, c.evidence, c.moves, c.recorded_at AS RecordedAt, c.tenant, c.kind, c.digest, c.chain,
        s.subject, s.version, s.content_hash AS ContentHash, s.salt
        """;

    internal const string EntriesSql = $"""
        SELECT {EntryColumns}
        FROM change c LEFT JOIN change_subject s ON s.number = c.number
        """;

    internal byte[] ComputeDigest(ChangeLogEntry entry, ChangeSubject subject, ReadOnlySpan<byte> salt) =>
        AddEntry(privacy.CreateHash(KeyPurposes.ChangeDigest), entry).Add(subject.Subject).Add(subject.Version).Add(subject.ContentHash).Add(salt).Finish();

    internal byte[] ComputeChain(ReadOnlySpan<byte> previous, ChangeLogEntry entry, ReadOnlySpan<byte> digest) =>
        AddEntry(privacy.CreateHash(KeyPurposes.ChangeChain).Add(previous), entry).Add(digest).Finish();

    private static KeyedHash AddEntry(KeyedHash hash, ChangeLogEntry entry) =>
        hash.Add(entry.Number).Add(entry.Evidence).Add(entry.MovesEvidence ? 1L : 0L).Add(entry.RecordedAt).Add(entry.Tenant).Add(entry.Kind);

    private byte[] ComputeSeal(ChangeLogHead head) =>
        privacy.CreateHash(KeyPurposes.ChangeHead).Add(head.Log).Add(head.Evidence).Add(head.RecordedAt).Add(head.Chain).Finish();

    internal sealed record HeadRow(long Log, long Evidence, string? RecordedAt, byte[]? Chain, byte[]? Seal, byte[]? KeyCheck);

    internal sealed record EntryRow(long Number, long Evidence, long Moves, string RecordedAt, string Tenant, string Kind, byte[] Digest, byte[] Chain,
        string? Subject, long? Version, byte[]? ContentHash, byte[]? Salt)
    {
        public ChangeLogEntry Entry => new(Number, Evidence, Moves != 0, RecordedAt, Tenant, Kind);
    }
}

/// <summary>The public part of a change.</summary>
/// <param name="Number">Its number in the log, from 1.</param>
/// <param name="Evidence">The evidence revision after it.</param>
/// <param name="MovesEvidence">Whether it incremented the evidence revision.</param>
/// <param name="RecordedAt">UTC timestamp, later than that of every earlier change.</param>
/// <param name="Tenant">Tenant that made the change.</param>
/// <param name="Kind">Kind of the change, as in <see cref="ChangeKinds"/>.</param>
public sealed record ChangeLogEntry(long Number, long Evidence, bool MovesEvidence, string RecordedAt, string Tenant, string Kind);

/// <summary>What was changed; deleted by an erasure.</summary>
public sealed record ChangeSubject(string Subject, long Version, byte[] ContentHash);

/// <summary>A change together with what it changed, verified against its digest.</summary>
public sealed record LoggedChange(ChangeLogEntry Entry, ChangeSubject Subject);

/// <summary>The last entry of the log.</summary>
internal sealed record ChangeLogHead(long Log, long Evidence, string RecordedAt, byte[] Chain);
