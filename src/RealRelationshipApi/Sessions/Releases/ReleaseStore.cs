using System.Text.Json;

using Dapper;

using RealRelationshipApi.Http;
using RealRelationshipApi.Sessions.StageOne;
using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Sessions.Releases;

/// <summary>Lets a site's associations out once that is safe, in epochs: what is out stays as it is until enough people have come.</summary>
/// <remarks>
/// A cell may be released when it rests on at least 11 patients of 3 therapists, and when at least 11 patients stand in it who did
/// not stand in its last release. Who left since then (an erasure, a withdrawal, another therapist) is rounded up to 11 by
/// withholding others, chosen by the key, so that the difference of two releases always is that of at least 11 people who came, and
/// of none or at least 11 who went. Cells without enough change keep the numbers of their last release.
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
        IsPublic(cell.Key) && cell.Members.Patients >= thresholds.MinPatients && cell.Members.Therapists >= thresholds.MinTherapists && cell.Members.Entered >= thresholds.MinPatients;

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
        transaction.Connection.Execute(
            "INSERT INTO release (tenant, number, evidence, recorded_at, content, row_hash) VALUES (@Tenant, @Number, @Evidence, @RecordedAt, @Content, @RowHash)", row);
    }

    private string ReasonOf(CellSum cell) =>
        cell.Members.Patients < thresholds.MinPatients ? "tooFewPatients" : cell.Members.Therapists < thresholds.MinTherapists ? "tooFewTherapists" : "notEstimable";

    private IReadOnlyList<ReleasedEffect> Freeze(CellSum cell)
    {
        var stored = CellSums.Read(transaction.Connection, sealer, tenant, cell.Key);
        var copies = stored.Strata.ToDictionary(s => s.Key, s => s.Value.Copy());
        var withheld = Withhold(cell, copies);
        var sums = new CellSums(cell.Key, copies);
        if (sums.Patients < thresholds.MinPatients || sums.Therapists < thresholds.MinTherapists || sums.Correlation(Confidence) is not { } correlation)
        {
            return [];
        }

        cell.Epoch++;
        var effects = new List<ReleasedEffect>
        {
            new(cell.Key, sums.Cell.Level, SiteAssociation.BasisOf(sums.Cell), cell.Epoch, correlation.Z, correlation.StandardError * correlation.StandardError, sums.Patients, sums.Therapists, default),
        };
        if (sums.Cell is { Level: Cell.BetweenClient, OutcomeType: Cell.SessionOutcome } && sums.BetweenTherapists(Confidence) is { } therapists)
        {
            effects.Add(new(cell.Key, Cell.BetweenTherapist, SiteAssociation.ObservedMeans, cell.Epoch, therapists.Z, therapists.StandardError * therapists.StandardError,
                sums.PatientsOfKnownTherapists, sums.KnownTherapists, default));
        }

        Mark(cell, stored, sums, withheld);
        return effects;
    }

    /// <summary>Takes others out of the copies, so that none or enough have left since the last release.</summary>
    private List<(Pseudonym Patient, Pseudonym Stratum)> Withhold(CellSum cell, Dictionary<Pseudonym, Stratum> copies)
    {
        var withheld = new List<(Pseudonym, Pseudonym)>();
        var missing = cell.Members.Left == 0 ? 0 : thresholds.MinPatients - cell.Members.Left;
        if (missing <= 0)
        {
            return withheld;
        }

        foreach (var (patient, record) in InAnOrderNobodyCanKnow(cell))
        {
            if (missing == 0)
            {
                break;
            }

            var share = Shares.Of(record, options.Window).ByCell.GetValueOrDefault(cell.Key);
            if (share is null || !copies.TryGetValue(share.Stratum, out var stratum) || stratum.IncludedAt != cell.Epoch || record.Joined[cell.Key] > cell.Epoch)
            {
                continue;
            }

            stratum.Subtract(share);
            stratum.Released--;
            withheld.Add((patient, share.Stratum));
            missing--;
        }

        return withheld;
    }

    private IEnumerable<(Pseudonym Patient, PatientRecord Record)> InAnOrderNobodyCanKnow(CellSum cell) =>
        transaction.Connection.Query<Row>("SELECT patient, sealed AS Content FROM patient_record WHERE tenant = @tenant", new { tenant })
            .Select(row => (Patient: new Pseudonym(row.Patient), row.Content))
            .OrderBy(row => Convert.ToHexString(transaction.Hash("withheld").Add(tenant).Add(cell.Key).Add(cell.Epoch).Add(row.Patient.Bytes).Finish()), StringComparer.Ordinal)
            .Select(row => (row.Patient, PatientRecord.FromBytes(sealer.Open(row.Content, tenant, Places.Patient(row.Patient)))));

    // Who stands in this release, and who does not: the next one is measured against it.
    private void Mark(CellSum cell, CellSums stored, CellSums released, List<(Pseudonym Patient, Pseudonym Stratum)> withheld)
    {
        var members = default(Membership);
        var fewest = CellSum.FewestClients(cell.Key);
        foreach (var (key, stratum) in stored.Strata)
        {
            var included = released.Strata[key].Clients >= fewest && released.Strata[key].Clients > 0;
            var held = withheld.Count(w => w.Stratum == key);
            var clients = stratum.Clients;
            (stratum.Released, stratum.Fresh, stratum.Gone) = (included ? clients - held : 0, included ? held : clients, 0);
            stratum.IncludedAt = included ? cell.Epoch : 0;
            members += stratum.Membership(fewest);
            SumBook.Write(transaction, sealer, tenant, cell.Key, key, stratum);
        }

        foreach (var (patient, _) in withheld)
        {
            Rejoin(patient, cell);
        }

        cell.Members = members;
        cell.Write(transaction.Connection, sealer, tenant);
    }

    private void Rejoin(Pseudonym patient, CellSum cell)
    {
        var content = transaction.Connection.QuerySingle<byte[]>("SELECT sealed FROM patient_record WHERE tenant = @tenant AND patient = @patient", new { tenant, patient = patient.Bytes });
        var record = PatientRecord.FromBytes(sealer.Open(content, tenant, Places.Patient(patient)));
        record.Joined[cell.Key] = cell.Epoch + 1;
        transaction.Connection.Execute("UPDATE patient_record SET sealed = @content WHERE tenant = @tenant AND patient = @patient",
            new { tenant, patient = patient.Bytes, content = sealer.Seal(record.ToBytes(), tenant, Places.Patient(patient)) });
    }

    private sealed record Row(byte[] Patient, byte[] Content);
}
