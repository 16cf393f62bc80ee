using System.Data;

using Dapper;

namespace RealRelationship.Storage.Ledger;

/// <summary>Reads the change log by subject, to compare what is stored of a key, a release, an instrument or an erasure with what was written.</summary>
public static class SubjectChanges
{
    /// <summary>Condition of the partial index on the subject, which both engines recognise by its text; <c>s</c> is <c>change_subject</c>.</summary>
    public const string IndexedSql = "(s.subject < 'measure/' OR s.subject >= 'measure0')";

    private const string EntriesSql = $"""
        SELECT {ChangeLog.EntryColumns}
        FROM change_subject s JOIN change c ON c.number = s.number WHERE {IndexedSql}
        """;

    /// <summary>The last change of a subject that is no measure; null if there is none.</summary>
    /// <exception cref="TamperedDataException">That change was edited.</exception>
    public static LoggedChange? FindLatest(this ChangeLog log, IDbConnection connection, string tenant, string subject)
    {
        ArgumentNullException.ThrowIfNull(log);
        return connection.QueryFirstOrDefault<ChangeLog.EntryRow>(
            $"{EntriesSql} AND s.subject = @subject AND c.tenant = @tenant ORDER BY s.version DESC, s.number DESC LIMIT 1", new { subject, tenant }) is { } row
            ? Verify(log, row) : null;
    }

    /// <summary>All changes of the subjects <c>{kind}/…</c>, in their order.</summary>
    /// <param name="log">Verifies each change.</param>
    /// <param name="connection">Connection to read from.</param>
    /// <param name="kind">What comes before the slash.</param>
    /// <param name="tenant">Tenant that made the changes; null for all.</param>
    /// <exception cref="TamperedDataException">A change was edited.</exception>
    public static IEnumerable<LoggedChange> ReadSubjects(this ChangeLog log, IDbConnection connection, string kind, string? tenant = null)
    {
        ArgumentNullException.ThrowIfNull(log);
        // '0' is the character after the slash.
        return connection.Query<ChangeLog.EntryRow>(
            $"{EntriesSql} AND s.subject >= @from AND s.subject < @to AND (@tenant IS NULL OR c.tenant = @tenant) ORDER BY s.number",
            new { from = $"{kind}/", to = $"{kind}0", tenant }).Select(row => Verify(log, row));
    }

    private static LoggedChange Verify(ChangeLog log, ChangeLog.EntryRow row) =>
        log.Verify(row) ?? throw new TamperedDataException($"Change {row.Number} of the log was edited.");
}
