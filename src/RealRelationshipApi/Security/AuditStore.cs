using System.Data.Common;

using Dapper;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Security;

/// <summary>Stores audit entries: one change in the chain per tenant and flush, whose hash covers the entries.</summary>
internal static class AuditStore
{
    public const string ChangeSubjectName = "access";

    private const string InsertSql = """
        INSERT INTO access_entry (number, position, tenant, minute, actor, operation, status, requests)
        VALUES (@Number, @Position, @Tenant, @Minute, @Actor, @Operation, @Status, @Requests)
        """;

    public static int Append(WriteTransaction transaction, IEnumerable<(AuditEntry Entry, long Requests)> gathered)
    {
        var written = 0;
        foreach (var tenant in gathered.GroupBy(g => g.Entry.Tenant, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            AuditRow[] rows =
                [.. tenant.OrderBy(g => g.Entry.Minute, StringComparer.Ordinal).ThenBy(g => g.Entry.Actor, StringComparer.Ordinal)
                    .ThenBy(g => g.Entry.Operation, StringComparer.Ordinal).ThenBy(g => g.Entry.Status)
                .Select((g, i) => new AuditRow(0, i, g.Entry.Tenant, g.Entry.Minute, g.Entry.Actor, g.Entry.Operation, g.Entry.Status, g.Requests))];
            var recorded = transaction.RecordChange(tenant.Key, ChangeKind.Accessed, ChangeSubjectName, 1,
                _ => ComputeHash(transaction.CreateHash(KeyPurposes.AccessEntries), rows));
            Array.ForEach(rows, row => transaction.Enqueue(InsertSql, row with { Number = recorded.Number }));
            written += rows.Length;
        }

        return written;
    }

    public static byte[] ComputeHash(KeyedHash hash, IEnumerable<AuditRow> rows)
    {
        foreach (var row in rows)
        {
            hash.Add(row.Position).Add(row.Tenant).Add(row.Minute).Add(row.Actor).Add(row.Operation).Add(row.Status).Add(row.Requests);
        }

        return hash.Finish();
    }
}

internal sealed record AuditRow(long Number, long Position, string Tenant, string Minute, string Actor, string Operation, long Status, long Requests);

/// <summary>Verifies every audit entry against the hash chain.</summary>
internal sealed class AuditIntegrityCheck(ChangeLog log) : IntegrityCheck
{
    private const int PageLength = 500;

    private const string EntriesSql = """
        SELECT number, position, tenant, minute, actor, operation, status, requests FROM access_entry
        WHERE number > @after AND number <= @last ORDER BY number, position
        """;

    private const string ChangesSql = $"""
        SELECT c.number, s.content_hash AS ContentHash FROM change c LEFT JOIN change_subject s ON s.number = c.number
        WHERE c.kind = '{ChangeKinds.Accessed}' AND c.number > @after ORDER BY c.number LIMIT @PageLength
        """;

    private const string OrphanedEntriesSql = $"""
        SELECT DISTINCT a.number FROM access_entry a LEFT JOIN change c ON c.number = a.number WHERE c.kind IS NULL OR c.kind <> '{ChangeKinds.Accessed}'
        """;

    public override string Name => "the audit";

    public override IReadOnlyList<string> Tables => ["access_entry"];

    public override void Run(DbConnection connection, VerificationResult result)
    {
        long after = 0;
        while (connection.Query<(long Number, byte[]? ContentHash)>(ChangesSql, new { after, PageLength }).ToList() is { Count: > 0 } changes)
        {
            var last = changes[^1].Number;
            var entries = connection.Query<AuditRow>(EntriesSql, new { after, last }).ToLookup(row => row.Number);
            foreach (var (number,
                contentHash) in changes.Where(
                    c => !AuditStore.ComputeHash(log.CreateHash(KeyPurposes.AccessEntries), entries[c.Number]).AsSpan().SequenceEqual(c.ContentHash)))
            {
                result.AddError($"The entries of the audit are not those that change {number} wrote.");
            }

            after = last;
        }

        foreach (var number in connection.Query<long>(OrphanedEntriesSql))
        {
            result.AddError($"The audit has entries under change {number}, which wrote none.");
        }
    }
}
