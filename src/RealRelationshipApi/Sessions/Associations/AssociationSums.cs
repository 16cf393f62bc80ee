using System.Data;

using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Sessions.Associations;

/// <summary>The sums of one cell of a site by therapist, and their correlations.</summary>
internal sealed class AssociationSums
{
    private readonly IReadOnlyDictionary<Pseudonym, TherapistSums> _byTherapist;

    public AssociationSums(string key, IReadOnlyDictionary<Pseudonym, TherapistSums> strata) =>
        (Association, _byTherapist) = (AssociationKey.Parse(key), strata);

    public AssociationKey Association { get; }

    public IReadOnlyDictionary<Pseudonym, TherapistSums> ByTherapist => _byTherapist;

    public bool IsWithin => Association.Level == AssociationKey.WithinClient;

    /// <summary>Number of patients included.</summary>
    public long Patients => CountedTherapists.Sum(s => s.Clients);

    /// <summary>Number of their therapists.</summary>
    public long Therapists => CountedTherapists.Count();

    /// <summary>Number of their sessions.</summary>
    public long Sessions => (long)Math.Round(CountedTherapists.Sum(s => FixedPoint.ToDouble(s.Values[1])));

    /// <summary>Therapists with a single client, who is compared with nobody; none within clients.</summary>
    public IEnumerable<Pseudonym> LoneClientTherapists => IsWithin ? [] : _byTherapist.Where(s => s.Value.Clients == 1).Select(s => s.Key);

    // Between clients, scores are centred by therapist.
    private IEnumerable<TherapistSums> CountedTherapists => _byTherapist.Values.Where(s => s.Clients >= (IsWithin ? 1 : 2));

    public static AssociationSums Read(IDbConnection connection, ColumnEncryption encryption, string tenant, string cell) => new(cell,
        connection.ForTenant(tenant)
            .Query<Row>("SELECT stratum, sealed AS Content FROM stratum_sum WHERE tenant = @tenant AND cell = @cell ORDER BY stratum", new { cell })
            .Select(row => (Key: new Pseudonym(row.Stratum), row.Content))
            .ToDictionary(s => s.Key, s => TherapistSums.FromBytes(encryption.Decrypt(s.Content, tenant, EncryptedRowPaths.Stratum(cell, s.Key)))));

    /// <summary>The sums of an association over the cells of all provenances.</summary>
    public static AssociationSums Merge(string association, IEnumerable<AssociationSums> cells) => new(association,
        cells.SelectMany(c => c.ByTherapist).GroupBy(s => s.Key, s => s.Value).ToDictionary(g => g.Key, g => g.Aggregate((a, b) => a.Plus(b))));

    /// <summary>Adds up contributions by therapist.</summary>
    public static AssociationSums FromContributions(string cell, IEnumerable<PatientContribution> shares)
    {
        var strata = new Dictionary<Pseudonym, TherapistSums>();
        foreach (var share in shares)
        {
            if (!strata.TryGetValue(share.Therapist, out var stratum))
            {
                strata.Add(share.Therapist, stratum = new());
            }

            stratum.Add(share);
            stratum.NewSinceRelease++;
        }

        return new(cell, strata);
    }

    /// <summary>Correlation of the true client means, estimated from the observed ones; null if a variance is not positive.</summary>
    /// <param name="within">The sums of the same series within clients.</param>
    public LatentCorrelation? Latent(AssociationSums within)
    {
        var sums = within.Totals();
        return BetweenClients.Latent(CountedTherapists.Select(s => new LatentStratum(ToStratumSum(s), FixedPoint.ToDouble(s.Values[2]))),
            [sums[2], sums[3], sums[5]], sums[1], sums[0]);
    }

    /// <summary>Correlation at the level of the cell, with session number, first score and alliance partialled out.</summary>
    public SessionCorrelation? Correlation(double confidence) => IsWithin ? Within().Detrended(confidence)
        : BetweenClients.Correlation(ToStratumSums(CountedTherapists), confidence);

    /// <summary>Correlation within clients with nothing partialled out, for comparison only.</summary>
    public SessionCorrelation? Raw(double confidence) => Within().Raw(confidence);

    /// <summary>Degrees of freedom of <see cref="Correlation"/>.</summary>
    public double DegreesOfFreedom => IsWithin ? Within().DetrendedDegreesOfFreedom : Patients - Therapists - (Association.Variables - 2) - 1;

    /// <summary>Correlation between therapist means; null for fewer than ten therapists. Excludes clients of unknown therapists.</summary>
    public SessionCorrelation? BetweenTherapists(double confidence) => BetweenClients.BetweenTherapists(ToStratumSums(KnownTherapistSums), confidence);

    public long KnownTherapists => KnownTherapistSums.Count();

    public long PatientsOfKnownTherapists => KnownTherapistSums.Sum(s => s.Clients);

    private IEnumerable<TherapistSums> KnownTherapistSums => _byTherapist.Where(s => !s.Key.IsNone && s.Value.Clients > 0).Select(s => s.Value);

    private WithinClientSums Within()
    {
        var products = PatientContribution.PackedLength(Association.Variables);
        var total = Totals();
        return new(Association.Variables, total[1], total[0], total.AsSpan(2, products), total.AsSpan(2 + products));
    }

    // Over all clients, including those of unknown therapists.
    private double[] Totals()
    {
        var products = PatientContribution.PackedLength(Association.Variables);
        var total = new double[2 + products + PatientContribution.PackedLength(products)];
        for (var i = 0; i < total.Length; i++)
        {
            total[i] = FixedPoint.ToDouble(CountedTherapists.Aggregate(Int128.Zero, (sum, s) => sum + s.Values[i]));
        }

        return total;
    }

    private IEnumerable<StratumSums> ToStratumSums(IEnumerable<TherapistSums> strata) => strata.Select(ToStratumSum);

    private StratumSums ToStratumSum(TherapistSums stratum)
    {
        var values = Array.ConvertAll(stratum.Values, FixedPoint.ToDouble);
        return new(values[0], values[3..(3 + Association.Variables)], values[(3 + Association.Variables)..]);
    }

    private sealed record Row(byte[] Stratum, byte[] Content);
}
