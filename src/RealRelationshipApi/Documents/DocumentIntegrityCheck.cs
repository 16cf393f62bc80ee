using System.Data.Common;

using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Documents;

/// <summary>Verifies every version of the operator's documents against the change log.</summary>
internal sealed class DocumentIntegrityCheck(ChangeLog log) : IntegrityCheck
{
    public override string Name => "the documents";

    public override IReadOnlyList<string> Tables => ["document_version"];

    public override void Run(DbConnection connection, VerificationResult result) => DocumentRow.Verify(connection, log, result);
}
