using System.Data;

using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>Computes a site's associations from the running sums, or from the patient records when the sums are not sufficient.</summary>
/// <param name="connection">Connection to the store.</param>
/// <param name="encryption">Decrypts the sums and records.</param>
/// <param name="tenant">The site.</param>
/// <param name="options">Window of the running sums, and limit of bootstrap intervals.</param>
internal sealed class SiteAssociationReader(IDbConnection connection, ColumnEncryption encryption, string tenant, AssociationOptions options)
{
    private const int Replicates = 1_000;
    private const ulong Seed = 1;

    /// <summary>All associations, sorted by cell, with the number of scores used and, by reason, excluded.</summary>
    /// <param name="window">Relationship scores used for treatment outcome.</param>
    /// <param name="confidence">Confidence level of the intervals, strictly between 0 and 1.</param>
    public SiteAssociations Read(OutcomeWindow window, double confidence)
    {
        var released = options.OutcomeWindow;
        var cells = AssociationState.ReadKeys(connection, tenant).Where(key => window == released || key.OutcomeType != AssociationKey.TreatmentOutcome)
            .GroupBy(key => key.AssociationText, StringComparer.Ordinal)
            .Select(ofAssociation => AssociationSums.Merge(ofAssociation.Key,
                ofAssociation.Select(key => AssociationSums.Read(connection, encryption, tenant, key.Text))))
            .Where(sums => sums.ByTherapist.Values.Any(s => s.Clients > 0)).ToDictionary(sums => sums.Association.Text, StringComparer.Ordinal);
        var latent = cells.Values.Where(HasLatent).ToList();
        var hasBootstrap = latent.Count > 0 && latent.TrueForAll(sums => options.HasBootstrapInterval(sums.Patients));
        var hasLoneClients = cells.Values.Any(sums => sums.LoneClientTherapists.Any());
        var scan = hasBootstrap || window != released || (hasLoneClients && HasFewPatients()) ? ScanRecords(window) : null;
        if (window != released)
        {
            foreach (var (key, ofCell) in scan!.Contributions.Where(s => AssociationKey.Parse(s.Key).OutcomeType == AssociationKey.TreatmentOutcome))
            {
                cells.Add(key, AssociationSums.FromContributions(key, ofCell));
            }
        }

        return new(Compute(cells, hasBootstrap ? scan!.Contributions : null, window, confidence),
            scan is null ? ExclusionCounts.Read(connection, encryption, tenant) : CountScores(scan, cells), hasLoneClients && scan is null);
    }

    /// <summary>Computes the associations of cells from given sums.</summary>
    /// <param name="cells">Sums by key.</param>
    /// <param name="shares">Patient contributions to the cells that have a latent correlation, by key; null if these get no interval.</param>
    /// <param name="window">Relationship scores used for treatment outcome.</param>
    /// <param name="confidence">Confidence level of the intervals.</param>
    public static IReadOnlyList<SiteAssociation> Compute(Dictionary<string, AssociationSums> cells, Dictionary<string, List<PatientContribution>>? shares,
        OutcomeWindow window, double confidence) =>
        [.. cells.OrderBy(c => c.Key, StringComparer.Ordinal).SelectMany(c => Compute(c.Value, cells, shares, window, confidence))];

    private static bool HasLatent(AssociationSums sums) =>
        sums.Association is { OutcomeType: AssociationKey.SessionOutcome, Level: AssociationKey.BetweenClient, Alliance: null };

    private static IEnumerable<SiteAssociation> Compute(AssociationSums sums, Dictionary<string, AssociationSums> all,
        Dictionary<string, List<PatientContribution>>? shares, OutcomeWindow window, double confidence)
    {
        var cell = sums.Association;
        yield return SiteAssociation.From(sums, cell.Level, SiteAssociation.GetBasis(cell), sums.Correlation(confidence), window);
        if (cell is { Level: AssociationKey.WithinClient, Alliance: null })
        {
            yield return SiteAssociation.From(sums, cell.Level, SiteAssociation.Raw, sums.Raw(confidence), window);
        }

        if (HasLatent(sums))
        {
            yield return ComputeLatent(sums, all, shares, window, confidence);
            if (sums.BetweenTherapists(confidence) is { } therapists)
            {
                yield return SiteAssociation.From(sums, AssociationKey.BetweenTherapist, SiteAssociation.ObservedMeans, therapists, window);
            }
        }
    }

