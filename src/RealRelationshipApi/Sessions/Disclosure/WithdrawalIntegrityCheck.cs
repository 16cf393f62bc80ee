using System.Data.Common;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>Verifies every withdrawal against the change that made it.</summary>
internal sealed class WithdrawalIntegrityCheck(ChangeLog log) : IntegrityCheck
{
    public override string Name => "the withdrawals";

    public override IReadOnlyList<string> Tables => ["withdrawal"];

    public override void Run(DbConnection connection, VerificationResult result) => RecordedRows.Compare(
        Withdrawals.Read(connection).Select(row => new RecordedRow(Describe(row.Number, row.Tenant), row.Tenant, Withdrawals.SubjectOf(row.Tenant), row.Number,
            RecordedRow.HashOf(row.ComputeHash(log.CreateHash(KeyPurposes.Withdrawal)), row.RowHash))),
        log.ReadSubjects(connection, Withdrawals.SubjectKind), change => Describe(change.Subject.Version, change.Entry.Tenant), result);

    private static string Describe(long number, string tenant) => $"Withdrawal {number} of site '{tenant}'";
}
