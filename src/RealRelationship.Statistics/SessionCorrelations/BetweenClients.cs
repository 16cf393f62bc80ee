namespace RealRelationship.Statistics.SessionCorrelations;

/// <summary>Correlations between clients: compared with other clients of the same therapist, and therapists with each other.</summary>
public static class BetweenClients
{
    private const int MinTherapists = 10;

    /// <summary>The correlation of two values of a client, centred inside strata (x̄ and ȳ; or x and the score after with the score before partialled out):
    /// df = clients − strata − variables partialled out − 1, var z = 1/(df − 1), interval by the normal quantile, p by t on df.
    /// Strata with one client drop out.</summary>
    /// <param name="strata">With the same variables in all.</param>
    /// <param name="confidence">Of the interval, strictly between 0 and 1.</param>
    /// <returns>Null if a variable has no variance, df is below 2, or r is ±1.</returns>
    /// <exception cref="ArgumentException">Lengths do not fit, or a number is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of clients is negative, or <paramref name="confidence"/> out of its range.</exception>
    public static SessionCorrelation? Correlation(IEnumerable<StratumSums> strata, double confidence)
    {
        SessionCorrelation.RequireConfidence(confidence);
        return PooledCrossProducts.Of(strata, stratum => stratum.Clients >= 2) is { } pooled ? pooled.Correlation(pooled.Clients - pooled.Strata, confidence)
            : null;
    }

    /// <summary>Clients and strata included in <see cref="Correlation"/>: those of strata with at least two clients.</summary>
    /// <param name="strata">Strata.</param>
    public static (double Clients, double Strata) CountUsed(IEnumerable<StratumSums> strata)
    {
        ArgumentNullException.ThrowIfNull(strata);
        var (clients, used) = (0.0, 0.0);
        foreach (var stratum in strata.Where(stratum => stratum.Clients >= 2))
        {
            (clients, used) = (clients + stratum.Clients, used + 1);
        }
        return (clients, used);
    }

    /// <summary>The correlation of the therapists' means of their clients' values, every therapist counting the same:
    /// df = therapists − variables partialled out − 2, var z = 1/(df − 1). A stratum of clients whose therapist is unknown is no therapist:
    /// leave it out.</summary>
    /// <param name="strata">With the same variables in all; those without clients do not count.</param>
    /// <param name="confidence">Of the interval, strictly between 0 and 1.</param>
    /// <returns>Null with fewer than 10 therapists, if a variable has no variance, or if r is ±1.</returns>
    /// <exception cref="ArgumentException">Lengths do not fit, or a number is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of clients is negative, or <paramref name="confidence"/> out of its range.</exception>
    public static SessionCorrelation? BetweenTherapists(IEnumerable<StratumSums> strata, double confidence)
    {
        ArgumentNullException.ThrowIfNull(strata);
        SessionCorrelation.RequireConfidence(confidence);
        StratumSums[] means = [.. strata.Where(stratum => stratum.Clients > 0).Select(stratum => MeanSums(PooledCrossProducts.RequireValid(stratum)))];
        if (means.Length < MinTherapists)
        {
            return null;
        }
        var all = means.Aggregate((a, b) => new StratumSums(a.Clients + b.Clients, Add(a.Sums, b.Sums), Add(a.CrossProducts, b.CrossProducts)));
        return PooledCrossProducts.Of([all], _ => true)?.Correlation(means.Length - 1, confidence);
    }

    /// <summary>The correlation of the clients' true means, which the means of a few sessions approach:
    /// covariances between client means (S_B by clients − strata) hold those of single sessions (S_W by N − clients) divided by T, which is taken off. Searle,
    /// Casella and McCulloch 1992, Variance Components, 11.</summary>
    /// <remarks>1/T is averaged over the clients used with the weight their client has in S_B, 1 − 1/n in a stratum of n: exactly what S_B holds of S_W.
    /// With strata of one size, or clients of one number of sessions, that is the plain mean.
    /// Sessions of one client count as independent around the client's mean:
    /// autocorrelation between them counts as between clients.</remarks>
    /// <param name="strata">Strata of clients with their means of x and y; those with one client drop out.</param>
    /// <param name="within">Sums over clients of centred cross-products of single sessions: xx, xy, yy.</param>
    /// <param name="observations">N, sessions of the clients in <paramref name="within"/>.</param>
    /// <param name="clients">Those clients.</param>
    /// <returns>Null if a variance is not positive or cannot be estimated. For an interval see <see cref="LatentBootstrap"/>.</returns>
    /// <exception cref="ArgumentException">Lengths do not fit, or a number is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of clients is negative.</exception>
    public static LatentCorrelation? Latent(IEnumerable<LatentStratum> strata, ReadOnlySpan<double> within, double observations, double clients)
    {
        ArgumentNullException.ThrowIfNull(strata);
        Guard.InRange(clients >= 0, clients, nameof(clients), "A number of clients is not negative.");
        Guard.InRange(observations >= clients, observations, nameof(observations), "Every client has a session.");
        if (within.Length != 3 || !within.AllFinite())
        {
            throw new ArgumentException("Cross-products within clients are three finite numbers: xx, xy, yy.", nameof(within));
        }
        LatentStratum[] used = [.. strata.Where(stratum => stratum.Means.Clients >= 2)];
        if (PooledCrossProducts.Of(used.Select(stratum => stratum.Means), _ => true) is not { Variables: 2 } pooled)
        {
            return null;
        }
        var inverse = 0.0;
        foreach (var (means, inverseSessions) in used)
        {
            inverse += (1 - 1 / means.Clients) * Guard.InRange(inverseSessions > 0, inverseSessions, nameof(strata), "Every client has a session.");
        }
        return Latent(pooled.CrossProducts, pooled.Clients - pooled.Strata, inverse, within, observations - clients);
    }

    /// <param name="between">SS of client means inside strata: xx, xy, yy.</param>
    /// <param name="betweenDf">Clients − strata.</param>
    /// <param name="inverse">Σ (1 − 1/n)/T.</param>
    /// <param name="within">SS of sessions inside clients.</param>
    /// <param name="withinDf">N − clients.</param>
    internal static LatentCorrelation? Latent(ReadOnlySpan<double> between, double betweenDf, double inverse, ReadOnlySpan<double> within, double withinDf)
    {
        if (!(betweenDf > 0 && withinDf > 0))
        {
            return null;
        }
        var share = inverse / betweenDf;
        var xx = between[0] / betweenDf - share * within[0] / withinDf;
        var xy = between[1] / betweenDf - share * within[1] / withinDf;
        var yy = between[2] / betweenDf - share * within[2] / withinDf;
        return xx > 0 && yy > 0 ? new LatentCorrelation(xy / Math.Sqrt(xx) / Math.Sqrt(yy), xx, xy, yy, 1 / share) : null;
    }

    private static StratumSums MeanSums(StratumSums stratum)
    {
        double[] mean = [.. stratum.Sums.Select(sum => sum / stratum.Clients)];
        return new StratumSums(1, mean, [.. mean.SelectMany((a, i) => mean.Skip(i).Select(b => a * b))]);
    }

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];
}
