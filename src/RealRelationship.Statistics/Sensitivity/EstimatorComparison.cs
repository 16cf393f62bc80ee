namespace RealRelationship.Statistics;

/// <summary>The pooled effect by one estimator of τ².</summary>
/// <param name="Estimator">The estimator.</param>
/// <param name="Effect">The mean.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Lower">Lower confidence bound.</param>
/// <param name="Upper">Upper confidence bound.</param>
/// <param name="TauSquared">Null for one effect.</param>
public sealed record EstimatorRow(TauSquaredEstimator Estimator, double Effect, double StandardError, double Lower, double Upper, double? TauSquared);

/// <summary>The pooled effect by every estimator of τ², side by side.</summary>
public static class EstimatorComparison
{
    /// <summary>One row a <see cref="TauSquaredEstimator"/>, in the order they are declared; each is a <see cref="RandomEffectsModel"/>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="options">Test and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static IReadOnlyList<EstimatorRow> Run(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ModelOptions? options = null)
    {
        Guard.ValidEffects(estimates, variances);
        options ??= new ModelOptions();
        var model = new LinearModel(estimates, variances);
        var q = MeanModel.Quantile(model.Effects, options);
        return
        [
            .. Enum.GetValues<TauSquaredEstimator>().Select(estimator =>
            {
                var fit = MeanModel.Fit(model, options with { Estimator = estimator });
                var half = q * fit.StandardError;
                return new EstimatorRow(
                    estimator, fit.Mean, fit.StandardError, fit.Mean - half, fit.Mean + half, fit.ISquared is null ? null : fit.TauSquared);
            }),
        ];
    }
}
