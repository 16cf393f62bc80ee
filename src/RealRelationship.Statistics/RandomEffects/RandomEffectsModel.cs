namespace RealRelationship.Statistics;

/// <summary>The random-effects model yᵢ = μ + uᵢ + eᵢ with var uᵢ = τ² and var eᵢ = vᵢ known; with τ² = 0 the common-effect model.</summary>
public static class RandomEffectsModel
{
    /// <summary>Pools effects. It is the regression on nothing but an intercept, and agrees with metafor's <c>rma(yi, vi)</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="options">Estimator, test, prediction and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <returns>The fit. A single effect has its own z interval, whatever the test, and no heterogeneity.</returns>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// or a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static RandomEffectsFit Fit(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ModelOptions? options = null)
    {
        Guard.ValidEffects(estimates, variances);
        options ??= new ModelOptions();
        return estimates.Length == 1
            ? SingleEffect(estimates[0], variances[0], options)
            : ToFit(new LinearModelFit(new LinearModel(estimates, variances), options));
    }

    private static RandomEffectsFit ToFit(LinearModelFit estimation)
    {
        var (beta, covariance, _) = estimation.Model.Solve(estimation.TauSquared.Value);
        var se = Math.Sqrt(covariance[0, 0] * estimation.Multiplier);
        var mean = ReferenceDistribution.ToCoefficient(estimation.Distribution, "intercept", beta[0], se, estimation.Options.Alpha);
        return new RandomEffectsFit
        {
            Effects = estimation.Model.Effects,
            Mean = mean,
            Prediction = estimation.Prediction(mean),
            Heterogeneity = estimation.Heterogeneity(),
            LogLikelihood = estimation.LogLikelihood(),
            Iterations = estimation.TauSquared.Iterations,
            Converged = estimation.TauSquared.Converged,
            Weights = estimation.Model.Weights(estimation.TauSquared.Value),
            VarianceMultiplier = estimation.Multiplier,
            FloorApplied = estimation.FloorApplied,
            SeveralModes = estimation.TauSquared.SeveralModes,
            Options = estimation.Options,
        };
    }

    /// <summary>Its own z interval, whatever the test: there is nothing to estimate τ² or a mean square from.</summary>
    private static RandomEffectsFit SingleEffect(double y, double v, ModelOptions options) => new()
    {
        Effects = 1,
        Mean = ReferenceDistribution.ToCoefficient(ReferenceDistribution.Normal, "intercept", y, Math.Sqrt(v), options.Alpha),
        Prediction = null,
        Heterogeneity = new Heterogeneity(0, 0, null, null, null, null, null, null, null, null),
        LogLikelihood = options.Estimator == TauSquaredEstimator.RestrictedMaximumLikelihood ? null : -0.5 * Math.Log(2 * Math.PI * v),
        Iterations = 0,
        Converged = true,
        Weights = [100],
        VarianceMultiplier = 1,
        FloorApplied = false,
        SeveralModes = false,
        Options = options,
    };
}
