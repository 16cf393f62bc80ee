using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Sessions.StageOne;

/// <summary>Keeps the running sums of one site true to its patients' scores, inside one transaction: what is touched is read once, changed, and written once.</summary>
/// <remarks>
/// <code>
/// 1. the record of a patient is read, and what it adds to each cell is computed
/// 2. the caller changes the record
/// 3. on saving, what the shares that differ stand in is read, the old share is taken from its therapist's sums and the new one added: the cost is that of one patient
/// </code>
/// </remarks>
internal sealed class SumBook(WriteTransaction transaction, Sealer sealer, string tenant, SessionOptions options)
{
    private readonly Dictionary<Pseudonym, Page> _patients = [];
    private readonly Dictionary<(string Cell, Pseudonym Stratum), (Stratum Sums, Membership Before)> _strata = [];
    private readonly Dictionary<string, CellSum> _cells = new(StringComparer.Ordinal);
    private readonly Dictionary<Pseudonym, Answer<byte[]>> _askedPatients = [];
    private readonly Dictionary<(string Cell, Pseudonym Stratum), Answer<byte[]>> _askedStrata = [];
    private readonly Dictionary<string, Answer<byte[]>> _askedCells = new(StringComparer.Ordinal);
    private readonly HashSet<Pseudonym> _forgotten = [];

    /// <summary>Asks for a record that <see cref="Patient"/> will want.</summary>
    public void Expect(Pseudonym patient)
    {
        if (!_patients.ContainsKey(patient))
        {
            Asked(patient);
        }
    }

    /// <summary>The patient's record, to be changed before <see cref="Save"/>.</summary>
    public PatientRecord Patient(Pseudonym patient)
    {
        if (!_patients.TryGetValue(patient, out var page))
        {
            var record = Asked(patient).Rows is [var bytes] ? PatientRecord.FromBytes(sealer.Open(bytes, tenant, Places.Patient(patient))) : new PatientRecord();
            _patients.Add(patient, page = new(record, Shares.Of(record, options.Window)));
        }

        return page.Record;
    }

    /// <summary>Empties a patient's record, and leaves none; not even in which releases the patient stood, as nothing of an erased patient is taken again.</summary>
    /// <returns>In how many cells the patient took part.</returns>
    public long Forget(Pseudonym patient)
    {
        Patient(patient).Clear();
        _forgotten.Add(patient);
        return _patients[patient].Before.ByCell.Count;
    }

    /// <summary>Writes what changed.</summary>
    /// <returns>The cells that other numbers now stand in, with the people they rest on.</returns>
    public IReadOnlyDictionary<string, CellSum> Save()
    {
        var left = new long[Exclusions.Reasons.Length];
        var moves = new List<Change>();
        foreach (var page in _patients.Values)
        {
            var after = Shares.Of(page.Record, options.Window);
            moves.AddRange(page.Before.ByCell.Keys.Union(after.ByCell.Keys, StringComparer.Ordinal)
                .Select(cell => new Change(page.Record, cell, page.Before.ByCell.GetValueOrDefault(cell), after.ByCell.GetValueOrDefault(cell))).Where(move => !Equals(move.Before, move.After)));
            for (var i = 0; i < left.Length; i++)
            {
                left[i] += after.Excluded.Counts[i] - page.Before.Excluded.Counts[i];
            }
        }

        moves.ForEach(Expect);
        var counts = Array.Exists(left, n => n != 0) ? SiteCounts.Ask(transaction.Connection, tenant) : null;
        moves.ForEach(Move);
        foreach (var (patient, page) in _patients)
        {
            Write(patient, page.Record);
        }

        WriteStrata();
        WriteCells();
        if (counts is not null)
        {
            WriteExclusions(counts, left);
        }

        var changed = _cells.ToDictionary(StringComparer.Ordinal);
        _patients.Clear();
        _forgotten.Clear();
        _cells.Clear();
        _askedPatients.Clear();
        _askedStrata.Clear();
        _askedCells.Clear();
        return changed;
    }

    private void Expect(Change move)
    {
        Asked(move.Cell);
        foreach (var share in new[] { move.Before, move.After }.OfType<Share>())
        {
            Asked(move.Cell, share.Stratum);
        }
    }

    private void Move(Change move)
    {
        var (record, cell, before, after) = move;
        var stays = before?.Stratum == after?.Stratum;
        if (before is not null)
        {
            var stratum = Sums(cell, before.Stratum);
            stratum.Subtract(before, record.Out.Contains(cell));
            if (!stays)
            {
                Leave(stratum, record, cell);
            }
        }

        if (after is not null)
        {
            var stratum = Sums(cell, after.Stratum);
            stratum.Add(after, record.Out.Contains(cell));
            if (!stays)
            {
                Enter(stratum, record, cell);
            }
        }
    }

    private void Enter(Stratum stratum, PatientRecord record, string cell)
    {
        if (record.Out.Contains(cell))
        {
            stratum.Out++;
        }
        else
        {
            stratum.Fresh++;
            record.Joined[cell] = Cell(cell).Epoch + 1;
        }
    }

