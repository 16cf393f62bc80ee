using System.Data.Common;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>Verifies every release against the change that made it.</summary>
internal sealed class ReleaseIntegrityCheck(ChangeLog log) : IntegrityCheck
{
    public override string Name => "the releases";

    public override IReadOnlyList<string> Tables => ["release"];

    public override void Run(DbConnection connection, VerificationResult result) => RecordedRows.Compare(
        ReleaseQueries.Read(connection).Select(row => new RecordedRow(Describe(row.Number, row.Tenant), row.Tenant, ReleaseQueries.SubjectOf(row.Tenant),
            row.Number, RecordedRow.HashOf(row.ComputeHash(log.CreateHash(KeyPurposes.Release)), row.RowHash))),
        log.ReadSubjects(connection, ReleaseQueries.SubjectKind), change => Describe(change.Subject.Version, change.Entry.Tenant), result);

    private static string Describe(long number, string tenant) => $"Release {number} of site '{tenant}'";
}
