namespace RealRelationship.Statistics;

/// <summary>The pooled effect of the effects up to one of them.</summary>
/// <param name="Effect">The mean.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="TauSquared">0 in the first row, from which it cannot be estimated.</param>
/// <param name="Lower">Lower confidence bound.</param>
/// <param name="Upper">Upper confidence bound.</param>
public sealed record CumulativeRow(double Effect, double StandardError, double TauSquared, double Lower, double Upper);

/// <summary>Cumulative meta-analysis.</summary>
public static class Cumulative
{
    /// <summary>Pools the first effect, the first two, and so on, in the order given. Every row is a <see cref="RandomEffectsModel"/>;
    /// agrees with metafor's <c>cumul</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="options">Estimator, test and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static IReadOnlyList<CumulativeRow> Run(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ModelOptions? options = null)
    {
        Guard.ValidEffects(estimates, variances);
        options ??= new ModelOptions();
        var rows = new CumulativeRow[estimates.Length];
        var prefix = PrefixSums.Of(estimates, variances);
        for (var k = 1; k <= rows.Length; k++)
        {
            prefix?.Add(estimates[k - 1], variances[k - 1]);
            var fit = (k >= CaseDeletion.MinInterpolated && prefix is not null ? CaseDeletion.TryFit(prefix.Model(), options) : null)
                ?? MeanModel.Fit(estimates[..k], variances[..k], options);
            var half = MeanModel.Quantile(k, options) * fit.StandardError;
            rows[k - 1] = new CumulativeRow(fit.Mean, fit.StandardError, fit.TauSquared, fit.Mean - half, fit.Mean + half);
        }
        return rows;
    }
}

/// <summary>The sums of the effects up to one of them.</summary>
internal sealed class PrefixSums
{
    private readonly InterpolatedSums _sums;
    private readonly double _centre;
    private UnweightedSums _totals = UnweightedSums.None;

    private PrefixSums(InterpolatedSums sums, double centre) => (_sums, _centre) = (sums, centre);

    /// <summary>No effect so far; null where sums cannot be interpolated, or where that does not pay.</summary>
    /// <param name="estimates">All effects that will be added.</param>
    /// <param name="variances">Their variances.</param>
    public static PrefixSums? Of(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances)
    {
        if (estimates.Length < CaseDeletion.MinInterpolated)
        {
            return null;
        }
        var centre = new LinearModel(estimates, variances).MeanAt(0).Mean;
        var (totals, largest) = (UnweightedSums.None, 0.0);
        for (var i = 0; i < estimates.Length; i++)
        {
            totals = totals.With(estimates[i] - centre, variances[i]);
            largest = totals.Effects < CaseDeletion.MinInterpolated ? 0 : Math.Max(largest, totals.LargestTauSquared(0));
        }
        return InterpolatedSums.Create(totals.SmallestVariance, largest) is { } sums ? new(sums, centre) : null;
    }

    public void Add(double estimate, double variance)
    {
        CancellationScope.ThrowIfCancelled();
        _sums.Add(estimate - _centre, variance);
        _totals = _totals.With(estimate - _centre, variance);
    }

    public SummedModel Model() => new(_sums, _totals, null, _centre);
}
