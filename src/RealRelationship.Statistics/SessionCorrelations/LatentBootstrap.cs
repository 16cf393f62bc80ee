namespace RealRelationship.Statistics.SessionCorrelations;

/// <summary>One client, for the bootstrap of the latent correlation.</summary>
/// <param name="Stratum">Number of the client's therapist; equal numbers are one stratum.</param>
/// <param name="Sessions">T, at least 1.</param>
/// <param name="MeanX">x̄ over these sessions.</param>
/// <param name="MeanY">ȳ over these sessions.</param>
/// <param name="WithinXX">Σ (x − x̄)² over them; 0 with one session.</param>
/// <param name="WithinXY">Σ (x − x̄)(y − ȳ).</param>
/// <param name="WithinYY">Σ (y − ȳ)².</param>
public sealed record LatentClient(int Stratum, double Sessions, double MeanX, double MeanY, double WithinXX, double WithinXY, double WithinYY);

/// <summary>A bootstrap interval of the latent correlation.</summary>
/// <param name="Lower">Lower bound, held to [−1, 1].</param>
/// <param name="Upper">Upper bound, held to [−1, 1].</param>
/// <param name="Replicates">Replicates in which both variances were positive.</param>
/// <param name="OutsideRange">Those of them in which the ratio lay beyond ±1.</param>
public sealed record LatentInterval(double Lower, double Upper, int Replicates, int OutsideRange);

/// <summary>Client bootstrap of <see cref="LatentCorrelation"/>: clients are drawn again inside their stratum, with all their sessions.</summary>
public static class LatentBootstrap
{
    private const double MaxFailedShare = 0.05; // of the replicates: more, and their quantiles say little

