using System.Data;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Sources;

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
    private readonly KeyLinks _links = new(transaction, tenant);

    /// <summary>Pseudonyms erased since this object was created.</summary>
    public List<Pseudonym> Erased { get; } = [];

    /// <param name="keys">Pseudonyms of one patient in the source systems that share its key; the first is that of the request. An unknown patient
    /// changes nothing.</param>
    /// <exception cref="TamperedDataException">An erasure is stored that the log does not know.</exception>
    public ErasureResult Erase(params IReadOnlyList<Pseudonym> keys)
    {
        var persons = keys.Select(_links.PersonOf).Distinct().ToList();
        var all = keys.Concat(persons.SelectMany(_links.KeysOf)).Distinct().ToList();
        var measures = all.ToDictionary(key => key, key => transaction.Connection.ForTenant(tenant)
            .Query<byte[]>("SELECT DISTINCT measure FROM measure_version WHERE tenant = @tenant AND patient = @patient", new { patient = key.Bytes }));
        var encounters = all.Where(HasEncounters).ToList();
        if (measures.Values.All(m => m.Count == 0) && encounters.Count == 0)
        {
            return FindEarlier(keys) is { } earlier ? new(0, 0, 0, earlier.Entry.Number, earlier.Entry.RecordedAt) : new(0, 0, 0, null, null);
        }

        var sums = persons.Sum(statistics.Erase);
        var versions = 0;
        ChangePosition? receipt = null;
        foreach (var (key, ofKey) in measures.Where(m => FindEarlier([m.Key]) is null))
        {
            var changes = ofKey.SelectMany(measure => DeleteVersions(measure, key)).Order().ToList();
            var recorded = ErasedChanges.Erase(transaction, tenant, ErasureState.SubjectOf(key), changes);
            transaction.ForTenant(tenant).Enqueue("INSERT INTO erasure (tenant, patient, log, erased_at) VALUES (@tenant, @patient, @Number, @RecordedAt)",
                new { patient = key.Bytes, recorded.Number, recorded.RecordedAt });
            versions += changes.Count;
            receipt ??= recorded;
            Erased.Add(key);
        }

        encounters.ForEach(key =>
            transaction.ForTenant(tenant).Enqueue("DELETE FROM session_encounter WHERE tenant = @tenant AND patient = @patient", new { patient = key.Bytes }));
        all.ForEach(key =>
            transaction.ForTenant(tenant).Enqueue("DELETE FROM measure_identifier WHERE tenant = @tenant AND patient = @patient", new { patient = key.Bytes }));
        // They have no patient, and are of use for the files of one export only.
        transaction.ForTenant(tenant).Enqueue("DELETE FROM csv_unchanged WHERE tenant = @tenant");
        persons.ForEach(_links.Delete);
        transaction.PurgeDeletedRows();
        return new(measures.Values.Sum(m => m.Count), versions, sums, receipt?.Number, receipt?.RecordedAt);
    }

    private bool HasEncounters(Pseudonym patient) => transaction.Connection.ForTenant(tenant)
        .Count("SELECT count(*) FROM session_encounter WHERE tenant = @tenant AND patient = @patient", new { patient = patient.Bytes }) > 0;

    private LoggedChange? FindEarlier(IEnumerable<Pseudonym> keys) =>
        keys.Select(key => transaction.FindLatestChange(tenant, ErasureState.SubjectOf(key)) ?? (IsStored(key) ? throw ErasureState.Unrecorded() : null))
            .FirstOrDefault(earlier => earlier is not null);

    private bool IsStored(Pseudonym patient) => transaction.Connection.ForTenant(tenant)
        .Count("SELECT count(*) FROM erasure WHERE tenant = @tenant AND patient = @patient", new { patient = patient.Bytes }) > 0;

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
            statistics.GetPatient(_links.PersonOf(new(left.Last(r => r.Patient is not null).Patient!)))
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
