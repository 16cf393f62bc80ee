using System.Data.Common;

using Dapper;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Security;

/// <summary>The audit as it is stored: a change of the chain for each tenant and flush, and the entries that its hash covers.</summary>
internal static class AccessRecord
{
    public const string Purpose = "access-entries";
    public const string Subject = "access";

    private const string Insert = """
        INSERT INTO access_entry (number, position, tenant, minute, actor, operation, status, requests)
        VALUES (@Number, @Position, @Tenant, @Minute, @Actor, @Operation, @Status, @Requests)
        """;

    public static int Append(WriteTransaction transaction, IEnumerable<(AccessEntry Entry, long Requests)> gathered)
    {
        var written = 0;
        foreach (var tenant in gathered.GroupBy(g => g.Entry.Tenant, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            AccessRow[] rows = [.. tenant.OrderBy(g => g.Entry.Minute, StringComparer.Ordinal).ThenBy(g => g.Entry.Actor, StringComparer.Ordinal).ThenBy(g => g.Entry.Operation, StringComparer.Ordinal).ThenBy(g => g.Entry.Status)
                .Select((g, i) => new AccessRow(0, i, g.Entry.Tenant, g.Entry.Minute, g.Entry.Actor, g.Entry.Operation, g.Entry.Status, g.Requests))];
            var recorded = transaction.RecordChange(tenant.Key, ChangeKind.Accessed, Subject, 1, _ => Hash(transaction.CreateHash(Purpose), rows));
            written += transaction.Connection.Execute(Insert, rows.Select(row => row with { Number = recorded.Number }));
        }

        return written;
    }

    public static byte[] Hash(KeyedHash hash, IEnumerable<AccessRow> rows)
    {
        foreach (var row in rows)
        {
            hash.Add(row.Position).Add(row.Tenant).Add(row.Minute).Add(row.Actor).Add(row.Operation).Add(row.Status).Add(row.Requests);
        }

        return hash.Finish();
    }
}

internal sealed record AccessRow(long Number, long Position, string Tenant, string Minute, string Actor, string Operation, long Status, long Requests);

/// <summary>Holds every entry of the audit against the chain.</summary>
internal sealed class AccessCheck(ChangeLog log) : IntegrityCheck
{
    private const int PageLength = 500;

    private const string Entries = """
        SELECT number, position, tenant, minute, actor, operation, status, requests FROM access_entry WHERE number > @after AND number <= @last ORDER BY number, position
        """;

    private const string Changes = """
        SELECT c.number, s.content_hash AS ContentHash FROM change c LEFT JOIN change_subject s ON s.number = c.number
        WHERE c.kind = 'accessed' AND c.number > @after ORDER BY c.number LIMIT @PageLength
        """;

    private const string Strangers = """
        SELECT DISTINCT a.number FROM access_entry a LEFT JOIN change c ON c.number = a.number WHERE c.kind IS NULL OR c.kind <> 'accessed'
        """;

    public override string Name => "the audit";

    public override void Run(DbConnection connection, VerificationResult findings)
    {
        long after = 0;
        while (connection.Query<(long Number, byte[]? ContentHash)>(Changes, new { after, PageLength }).ToList() is { Count: > 0 } changes)
        {
            var last = changes[^1].Number;
            var entries = connection.Query<AccessRow>(Entries, new { after, last }).ToLookup(row => row.Number);
            foreach (var (number, contentHash) in changes.Where(c => !AccessRecord.Hash(log.CreateHash(AccessRecord.Purpose), entries[c.Number]).AsSpan().SequenceEqual(c.ContentHash)))
            {
                findings.AddError($"The entries of the audit are not those that change {number} wrote.");
            }

            after = last;
        }

        foreach (var number in connection.Query<long>(Strangers))
        {
            findings.AddError($"The audit has entries under change {number}, which wrote none.");
        }
    }
}