    /// <summary>The bias-corrected percentile interval (Efron 1987, Journal of the American Statistical Association 82), its normal quantile replaced by t on
    /// clients − strata − 1 over √f, as percentile intervals are too short in small samples (Hesterberg 2015, American Statistician 69).
    /// The same seed gives the same result, whatever the order of clients and the numbering of strata.</summary>
    /// <remarks>
    /// <para>Drawing n of n clients leaves (n − 1)/n of a stratum's spread, so every replicate's spread is scaled by n/(n − 1):
    /// without that the latent variances, from which the same is taken off, come out too small. Of normal clients that scaled variance then varies between
    /// replicates by (n² − 2n + 3)/(n(n − 1)) of what it should; f is the mean of this over strata with the weight n − 1, at most 1.</para>
    /// <para>Clients alone in their stratum count for the spread inside clients only, and are drawn among each other.</para>
    /// </remarks>
    /// <param name="clients">All clients, each with finite numbers.</param>
    /// <param name="confidence">Of the interval, strictly between 0 and 1.</param>
    /// <param name="replicates">How many, at least 100.</param>
    /// <param name="seed">Where the draws start from.</param>
    /// <returns>Null where clients − strata is below 2, and where the correlation itself, or more than a twentieth of the replicates,
    /// has a variance that is not positive.</returns>
    /// <exception cref="ArgumentException">A number is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A client has no session, or a parameter is out of its range.</exception>
    public static LatentInterval? Interval(IReadOnlyCollection<LatentClient> clients, double confidence, int replicates, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(clients);
        SessionCorrelation.RequireConfidence(confidence);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 100);
        var strata = GroupByStratum(clients);
        var df = strata.Skip(1).Sum(stratum => stratum.Length - 1.0);
        if (df < 2 || Correlation(strata, null) is not { } observed)
        {
            return null;
        }
        var (random, values, outside) = (new SplitMix64(seed), new List<double>(replicates), 0);
        for (var i = 0; i < replicates; i++)
        {
            CancellationScope.ThrowIfCancelled();
            if (Correlation(strata, random) is { } latent)
            {
                values.Add(latent.Ratio);
                outside += latent.R is null ? 1 : 0;
            }
        }
        if (replicates - values.Count > MaxFailedShare * replicates)
        {
            return null;
        }
        values.Sort();
        var f = strata.Skip(1).Sum(stratum => VarianceRatio(stratum.Length) * (stratum.Length - 1)) / df;
        var (bias, halfWidth) = (BiasCorrection(values, observed.Ratio), StudentT.UpperQuantile((1 - confidence) / 2, df - 1) / Math.Sqrt(Math.Min(1, f)));
        double Limit(double z) => Math.Clamp(Quantile(values, Normal.LowerTail(z)), -1, 1);
        return new LatentInterval(Limit(2 * bias - halfWidth), Limit(2 * bias + halfWidth), values.Count, outside);
    }

    /// <summary>From E[m₄] = 3σ⁴(n − 1)²/n² and E[m₂²] = σ⁴(n² − 1)/n² of a normal sample, in var s² = m₄/n − m₂²(n − 3)/(n(n − 1)).</summary>
    private static double VarianceRatio(double n) => (n * n - 2 * n + 3) / (n * (n - 1));

    /// <summary>z₀: the normal quantile of the share of replicates below what was observed, ties by half, never all or none of them.</summary>
    private static double BiasCorrection(List<double> values, double observed)
    {
        var below = values.Count(r => r < observed) + values.Count(r => r == observed) / 2.0;
        return Normal.Quantile(Math.Clamp(below, 0.5, values.Count - 0.5) / values.Count);
    }

    /// <summary>Clients by stratum, strata in an order that neither their numbers nor their means decide, means as deviations from the stratum's; those alone
    /// in theirs together in one, the first, without means.</summary>
    private static LatentClient[][] GroupByStratum(IReadOnlyCollection<LatentClient> clients)
    {
        var groups = clients.Select(RequireValid)
            .OrderBy(c => c.MeanX).ThenBy(c => c.MeanY).ThenBy(c => c.Sessions).ThenBy(c => c.WithinXX).ThenBy(c => c.WithinXY).ThenBy(c => c.WithinYY)
            .GroupBy(c => c.Stratum).Select(group => group.ToArray())
            .OrderBy(group => group.Sum(c => c.WithinXX)).ThenBy(group => group.Sum(c => c.WithinYY)).ToList();
        var alone = groups.Where(group => group.Length == 1).Select(group => group[0]).ToArray();
        return [alone, .. groups.Where(group => group.Length > 1).Select(Centred)];
    }

    private static LatentClient[] Centred(LatentClient[] group)
    {
        var (x, y) = (group.Average(c => c.MeanX), group.Average(c => c.MeanY));
        return [.. group.Select(c => c with { MeanX = c.MeanX - x, MeanY = c.MeanY - y })];
    }

    private static LatentClient RequireValid(LatentClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        Guard.InRange(client.Sessions >= 1, client.Sessions, nameof(client), "Every client has a session.");
        ReadOnlySpan<double> numbers = [client.MeanX, client.MeanY, client.WithinXX, client.WithinXY, client.WithinYY];
        return numbers.AllFinite() ? client : throw new ArgumentException("A number of a client is not finite.", nameof(client));
    }

    /// <summary>The correlation of the clients themselves, or of clients drawn.</summary>
    private static LatentCorrelation? Correlation(LatentClient[][] strata, SplitMix64? random)
    {
        Span<double> between = stackalloc double[3];
        Span<double> within = stackalloc double[3];
        double betweenDf = 0, withinDf = 0, inverse = 0;
        for (var j = 0; j < strata.Length; j++)
        {
            var stratum = strata[j];
            var n = (double)stratum.Length;
            double x = 0, y = 0, xx = 0, xy = 0, yy = 0, inverseSessions = 0;
            for (var i = 0; i < stratum.Length; i++)
            {
                var client = stratum[random is null ? i : random.NextInt32(stratum.Length)];
                (x, y) = (x + client.MeanX, y + client.MeanY);
                (xx, xy, yy) = (xx + client.MeanX * client.MeanX, xy + client.MeanX * client.MeanY, yy + client.MeanY * client.MeanY);
                inverseSessions += 1 / client.Sessions;
                within[0] += client.WithinXX;
                within[1] += client.WithinXY;
                within[2] += client.WithinYY;
                withinDf += client.Sessions - 1;
            }
            if (j == 0)
            {
                continue; // those alone in their stratum
            }
            var scale = random is null ? 1 : n / (n - 1);
            between[0] += scale * (xx - x * x / n);
            between[1] += scale * (xy - x * y / n);
            between[2] += scale * (yy - y * y / n);
            inverse += (1 - 1 / n) * inverseSessions;
            betweenDf += n - 1;
        }
        return BetweenClients.Latent(between, betweenDf, inverse, within, withinDf);
    }

    /// <summary>Hyndman and Fan 1996, type 7, as R's default.</summary>
    private static double Quantile(List<double> sorted, double p)
    {
        var at = p * (sorted.Count - 1);
        var below = (int)at;
        return below + 1 == sorted.Count ? sorted[below] : sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]);
    }
}
