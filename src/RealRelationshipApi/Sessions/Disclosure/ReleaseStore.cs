using System.Text.Json;

using RealRelationship.Statistics.StageOne;

using RealRelationshipApi.Http;
using RealRelationshipApi.Sessions.StageOne;
using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Sessions.Releases;

/// <summary>Lets a site's associations out once that is safe, in epochs: what is out stays as it is until enough people have come.</summary>
/// <remarks>
/// <para>A cell may be released when it rests on at least 11 patients of 3 therapists, and when at least 11 patients, and a tenth
/// of all, stand in it who stood in none of its releases. Who left (an erasure, a withdrawal, another therapist) is rounded up to 11 by withholding others,
/// chosen by the key; both stay out of the cell's releases for good. Cells without enough change keep the numbers of their last release.</para>
/// <para>Hence, of any releases of a cell: whatever is added and subtracted of them, the latest among them brings at least 11 people who
/// stand in none of the others, so that no result is that of fewer. And of any two, nobody of the earlier one or at least 11 are missing
/// in the later one: since the release e that people last left, everybody who stood in e stands in all (<see cref="CellSum.WholeSince"/>),
/// so that 11 leavers who stood in e are missing from e and from all since; from those before e, 11 were missing in e.</para>
/// <para>Between therapists the same patients are told as between clients, at the same epochs or at fewer of them.</para>
/// </remarks>
internal sealed class ReleaseStore(WriteTransaction transaction, Sealer sealer, string tenant, ReleaseOptions thresholds, SessionOptions options)
{
    private const double Confidence = 0.95;

    /// <summary>Makes a release if one of the cells that changed may be released.</summary>
    public void ReleaseWhereSafe(IEnumerable<CellSum> changed)
    {
        if (changed.Any(IsDue))
        {
            Release();
        }
    }

    private bool IsDue(CellSum cell) =>
        IsPublic(cell.Key) && cell.Members.Patients >= thresholds.MinPatients && cell.Members.Therapists >= thresholds.MinTherapists && cell.Members.Entered >= Math.Max(thresholds.MinPatients, cell.Members.Patients / thresholds.OneNewIn);

    // One set of cells for every site: the whole scale of the relationship, with nothing but what belongs to the design partialled out.
    internal static bool IsPublic(string cell) => Cell.Parse(cell) is { Alliance: null, Relationship.Scale: "total" };

    private void Release()
    {
        var last = ReleaseReads.Last(transaction.Connection, tenant);
        var recordedAt = DateTimeOffset.MinValue;
        var kept = (last?.Content.Effects ?? []).ToLookup(e => e.Cell);
        var effects = new List<ReleasedEffect>();
        var suppressed = new List<SuppressedCell>();
        var fresh = new HashSet<ReleasedEffect>();
        foreach (var cell in CellSum.ReadAll(transaction.Connection, sealer, tenant).Where(c => IsPublic(c.Key)))
        {
            if (IsDue(cell) && Freeze(cell) is { Count: > 0 } frozen)
            {
                effects.AddRange(frozen);
                effects.AddRange(kept[cell.Key].Where(e => frozen.All(f => f.Level != e.Level)));
                fresh.UnionWith(frozen);
            }
            else if (kept[cell.Key].Any())
            {
                effects.AddRange(kept[cell.Key]);
            }
            else
            {
                suppressed.Add(new(cell.Key, ReasonOf(cell)));
            }
        }

        if (fresh.Count == 0)
        {
            return;
        }

        var number = (last?.Number ?? 0) + 1;
        var row = new ReleaseRow(tenant, number, 0, "", "", []);
        transaction.RecordEvidence(tenant, ChangeKind.Released, $"release/{tenant}", number, recorded =>
        {
            recordedAt = Instant.Parse(recorded.RecordedAt);
            var content = new ReleaseContent(ReleaseReads.SiteName(transaction, tenant), EnumNames<OutcomeWindow>.Of(options.Window),
                [.. effects.Select(e => fresh.Contains(e) ? e with { ReleasedAt = recordedAt } : e)], suppressed);
            row = row with { Evidence = recorded.Evidence, RecordedAt = recorded.RecordedAt, Content = JsonSerializer.Serialize(content, StrictJson.Options) };
            row = row with { RowHash = row.Hash(transaction.Hash(ReleaseRow.Purpose)) };
            return row.RowHash;
        });
        transaction.Connection.OfSite(tenant).Execute(
            "INSERT INTO release (tenant, number, evidence, recorded_at, content, row_hash) VALUES (@tenant, @Number, @Evidence, @RecordedAt, @Content, @RowHash)",
            new { row.Number, row.Evidence, row.RecordedAt, row.Content, row.RowHash });
    }

    private string ReasonOf(CellSum cell) =>
        cell.Members.Patients < thresholds.MinPatients ? "tooFewPatients" : cell.Members.Therapists < thresholds.MinTherapists ? "tooFewTherapists" : "notEstimable";

