using System.Text.Json;

using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>Lets a site's associations out once that is safe, in epochs: what is out stays as it is until enough people have come.</summary>
/// <remarks>
/// <para>A cell may be released when it rests on at least 11 patients of 3 therapists, and when at least 11 patients, and a tenth
/// of all, stand in it who stood in none of its releases. Who left (an erasure, a withdrawal, another therapist) is rounded up to 11 by withholding others,
/// chosen by the key; both stay out of the cell's releases for good. Cells without enough change keep the numbers of their last release.</para>
/// <para>Hence, of any releases of a cell: whatever is added and subtracted of them, the latest among them brings at least 11 people who
/// stand in none of the others, so that no result is that of fewer. And of any two, nobody of the earlier one or at least 11 are missing
/// in the later one: since the release e that people last left, everybody who stood in e stands in all (<see cref="AssociationState.StableSince"/>),
/// so that 11 leavers who stood in e are missing from e and from all since; from those before e, 11 were missing in e.</para>
/// <para>Between therapists the same patients are told as between clients, at the same epochs or at fewer of them.</para>
/// </remarks>
internal sealed class DisclosureControl(WriteTransaction transaction, ColumnEncryption encryption, string tenant, DisclosureOptions thresholds,
    AssociationOptions options)
{
    private const double Confidence = 0.95;

    /// <summary>Makes a release if one of the cells that changed may be released.</summary>
    public void ReleaseIfSafe(IEnumerable<AssociationState> changed)
    {
        if (changed.Any(IsDue))
        {
            Release();
        }
    }

    private bool IsDue(AssociationState cell) =>
        IsReleasable(cell.Key) && cell.Cohort.Patients >= thresholds.MinPatients && cell.Cohort.Therapists >= thresholds.MinTherapists
            && cell.Cohort.NewPatients >= Math.Max(thresholds.MinPatients, cell.Cohort.Patients / thresholds.NewPatientDivisor);

    // One set of cells for every site: the whole scale of the relationship, with nothing but what belongs to the design partialled out.
    internal static bool IsReleasable(string cell) => AssociationKey.Parse(cell) is { Alliance: null, Relationship.Scale: "total" };

    private void Release()
    {
        var last = ReleaseQueries.Latest(transaction.Connection, tenant);
        var recordedAt = DateTimeOffset.MinValue;
        var kept = (last?.Content.Effects ?? []).ToLookup(e => e.Cell);
        var effects = new List<ReleasedEffect>();
        var suppressed = new List<WithheldAssociation>();
        var newlyReleased = new HashSet<ReleasedEffect>();
        foreach (var cell in AssociationState.ReadAll(transaction.Connection, encryption, tenant).Where(c => IsReleasable(c.Key)))
        {
            if (IsDue(cell) && FreezeEffects(cell) is { Count: > 0 } frozen)
            {
                effects.AddRange(frozen);
                effects.AddRange(kept[cell.Key].Where(e => frozen.All(f => f.Level != e.Level)));
                newlyReleased.UnionWith(frozen);
            }
            else if (kept[cell.Key].Any())
            {
                effects.AddRange(kept[cell.Key]);
            }
            else
            {
                suppressed.Add(new(cell.Key, GetSuppressionReason(cell)));
            }
        }

        if (newlyReleased.Count == 0)
        {
            return;
        }

        var number = (last?.Number ?? 0) + 1;
        var row = new ReleaseRow(tenant, number, 0, "", "", []);
        transaction.RecordEvidenceChange(tenant, ChangeKind.Released, $"release/{tenant}", number, recorded =>
        {
            recordedAt = UtcTimestamp.Parse(recorded.RecordedAt);
            var content = new ReleaseContent(ReleaseQueries.SiteName(transaction, tenant), EnumNames<OutcomeWindow>.Of(options.OutcomeWindow),
                [.. effects.Select(e => newlyReleased.Contains(e) ? e with { ReleasedAt = recordedAt } : e)], suppressed);
            row = row with { Evidence = recorded.Evidence, RecordedAt = recorded.RecordedAt, Content = JsonSerializer.Serialize(content, StrictJson.Options) };
            row = row with { RowHash = row.ComputeHash(transaction.CreateHash(KeyPurposes.Release)) };
            return row.RowHash;
        });
        transaction.Connection.ForTenant(tenant).Execute(
            "INSERT INTO release (tenant, number, evidence, recorded_at, content, row_hash) VALUES (@tenant, @Number, @Evidence, @RecordedAt, @Content, "
                + "@RowHash)",
            new { row.Number, row.Evidence, row.RecordedAt, row.Content, row.RowHash });
    }

    private string GetSuppressionReason(AssociationState cell) =>
        cell.Cohort.Patients < thresholds.MinPatients ? "tooFewPatients" : cell.Cohort.Therapists < thresholds.MinTherapists ? "tooFewTherapists"
            : "notEstimable";

    private IReadOnlyList<ReleasedEffect> FreezeEffects(AssociationState cell)
    {
        var stored = AssociationSums.Read(transaction.Connection, encryption, tenant, cell.Key);
        var minClients = AssociationState.MinClients(cell.Key);
        var therapistSums = stored.ByTherapist.ToDictionary(s => s.Key, s => s.Value.WithoutWithheld());
        IReadOnlyList<ReleasedPatient> withheld = cell.Cohort.DepartedPatients > 0
            ? WithheldPatients.Select(ReadReleasedPatients(cell, therapistSums), therapistSums, minClients, thresholds.MinPatients) : [];
        var sums = new AssociationSums(cell.Key, therapistSums.Where(s => s.Value.IsCounted(minClients)).ToDictionary());
        if (sums.Patients < thresholds.MinPatients || sums.Therapists < thresholds.MinTherapists
            || sums.ByTherapist.Values.Sum(s => s.NewSinceRelease) < thresholds.MinPatients
            || sums.Correlation(Confidence) is not { } correlation)
        {
            return [];
        }

        cell.Epoch++;
        var effects = new List<ReleasedEffect> { Effect(sums.Association.Level, SiteAssociation.GetBasis(sums.Association), correlation) };
        if (sums.Association is { Level: AssociationKey.BetweenClient, OutcomeType: AssociationKey.SessionOutcome } && sums.KnownTherapists == sums.Therapists
            && sums.BetweenTherapists(Confidence) is { } therapists)
        {
            effects.Add(Effect(AssociationKey.BetweenTherapist, SiteAssociation.ObservedMeans, therapists));
        }

        RecordRelease(cell, stored, withheld);
        return effects;

        ReleasedEffect Effect(string level, string basis, SessionCorrelation found) =>
            new(cell.Key, level, basis, cell.Epoch, found.Z, found.StandardError * found.StandardError, sums.Patients, sums.Therapists, default);
    }

    // Who stands in the last release and is still there, in an order that nobody can know.
    private IEnumerable<ReleasedPatient> ReadReleasedPatients(AssociationState cell, Dictionary<Pseudonym, TherapistSums> therapistSums)
    {
        var patients = transaction.Connection.ForTenant(tenant).Query<Row>("SELECT patient, sealed AS Content FROM patient_record WHERE tenant = @tenant")
            .Select(row => (Patient: new Pseudonym(row.Patient), row.Content))
            .OrderBy(row => Convert.ToHexString(
                transaction.CreateHash(KeyPurposes.Withheld).Add(tenant).Add(cell.Key).Add(cell.Epoch).Add(row.Patient.Bytes).Finish()), StringComparer.Ordinal);
        foreach (var (patient, content) in patients)
        {
            var record = PatientRecord.FromBytes(encryption.Decrypt(content, tenant, EncryptedRowPaths.Patient(patient)));
            if (record.MemberSince.TryGetValue(cell.Key, out var memberSince)
                && PatientContributions.Compute(record, options.OutcomeWindow).ByAssociation.GetValueOrDefault(cell.Key) is { } contribution
                && therapistSums[contribution.Therapist] is var stratum && cell.IsInLastRelease(stratum, memberSince))
            {
                yield return new(patient, contribution, cell.IsEarly(stratum, memberSince));
            }
        }
    }

    // Who stands in this release, and who does not: the next one is measured against it.
    private void RecordRelease(AssociationState cell, AssociationSums stored, IReadOnlyList<ReleasedPatient> withheld)
    {
        cell.StableSince = cell.Epoch == 1 || cell.Cohort.DepartedPatients > 0 ? cell.Epoch : cell.StableSince;
        foreach (var member in withheld)
        {
            stored.ByTherapist[member.Contribution.Therapist].Withhold(member.Contribution);
            Withhold(member.Patient, cell);
        }

        cell.Cohort = default;
        var minClients = AssociationState.MinClients(cell.Key);
        foreach (var (key, stratum) in stored.ByTherapist)
        {
            if (stratum.IsCounted(minClients))
            {
                stratum.ReleasedSince = stratum.LastReleasedEpoch == cell.Epoch - 1 && stratum.LastReleasedEpoch > 0 ? stratum.ReleasedSince : cell.Epoch;
                (stratum.ReleasedClients, stratum.NewSinceRelease, stratum.LastReleasedEpoch) = (stratum.Releasable, 0, cell.Epoch);
            }
            else
            {
                (stratum.ReleasedSince, stratum.LastReleasedEpoch) = (0, 0);
            }

            (stratum.Departed, stratum.DepartedEarly) = (0, 0);
            cell.Cohort += stratum.ToCohortCounts(minClients);
            SufficientStatistics.Write(transaction, encryption, tenant, cell.Key, key, stratum);
        }

        cell.Write(transaction.Connection, encryption, tenant);
    }

    private void Withhold(Pseudonym patient, AssociationState cell)
    {
        var content = transaction.Connection.ForTenant(tenant)
            .QuerySingle<byte[]>("SELECT sealed FROM patient_record WHERE tenant = @tenant AND patient = @patient", new { patient = patient.Bytes });
        var record = PatientRecord.FromBytes(encryption.Decrypt(content, tenant, EncryptedRowPaths.Patient(patient)));
        record.MemberSince.Remove(cell.Key);
        record.WithheldCells.Add(cell.Key);
        transaction.Connection.ForTenant(tenant).Execute("UPDATE patient_record SET sealed = @content WHERE tenant = @tenant AND patient = @patient",
            new { patient = patient.Bytes, content = encryption.Encrypt(record.ToBytes(), tenant, EncryptedRowPaths.Patient(patient)) });
    }

    private sealed record Row(byte[] Patient, byte[] Content);
}
