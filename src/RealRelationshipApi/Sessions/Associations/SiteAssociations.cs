using System.Data;

using RealRelationship.Statistics.StageOne;

using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Sessions.StageOne;

/// <summary>What a site's own sessions say, cell by cell: from the running sums, and where they do not reach from each patient's record.</summary>
/// <param name="connection">Of the site.</param>
/// <param name="sealer">Opens what is stored.</param>
/// <param name="tenant">The site.</param>
/// <param name="options">The window of the running sums, and of how many patients a latent correlation is still given its interval.</param>
internal sealed class SiteAssociations(IDbConnection connection, Sealer sealer, string tenant, SessionOptions options)
{
    private const int Replicates = 1_000;
    private const ulong Seed = 1;

    /// <summary>Every association, cells in the order of their keys.</summary>
    /// <param name="window">When the relationship is taken for treatment outcome.</param>
    /// <param name="confidence">Of the intervals, strictly between 0 and 1.</param>
    public IReadOnlyList<SiteAssociation> Read(OutcomeWindow window, double confidence)
    {
        var released = options.Window;
        var cells = CellSum.ReadAll(connection, sealer, tenant).Select(c => c.Key).Where(key => window == released || Cell.Parse(key).OutcomeType != Cell.TreatmentOutcome)
            .Select(key => CellSums.Read(connection, sealer, tenant, key)).Where(sums => sums.Strata.Values.Any(s => s.Clients > 0)).ToDictionary(sums => sums.Cell.Key, StringComparer.Ordinal);
        var latent = cells.Values.Where(HasLatent).ToList();
        var isDrawn = latent.Count > 0 && latent.TrueForAll(sums => options.Draws(sums.Patients));
        var shares = isDrawn || window != released ? SharesOfAll(window) : [];
        if (window != released)
        {
            foreach (var (key, ofCell) in shares.Where(s => Cell.Parse(s.Key).OutcomeType == Cell.TreatmentOutcome))
            {
                cells.Add(key, CellSums.Of(key, ofCell));
            }
        }

        return Of(cells, isDrawn ? shares : null, window, confidence);
    }

    /// <summary>The associations of cells whose sums are known.</summary>
    /// <param name="cells">Sums by key.</param>
    /// <param name="shares">What each patient adds to those that have a latent correlation, by key; null where these go without interval.</param>
    /// <param name="window">When the relationship is taken for treatment outcome.</param>
    /// <param name="confidence">Of the intervals.</param>
    public static IReadOnlyList<SiteAssociation> Of(Dictionary<string, CellSums> cells, Dictionary<string, List<Share>>? shares, OutcomeWindow window, double confidence) =>
        [.. cells.OrderBy(c => c.Key, StringComparer.Ordinal).SelectMany(c => Of(c.Value, cells, shares, window, confidence))];

    private static bool HasLatent(CellSums sums) => sums.Cell is { OutcomeType: Cell.SessionOutcome, Level: Cell.BetweenClient, Alliance: null };

    private static IEnumerable<SiteAssociation> Of(CellSums sums, Dictionary<string, CellSums> all, Dictionary<string, List<Share>>? shares, OutcomeWindow window, double confidence)
    {
        var cell = sums.Cell;
        yield return SiteAssociation.Of(sums, cell.Level, SiteAssociation.BasisOf(cell), sums.Correlation(confidence), window);
        if (cell is { Level: Cell.WithinClient, Alliance: null })
        {
            yield return SiteAssociation.Of(sums, cell.Level, SiteAssociation.Raw, sums.Raw(confidence), window);
        }

        if (HasLatent(sums))
        {
            yield return Latent(sums, all, shares, window, confidence);
            if (sums.BetweenTherapists(confidence) is { } therapists)
            {
                yield return SiteAssociation.Of(sums, Cell.BetweenTherapist, SiteAssociation.ObservedMeans, therapists, window);
            }
        }
    }

    private static SiteAssociation Latent(CellSums between, Dictionary<string, CellSums> all, Dictionary<string, List<Share>>? shares, OutcomeWindow window, double confidence)
    {
        var found = SiteAssociation.Of(between, between.Cell.Level, SiteAssociation.Latent, null, window);
        var within = (between.Cell with { Level = Cell.WithinClient }).Key;
        if (!all.TryGetValue(within, out var inside) || between.Latent(inside) is not { } latent)
        {
            return found;
        }

        var interval = shares is null ? null
            : LatentBootstrap.Interval(Clients(shares[between.Cell.Key], shares.GetValueOrDefault(within) ?? []), confidence, Replicates, Seed);
        return found with { R = latent.R, Lower = interval?.Lower, Upper = interval?.Upper };
    }

    // A client's means and the spread of the sessions around them stand in two shares, one a cell.
    private static List<LatentClient> Clients(List<Share> means, List<Share> sessions)
    {
        var strata = means.Select(m => m.Stratum).Distinct().Index().ToDictionary(s => s.Item, s => s.Index);
        var spread = sessions.ToDictionary(s => s.Patient);
        return means.ConvertAll(share =>
        {
            var values = share.Values;
            double Within(int i) => spread.TryGetValue(share.Patient, out var own) ? FixedPoint.ToDouble(own.Values[i]) : 0;
            return new LatentClient(strata[share.Stratum], Math.Round(FixedPoint.ToDouble(values[1])), FixedPoint.ToDouble(values[3]), FixedPoint.ToDouble(values[4]), Within(2), Within(3), Within(5));
        });
    }

    private Dictionary<string, List<Share>> SharesOfAll(OutcomeWindow window)
    {
        var all = new Dictionary<string, List<Share>>(StringComparer.Ordinal);
        foreach (var row in connection.OfSite(tenant).Stream<Row>("SELECT patient, sealed AS Content FROM patient_record WHERE tenant = @tenant ORDER BY patient"))
        {
            var patient = new Pseudonym(row.Patient);
            foreach (var (cell, share) in Shares.Of(PatientRecord.FromBytes(sealer.Open(row.Content, tenant, Places.Patient(patient))), window).ByCell)
            {
                if (!all.TryGetValue(cell, out var ofCell))
                {
                    all.Add(cell, ofCell = []);
                }

                ofCell.Add(share with { Patient = patient });
            }
        }

        return all;
    }

    private sealed record Row(byte[] Patient, byte[] Content);
}
