using System.Data;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions;

/// <summary>The highest version of a measure that is not a withdrawal, even if withdrawn.</summary>
/// <param name="Patient">Pseudonym of the patient.</param>
/// <param name="Measure">Pseudonym of the measure.</param>
/// <param name="Version">The version.</param>
/// <param name="Content">Its encrypted content.</param>
/// <param name="Withdrawn">1 if it is withdrawn.</param>
/// <param name="Earlier">Number of earlier versions.</param>
/// <param name="EarlierWithdrawn">Number of those that are withdrawn.</param>
internal sealed record CurrentMeasureRow(byte[] Patient, byte[] Measure, long Version, byte[] Content, long Withdrawn, long Earlier, long EarlierWithdrawn)
{
    private const string Sql = $"""
        SELECT v.patient, v.measure, v.version, v.sealed AS Content,
          CAST(CASE WHEN EXISTS (SELECT 1 FROM measure_version w
            WHERE w.tenant = v.tenant AND w.measure = v.measure AND w.withdraws = 1 AND w.version >= v.version) THEN 1 ELSE 0 END AS bigint) AS Withdrawn,
          (SELECT count(*) FROM measure_version e
            WHERE e.tenant = v.tenant AND e.measure = v.measure AND e.withdraws = 0 AND e.version < v.version) AS Earlier,
          (SELECT count(*) FROM measure_version e
            WHERE e.tenant = v.tenant AND e.measure = v.measure AND e.withdraws = 0 AND e.version < v.version AND EXISTS (SELECT 1 FROM measure_version w
              WHERE w.tenant = v.tenant AND w.measure = v.measure AND w.withdraws = 1 AND w.version >= e.version)) AS EarlierWithdrawn
        FROM measure_version v
        WHERE v.tenant = @tenant AND v.patient >= @first AND v.patient <= @last AND v.withdraws = 0
          AND NOT EXISTS (SELECT 1 FROM measure_version later
            WHERE later.tenant = v.tenant AND later.measure = v.measure AND later.withdraws = 0 AND later.version > v.version
            {Subquery.OfEachRow})
        ORDER BY v.patient, v.measure
        """;

    private const string AnySql = """
        SELECT CASE WHEN EXISTS (SELECT 1 FROM measure_version WHERE tenant = @tenant AND patient >= @first AND patient <= @last) THEN 1 ELSE 0 END
        """;

    /// <summary>Rows of all patients from one to another, by patient and measure.</summary>
    public static IEnumerable<CurrentMeasureRow> ReadOf(IDbConnection connection, string tenant, byte[] first, byte[] last) =>
        // SQLite has no types for the computed columns of an empty result.
        connection.ForTenant(tenant).Count(AnySql, new { first, last }) == 0 ? []
            : connection.ForTenant(tenant).Query<CurrentMeasureRow>(Sql, new { first, last });

    /// <summary>Patients after a given one who have measures or a record; each must have both.</summary>
    public static List<byte[]> ReadPatients(IDbConnection connection, string tenant, byte[] after, int limit) => [.. connection.ForTenant(tenant).Query<byte[]>(
        """
        SELECT patient FROM measure_version WHERE tenant = @tenant AND patient > @after
        UNION SELECT patient FROM patient_record WHERE tenant = @tenant AND patient > @after
        ORDER BY patient LIMIT @limit
        """, new { after, limit })];

    public PatientScore ToPatientScore(ColumnEncryption encryption, string tenant)
    {
        var measure = new Pseudonym(Measure);
        var score = MeasureContent.FromBytes(encryption.Decrypt(Content, tenant, EncryptedRowPaths.Measure(measure, Version, withdraws: false)))
            .ToPatientScore(measure);
        return (Withdrawn == 1 ? score.Retracted() : score) with { Earlier = new(Withdrawn == 1, EarlierWithdrawn, Earlier - EarlierWithdrawn) };
    }
}
