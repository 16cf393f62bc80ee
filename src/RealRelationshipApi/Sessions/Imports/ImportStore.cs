using System.Data;
using System.Text.Json;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary>Stores the progress of imports, in the transactions that store their sessions.</summary>
internal static class ImportStore
{
    private static readonly TimeSpan s_retention = TimeSpan.FromDays(30);

    public static string RowPath(string id, long line) => $"session_import_line/{id}/{line}";

    public static void Begin(WriteTransaction transaction, string tenant, string id)
    {
        var now = transaction.Now();
        var oldest = UtcTimestamp.ToText(UtcTimestamp.Parse(now) - s_retention);
        transaction.ForTenant(tenant)
            .Enqueue(
                "DELETE FROM session_import_line WHERE tenant = @tenant AND id IN (SELECT id FROM session_import WHERE tenant = @tenant AND finished_at < "
                    + "@oldest)", new { oldest });
        transaction.ForTenant(tenant).Enqueue("DELETE FROM session_import WHERE tenant = @tenant AND finished_at < @oldest", new { oldest });
        transaction.ForTenant(tenant)
            .Enqueue(
                "INSERT INTO session_import (id, tenant, state, received_at, finished_at, line, accepted, rejected) VALUES (@id, @tenant, 'running', @now, "
                    + "NULL, 0, 0, 0)", new { id, now });
    }

    /// <summary>Advances the progress in the transaction that stores a group of lines, so that no line is counted twice.</summary>
    public static void Advance(WriteTransaction transaction, ColumnEncryption encryption, string tenant, string id, IReadOnlyList<PreparedSession> group,
        IReadOnlyList<SessionOutcome> outcomes)
    {
        foreach (var (session, outcome) in group.Zip(outcomes).Where(pair => pair.Second.AllErrors.Count > 0))
        {
            var errors = JsonSerializer.SerializeToUtf8Bytes(outcome.AllErrors, StrictJson.Options);
            transaction.ForTenant(tenant)
                .Enqueue("INSERT INTO session_import_line (id, line, tenant, status, sealed) VALUES (@id, @Line, @tenant, @status, @content)",
                new { id, session.Line, status = (long)outcome.Status, content = encryption.Encrypt(errors, tenant, RowPath(id, session.Line)) });
        }

        var accepted = outcomes.Count(o => o.IsAccepted);
        transaction.ForTenant(tenant)
            .Enqueue(
                "UPDATE session_import SET line = @line, accepted = accepted + @accepted, rejected = rejected + @rejected WHERE id = @id AND tenant = @tenant",
            new { id, line = group[^1].Line, accepted = (long)accepted, rejected = (long)(outcomes.Count - accepted) });
    }

    public static void End(WriteTransaction transaction, string tenant, string id, ImportState state) =>
        transaction.ForTenant(tenant).Enqueue("UPDATE session_import SET state = @state, finished_at = @now WHERE id = @id AND tenant = @tenant",
            new { id, state = EnumNames<ImportState>.Of(state), now = transaction.Now() });

    /// <summary>The import and a page of its errors; null where the tenant has none with that id.</summary>
    public static ImportResponse? Read(IDbConnection connection, ColumnEncryption encryption, string tenant, string id, long after, int limit)
    {
        if (Find(connection, tenant, id) is not { } row)
        {
            return null;
        }

        var errors = connection.ForTenant(tenant)
            .Query<ErrorRow>(
                "SELECT line, status, sealed AS Content FROM session_import_line WHERE id = @id AND tenant = @tenant AND line > @after ORDER BY line LIMIT "
                    + "@limit",
            new { id, after, limit }).Select(error => new ImportError(error.Line, (int)error.Status,
            JsonSerializer.Deserialize<FieldError[]>(encryption.Decrypt(error.Content, tenant, RowPath(id, error.Line)), StrictJson.Options)!));
        return new(id, EnumNames<ImportState>.Parse(row.State), UtcTimestamp.Parse(row.ReceivedAt), row.FinishedAt is { } at ? UtcTimestamp.Parse(at) : null,
            row.Line, row.Accepted, row.Rejected, [.. errors], null);
    }

    private static ImportRow? Find(IDbConnection connection, string tenant, string id) => connection.ForTenant(tenant).QuerySingleOrDefault<ImportRow>(
        "SELECT state, received_at AS ReceivedAt, finished_at AS FinishedAt, line, accepted, rejected FROM session_import WHERE id = @id AND tenant = @tenant",
        new { id });

    private sealed record ImportRow(string State, string ReceivedAt, string? FinishedAt, long Line, long Accepted, long Rejected);

    private sealed record ErrorRow(long Line, long Status, byte[] Content);
}
