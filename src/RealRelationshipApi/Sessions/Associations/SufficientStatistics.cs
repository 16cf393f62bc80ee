using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Updates the running sums of one site in one transaction, reading and writing each affected row once. The cost does not depend on the size
/// of the site.</summary>
/// <remarks>
/// <code>
/// 1. read the record of a patient, and compute its contributions before the change
/// 2. let the caller change the record
/// 3. on saving, subtract the old contribution from its therapist's sums and add the new one, for each cell that differs
/// </code>
/// </remarks>
/// <param name="transaction">Where to read and write.</param>
/// <param name="encryption">Of records and sums.</param>
/// <param name="tenant">The site.</param>
/// <param name="options">The window of treatment outcomes.</param>
/// <param name="fromRelease01">Whether the sums were computed by the rules of release 0.1, as in the migration from it.</param>
internal sealed class SufficientStatistics(WriteTransaction transaction, ColumnEncryption encryption, string tenant, AssociationOptions options,
    bool fromRelease01 = false)
{
    private readonly Dictionary<Pseudonym, PatientState> _patients = [];
    private readonly Dictionary<(string Cell, Pseudonym Stratum), (TherapistSums Sums, CohortCounts Before)> _therapistSums = [];
    private readonly Dictionary<string, AssociationState> _associations = new(StringComparer.Ordinal);
    private readonly Dictionary<Pseudonym, QueuedResult<List<byte[]>>> _pendingPatients = [];
    private readonly Dictionary<(string Cell, Pseudonym Stratum), QueuedResult<List<byte[]>>> _pendingTherapistSums = [];
    private readonly Dictionary<string, QueuedResult<List<byte[]>>> _pendingAssociations = new(StringComparer.Ordinal);
    private readonly HashSet<Pseudonym> _erased = [];

    /// <summary>The therapist that a linked key stands for.</summary>
    public Func<Pseudonym, Pseudonym>? ResolveTherapist { get; set; }

    /// <summary>Enqueues the query of a record for <see cref="GetPatient"/>.</summary>
    public void Prefetch(Pseudonym patient)
    {
        if (!_patients.ContainsKey(patient))
        {
            QueueRead(patient);
        }
    }

    /// <summary>The patient's record, which the caller may change before <see cref="Save"/>.</summary>
    public PatientRecord GetPatient(Pseudonym patient)
    {
        if (!_patients.TryGetValue(patient, out var state))
        {
            var record = QueueRead(patient).Value is [var bytes]
                ? PatientRecord.Decrypt(encryption, tenant, patient, bytes) : new PatientRecord();
            _patients.Add(patient, state = new(record, PatientContributions.Compute(record, options.OutcomeWindow, numbersAsRelease01: fromRelease01)));
        }

        return state.Record;
    }

    /// <summary>Deletes a patient's record with its membership of releases; an erased patient is never stored again.</summary>
    /// <returns>The number of cells that the patient contributed to.</returns>
    public long Erase(Pseudonym patient)
    {
        GetPatient(patient).Clear();
        _erased.Add(patient);
        return _patients[patient].Before.ByAssociation.Count;
    }

    /// <summary>Unites the records of two keys of one person.</summary>
    /// <remarks>A patient of a release whose person is no member of it under the other key leaves it, and the person is withheld from later ones: as a
    /// newcomer the person would be released a second time.</remarks>
    public void Merge(Pseudonym from, Pseudonym to)
    {
        var (source, target) = (GetPatient(from), GetPatient(to));
        source.MoveTo(target);
        _patients[to].ToWithhold.UnionWith(source.WithheldCells);
        _patients[from].MergedInto = _patients[to];
        _erased.Add(from);
    }

    /// <summary>Patients whose records were read.</summary>
    public IEnumerable<Pseudonym> LoadedPatients => _patients.Keys;

    /// <summary>Writes the changes.</summary>
    /// <returns>The changed cells, by key.</returns>
    public IReadOnlyDictionary<string, AssociationState> Save()
    {
        var exclusionChanges = new long[Exclusions.Length];
        var after = _patients.Values.ToDictionary(state => state, state => PatientContributions.Compute(state.Record, options.OutcomeWindow));
        foreach (var (state, computed) in after)
        {
            for (var i = 0; i < exclusionChanges.Length; i++)
            {
                // Release 0.1 counted by other rules: its counts were deleted.
                exclusionChanges[i] += computed.Excluded.Counts[i] - (fromRelease01 ? 0 : state.Before.Excluded.Counts[i]);
            }
        }

        var counts = Array.Exists(exclusionChanges, n => n != 0) ? ExclusionCounts.EnqueueRead(transaction, tenant) : null;
        // First the records that were united with another: what they leave decides what the other is withheld from.
        foreach (var states in after.ToLookup(s => s.Key.MergedInto is null).OrderBy(g => g.Key))
        {
            // Renamed therapists before newcomers, who would make the new name look like another therapist.
            var changes = states.SelectMany(s => ChangesOf(s.Key, s.Value)).OrderByDescending(IsRename).ToList();
            changes.ForEach(Prefetch);
            changes.ForEach(ApplyChange);
        }

        foreach (var (patient, state) in _patients)
        {
            // Also where the person has no contribution yet.
            state.Record.WithheldCells.UnionWith(state.ToWithhold.Where(association => !state.Record.MemberSince.ContainsKey(association)));
            Write(patient, state.Record);
        }

        WriteTherapistSums();
        WriteAssociations();
        if (counts is not null)
        {
            WriteExclusions(counts.Value, exclusionChanges);
        }

        var changed = _associations.ToDictionary(StringComparer.Ordinal);
        _patients.Clear();
        _erased.Clear();
        _associations.Clear();
        _pendingPatients.Clear();
        _pendingTherapistSums.Clear();
        _pendingAssociations.Clear();
        return changed;
    }

    private static IEnumerable<ContributionChange> ChangesOf(PatientState state, PatientContributions after) =>
        state.Before.ByAssociation.Keys.Union(after.ByAssociation.Keys, StringComparer.Ordinal)
            .Select(association => new ContributionChange(state, association, state.Before.ByAssociation.GetValueOrDefault(association),
                after.ByAssociation.GetValueOrDefault(association)))
            .Where(move => !Equals(move.Before, move.After) || state.ToWithhold.Contains(move.Association));

    private void Prefetch(ContributionChange change)
    {
        var cell = AssociationKey.WithProvenance(change.Association, change.State.Record.Provenance);
        QueueRead(cell);
        foreach (var share in new[] { change.Before, change.After }.OfType<PatientContribution>())
        {
            QueueRead(cell, share.Therapist);
        }
    }

    private void ApplyChange(ContributionChange change)
    {
        var (state, association, before, after) = change;
        var record = state.Record;
        var cell = GetAssociation(AssociationKey.WithProvenance(association, record.Provenance));
        if (IsRename(change) && TryRename(record, association, cell, before!, after!))
        {
            return;
        }

        var stays = before?.Therapist == after?.Therapist && !MustWithhold(state, association, before, cell);
        if (before is not null)
        {
            var stratum = GetTherapistSums(cell, before.Therapist);
            stratum.Subtract(before, record.WithheldCells.Contains(association));
            if (!stays && Leave(stratum, record, association, cell))
            {
                state.MergedInto?.ToWithhold.Add(association);
            }
        }

        if (after is not null)
        {
            if (!stays && state.ToWithhold.Contains(association))
            {
                record.WithheldCells.Add(association);
            }

            var stratum = GetTherapistSums(cell, after.Therapist);
            stratum.Add(after, record.WithheldCells.Contains(association));
            if (!stays)
            {
                Join(stratum, record, association, cell);
            }
        }
    }

    // A therapist who turns out to be another one under another key: their clients have not left.
    private bool IsRename(ContributionChange change) => change is { Before: { } before, After: { } after } && before.Therapist != after.Therapist
        && ResolveTherapist?.Invoke(before.Therapist) == after.Therapist;

    private bool TryRename(PatientRecord record, string association, AssociationState cell, PatientContribution before, PatientContribution after)
    {
        var (from, to) = (GetTherapistSums(cell, before.Therapist), GetTherapistSums(cell, after.Therapist));
        if (!to.IsEmpty && to.LastReleasedEpoch != from.LastReleasedEpoch)
        {
            return false;
        }

        var isWithheld = record.WithheldCells.Contains(association);
        from.Subtract(before, isWithheld);
        from.MoveClient(to, isWithheld, isReleased: !isWithheld && cell.IsInLastRelease(from, record.MemberSince[association]));
        to.Add(after, isWithheld);
        return true;
    }

    // Members of the last release stay in it.
    private bool MustWithhold(PatientState state, string association, PatientContribution? before, AssociationState cell) =>
        state.ToWithhold.Contains(association) && !state.Record.WithheldCells.Contains(association)
            && !(before is not null && cell.IsInLastRelease(GetTherapistSums(cell, before.Therapist), state.Record.MemberSince[association]));

    private static void Join(TherapistSums stratum, PatientRecord record, string association, AssociationState cell)
    {
        if (record.WithheldCells.Contains(association))
        {
            stratum.WithheldClients++;
        }
        else
        {
            stratum.NewSinceRelease++;
            record.MemberSince[association] = cell.Epoch + 1;
        }
    }

    // A patient who left a release is withheld from all later ones, as a return could be told apart from a new patient.
    // Whether the patient was in the last release.
    private static bool Leave(TherapistSums stratum, PatientRecord record, string association, AssociationState cell)
    {
        cell.HasLosses = true;
        if (record.WithheldCells.Contains(association))
        {
            stratum.WithheldClients--;
            return false;
        }

        record.MemberSince.Remove(association, out var joined);
        if (!cell.IsInLastRelease(stratum, joined))
        {
            stratum.NewSinceRelease--;
            return false;
        }

        record.WithheldCells.Add(association);
        stratum.ReleasedClients--;
        stratum.Departed++;
        stratum.DepartedEarly += cell.IsEarly(stratum, joined) ? 1 : 0;
        return true;
    }

    private TherapistSums GetTherapistSums(AssociationState cell, Pseudonym stratum)
    {
        if (!_therapistSums.TryGetValue((cell.Key, stratum), out var known))
        {
            var sums = QueueRead(cell.Key, stratum).Value is [var bytes]
                ? TherapistSums.FromBytes(encryption.Decrypt(bytes, tenant, EncryptedRowPaths.Stratum(cell.Key, stratum))) : new TherapistSums();
            _therapistSums.Add((cell.Key, stratum), known = (sums, sums.ToCohortCounts(cell.MinClients)));
        }

        return known.Sums;
    }

    private AssociationState GetAssociation(string cell)
    {
        if (!_associations.TryGetValue(cell, out var known))
        {
            _associations.Add(cell, known = AssociationState.Decrypt(encryption, tenant, cell, QueueRead(cell)));
        }

        return known;
    }

    private void Write(Pseudonym patient, PatientRecord record)
    {
        if (record.IsEmpty || _erased.Contains(patient))
        {
            transaction.ForTenant(tenant)
                .Enqueue("DELETE FROM patient_record WHERE tenant = @tenant AND patient = @patient", new { patient = patient.Bytes });
            return;
        }

        transaction.ForTenant(tenant).Enqueue(
            "INSERT INTO patient_record (tenant, patient, sealed) VALUES (@tenant, @patient, @content) ON CONFLICT (tenant, patient) DO UPDATE SET sealed = "
                + "excluded.sealed",
            new { patient = patient.Bytes, content = record.Encrypt(encryption, tenant, patient) });
    }

    private void WriteTherapistSums()
    {
        foreach (var ((cell, stratum), (sums, before)) in _therapistSums)
        {
            var known = GetAssociation(cell);
            known.Cohort += sums.ToCohortCounts(known.MinClients) - before;
            Write(transaction, encryption, tenant, cell, stratum, sums);
        }

        _therapistSums.Clear();
    }

    /// <summary>Stores the sums of one therapist's clients; deletes empty ones.</summary>
    internal static void Write(WriteTransaction transaction, ColumnEncryption encryption, string tenant, string cell, Pseudonym stratum, TherapistSums sums)
    {
        if (sums.IsEmpty)
        {
            transaction.ForTenant(tenant)
                .Enqueue("DELETE FROM stratum_sum WHERE tenant = @tenant AND cell = @cell AND stratum = @stratum", new { cell, stratum = stratum.Bytes });
            return;
        }

        transaction.ForTenant(tenant).Enqueue(
            """
            INSERT INTO stratum_sum (tenant, cell, stratum, sealed) VALUES (@tenant, @cell, @stratum, @content)
            ON CONFLICT (tenant, cell, stratum) DO UPDATE SET sealed = excluded.sealed
            """,
            new { cell, stratum = stratum.Bytes, content = encryption.Encrypt(sums.ToBytes(), tenant, EncryptedRowPaths.Stratum(cell, stratum)) });
    }

    private void WriteAssociations()
    {
        foreach (var (_, cell) in _associations)
        {
            cell.Write(transaction, encryption, tenant);
        }
    }

    private void WriteExclusions(IReadOnlyList<byte[]> stored, long[] changes)
    {
        var counts = ExclusionCounts.Decrypt(encryption, tenant, stored);
        for (var i = 0; i < changes.Length; i++)
        {
            counts[i] += changes[i];
        }

        ExclusionCounts.Write(transaction, encryption, tenant, counts);
    }

    private QueuedResult<List<byte[]>> QueueRead(Pseudonym patient) => ReadOnce(_pendingPatients, patient, () => transaction.ForTenant(tenant)
        .EnqueueQuery<byte[]>("SELECT sealed FROM patient_record WHERE tenant = @tenant AND patient = @patient", new { patient = patient.Bytes }));

    private QueuedResult<List<byte[]>> QueueRead(string cell, Pseudonym stratum) => ReadOnce(_pendingTherapistSums, (cell, stratum),
        () => transaction.ForTenant(tenant).EnqueueQuery<byte[]>(
            "SELECT sealed FROM stratum_sum WHERE tenant = @tenant AND cell = @cell AND stratum = @stratum", new { cell, stratum = stratum.Bytes }));

    private QueuedResult<List<byte[]>> QueueRead(string cell) =>
        ReadOnce(_pendingAssociations, cell, () => AssociationState.EnqueueRead(transaction, tenant, cell));

    private static QueuedResult<List<byte[]>> ReadOnce<T>(Dictionary<T, QueuedResult<List<byte[]>>> pending, T key, Func<QueuedResult<List<byte[]>>> enqueue)
        where T : notnull => pending.TryGetValue(key, out var queued) ? queued : pending[key] = enqueue();
}
