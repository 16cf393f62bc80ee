using System.Data;

using RealRelationship.Statistics.StageOne;

using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Sessions.StageOne;

/// <summary>The sums of one cell of a site, therapist by therapist, and the correlations that they give.</summary>
internal sealed class CellSums
{
    private readonly IReadOnlyDictionary<Pseudonym, Stratum> _strata;

    public CellSums(string key, IReadOnlyDictionary<Pseudonym, Stratum> strata) => (Cell, _strata) = (Cell.Parse(key), strata);

    public Cell Cell { get; }

    public IReadOnlyDictionary<Pseudonym, Stratum> Strata => _strata;

    public bool IsWithin => Cell.Level == Cell.WithinClient;

    /// <summary>Patients whose scores take part.</summary>
    public long Patients => Used.Sum(s => s.Clients);

    /// <summary>Their therapists.</summary>
    public long Therapists => Used.Count();

    /// <summary>Their sessions.</summary>
    public long Sessions => (long)Math.Round(Used.Sum(s => FixedPoint.ToDouble(s.Values[1])));

    // Between clients those of one therapist are compared with each other.
    private IEnumerable<Stratum> Used => _strata.Values.Where(s => s.Clients >= (IsWithin ? 1 : 2));

    public static CellSums Read(IDbConnection connection, Sealer sealer, string tenant, string cell) => new(cell,
        connection.OfSite(tenant).Query<Row>("SELECT stratum, sealed AS Content FROM stratum_sum WHERE tenant = @tenant AND cell = @cell ORDER BY stratum", new { cell })
            .Select(row => (Key: new Pseudonym(row.Stratum), row.Content))
            .ToDictionary(s => s.Key, s => Stratum.FromBytes(sealer.Open(s.Content, tenant, Places.Stratum(cell, s.Key)))));

    /// <summary>The sums of some patients, by therapist.</summary>
    public static CellSums Of(string cell, IEnumerable<Share> shares)
    {
        var strata = new Dictionary<Pseudonym, Stratum>();
        foreach (var share in shares)
        {
            if (!strata.TryGetValue(share.Stratum, out var stratum))
            {
                strata.Add(share.Stratum, stratum = new());
            }

            stratum.Add(share);
            stratum.Fresh++;
        }

        return new(cell, strata);
    }

    /// <summary>Between the true means of clients, of which the observed ones are samples; null where a variance is not positive.</summary>
    /// <param name="within">The sums of the same series within clients.</param>
    public LatentCorrelation? Latent(CellSums within)
    {
        var sums = within.Totals();
        return BetweenClients.Latent(Used.Select(s => new LatentStratum(StratumSums(s), FixedPoint.ToDouble(s.Values[2]))), [sums[2], sums[3], sums[5]], sums[1], sums[0]);
    }

    /// <summary>The association of the cell at its own level: session number, first score and alliance partialled out.</summary>
    public StageOneCorrelation? Correlation(double confidence) => IsWithin ? Within().Detrended(confidence) : BetweenClients.Correlation(Between(Used), confidence);

    /// <summary>Within clients, with nothing partialled out: for comparison only.</summary>
    public StageOneCorrelation? Raw(double confidence) => Within().Raw(confidence);

    /// <summary>Degrees of freedom of the correlation itself.</summary>
    public double DegreesOfFreedom => IsWithin ? Within().DetrendedDegreesOfFreedom : Patients - Therapists - (Cell.Variables - 2) - 1;

    /// <summary>Between the means of therapists; null under ten of them. Clients of an unknown therapist have none.</summary>
    public StageOneCorrelation? BetweenTherapists(double confidence) => BetweenClients.BetweenTherapists(Between(Known), confidence);

    public long KnownTherapists => Known.Count();

    public long PatientsOfKnownTherapists => Known.Sum(s => s.Clients);

    private IEnumerable<Stratum> Known => _strata.Where(s => !s.Key.IsNone && s.Value.Clients > 0).Select(s => s.Value);

    private WithinClientSums Within()
    {
        var products = Share.Packed(Cell.Variables);
        var total = Totals();
        return new(Cell.Variables, total[1], total[0], total.AsSpan(2, products), total.AsSpan(2 + products));
    }

    // Over all clients, therapist or not.
    private double[] Totals()
    {
        var products = Share.Packed(Cell.Variables);
        var total = new double[2 + products + Share.Packed(products)];
        for (var i = 0; i < total.Length; i++)
        {
            total[i] = FixedPoint.ToDouble(Used.Aggregate(Int128.Zero, (sum, s) => sum + s.Values[i]));
        }

        return total;
    }

    private IEnumerable<StratumSums> Between(IEnumerable<Stratum> strata) => strata.Select(StratumSums);

    private StratumSums StratumSums(Stratum stratum)
    {
        var values = Array.ConvertAll(stratum.Values, FixedPoint.ToDouble);
        return new(values[0], values[3..(3 + Cell.Variables)], values[(3 + Cell.Variables)..]);
    }

    private sealed record Row(byte[] Stratum, byte[] Content);
}
