using System.Data.Common;

using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Studies.Coding;

/// <summary>Verifies every version of the codings of studies against the change log.</summary>
internal sealed class StudyCodingIntegrityCheck(ChangeLog log) : IntegrityCheck
{
    public override string Name => "the codings";

    public override IReadOnlyList<string> Tables => ["study_coding"];

    public override void Run(DbConnection connection, VerificationResult result) => StudyCodingRow.Verify(connection, log, result);
}
