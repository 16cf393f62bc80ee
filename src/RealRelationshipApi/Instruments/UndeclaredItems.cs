using System.Data;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Instruments;

/// <summary>Instruments of which a site holds items of release 0.1 that may be printed numbers or raw answers. Until the site declares which,
/// these items are excluded and new ones rejected.</summary>
internal static class UndeclaredItems
{
    /// <summary>Kind of the subjects of undeclared items in the change log: version 1 adopts them, version 2 removes them.</summary>
    public const string SubjectKind = "undeclared-items";

    /// <summary>Instruments whose items release 0.1 always reversed, although their forms print keyed numbers.</summary>
    public static readonly IReadOnlyList<string> ReversedInRelease01 = ["core-10", "oq-45"];

    public static IReadOnlyList<string> Read(IDbConnection connection, string tenant) =>
        connection.ForTenant(tenant).Query<string>("SELECT instrument FROM undeclared_items WHERE tenant = @tenant ORDER BY instrument");

    /// <summary>As <see cref="Read"/>, verified against the change log.</summary>
    /// <exception cref="TamperedDataException">A row was deleted or inserted.</exception>
    public static void Verify(IDbConnection connection, string tenant, IEnumerable<string> undeclared, ChangeLog log)
    {
        var errors = new List<string>();
        Compare(undeclared.Select(instrument => (tenant, instrument)), log.ReadSubjects(connection, SubjectKind, tenant), new VerificationResult(errors.Add));
        if (errors.Count > 0)
        {
            throw new TamperedDataException(errors[0]);
        }
    }

    /// <summary>Compares rows with the changes that added and removed them.</summary>
    public static void Compare(IEnumerable<(string Tenant, string Instrument)> rows, IEnumerable<LoggedChange> written, VerificationResult result) =>
        RecordedRows.Compare(rows.Select(row => new RecordedRow(Describe(row.Instrument, row.Tenant), row.Tenant, SubjectOf(row.Instrument), null, null)),
            written.GroupBy(change => (change.Entry.Tenant, change.Subject.Subject)).Select(changes => changes.Last())
                .Where(change => change.Entry.Kind != ChangeKinds.Retracted),
            change => Describe(change.Subject.Subject[(SubjectKind.Length + 1)..], change.Entry.Tenant), result);

    public static void Add(WriteTransaction transaction, string tenant, string instrument) => transaction.ForTenant(tenant).Enqueue(
        "INSERT INTO undeclared_items (tenant, instrument) VALUES (@tenant, @instrument) ON CONFLICT DO NOTHING", new { instrument });

    public static void Remove(WriteTransaction transaction, string tenant, string instrument)
    {
        if (Read(transaction.Connection, tenant).Contains(instrument))
        {
            transaction.ForTenant(tenant).Enqueue("DELETE FROM undeclared_items WHERE tenant = @tenant AND instrument = @instrument", new { instrument });
            Record(transaction, ChangeKind.Retracted, tenant, instrument, 2);
        }
    }

    private static string SubjectOf(string instrument) => $"{SubjectKind}/{instrument}";

    private static string Describe(string instrument, string tenant) => $"The entry of undeclared items of '{instrument}' of site '{tenant}'";

    internal static void Record(WriteTransaction transaction, ChangeKind kind, string tenant, string instrument, long version) => transaction.RecordChange(
        tenant, kind, SubjectOf(instrument), version,
        _ => transaction.CreateHash(KeyPurposes.UndeclaredItems).Add(tenant).Add(instrument).Add(version).Finish());
}
