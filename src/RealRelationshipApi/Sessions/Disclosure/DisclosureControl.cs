using System.Text.Json;

using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>Releases a site's associations in epochs, so that no difference of releases reveals fewer than 11 patients (differencing attack).</summary>
/// <remarks>
/// <para>A cell may be released when it has at least 11 patients of 3 therapists, and when at least 11 of its patients, and a tenth
/// of all, were in none of its releases. Departures (erasure, withdrawal, another therapist) are rounded up to 11 by withholding others
/// in an order derived from the privacy key; both are permanently excluded from the cell's releases. Other cells keep the numbers of their last release.</para>
/// <para>Hence in any sum or difference of releases of a cell, the latest has at least 11 patients who are in none of the others.
/// And of any two releases, the later one lacks either no patient of the earlier one or at least 11. Proof: let e be the last release with
/// departures (<see cref="AssociationState.StableSince"/>). Every patient of e is in all later releases until the next departures, which remove
/// 11 patients of e from the next release and all that follow; of each release before e, 11 patients were missing in e.</para>
/// <para>Associations between therapists use the same patients as those between clients, at the same or fewer epochs.</para>
/// </remarks>
internal sealed class DisclosureControl(WriteTransaction transaction, ColumnEncryption encryption, string tenant, DisclosureOptions thresholds,
    AssociationOptions options)
{
    private const double Confidence = 0.95;

    /// <summary>Makes a release if one of the changed cells may be released.</summary>
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

    // The same cells for every site: total relationship scores, with only the covariates of the design partialled out.
    internal static bool IsReleasable(string cell) => AssociationKey.Parse(cell) is { Alliance: null, Relationship.Scale: "total" } key
        && BuiltInInstruments.FindByCode(key.Outcome.Instrument)?.Construct is not (Construct.Alliance or Construct.Satisfaction);

    /// <summary>Releases anew without the effects of cells that are not releasable.</summary>
    /// <returns>Number of effects withdrawn.</returns>
    public int WithdrawUnreleasable()
    {
        if (ReleaseQueries.Latest(transaction.Connection, tenant, transaction.Log) is not { } last)
        {
            return 0;
        }

        List<ReleasedEffect> kept = [.. last.Content.Effects.Where(e => IsReleasable(e.Cell))];
        if (kept.Count == last.Content.Effects.Count)
        {
            return 0;
        }

        Write(last.Number + 1, _ => (kept, [.. last.Content.Suppressed.Where(s => IsReleasable(s.Cell))]));
        return last.Content.Effects.Count - kept.Count;
    }

    private void Release()
    {
        if (!TryFindLatest(out var last))
        {
            return;
        }

        var previous = (last?.Content.Effects ?? []).ToLookup(e => e.Cell);
        var effects = new List<ReleasedEffect>();
        var suppressed = new List<WithheldAssociation>();
        var newlyReleased = new HashSet<ReleasedEffect>();
        foreach (var cell in AssociationState.ReadAll(transaction.Connection, encryption, tenant).Where(c => IsReleasable(c.Key)))
        {
            if (IsDue(cell) && FreezeEffects(cell) is { Count: > 0 } frozen)
            {
                effects.AddRange(frozen);
                effects.AddRange(previous[cell.Key].Where(e => frozen.All(f => f.Level != e.Level)));
                newlyReleased.UnionWith(frozen);
            }
            else if (previous[cell.Key].Any())
            {
                effects.AddRange(previous[cell.Key]);
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

        Write((last?.Number ?? 0) + 1,
            recordedAt => ([.. effects.Select(e => newlyReleased.Contains(e) ? e with { ReleasedAt = recordedAt } : e)], suppressed));
    }

    // The site's sessions are stored, but nothing is released beside a release that was altered.
    private bool TryFindLatest(out SiteRelease? latest)
    {
        try
        {
            latest = ReleaseQueries.Latest(transaction.Connection, tenant, transaction.Log);
            return true;
        }
        catch (TamperedDataException)
        {
            latest = null;
            return false;
        }
    }

    private void Write(long number, Func<DateTimeOffset, (IReadOnlyList<ReleasedEffect> Effects, IReadOnlyList<WithheldAssociation> Suppressed)> content)
    {
        var row = new ReleaseRow(tenant, number, 0, "", "", []);
        transaction.RecordEvidenceChange(tenant, ChangeKind.Released, ReleaseQueries.SubjectOf(tenant), number, recorded =>
        {
            var (effects, suppressed) = content(UtcTimestamp.Parse(recorded.RecordedAt));
            var release = new ReleaseContent(ReleaseQueries.SiteName(transaction, tenant), EnumNames<OutcomeWindow>.Of(options.OutcomeWindow), effects,
                suppressed);
            row = row with { Evidence = recorded.Evidence, RecordedAt = recorded.RecordedAt, Content = JsonSerializer.Serialize(release, StrictJson.Options) };
            row = row with { RowHash = row.ComputeHash(transaction.CreateHash(KeyPurposes.Release)) };
            return row.RowHash;
        });
        transaction.ForTenant(tenant).Enqueue(
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

    // Patients of the last release who are still included, in a secret order derived from the privacy key.
    private IEnumerable<ReleasedPatient> ReadReleasedPatients(AssociationState cell, Dictionary<Pseudonym, TherapistSums> therapistSums)
    {
        var patients = transaction.Connection.ForTenant(tenant).Query<Row>("SELECT patient, sealed AS Content FROM patient_record WHERE tenant = @tenant")
            .Select(row => (Patient: new Pseudonym(row.Patient), row.Content))
            .OrderBy(row => Convert.ToHexString(
                    transaction.CreateHash(KeyPurposes.Withheld).Add(tenant).Add(cell.Key).Add(cell.Epoch).Add(row.Patient.Bytes).Finish()),
                StringComparer.Ordinal);
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

    // Stores the members of this release for comparison with the next one.
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

        cell.Write(transaction, encryption, tenant);
    }

    private void Withhold(Pseudonym patient, AssociationState cell)
    {
        var content = transaction.Connection.ForTenant(tenant)
            .QuerySingle<byte[]>("SELECT sealed FROM patient_record WHERE tenant = @tenant AND patient = @patient", new { patient = patient.Bytes });
        var record = PatientRecord.FromBytes(encryption.Decrypt(content, tenant, EncryptedRowPaths.Patient(patient)));
        record.MemberSince.Remove(cell.Key);
        record.WithheldCells.Add(cell.Key);
        transaction.ForTenant(tenant).Enqueue("UPDATE patient_record SET sealed = @content WHERE tenant = @tenant AND patient = @patient",
            new { patient = patient.Bytes, content = encryption.Encrypt(record.ToBytes(), tenant, EncryptedRowPaths.Patient(patient)) });
    }

    private sealed record Row(byte[] Patient, byte[] Content);
}
