namespace RealRelationship.Statistics.SessionCorrelations;

/// <summary>Cross-products of clients centred inside their strata, pooled over strata.</summary>
/// <param name="Clients">Clients of the strata used.</param>
/// <param name="Strata">Strata used.</param>
/// <param name="CrossProducts">Packed, centred.</param>
/// <param name="Squares">Σ of squares before centring, which rounding is measured by.</param>
internal sealed record PooledCrossProducts(double Clients, double Strata, double[] CrossProducts, double[] Squares)
{
    public int Variables => Squares.Length;

    /// <summary>Null without strata.</summary>
    public static PooledCrossProducts? Of(IEnumerable<StratumSums> strata, Func<StratumSums, bool> used)
    {
        ArgumentNullException.ThrowIfNull(strata);
        PooledCrossProducts? pooled = null;
        foreach (var stratum in strata.Select(RequireValid).Where(used))
        {
            pooled ??= new PooledCrossProducts(0, 0, new double[stratum.CrossProducts.Length], new double[stratum.Sums.Length]);
            pooled = pooled.Add(stratum);
        }
        return pooled;
    }

    /// <exception cref="ArgumentException">Lengths do not fit, or a number is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of clients is negative.</exception>
    public static StratumSums RequireValid(StratumSums stratum)
    {
        ArgumentNullException.ThrowIfNull(stratum);
        Guard.InRange(stratum.Clients >= 0, stratum.Clients, nameof(stratum), "A number of clients is not negative.");
        if (stratum.Sums.Length < 2 || PackedMatrix.Length(stratum.Sums.Length) != stratum.CrossProducts.Length)
        {
            throw new ArgumentException("A stratum has at least two variables, and the cross-products of each with each.", nameof(stratum));
        }
        return stratum.Sums.AsSpan().AllFinite() && stratum.CrossProducts.AsSpan().AllFinite()
            ? stratum
            : throw new ArgumentException("A sum is not finite.", nameof(stratum));
    }

    /// <summary>r of the first two variables, the others partialled out, where the mean or means have left <paramref name="df"/> degrees of freedom.</summary>
    public SessionCorrelation? Correlation(double df, double confidence) => Residuals.Of(CrossProducts, Squares) is { } residuals
        ? SessionCorrelation.FromNormal(residuals.R, df - (Variables - 2) - 1, confidence)
        : null;

    private PooledCrossProducts Add(StratumSums stratum)
    {
        var (n, p) = (stratum.Clients, Variables);
        if (stratum.Sums.Length != p)
        {
            throw new ArgumentException("All strata have the same variables.", nameof(stratum));
        }
        for (var i = 0; i < p; i++)
        {
            Squares[i] += stratum.CrossProducts[PackedMatrix.Index(p, i, i)];
            for (var j = i; j < p; j++)
            {
                var at = PackedMatrix.Index(p, i, j);
                CrossProducts[at] += stratum.CrossProducts[at] - stratum.Sums[i] * stratum.Sums[j] / n;
            }
        }
        return this with { Clients = Clients + n, Strata = Strata + 1 };
    }
}
