using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Sessions.StageOne;

/// <summary>Keeps the running sums of one site true to its patients' scores, inside one transaction: what is touched is read once, changed, and written once.</summary>
/// <remarks>
/// <code>
/// 1. the record of a patient is read, and what it adds to each cell is computed
/// 2. the caller changes the record
/// 3. on saving, the old share is taken from its therapist's sums and the new one added: the cost is that of one patient
/// </code>
/// </remarks>
internal sealed class SumBook(WriteTransaction transaction, Sealer sealer, string tenant, SessionOptions options)
{
    private readonly Dictionary<Pseudonym, Page> _patients = [];
    private readonly Dictionary<(string Cell, Pseudonym Stratum), (Stratum Sums, Membership Before)> _strata = [];
    private readonly Dictionary<string, CellSum> _cells = new(StringComparer.Ordinal);
    private readonly HashSet<Pseudonym> _forgotten = [];

    /// <summary>The patient's record, to be changed before <see cref="Save"/>.</summary>
    public PatientRecord Patient(Pseudonym patient)
    {
        if (!_patients.TryGetValue(patient, out var page))
        {
            var bytes = transaction.Connection.OfSite(tenant).QuerySingleOrDefault<byte[]>("SELECT sealed FROM patient_record WHERE tenant = @tenant AND patient = @patient",
                new { patient = patient.Bytes });
            var record = bytes is null ? new PatientRecord() : PatientRecord.FromBytes(sealer.Open(bytes, tenant, Places.Patient(patient)));
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
        foreach (var (patient, page) in _patients)
        {
            var after = Shares.Of(page.Record, options.Window);
            foreach (var cell in page.Before.ByCell.Keys.Union(after.ByCell.Keys, StringComparer.Ordinal))
            {
                Move(page.Record, cell, page.Before.ByCell.GetValueOrDefault(cell), after.ByCell.GetValueOrDefault(cell));
            }

            for (var i = 0; i < left.Length; i++)
            {
                left[i] += after.Excluded.Counts[i] - page.Before.Excluded.Counts[i];
            }

            Write(patient, page.Record);
        }

        WriteStrata();
        WriteCells();
        if (Array.Exists(left, n => n != 0))
        {
            WriteExclusions(left);
        }

        var changed = _cells.ToDictionary(StringComparer.Ordinal);
        _patients.Clear();
        _forgotten.Clear();
        _cells.Clear();
        return changed;
    }

    private void Move(PatientRecord record, string cell, Share? before, Share? after)
    {
        if (Equals(before, after))
        {
            return;
        }

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
            var bytes = transaction.Connection.OfSite(tenant).QuerySingleOrDefault<byte[]>("SELECT sealed FROM stratum_sum WHERE tenant = @tenant AND cell = @cell AND stratum = @stratum",
                new { cell, stratum = stratum.Bytes });
            var sums = bytes is null ? new Stratum() : Stratum.FromBytes(sealer.Open(bytes, tenant, Places.Stratum(cell, stratum)));
            _strata.Add((cell, stratum), known = (sums, sums.Membership(CellSum.FewestClients(cell))));
        }

        return known.Sums;
    }

    private CellSum Cell(string cell)
    {
        if (!_cells.TryGetValue(cell, out var known))
        {
            _cells.Add(cell, known = CellSum.Read(transaction.Connection, sealer, tenant, cell));
        }

        return known;
    }

    private void Write(Pseudonym patient, PatientRecord record)
    {
        if (record.IsEmpty || _forgotten.Contains(patient))
        {
            transaction.Connection.OfSite(tenant).Execute("DELETE FROM patient_record WHERE tenant = @tenant AND patient = @patient", new { patient = patient.Bytes });
            return;
        }

        transaction.Connection.OfSite(tenant).Execute(
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
            transaction.Connection.OfSite(tenant).Execute("DELETE FROM stratum_sum WHERE tenant = @tenant AND cell = @cell AND stratum = @stratum", new { cell, stratum = stratum.Bytes });
            return;
        }

        transaction.Connection.OfSite(tenant).Execute(
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

    private void WriteExclusions(long[] changes)
    {
        var counts = SiteCounts.Read(transaction.Connection, sealer, tenant);
        for (var i = 0; i < changes.Length; i++)
        {
            counts[i] += changes[i];
        }

        SiteCounts.Write(transaction.Connection, sealer, tenant, counts);
    }

    private sealed record Page(PatientRecord Record, Shares Before);
}
