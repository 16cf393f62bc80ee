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
        var prefix = EffectSums.ForPrefixes(estimates, variances);
        for (var k = 1; k <= rows.Length; k++)
        {
            prefix?.Add(estimates[k - 1], variances[k - 1]);
            var fit = (k >= EffectSums.MinEffects ? prefix?.Model().TryFit(options) : null)
                ?? MeanModel.Fit(estimates[..k], variances[..k], options);
            var half = MeanModel.Quantile(k, options) * fit.StandardError;
            rows[k - 1] = new CumulativeRow(fit.Mean, fit.StandardError, fit.TauSquared, fit.Mean - half, fit.Mean + half);
        }
        return rows;
    }
}
