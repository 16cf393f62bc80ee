using System.Data.Common;

using Dapper;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Verifies stored encounters: each is encrypted together with its version and patient.</summary>
internal sealed class EncounterIntegrityCheck(ColumnEncryption encryption) : IntegrityCheck
{
    public override string Name => "the encounters";

    public override IReadOnlyList<string> Tables => ["session_encounter"];

    public override void Run(DbConnection connection, VerificationResult result)
    {
        foreach (var row in connection.Query<Row>(
            "SELECT tenant, session, patient, version, sealed AS Content FROM session_encounter ORDER BY tenant, session", buffered: false)
            .Where(row => !IsGenuine(row)))
        {
            result.AddError($"The encounter of session {new Pseudonym(row.Session)} of site '{row.Tenant}' is not what was written.");
        }
    }

    private bool IsGenuine(Row row)
    {
        try
        {
            var content = EncounterContent.FromBytes(encryption.Decrypt(row.Content, row.Tenant, EncounterStore.RowPath(new(row.Session))));
            return content.Version == row.Version && content.Patient.AsSpan().SequenceEqual(row.Patient);
        }
        catch (StorageCorruptionException)
        {
            return false;
        }
    }

    private sealed record Row(string Tenant, byte[] Session, byte[] Patient, long Version, byte[] Content);
}
