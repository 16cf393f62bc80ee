namespace RealRelationship.Statistics;

/// <summary>What one effect does to the pooled effect. A number without a scale to divide by (the others agree perfectly,
/// under Knapp and Hartung's test) is null.</summary>
/// <param name="StudentizedResidual">Its distance from the mean of the others, over the standard error of that distance.</param>
/// <param name="Dffits">By how much its fitted value moves, over the standard error of the fitted value.</param>
/// <param name="CooksDistance">The squared move of the mean over its variance.</param>
/// <param name="CovarianceRatio">Variance of the mean without the effect over that with it.</param>
/// <param name="TauSquaredDeleted">τ² of the others; null when only one is left.</param>
/// <param name="QDeleted">Cochran's Q of the others.</param>
/// <param name="Hat">Its leverage.</param>
/// <param name="Weight">Its weight, percent.</param>
/// <param name="Dfbeta">By how much the mean moves, over its standard error at the τ² of the others.</param>
/// <param name="Influential">True when |DFFITS| &gt; 3√(1/(k−1)), Cook's distance passes the median of χ² with 1 degree of freedom, leverage &gt; 3/k,
/// or |DFBETA| &gt; 1.</param>
public sealed record InfluenceRow(
    double? StudentizedResidual, double? Dffits, double? CooksDistance, double? CovarianceRatio, double? TauSquaredDeleted, double QDeleted,
    double Hat, double Weight, double? Dfbeta, bool Influential);

/// <summary>Outliers and influential effects; Viechtbauer and Cheung 2010, Research Synthesis Methods 1.</summary>
public static class Influence
{
    private const double Rounding = 100 * 2.220446049250313e-16;

    /// <summary>Diagnostics of every effect. Agrees with metafor's <c>influence</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="options">Estimator, test and confidence; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <returns>One row an effect, in their order; none when there is only one effect.</returns>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static IReadOnlyList<InfluenceRow> Run(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ModelOptions? options = null)
    {
        Guard.ValidEffects(estimates, variances);
        options ??= new ModelOptions();
        return estimates.Length == 1 ? [] : ToRows(estimates, variances, CaseDeletion.Fit(estimates, variances, options), options);
    }

    internal static InfluenceRow[] ToRows(ReadOnlySpan<double> y, ReadOnlySpan<double> v, MeanFit[] deleted, ModelOptions options)
    {
        var k = y.Length;
        var model = new LinearModel(y, v);
        var fit = MeanModel.Fit(model, options);
        var weights = model.Weights(fit.TauSquared);
        var medianCook = ChiSquared.Quantile(0.5, 1);
        var rows = new InfluenceRow[k];
        for (var i = 0; i < k; i++)
        {
            CancellationScope.ThrowIfCancelled();
            var others = deleted[i];
            var (tau2, s2) = (others.TauSquared, others.Multiplier);
            var move = fit.Mean - others.Mean;
            var hat = weights[i] / 100;
            var residual = y[i] - others.Mean;
            residual = Math.Abs(residual) < Rounding ? 0 : residual;
            var dffits = move / Math.Sqrt(s2 * hat * (tau2 + v[i]));
            var cook = move * move / fit.Variance;
            var dfbeta = move / Math.Sqrt(s2 / (s2 / others.Variance + 1 / (v[i] + tau2))); // Σw of all at the τ² of the others
            var influential = Math.Abs(dffits) > 3 * Math.Sqrt(1.0 / (k - 1)) || cook > medianCook || hat > 3.0 / k || Math.Abs(dfbeta) > 1;
            rows[i] = new InfluenceRow(
                MeanModel.FiniteOrNull(residual / Math.Sqrt(s2 * (v[i] + tau2) + others.Variance)), MeanModel.FiniteOrNull(dffits),
                MeanModel.FiniteOrNull(cook),
                MeanModel.FiniteOrNull(others.Variance / fit.Variance), others.ISquared is null ? null : tau2, others.Q, hat, weights[i],
                MeanModel.FiniteOrNull(dfbeta), influential);
        }
        return rows;
    }
}