    private static SiteAssociation ComputeLatent(AssociationSums between, Dictionary<string, AssociationSums> all,
        Dictionary<string, List<PatientContribution>>? shares, OutcomeWindow window, double confidence)
    {
        var found = SiteAssociation.From(between, between.Association.Level, SiteAssociation.Latent, null, window);
        var within = (between.Association with { Level = AssociationKey.WithinClient }).Text;
        if (!all.TryGetValue(within, out var inside) || between.Latent(inside) is not { } latent)
        {
            return found;
        }

        var interval = shares is null ? null
            : LatentBootstrap.Interval(ToLatentClients(shares[between.Association.Text], shares.GetValueOrDefault(within) ?? []), confidence, Replicates, Seed);
        return found with
        {
            R = latent.R,
            Lower = interval?.Lower,
            Upper = interval?.Upper,
            OutsideRange = latent.R is null,
            ReplicatesOutsideRange = 100.0 * interval?.OutsideRange / interval?.Replicates,
        };
    }

    // A client's means are in the contribution to one cell, the spread of sessions around them in that to another.
    private static List<LatentClient> ToLatentClients(List<PatientContribution> means, List<PatientContribution> sessions)
    {
        var strata = means.Select(m => m.Therapist).Distinct().Index().ToDictionary(s => s.Item, s => s.Index);
        var spread = sessions.ToDictionary(s => s.Patient);
        return means.ConvertAll(share =>
        {
            var values = share.Values;
            double Within(int i) => spread.TryGetValue(share.Patient, out var own) ? FixedPoint.ToDouble(own.Values[i]) : 0;
            return new LatentClient(strata[share.Therapist], Math.Round(FixedPoint.ToDouble(values[1])), FixedPoint.ToDouble(values[3]),
                FixedPoint.ToDouble(values[4]), Within(2), Within(3), Within(5));
        });
    }

    private bool HasFewPatients() =>
        options.HasBootstrapInterval(connection.ForTenant(tenant).Count("SELECT count(*) FROM patient_record WHERE tenant = @tenant"));

    private RecordScan ScanRecords(OutcomeWindow window)
    {
        var scan = new RecordScan();
        foreach (var (patient, record) in PatientRecords.ReadAll(connection, encryption, tenant))
        {
            scan.Add(patient, PatientContributions.Compute(record, window));
        }

        return scan;
    }

    // A score is compared with no other if its client is the only one of the therapist in each of its cells.
    private static long[] CountScores(RecordScan scan, Dictionary<string, AssociationSums> cells)
    {
        var lone = cells.ToDictionary(c => c.Key, c => c.Value.LoneClientTherapists.ToHashSet(), StringComparer.Ordinal);
        var counts = scan.Counts;
        foreach (var uses in scan.BetweenClientUses.Where(uses => uses.All(u => lone[u.Cell].Contains(u.Therapist))))
        {
            var isSession = uses.Any(u => AssociationKey.Parse(u.Cell).OutcomeType == AssociationKey.SessionOutcome);
            counts[0]--;
            counts[Exclusions.IndexOf(isSession ? ExclusionReason.OneSession : ExclusionReason.OneClient)]++;
        }

        return counts;
    }

    /// <summary>Contributions and counts over all patients of a site.</summary>
    private sealed class RecordScan
    {
        public Dictionary<string, List<PatientContribution>> Contributions { get; } = new(StringComparer.Ordinal);

        public long[] Counts { get; } = new long[Exclusions.Length];

        /// <summary>Cells and therapists of each score that is used between clients only.</summary>
        public List<(string Cell, Pseudonym Therapist)[]> BetweenClientUses { get; } = [];

        public void Add(Pseudonym patient, PatientContributions computed)
        {
            foreach (var (cell, share) in computed.ByAssociation)
            {
                if (!Contributions.TryGetValue(cell, out var ofCell))
                {
                    Contributions.Add(cell, ofCell = []);
                }

                ofCell.Add(share with { Patient = patient });
            }

            for (var i = 0; i < Counts.Length; i++)
            {
                Counts[i] += computed.Excluded.Counts[i];
            }

            BetweenClientUses.AddRange(computed.CellsOfUsedScores.Where(cells => cells.All(cell => AssociationState.MinClientsOf(cell) > 1))
                .Select(cells => cells.Select(cell => (cell, computed.ByAssociation[cell].Therapist)).ToArray()));
        }
    }
}

/// <summary>What a site's sessions show.</summary>
/// <param name="Associations">Each cell at its level, on each basis.</param>
/// <param name="Counts">Used and excluded scores, as <see cref="Exclusions.Counts"/>.</param>
/// <param name="CountsLoneClients">Whether scores of therapists' only clients are counted as used: there are too many patients to look for them.</param>
internal sealed record SiteAssociations(IReadOnlyList<SiteAssociation> Associations, long[] Counts, bool CountsLoneClients);
