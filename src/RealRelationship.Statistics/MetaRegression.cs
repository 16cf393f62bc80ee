namespace RealRelationship.Statistics;

/// <summary>Mixed-effects meta-regression y = Xβ + u + e with var u = τ² and var e = v known.</summary>
public static class MetaRegression
{
    /// <summary>Fits by weighted least squares, with τ² estimated on the residuals. Agrees with metafor's <c>rma(yi, vi, mods=)</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="design">The design, one row an effect.</param>
    /// <param name="options">Estimator, test and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <returns>The fit. Without residual degrees of freedom τ² is null, weights rest on v alone, and t-based tests are null.</returns>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite, or a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>rankDeficient</c>: a column depends linearly on those before it (the message names it);
    /// <c>outOfRange</c>: the numbers overflow.</exception>
    public static MetaRegressionFit Fit(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, DesignMatrix design, ModelOptions? options = null) =>
        throw new NotSupportedException("Not yet.");
}
