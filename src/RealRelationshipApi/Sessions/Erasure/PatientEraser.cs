using System.Data;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Erasure;

/// <summary>What an erasure deleted, and its change number.</summary>
/// <param name="Measures">Number of measures deleted completely.</param>
/// <param name="Versions">Number of their versions, including withdrawals.</param>
/// <param name="Sums">Number of cells that the patient contributed to.</param>
/// <param name="Log">The change number; null for an unknown patient.</param>
/// <param name="ErasedAt">When the patient was erased.</param>
internal sealed record ErasureResult(long Measures, long Versions, long Sums, long? Log, string? ErasedAt);

/// <summary>Erases a patient in a write transaction: versions, sums, and contents in the change log. The hash chain stays valid.</summary>
internal sealed class PatientEraser(WriteTransaction transaction, string tenant, SufficientStatistics statistics)
{
    /// <param name="patient">An unknown patient changes nothing.</param>
    /// <exception cref="TamperedDataException">An erasure is stored that the log does not know.</exception>
    public ErasureResult Erase(Pseudonym patient)
    {
        var isStored = transaction.Connection.ForTenant(tenant)
            .Count("SELECT count(*) FROM erasure WHERE tenant = @tenant AND patient = @patient", new { patient = patient.Bytes }) > 0;
        if (transaction.FindLatestChange(tenant, ErasureState.SubjectOf(patient)) is { } earlier)
        {
            return new(0, 0, 0, earlier.Entry.Number, earlier.Entry.RecordedAt);
        }

        if (isStored)
        {
            throw ErasureState.Unrecorded();
        }

        var measures = transaction.Connection.ForTenant(tenant)
            .Query<byte[]>("SELECT DISTINCT measure FROM measure_version WHERE tenant = @tenant AND patient = @patient", new { patient = patient.Bytes });
        if (measures.Count == 0)
        {
            return new(0, 0, 0, null, null);
        }

        var sums = statistics.Erase(patient);
        var changes = measures.SelectMany(measure => DeleteVersions(measure, patient)).Order().ToList();
        var recorded = ErasedChanges.Erase(transaction, tenant, ErasureState.SubjectOf(patient), changes);
        transaction.ForTenant(tenant).Enqueue("INSERT INTO erasure (tenant, patient, log, erased_at) VALUES (@tenant, @patient, @Number, @RecordedAt)",
            new { patient = patient.Bytes, recorded.Number, recorded.RecordedAt });
        transaction.PurgeDeletedRows();
        return new(measures.Count, changes.Count, sums, recorded.Number, recorded.RecordedAt);
    }

    /// <summary>Number of erased patients of a site.</summary>
    public static long Count(IDbConnection connection, string tenant) =>
        connection.ForTenant(tenant).Count("SELECT count(*) FROM erasure WHERE tenant = @tenant");

    // Earlier versions of the patient's measures describe the patient, too. A withdrawal stays if a version is left that it withdraws.
    private IEnumerable<long> DeleteVersions(byte[] measure, Pseudonym patient)
    {
        var rows = transaction.Connection.ForTenant(tenant)
            .Query<Row>("SELECT version, withdraws, patient, log FROM measure_version WHERE tenant = @tenant AND measure = @measure ORDER BY version, "
                + "withdraws", new { measure });
        var last = rows.Where(r => r.Patient is not null && new Pseudonym(r.Patient) == patient).Max(r => r.Version);
        var isOthers = rows.Any(r => r.Patient is not null && r.Version > last);
        if (isOthers)
        {
            // The measure has moved to another patient, whose record counts its earlier versions.
            var left = rows.Where(r => r.Version > last).ToList();
            statistics.GetPatient(new(left.Last(r => r.Patient is not null).Patient!))
                .SetVersions(new(measure), VersionCounts.Of(left.ConvertAll(r => (r.Version, r.Withdraws == 1))));
        }

        else
        {
            transaction.ForTenant(tenant).Enqueue("DELETE FROM csv_measure WHERE tenant = @tenant AND measure = @measure", new { measure });
        }

        foreach (var row in rows.Where(r => r.Version <= last || !isOthers))
        {
            transaction.ForTenant(tenant)
                .Enqueue("DELETE FROM measure_version WHERE tenant = @tenant AND measure = @measure AND version = @Version AND withdraws = @Withdraws",
                new { measure, row.Version, row.Withdraws });
            yield return row.Log;
        }
    }

    private sealed record Row(long Version, long Withdraws, byte[]? Patient, long Log);
}
