namespace RealRelationship.Statistics;

/// <summary>The true effect of one study, its estimate drawn towards the mean.</summary>
/// <param name="Effect">Its best linear unbiased prediction.</param>
/// <param name="StandardError">Of the prediction.</param>
/// <param name="Lower">Lower bound of the prediction interval.</param>
/// <param name="Upper">Upper bound of the prediction interval.</param>
public sealed record ShrinkageRow(double Effect, double StandardError, double Lower, double Upper);

/// <summary>Empirical Bayes estimates of the true effects; Raudenbush and Bryk 1985, Journal of Educational Statistics 10.</summary>
public static class Shrinkage
{
    /// <summary>λᵢyᵢ + (1 − λᵢ)μ with λᵢ = τ²/(τ² + vᵢ) and variance λᵢvᵢ + (1 − λᵢ)²SE². Agrees with metafor's <c>blup</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="options">Estimator, test and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static IReadOnlyList<ShrinkageRow> Run(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ModelOptions? options = null)
    {
        Guard.ValidEffects(estimates, variances);
        options ??= new ModelOptions();
        var fit = MeanModel.Fit(estimates, variances, options);
        var q = MeanModel.Quantile(estimates.Length, options);
        var rows = new ShrinkageRow[estimates.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            var lambda = fit.TauSquared / (fit.TauSquared + variances[i]);
            var rest = variances[i] / (fit.TauSquared + variances[i]);
            var effect = lambda * estimates[i] + rest * fit.Mean;
            var se = Math.Sqrt(lambda * variances[i] + rest * rest * fit.Variance);
            rows[i] = new ShrinkageRow(effect, se, effect - q * se, effect + q * se);
        }
        return rows;
    }
}
