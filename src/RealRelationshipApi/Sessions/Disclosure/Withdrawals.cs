using System.Data;
using System.Security.Cryptography;

using Dapper;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>Associations that left the releases of their sites, past ones too.</summary>
internal sealed class Withdrawals
{
    /// <summary>Reason of a withdrawn association among the suppressed ones.</summary>
    public const string Reason = "withdrawn";

    /// <summary>Kind of the subjects of withdrawals in the change log.</summary>
    public const string SubjectKind = "withdrawal";

    private const string Rows = "SELECT tenant, number, evidence, recorded_at AS RecordedAt, cell, row_hash AS RowHash FROM withdrawal";

    private readonly Dictionary<(string Tenant, long Number), WithdrawalRow> _rows;
    private readonly Dictionary<(string Tenant, string Cell), DateTimeOffset> _latest = [];

    private Withdrawals(IEnumerable<WithdrawalRow> rows)
    {
        _rows = rows.ToDictionary(r => (r.Tenant, r.Number));
        foreach (var row in _rows.Values.OrderBy(r => r.Evidence))
        {
            _latest[(row.Tenant, row.Cell)] = UtcTimestamp.Parse(row.RecordedAt);
        }
    }

    public static string SubjectOf(string tenant) => $"{SubjectKind}/{tenant}";

    /// <summary>All rows, unverified.</summary>
    internal static List<WithdrawalRow> Read(IDbConnection connection) => connection.Query<WithdrawalRow>($"{Rows} ORDER BY tenant, number").AsList();

    /// <summary>All that the store knows, whatever the revision.</summary>
    /// <exception cref="TamperedDataException">A withdrawal was altered.</exception>
    public static Withdrawals Read(IDbConnection connection, ChangeLog log)
    {
        var rows = Read(connection);
        return rows.Find(r => !CryptographicOperations.FixedTimeEquals(r.RowHash, r.ComputeHash(log.CreateHash(KeyPurposes.Withdrawal)))) is { } altered
            ? throw new TamperedDataException($"Withdrawal {altered.Number} of a site (evidence revision {altered.Evidence}) is not what was written.")
            : new(rows);
    }

    /// <summary>Evidence revision of the last withdrawal of any site; 0 without one.</summary>
    public static long LatestRevision(IDbConnection connection) => connection.ExecuteScalar<long>("SELECT coalesce(max(evidence), 0) FROM withdrawal");

    /// <summary>Withdraws an association from all releases until now.</summary>
    public static void Record(WriteTransaction transaction, string tenant, string association)
    {
        var number = 1 + transaction.Connection.ForTenant(tenant).Count("SELECT coalesce(max(number), 0) FROM withdrawal WHERE tenant = @tenant");
        var row = new WithdrawalRow(tenant, number, 0, "", association, []);
        transaction.RecordEvidenceChange(tenant, ChangeKind.Withdrawn, SubjectOf(tenant), number, recorded =>
        {
            row = row with { Evidence = recorded.Evidence, RecordedAt = recorded.RecordedAt };
            row = row with { RowHash = row.ComputeHash(transaction.CreateHash(KeyPurposes.Withdrawal)) };
            return row.RowHash;
        });
        transaction.ForTenant(tenant).Enqueue(
            "INSERT INTO withdrawal (tenant, number, evidence, recorded_at, cell, row_hash) VALUES (@tenant, @Number, @Evidence, @RecordedAt, @Cell, @RowHash)",
            new { row.Number, row.Evidence, row.RecordedAt, row.Cell, row.RowHash });
    }

    /// <summary>Checks that the withdrawals of a part of the change log are stored as they were written.</summary>
    /// <exception cref="TamperedDataException">One is missing or was altered.</exception>
    public Withdrawals Verify(IEnumerable<LoggedChange> entries) => entries.FirstOrDefault(e => e.Entry.Kind == ChangeKinds.Withdrawn
        && !(_rows.TryGetValue((e.Entry.Tenant, e.Subject.Version), out var row)
            && CryptographicOperations.FixedTimeEquals(row.RowHash, e.Subject.ContentHash))) is { } missing
        ? throw new TamperedDataException($"Withdrawal {missing.Subject.Version} of a site (evidence revision {missing.Entry.Evidence}) is not what was "
            + "written.") : this;

    /// <summary>A release without the associations that were withdrawn since; they are among the suppressed ones.</summary>
    public SiteRelease Apply(SiteRelease release)
    {
        if (_latest.Count == 0)
        {
            return release;
        }

        var effects = release.Content.Effects.ToLookup(e => _latest.TryGetValue((release.Tenant, e.Cell), out var withdrawn) && withdrawn >= e.ReleasedAt);
        return effects[true].Any() ? release with
        {
            Withdrawn = [.. effects[true]],
            Content = release.Content with
            {
                Effects = [.. effects[false]],
                Suppressed =
                [
                    .. release.Content.Suppressed,
                    .. effects[true].Select(e => e.Cell).Distinct(StringComparer.Ordinal).Select(cell => new WithheldAssociation(cell, Reason)),
                ],
            },
        } : release;
    }
}

/// <summary>A stored withdrawal.</summary>
internal sealed record WithdrawalRow(string Tenant, long Number, long Evidence, string RecordedAt, string Cell, byte[] RowHash)
{
    public byte[] ComputeHash(KeyedHash hash) => hash.Add(Tenant).Add(Number).Add(Evidence).Add(RecordedAt).Add(Cell).Finish();
}