    private IReadOnlyList<ReleasedEffect> Freeze(CellSum cell)
    {
        var stored = CellSums.Read(transaction.Connection, sealer, tenant, cell.Key);
        var fewest = CellSum.FewestClients(cell.Key);
        var strata = stored.Strata.ToDictionary(s => s.Key, s => s.Value.WithoutWithheld());
        IReadOnlyList<Member> leaving = cell.Members.Left > 0 ? Leavers.Of(Members(cell, strata), strata, fewest, thresholds.MinPatients) : [];
        var sums = new CellSums(cell.Key, strata.Where(s => s.Value.Counts(fewest)).ToDictionary());
        if (sums.Patients < thresholds.MinPatients || sums.Therapists < thresholds.MinTherapists || sums.Strata.Values.Sum(s => s.Fresh) < thresholds.MinPatients
            || sums.Correlation(Confidence) is not { } correlation)
        {
            return [];
        }

        cell.Epoch++;
        var effects = new List<ReleasedEffect> { Effect(sums.Cell.Level, SiteAssociation.BasisOf(sums.Cell), correlation) };
        if (sums.Cell is { Level: Cell.BetweenClient, OutcomeType: Cell.SessionOutcome } && sums.KnownTherapists == sums.Therapists && sums.BetweenTherapists(Confidence) is { } therapists)
        {
            effects.Add(Effect(Cell.BetweenTherapist, SiteAssociation.ObservedMeans, therapists));
        }

        Mark(cell, stored, leaving);
        return effects;

        ReleasedEffect Effect(string level, string basis, StageOneCorrelation found) =>
            new(cell.Key, level, basis, cell.Epoch, found.Z, found.StandardError * found.StandardError, sums.Patients, sums.Therapists, default);
    }

    // Who stands in the last release and is still there, in an order that nobody can know.
    private IEnumerable<Member> Members(CellSum cell, Dictionary<Pseudonym, Stratum> strata)
    {
        var patients = transaction.Connection.OfSite(tenant).Query<Row>("SELECT patient, sealed AS Content FROM patient_record WHERE tenant = @tenant")
            .Select(row => (Patient: new Pseudonym(row.Patient), row.Content))
            .OrderBy(row => Convert.ToHexString(transaction.Hash("withheld").Add(tenant).Add(cell.Key).Add(cell.Epoch).Add(row.Patient.Bytes).Finish()), StringComparer.Ordinal);
        foreach (var (patient, content) in patients)
        {
            var record = PatientRecord.FromBytes(sealer.Open(content, tenant, Places.Patient(patient)));
            if (record.Joined.TryGetValue(cell.Key, out var joined) && Shares.Of(record, options.Window).ByCell.GetValueOrDefault(cell.Key) is { } share
                && strata[share.Stratum] is var stratum && cell.Released(stratum, joined))
            {
                yield return new(patient, share, cell.IsEarly(stratum, joined));
            }
        }
    }

    // Who stands in this release, and who does not: the next one is measured against it.
    private void Mark(CellSum cell, CellSums stored, IReadOnlyList<Member> leaving)
    {
        cell.WholeSince = cell.Epoch == 1 || cell.Members.Left > 0 ? cell.Epoch : cell.WholeSince;
        foreach (var member in leaving)
        {
            stored.Strata[member.Share.Stratum].Withhold(member.Share);
            StayOut(member.Patient, cell);
        }

        cell.Members = default;
        var fewest = CellSum.FewestClients(cell.Key);
        foreach (var (key, stratum) in stored.Strata)
        {
            if (stratum.Counts(fewest))
            {
                stratum.Since = stratum.IncludedAt == cell.Epoch - 1 && stratum.IncludedAt > 0 ? stratum.Since : cell.Epoch;
                (stratum.Released, stratum.Fresh, stratum.IncludedAt) = (stratum.Tellable, 0, cell.Epoch);
            }
            else
            {
                (stratum.Since, stratum.IncludedAt) = (0, 0);
            }

            (stratum.Gone, stratum.GoneEarly) = (0, 0);
            cell.Members += stratum.Membership(fewest);
            SumBook.Write(transaction, sealer, tenant, cell.Key, key, stratum);
        }

        cell.Write(transaction.Connection, sealer, tenant);
    }

    private void StayOut(Pseudonym patient, CellSum cell)
    {
        var content = transaction.Connection.OfSite(tenant).QuerySingle<byte[]>("SELECT sealed FROM patient_record WHERE tenant = @tenant AND patient = @patient", new { patient = patient.Bytes });
        var record = PatientRecord.FromBytes(sealer.Open(content, tenant, Places.Patient(patient)));
        record.Joined.Remove(cell.Key);
        record.Out.Add(cell.Key);
        transaction.Connection.OfSite(tenant).Execute("UPDATE patient_record SET sealed = @content WHERE tenant = @tenant AND patient = @patient",
            new { patient = patient.Bytes, content = sealer.Seal(record.ToBytes(), tenant, Places.Patient(patient)) });
    }

    private sealed record Row(byte[] Patient, byte[] Content);
}