    // Who leaves a release stays out of all that come, as a return could be told apart from those who are new.
    private void Leave(Stratum stratum, PatientRecord record, string cell)
    {
        if (record.Out.Contains(cell))
        {
            stratum.Out--;
            return;
        }

        var (known, joined) = (Cell(cell), record.Joined[cell]);
        record.Joined.Remove(cell);
        if (!known.Released(stratum, joined))
        {
            stratum.Fresh--;
            return;
        }

        record.Out.Add(cell);
        stratum.Released--;
        stratum.Gone++;
        stratum.GoneEarly += known.IsEarly(stratum, joined) ? 1 : 0;
    }

    private Stratum Sums(string cell, Pseudonym stratum)
    {
        if (!_strata.TryGetValue((cell, stratum), out var known))
        {
            var sums = Asked(cell, stratum).Rows is [var bytes] ? Stratum.FromBytes(sealer.Open(bytes, tenant, Places.Stratum(cell, stratum))) : new Stratum();
            _strata.Add((cell, stratum), known = (sums, sums.Membership(CellSum.FewestClients(cell))));
        }

        return known.Sums;
    }

    private CellSum Cell(string cell)
    {
        if (!_cells.TryGetValue(cell, out var known))
        {
            _cells.Add(cell, known = CellSum.From(sealer, tenant, cell, Asked(cell)));
        }

        return known;
    }

    private void Write(Pseudonym patient, PatientRecord record)
    {
        if (record.IsEmpty || _forgotten.Contains(patient))
        {
            transaction.Connection.OfSite(tenant).Send("DELETE FROM patient_record WHERE tenant = @tenant AND patient = @patient", new { patient = patient.Bytes });
            return;
        }

        transaction.Connection.OfSite(tenant).Send(
            "INSERT INTO patient_record (tenant, patient, sealed) VALUES (@tenant, @patient, @content) ON CONFLICT (tenant, patient) DO UPDATE SET sealed = excluded.sealed",
            new { patient = patient.Bytes, content = sealer.Seal(record.ToBytes(), tenant, Places.Patient(patient)) });
    }

    private void WriteStrata()
    {
        foreach (var ((cell, stratum), (sums, before)) in _strata)
        {
            var known = Cell(cell);
            known.Members += sums.Membership(CellSum.FewestClients(cell)) - before;
            Write(transaction, sealer, tenant, cell, stratum, sums);
        }

        _strata.Clear();
    }

    /// <summary>Stores the sums of one therapist's clients; those of nobody are deleted.</summary>
    internal static void Write(WriteTransaction transaction, Sealer sealer, string tenant, string cell, Pseudonym stratum, Stratum sums)
    {
        if (sums.IsEmpty)
        {
            transaction.Connection.OfSite(tenant).Send("DELETE FROM stratum_sum WHERE tenant = @tenant AND cell = @cell AND stratum = @stratum", new { cell, stratum = stratum.Bytes });
            return;
        }

        transaction.Connection.OfSite(tenant).Send(
            """
            INSERT INTO stratum_sum (tenant, cell, stratum, sealed) VALUES (@tenant, @cell, @stratum, @content)
            ON CONFLICT (tenant, cell, stratum) DO UPDATE SET sealed = excluded.sealed
            """,
            new { cell, stratum = stratum.Bytes, content = sealer.Seal(sums.ToBytes(), tenant, Places.Stratum(cell, stratum)) });
    }

    private void WriteCells()
    {
        foreach (var (_, cell) in _cells)
        {
            cell.Write(transaction.Connection, sealer, tenant);
        }
    }

    private void WriteExclusions(Answer<byte[]> stored, long[] changes)
    {
        var counts = SiteCounts.From(sealer, tenant, stored);
        for (var i = 0; i < changes.Length; i++)
        {
            counts[i] += changes[i];
        }

        SiteCounts.Write(transaction.Connection, sealer, tenant, counts);
    }

    private Answer<byte[]> Asked(Pseudonym patient) => _askedPatients.TryGetValue(patient, out var asked) ? asked : _askedPatients[patient] =
        transaction.Connection.OfSite(tenant).Ask<byte[]>("SELECT sealed FROM patient_record WHERE tenant = @tenant AND patient = @patient", new { patient = patient.Bytes });

    private Answer<byte[]> Asked(string cell, Pseudonym stratum) => _askedStrata.TryGetValue((cell, stratum), out var asked) ? asked : _askedStrata[(cell, stratum)] =
        transaction.Connection.OfSite(tenant).Ask<byte[]>("SELECT sealed FROM stratum_sum WHERE tenant = @tenant AND cell = @cell AND stratum = @stratum", new { cell, stratum = stratum.Bytes });

    private Answer<byte[]> Asked(string cell) => _askedCells.TryGetValue(cell, out var asked) ? asked : _askedCells[cell] = CellSum.Ask(transaction.Connection, tenant, cell);

    /// <summary>What a patient adds to a cell, before and now.</summary>
    private sealed record Change(PatientRecord Record, string Cell, Share? Before, Share? After);

    private sealed record Page(PatientRecord Record, Shares Before);
}
