namespace RealRelationship.Statistics;

/// <summary>A cluster wild bootstrap test.</summary>
/// <param name="F">The Wald statistic with CR0 over the number of coefficients tested.</param>
/// <param name="PValue">(1 + replicates at least as large)/(1 + replicates).</param>
/// <param name="Replicates">Replicates that could be computed.</param>
public sealed record WildBootstrapTest(double F, double PValue, int Replicates);

/// <summary>Cluster wild bootstrap of a regression's omnibus test; Joshi, Pustejovsky and Beretvas 2022, Research Synthesis Methods 13,
/// as their package wildmeta does it: residuals of the model without moderators keep or change their sign sample by sample,
/// and every replicate is refitted.</summary>
public static class WildBootstrap
{
    /// <summary>Tests that all coefficients but the intercept are zero. The same seed gives the same result.</summary>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect; equal numbers are one sample.</param>
    /// <param name="design">The design, one row an effect, with at least one moderator.</param>
    /// <param name="replicates">How many, at least 1.</param>
    /// <param name="seed">Where the signs start from.</param>
    /// <param name="options">Model and likelihood; the defaults of <see cref="MultilevelOptions"/> when null. Its robust variance is not used.</param>
    /// <returns>The test; null if CR0 is singular, as when there are no more samples than tested coefficients, and if every
    /// coefficient is identified by a single sample.</returns>
    /// <exception cref="ArgumentException">Effects, lengths or the design are not those of <see cref="MultilevelModel"/>,
    /// or the design has no moderator.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="replicates"/> is below 1.</exception>
    /// <exception cref="StatisticsException">As <see cref="MultilevelModel"/>.</exception>
    public static WildBootstrapTest? Test(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, DesignMatrix design, int replicates, ulong seed,
        MultilevelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(design);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 1);
        if (design.Columns == 1)
        {
            throw new ArgumentException("There is no moderator to test.", nameof(design));
        }
        options = (options ?? new MultilevelOptions()) with { Robust = RobustVariance.CR0, ProfileIntervals = false };
        var mean = MultilevelModel.Fit(estimates, variances, samples, options).Mean.Estimate;
        if (MultilevelModel.RobustF(estimates, variances, samples, design, options) is not { } observed)
        {
            return null;
        }
        var (numbers, signs) = NumberSamples(options.Clusters is { } clusters ? [.. clusters] : samples);
        var (y, random) = (new double[estimates.Length], new SplitMix64(seed));
        int larger = 0, computed = 0;
        for (var r = 0; r < replicates; r++)
        {
            CancellationScope.ThrowIfCancelled();
            foreach (ref var sign in signs.AsSpan())
            {
                sign = random.NextUInt64() >> 63 == 0 ? 1 : -1;
            }
            for (var i = 0; i < y.Length; i++)
            {
                y[i] = mean + signs[numbers[i]] * (estimates[i] - mean);
            }
            if (MultilevelModel.RobustF(y, variances, samples, design, options) is { } statistic)
            {
                computed++;
                larger += statistic >= observed * (1 - 1e-9) ? 1 : 0; // all signs kept is the sample itself, but for rounding
            }
        }
        return new WildBootstrapTest(observed, (1.0 + larger) / (1 + computed), computed);
    }

    /// <summary>Samples numbered in the order of their first effect, and room for a sign each.</summary>
    private static (int[] Numbers, double[] Signs) NumberSamples(ReadOnlySpan<int> samples)
    {
        var (numbers, known) = (new int[samples.Length], new Dictionary<int, int>());
        for (var i = 0; i < samples.Length; i++)
        {
            known.TryAdd(samples[i], known.Count);
            numbers[i] = known[samples[i]];
        }
        return (numbers, new double[known.Count]);
    }
}
