using System.Data;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Reads the records of all patients of a site.</summary>
internal static class PatientRecords
{
    /// <summary>Streams the records, sorted by pseudonym, one in memory at a time. On PostgreSQL the connection serves no other query meanwhile.</summary>
    /// <param name="connection">Connection to the store.</param>
    /// <param name="encryption">Decrypts the records.</param>
    /// <param name="tenant">The site.</param>
    /// <param name="isBuffered">Whether the encrypted rows are read first, so that the connection may be used between records.</param>
    public static IEnumerable<(Pseudonym Patient, PatientRecord Record)> ReadAll(IDbConnection connection, ColumnEncryption encryption, string tenant,
        bool isBuffered = false)
    {
        const string Sql = "SELECT patient, sealed AS Content FROM patient_record WHERE tenant = @tenant ORDER BY patient";
        var ofTenant = connection.ForTenant(tenant);
        return (isBuffered ? ofTenant.Query<Row>(Sql) : ofTenant.QueryUnbuffered<Row>(Sql))
            .Select(row => (Patient: new Pseudonym(row.Patient), row.Content))
            .Select(row => (row.Patient, PatientRecord.Decrypt(encryption, tenant, row.Patient, row.Content)));
    }

    private sealed record Row(byte[] Patient, byte[] Content);
}
