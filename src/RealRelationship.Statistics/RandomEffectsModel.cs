namespace RealRelationship.Statistics;

/// <summary>The random-effects model yᵢ = μ + uᵢ + eᵢ with var uᵢ = τ² and var eᵢ = vᵢ known; with τ² = 0 the common-effect model.</summary>
public static class RandomEffectsModel
{
    /// <summary>Pools effects. It is the regression on nothing but an intercept, and agrees with metafor's <c>rma(yi, vi)</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="options">Estimator, test, prediction and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <returns>The fit. One effect answers with its own z interval, whatever the test, and without heterogeneity.</returns>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite, or a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static RandomEffectsFit Fit(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ModelOptions? options = null) =>
        throw new NotSupportedException("Not yet.");
}
