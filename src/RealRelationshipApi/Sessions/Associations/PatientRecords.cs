using System.Data;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Reads the records of all patients of a site.</summary>
internal static class PatientRecords
{
    /// <summary>Streams the records, sorted by pseudonym, one in memory at a time. On PostgreSQL the connection serves no other query meanwhile.</summary>
    public static IEnumerable<(Pseudonym Patient, PatientRecord Record)> ReadAll(IDbConnection connection, ColumnEncryption encryption, string tenant)
    {
        foreach (var row in connection.ForTenant(tenant)
            .QueryUnbuffered<Row>("SELECT patient, sealed AS Content FROM patient_record WHERE tenant = @tenant ORDER BY patient"))
        {
            var patient = new Pseudonym(row.Patient);
            yield return (patient, PatientRecord.FromBytes(encryption.Decrypt(row.Content, tenant, EncryptedRowPaths.Patient(patient))));
        }
    }

    private sealed record Row(byte[] Patient, byte[] Content);
}
