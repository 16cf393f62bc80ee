namespace RealRelationship.Statistics.SessionCorrelations;

/// <summary>What is summed over the clients of one therapist (or of whatever else clients are compared inside). Sums of disjoint sets of clients add.</summary>
/// <param name="Clients">n, not negative.</param>
/// <param name="Sums">Σ of each of the clients' values: the two correlated variables, then those partialled out.</param>
/// <param name="CrossProducts">Σ of their products, not centred: upper triangle, row by row.</param>
public sealed record StratumSums(double Clients, double[] Sums, double[] CrossProducts);

/// <summary>One therapist's sums of client means, for the latent correlation.</summary>
/// <param name="Means">Sums and products of the clients' means x̄ and ȳ.</param>
/// <param name="InverseSessions">Σ 1/T over these clients, T being the sessions in the means of a client.</param>
public sealed record LatentStratum(StratumSums Means, double InverseSessions);

/// <summary>The correlation of clients' true means.</summary>
/// <param name="Ratio">σ_xy/√(σ_x² σ_y²); sampling error can take it beyond ±1.</param>
/// <param name="VarianceX">σ_x², between clients of one therapist, free of the spread of sessions; positive.</param>
/// <param name="Covariance">Covariance σ_xy.</param>
/// <param name="VarianceY">Variance σ_y², positive.</param>
/// <param name="Sessions">T̃, sessions a client: the harmonic mean.</param>
public sealed record LatentCorrelation(double Ratio, double VarianceX, double Covariance, double VarianceY, double Sessions)
{
    private const double Rounding = 1e-12;

    /// <summary>The correlation; null where <see cref="Ratio"/> lies beyond ±1 and is none.</summary>
    public double? R => Math.Abs(Ratio) <= 1 + Rounding ? Math.Clamp(Ratio, -1, 1) : null;
}
