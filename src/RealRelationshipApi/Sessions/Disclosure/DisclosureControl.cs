using System.Text.Json;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>Releases a site's associations in epochs, so that no difference of releases reveals fewer than 11 patients (differencing attack).</summary>
/// <remarks>
/// <para>A cell has the patients of one <see cref="Provenance"/>, whose sender may know or have invented them. It may be released when it has at
/// least 11 patients of 3 therapists, none of whom dominates it, and when at least 11 of its patients, and a tenth
/// of all, were in none of its releases. Departures (erasure, withdrawal, another therapist) are rounded up to 11 by withholding others
/// in an order derived from the privacy key; both are permanently excluded from the cell's releases. Other cells keep the numbers of their last release.</para>
/// <para>Hence in any sum or difference of releases of a cell, the latest has at least 11 patients who are in none of the others.
/// And of any two releases, the later one lacks either no patient of the earlier one or at least 11. Proof: let e be the last release with
/// departures (<see cref="AssociationState.StableSince"/>). Every patient of e is in all later releases until the next departures, which remove
/// 11 patients of e from the next release and all that follow; of each release before e, 11 patients were missing in e.</para>
/// <para>The released number of an association is the inverse-variance mean over its cells of the numbers of their last releases: a sender who knows all
/// but one of the cells learns no more than the releases of that one.
/// Associations between therapists use the same patients as those between clients, at the same or fewer epochs.</para>
/// </remarks>
internal sealed partial class DisclosureControl(WriteTransaction transaction, ColumnEncryption encryption, string tenant, DisclosureOptions thresholds,
    AssociationOptions options)
{
    private readonly UnlinkedSystems _unlinked = new(transaction, encryption, tenant);

    /// <summary>Makes a release if one of the changed cells may be released.</summary>
    public void ReleaseIfSafe(IEnumerable<AssociationState> changed)
    {
        if (changed.Any(IsDue))
        {
            Release();
        }
    }

    private bool IsDue(AssociationState cell) =>
        cell.Cohort.Patients >= thresholds.MinPatients && cell.Cohort.Therapists >= thresholds.MinTherapists
            && cell.Cohort.NewPatients >= Math.Max(MinNewPatients(cell), cell.NextCheck)
            && IsReleasable(cell.Key);

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
        var cells = AssociationState.ReadAll(transaction.Connection, encryption, tenant).Where(c => IsReleasable(c.Key)).ToList();
        var candidates = SelectCandidates(cells);
        if (candidates.Count == 0)
        {
            return;
        }

        var effects = new List<ReleasedEffect>();
        var suppressed = new List<WithheldAssociation>();
        var newlyReleased = new HashSet<ReleasedEffect>();
        foreach (var association in cells.GroupBy(AssociationOf, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            if (candidates.Exists(c => association.Contains(c.Cell)))
            {
                FreezeRelease01(association, previous[association.Key]);
                var levels = candidates.FindAll(c => association.Contains(c.Cell)).SelectMany(Freeze).ToHashSet(StringComparer.Ordinal);
                var released = Combine([.. association], [.. previous[association.Key]], levels);
                newlyReleased.UnionWith(released.Except(previous[association.Key]));
                effects.AddRange(released);
            }
            else if (previous[association.Key].Any())
            {
                effects.AddRange(previous[association.Key]);
            }
            else
            {
                suppressed.Add(new(association.Key, GetSuppressionReason([.. association], thresholds)));
            }
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

    private static string AssociationOf(AssociationState cell) => AssociationKey.Parse(cell.Key).AssociationText;

    // Cells that are due, can be estimated, and are dominated by nobody.
    private List<ReleaseCandidate> SelectCandidates(IReadOnlyList<AssociationState> cells)
    {
        var due = cells.Where(IsDue).ToList();
        List<ReleaseCandidate> candidates =
        [
            .. due.GroupBy(AssociationOf).SelectMany(ofAssociation => _unlinked.Select([.. cells.Where(c => AssociationOf(c) == ofAssociation.Key)])
                .Where(ofAssociation.Contains)).Select(Examine).OfType<ReleaseCandidate>(),
        ];
        if (thresholds.CountsAsRelease01)
        {
            return candidates;
        }

        foreach (var (patient, record) in candidates.Count == 0 ? [] : ReadRecords())
        {
            var contributions = PatientContributions.Compute(record, options.OutcomeWindow);
            candidates.ForEach(candidate => candidate.Examine(patient, record, contributions));
        }

        foreach (var cell in due.Except(candidates.Where(c => !c.Dominance.Exceeds).Select(c => c.Cell)))
        {
            Postpone(cell, isDominated: candidates.Exists(c => c.Cell == cell));
        }

        return candidates.FindAll(c => !c.Dominance.Exceeds);
    }

    // Examining a cell reads the patients of the site. Their number grows by a tenth between two times, which makes that a constant per patient.
    private void Postpone(AssociationState cell, bool isDominated)
    {
        cell.NextCheck = cell.Cohort.NewPatients + MinNewPatients(cell);
        cell.IsDominated = isDominated;
        cell.Write(transaction, encryption, tenant);
    }

    private long MinNewPatients(AssociationState cell) => Math.Max(thresholds.MinPatients, cell.Cohort.Patients / thresholds.NewPatientDivisor);

    private ReleaseCandidate? Examine(AssociationState cell)
    {
        var stored = AssociationSums.Read(transaction.Connection, encryption, tenant, cell.Key);
        var minClients = cell.MinClients;
        var therapistSums = stored.ByTherapist.ToDictionary(s => s.Key, s => s.Value.WithoutWithheld());
        IReadOnlyList<ReleasedPatient> withheld = cell.Cohort.DepartedPatients > 0
            ? WithheldPatients.Select(ReadReleasedPatients(cell, therapistSums), therapistSums, minClients, thresholds.MinPatients) : [];
        var sums = new AssociationSums(cell.Key, therapistSums.Where(s => s.Value.IsCounted(minClients)).ToDictionary());
        return sums.Patients >= thresholds.MinPatients && sums.Therapists >= thresholds.MinTherapists
            && sums.ByTherapist.Values.Sum(s => s.NewSinceRelease) >= thresholds.MinPatients
            && new ReleaseCandidate(cell, stored, sums, withheld) is { IsEstimable: true } candidate ? candidate : null;
    }

    // A release of 0.1 was of all patients of the site.
    private void FreezeRelease01(IEnumerable<AssociationState> cells, IEnumerable<ReleasedEffect> previous)
    {
        foreach (var cell in cells.Where(c => c.Frozen is null))
        {
            cell.Frozen = [.. previous.Select(e =>
                new FrozenEstimate(e.Level, e.Basis, ReleaseRounding.OfZ(e.Yi), ReleaseRounding.OfVariance(e.Vi), e.Patients))];
            cell.Write(transaction, encryption, tenant);
        }
    }

    // Levels with new numbers.
    private IEnumerable<string> Freeze(ReleaseCandidate candidate)
    {
        var (cell, estimates) = (candidate.Cell, candidate.Estimate());
        cell.Epoch++;
        (cell.NextCheck, cell.IsDominated) = (0, false);
        cell.Frozen = [.. estimates, .. cell.Frozen!.Where(earlier => estimates.All(e => e.Level != earlier.Level))];
        RecordRelease(cell, candidate.Stored, candidate.Withheld);
        return estimates.Select(e => e.Level);
    }

    // The numbers of an association over its cells; levels of which none is new keep theirs.
    private List<ReleasedEffect> Combine(IReadOnlyList<AssociationState> cells, IReadOnlyCollection<ReleasedEffect> previous, IReadOnlySet<string> newLevels)
    {
        var (association, epoch) = (AssociationOf(cells[0]), previous.Select(e => e.Epoch).DefaultIfEmpty().Max() + 1);
        return
        [
            .. _unlinked.Select(cells)
                .SelectMany(cell => cell.Frozen!.Select(estimate => (Cell: cell, Estimate: estimate))).GroupBy(part => part.Estimate.Level)
                .Select(level => !newLevels.Contains(level.Key) && previous.FirstOrDefault(e => e.Level == level.Key) is { } kept ? kept : Combine(level)),
        ];

        // Therapists of two cells are not independent: between therapists, only the larger cell counts.
        ReleasedEffect Combine(IGrouping<string, (AssociationState Cell, FrozenEstimate Estimate)> level)
        {
            var parts = level.Key == AssociationKey.BetweenTherapist ? [level.MaxBy(p => p.Estimate.Patients)] : level.ToList();
            var weight = parts.Sum(p => 1 / p.Estimate.Variance);
            return new(association, level.Key, parts[0].Estimate.Basis, epoch,
                ReleaseRounding.OfZ(parts.Sum(p => p.Estimate.Z / p.Estimate.Variance) / weight), ReleaseRounding.OfVariance(1 / weight),
                parts.Sum(p => p.Estimate.Patients), parts.SelectMany(p => ReadReleasedTherapists(p.Cell)).Distinct().Count(), default);
        }
    }

    private IEnumerable<Pseudonym> ReadReleasedTherapists(AssociationState cell) =>
        AssociationSums.Read(transaction.Connection, encryption, tenant, cell.Key).ByTherapist.Where(s => s.Value.LastReleasedEpoch == cell.Epoch)
            .Select(s => s.Key);

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

    /// <summary>Why an association is in no release: the reason of its largest cell.</summary>
    /// <param name="cells">Its cells.</param>
    /// <param name="thresholds">Minimum numbers of patients and therapists.</param>
    public static string GetSuppressionReason(IReadOnlyCollection<AssociationState> cells, DisclosureOptions thresholds) =>
        cells.Any(c => c.IsDominated) ? "dominated"
        : cells.Max(c => c.Cohort.Patients) < thresholds.MinPatients ? "tooFewPatients"
        : cells.Where(c => c.Cohort.Patients >= thresholds.MinPatients).Max(c => c.Cohort.Therapists) < thresholds.MinTherapists ? "tooFewTherapists"
        : "notEstimable";

    private IEnumerable<(Pseudonym Patient, PatientRecord Record)> ReadRecords() => PatientRecords.ReadAll(transaction.Connection, encryption, tenant);

    // Patients of the last release who are still included, in a secret order derived from the privacy key.
    private IEnumerable<ReleasedPatient> ReadReleasedPatients(AssociationState cell, Dictionary<Pseudonym, TherapistSums> therapistSums)
    {
        var (association, provenance) = (AssociationOf(cell), AssociationKey.Parse(cell.Key).Provenance);
        return ReadRecords().Select(row => Read(row.Patient, row.Record)).OfType<ReleasedPatient>()
            .OrderBy(member => Convert.ToHexString(
                    transaction.CreateHash(KeyPurposes.Withheld).Add(tenant).Add(cell.Key).Add(cell.Epoch).Add(member.Patient.Bytes).Finish()),
                StringComparer.Ordinal);

        ReleasedPatient? Read(Pseudonym patient, PatientRecord record) =>
            record.Provenance == provenance && record.MemberSince.TryGetValue(association, out var memberSince)
                && PatientContributions.Compute(record, options.OutcomeWindow).ByAssociation.GetValueOrDefault(association) is { } contribution
                && therapistSums[contribution.Therapist] is var stratum && cell.IsInLastRelease(stratum, memberSince)
                    ? new(patient, contribution, cell.IsEarly(stratum, memberSince)) : null;
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
        var minClients = cell.MinClients;
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
        var record = PatientRecord.Decrypt(encryption, tenant, patient, content);
        record.MemberSince.Remove(AssociationOf(cell));
        record.WithheldCells.Add(AssociationOf(cell));
        transaction.ForTenant(tenant).Enqueue("UPDATE patient_record SET sealed = @content WHERE tenant = @tenant AND patient = @patient",
            new { patient = patient.Bytes, content = record.Encrypt(encryption, tenant, patient) });
    }
}
