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
                ? PatientRecord.FromBytes(encryption.Decrypt(bytes, tenant, EncryptedRowPaths.Patient(patient))) : new PatientRecord();
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

    /// <summary>Writes the changes.</summary>
    /// <returns>The changed cells, by key.</returns>
    public IReadOnlyDictionary<string, AssociationState> Save()
    {
        var exclusionChanges = new long[Exclusions.Length];
        var changes = new List<ContributionChange>();
        foreach (var state in _patients.Values)
        {
            var after = PatientContributions.Compute(state.Record, options.OutcomeWindow);
            changes.AddRange(state.Before.ByAssociation.Keys.Union(after.ByAssociation.Keys, StringComparer.Ordinal)
                .Select(
                    cell =>
                        new ContributionChange(state.Record, cell, state.Before.ByAssociation.GetValueOrDefault(cell),
                            after.ByAssociation.GetValueOrDefault(cell))).Where(move => !Equals(move.Before, move.After)));
            for (var i = 0; i < exclusionChanges.Length; i++)
            {
                // Release 0.1 counted by other rules: its counts were deleted.
                exclusionChanges[i] += after.Excluded.Counts[i] - (fromRelease01 ? 0 : state.Before.Excluded.Counts[i]);
            }
        }

        changes.ForEach(Prefetch);
        var counts = Array.Exists(exclusionChanges, n => n != 0) ? ExclusionCounts.EnqueueRead(transaction, tenant) : null;
        changes.ForEach(ApplyChange);
        foreach (var (patient, state) in _patients)
        {
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

    private void Prefetch(ContributionChange change)
    {
        QueueRead(change.Cell);
        foreach (var share in new[] { change.Before, change.After }.OfType<PatientContribution>())
        {
            QueueRead(change.Cell, share.Therapist);
        }
    }

    private void ApplyChange(ContributionChange change)
    {
        var (record, cell, before, after) = change;
        var stays = before?.Therapist == after?.Therapist;
        if (before is not null)
        {
            var stratum = GetTherapistSums(cell, before.Therapist);
            stratum.Subtract(before, record.WithheldCells.Contains(cell));
            if (!stays)
            {
                Leave(stratum, record, cell);
            }
        }

        if (after is not null)
        {
            var stratum = GetTherapistSums(cell, after.Therapist);
            stratum.Add(after, record.WithheldCells.Contains(cell));
            if (!stays)
            {
                Join(stratum, record, cell);
            }
        }
    }

    private void Join(TherapistSums stratum, PatientRecord record, string cell)
    {
        if (record.WithheldCells.Contains(cell))
        {
            stratum.WithheldClients++;
        }
        else
        {
            stratum.NewSinceRelease++;
            record.MemberSince[cell] = GetAssociation(cell).Epoch + 1;
        }
    }

    // A patient who left a release is withheld from all later ones, as a return could be told apart from a new patient.
    private void Leave(TherapistSums stratum, PatientRecord record, string cell)
    {
        if (record.WithheldCells.Contains(cell))
        {
            stratum.WithheldClients--;
            return;
        }

        var (known, joined) = (GetAssociation(cell), record.MemberSince[cell]);
        record.MemberSince.Remove(cell);
        if (!known.IsInLastRelease(stratum, joined))
        {
            stratum.NewSinceRelease--;
            return;
        }

        record.WithheldCells.Add(cell);
        stratum.ReleasedClients--;
        stratum.Departed++;
        stratum.DepartedEarly += known.IsEarly(stratum, joined) ? 1 : 0;
    }

    private TherapistSums GetTherapistSums(string cell, Pseudonym stratum)
    {
        if (!_therapistSums.TryGetValue((cell, stratum), out var known))
        {
            var sums = QueueRead(cell, stratum).Value is [var bytes]
                ? TherapistSums.FromBytes(encryption.Decrypt(bytes, tenant, EncryptedRowPaths.Stratum(cell, stratum))) : new TherapistSums();
            _therapistSums.Add((cell, stratum), known = (sums, sums.ToCohortCounts(AssociationState.MinClients(cell))));
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
            new { patient = patient.Bytes, content = encryption.Encrypt(record.ToBytes(), tenant, EncryptedRowPaths.Patient(patient)) });
    }

    private void WriteTherapistSums()
    {
        foreach (var ((cell, stratum), (sums, before)) in _therapistSums)
        {
            var known = GetAssociation(cell);
            known.Cohort += sums.ToCohortCounts(AssociationState.MinClients(cell)) - before;
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

    /// <summary>A patient's contribution to a cell before and after the change.</summary>
    private sealed record ContributionChange(PatientRecord Record, string Cell, PatientContribution? Before, PatientContribution? After);

    private sealed record PatientState(PatientRecord Record, PatientContributions Before);
}
