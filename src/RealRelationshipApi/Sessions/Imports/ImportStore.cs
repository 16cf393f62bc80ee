using System.Data;
using System.Text.Json;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>Stores the progress of imports, in the transactions that store their sessions. Each row carries a MAC.</summary>
internal static class ImportStore
{
    private static readonly TimeSpan s_retention = TimeSpan.FromDays(30);

    public static string RowPath(string id, long line) => $"session_import_line/{id}/{line}";

    public static void Begin(WriteTransaction transaction, Sender sender, string id)
    {
        var tenant = sender.Tenant;
        var now = transaction.Now();
        var oldest = UtcTimestamp.ToText(UtcTimestamp.Parse(now) - s_retention);
        transaction.ForTenant(tenant)
            .Enqueue(
                "DELETE FROM session_import_line WHERE tenant = @tenant AND id IN (SELECT id FROM session_import WHERE tenant = @tenant AND finished_at < "
                    + "@oldest)", new { oldest });
        transaction.ForTenant(tenant).Enqueue("DELETE FROM session_import WHERE tenant = @tenant AND finished_at < @oldest", new { oldest });
        var import = new ImportRow(id, tenant, EnumNames<ImportState>.Of(ImportState.Running), now, null, 0, 0, 0, null, sender.Lineage, sender.SourceSystem,
            sender.TimeZone);
        transaction.ForTenant(tenant)
            .Enqueue(
                "INSERT INTO session_import (id, tenant, state, received_at, finished_at, line, accepted, rejected, mac, lineage, source_system, time_zone) "
                    + "VALUES (@Id, @tenant, @State, @ReceivedAt, @FinishedAt, @Line, @Accepted, @Rejected, @Mac, @Lineage, @SourceSystem, @TimeZone)",
                import.Signed(transaction.CreateHash));
    }

    /// <summary>Advances the progress in the transaction that stores a group of lines, so that no line is counted twice.</summary>
    /// <returns>Number of lines whose errors were kept, at most <paramref name="maxErrors"/>.</returns>
    /// <exception cref="TamperedDataException">The progress was edited.</exception>
    public static long Advance(WriteTransaction transaction, ColumnEncryption encryption, string tenant, string id, IReadOnlyList<PreparedSession> group,
        IReadOnlyList<SessionOutcome> outcomes, long maxErrors)
    {
        var kept = group.Zip(outcomes).Where(pair => pair.Second.AllErrors.Count > 0).Take((int)Math.Max(0, maxErrors)).ToList();
        foreach (var (session, outcome) in kept)
        {
            var errors = JsonSerializer.SerializeToUtf8Bytes(outcome.AllErrors, StrictJson.Options);
            var line = new ImportLineRow(id, session.Line, tenant, outcome.Status, encryption.Encrypt(errors, tenant, RowPath(id, session.Line)), null);
            transaction.ForTenant(tenant)
                .Enqueue("INSERT INTO session_import_line (id, line, tenant, status, sealed, mac) VALUES (@Id, @Line, @tenant, @Status, @Content, @Mac)",
                    line.Signed(transaction.CreateHash));
        }

        var accepted = outcomes.Count(o => o.IsAccepted);
        Update(transaction, tenant, id, import => import with
        {
            Line = group[^1].Line,
            Accepted = import.Accepted + accepted,
            Rejected = import.Rejected + outcomes.Count - accepted,
        });
        return kept.Count;
    }

    /// <exception cref="TamperedDataException">The progress was edited.</exception>
    public static void End(WriteTransaction transaction, string tenant, string id, ImportState state) =>
        Update(transaction, tenant, id, import => import with { State = EnumNames<ImportState>.Of(state), FinishedAt = transaction.Now() });

    private static void Update(WriteTransaction transaction, string tenant, string id, Func<ImportRow, ImportRow> change)
    {
        var stored = transaction.ForTenant(tenant).EnqueueQuery<ImportRow>(
            $"SELECT {ImportRow.Columns} FROM session_import WHERE id = @id AND tenant = @tenant", new { id });
        var import = stored.Value.SingleOrDefault()?.Verified(transaction.CreateHash) ?? throw new TamperedDataException($"Import {id} is missing.");
        transaction.ForTenant(tenant)
            .Enqueue(
                "UPDATE session_import SET state = @State, finished_at = @FinishedAt, line = @Line, accepted = @Accepted, rejected = @Rejected, mac = @Mac "
                    + "WHERE id = @Id AND tenant = @tenant", change(import).Signed(transaction.CreateHash));
    }

    /// <summary>The import and a page of its errors; null where the tenant has none with that id.</summary>
    /// <exception cref="TamperedDataException">The import or a line was edited.</exception>
    public static ImportResponse? Read(IDbConnection connection, ColumnEncryption encryption, PrivacyKey privacy, string tenant, string id, long after,
        int limit)
    {
        if (connection.ForTenant(tenant).QuerySingleOrDefault<ImportRow>(
            $"SELECT {ImportRow.Columns} FROM session_import WHERE id = @id AND tenant = @tenant", new { id })?.Verified(privacy.CreateHash) is not { } row)
        {
            return null;
        }

        var errors = connection.ForTenant(tenant)
            .Query<ImportLineRow>(
                $"SELECT {ImportLineRow.Columns} FROM session_import_line WHERE id = @id AND tenant = @tenant AND line > @after ORDER BY line LIMIT @limit",
            new { id, after, limit }).Select(error => new ImportError(error.Verified(privacy.CreateHash).Line, (int)error.Status,
            JsonSerializer.Deserialize<FieldError[]>(encryption.Decrypt(error.Content, tenant, RowPath(id, error.Line)), StrictJson.Options)!));
        return new(id, EnumNames<ImportState>.Parse(row.State), UtcTimestamp.Parse(row.ReceivedAt), row.FinishedAt is { } at ? UtcTimestamp.Parse(at) : null,
            row.Line, row.Accepted, row.Rejected, [.. errors], null);
    }

    /// <summary>Number of lines whose errors are kept.</summary>
    public static long CountErrors(IDbConnection connection, string tenant, string id) =>
        connection.ForTenant(tenant).Count("SELECT count(*) FROM session_import_line WHERE id = @id AND tenant = @tenant", new { id });

    /// <summary>Ids of the imports of a tenant that are not finished.</summary>
    public static IReadOnlyList<string> RunningIds(IDbConnection connection, string tenant) =>
        connection.ForTenant(tenant).Query<string>("SELECT id FROM session_import WHERE tenant = @tenant AND state = 'running'");
}
