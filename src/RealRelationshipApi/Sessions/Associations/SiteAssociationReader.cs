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

    /// <summary>What the cost of <see cref="Read"/> depends on.</summary>
    /// <param name="window">Relationship scores used for treatment outcome.</param>
    public SiteSize Measure(OutcomeWindow window)
    {
        var associations = AssociationState.ReadAll(connection, encryption, tenant).GroupBy(cell => AssociationKey.Parse(cell.Key).AssociationText,
            cell => cell.Cohort.Patients, StringComparer.Ordinal).ToDictionary(g => AssociationKey.Parse(g.Key), g => g.Sum());
        var latent = associations.Where(a => HasLatent(a.Key)).Select(a => a.Value).ToList();
        var hasBootstrap = latent.Count > 0 && latent.TrueForAll(options.HasBootstrapInterval);
        // Counting the records reads all of them, so only if they will be scanned.
        var mayScan = window != options.OutcomeWindow || options.HasBootstrapInterval(associations.Values.DefaultIfEmpty().Max());
        return new(connection.ForTenant(tenant).Count("SELECT count(*) FROM stratum_sum WHERE tenant = @tenant"), associations.Count,
            mayScan ? CountPatients() : 0, hasBootstrap ? latent.Count : 0);
    }

    /// <summary>All associations, sorted by cell, with the number of scores used and, by reason, excluded.</summary>
    /// <param name="window">Relationship scores used for treatment outcome.</param>
    /// <param name="confidence">Confidence level of the intervals, strictly between 0 and 1.</param>
    /// <param name="allowsBootstrap">Whether latent correlations get an interval if there are few enough patients.</param>
    public SiteAssociations Read(OutcomeWindow window, double confidence, bool allowsBootstrap = true)
    {
        var released = options.OutcomeWindow;
        var cells = AssociationState.ReadKeys(connection, tenant).Where(key => window == released || key.OutcomeType != AssociationKey.TreatmentOutcome)
            .GroupBy(key => key.AssociationText, StringComparer.Ordinal)
            .Select(ofAssociation => AssociationSums.Merge(ofAssociation.Key,
                ofAssociation.Select(key => AssociationSums.Read(connection, encryption, tenant, key.Text))))
            .Where(sums => sums.ByTherapist.Values.Any(s => s.Clients > 0)).ToDictionary(sums => sums.Association.Text, StringComparer.Ordinal);
        var latent = cells.Values.Where(sums => HasLatent(sums.Association)).ToList();
        var hasBootstrap = allowsBootstrap && latent.Count > 0 && latent.TrueForAll(sums => options.HasBootstrapInterval(sums.Patients));
        var hasLoneClients = cells.Values.Any(sums => sums.LoneClientTherapists.Any());
        var scan = hasBootstrap || window != released || (hasLoneClients && HasFewPatients(cells.Values)) ? ScanRecords(window) : null;
        if (window != released)
        {
            foreach (var (key, ofCell) in scan!.Contributions.Where(s => AssociationKey.Parse(s.Key).OutcomeType == AssociationKey.TreatmentOutcome))
            {
                cells.Add(key, AssociationSums.FromContributions(key, ofCell));
            }
        }

        return new(Compute(cells, hasBootstrap ? scan!.Contributions : null, window, confidence),
            scan is null ? ExclusionCounts.Read(connection, encryption, tenant) : CountScores(scan, cells), hasLoneClients && scan is null,
            LacksLatentIntervals: latent.Count > 0 && !hasBootstrap);
    }

    /// <summary>Computes the associations of cells from given sums.</summary>
    /// <param name="cells">Sums by key.</param>
    /// <param name="shares">Patient contributions to the cells that have a latent correlation, by key; null if these get no interval.</param>
    /// <param name="window">Relationship scores used for treatment outcome.</param>
    /// <param name="confidence">Confidence level of the intervals.</param>
    public static IReadOnlyList<SiteAssociation> Compute(Dictionary<string, AssociationSums> cells, Dictionary<string, List<PatientContribution>>? shares,
        OutcomeWindow window, double confidence) =>
        [.. cells.OrderBy(c => c.Key, StringComparer.Ordinal).SelectMany(c => Compute(c.Value, cells, shares, window, confidence))];

    private static bool HasLatent(AssociationKey association) =>
        association is { OutcomeType: AssociationKey.SessionOutcome, Level: AssociationKey.BetweenClient, Alliance: null };

    private static IEnumerable<SiteAssociation> Compute(AssociationSums sums, Dictionary<string, AssociationSums> all,
        Dictionary<string, List<PatientContribution>>? shares, OutcomeWindow window, double confidence)
    {
        var cell = sums.Association;
        yield return SiteAssociation.From(sums, cell.Level, SiteAssociation.GetBasis(cell), sums.Correlation(confidence), window);
        if (cell is { Level: AssociationKey.WithinClient, Alliance: null })
        {
            yield return SiteAssociation.From(sums, cell.Level, SiteAssociation.Raw, sums.Raw(confidence), window);
        }

        if (HasLatent(cell))
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

        // Sums and records are read one after the other, and a write may come in between.
        var interval = shares?.GetValueOrDefault(between.Association.Text) is not { } means ? null
            : LatentBootstrap.Interval(ToLatentClients(means, shares.GetValueOrDefault(within) ?? []), confidence, Replicates, Seed);
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

    private bool HasFewPatients(IEnumerable<AssociationSums> cells) =>
        cells.All(sums => options.HasBootstrapInterval(sums.Patients)) && options.HasBootstrapInterval(CountPatients());

    private long CountPatients() => connection.ForTenant(tenant).Count("SELECT count(*) FROM patient_record WHERE tenant = @tenant");

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
        foreach (var uses in scan.BetweenClientUses.Where(uses => uses.All(u => lone.GetValueOrDefault(u.Cell)?.Contains(u.Therapist) == true)))
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
/// <param name="LacksLatentIntervals">Whether latent correlations have no interval, because there are too many patients.</param>
internal sealed record SiteAssociations(IReadOnlyList<SiteAssociation> Associations, long[] Counts, bool CountsLoneClients, bool LacksLatentIntervals);

/// <summary>What the cost of reading a site's associations depends on.</summary>
/// <param name="Therapists">Number of stored sums.</param>
/// <param name="Associations">Number of associations.</param>
/// <param name="ScannedPatients">Number of patients whose records are decrypted.</param>
/// <param name="BootstrappedAssociations">Number of latent correlations with an interval.</param>
internal sealed record SiteSize(double Therapists, double Associations, double ScannedPatients, double BootstrappedAssociations);
