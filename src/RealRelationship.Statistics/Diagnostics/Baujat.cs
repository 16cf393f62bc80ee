namespace RealRelationship.Statistics;

/// <summary>A point of a Baujat plot.</summary>
/// <param name="Heterogeneity">(yᵢ − μ)²/(vᵢ + τ²): the contribution to Q, of the common-effect model.</param>
/// <param name="Influence">(μ − μ₍₋ᵢ₎)²/var μ₍₋ᵢ₎, the model fitted again without the effect.</param>
public sealed record BaujatPoint(double Heterogeneity, double Influence);

/// <summary>Which effects contribute to heterogeneity, and which of these move the mean; Baujat, Mahé, Pignon and Hill 2002,
/// Statistics in Medicine 21.</summary>
public static class Baujat
{
    /// <summary>The point of each effect. Agrees with metafor's <c>baujat</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="estimator">The estimator of τ², with and without the effect.</param>
    /// <returns>In the order of the effects; none for one effect.</returns>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance that is not positive.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static IReadOnlyList<BaujatPoint> Run(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, TauSquaredEstimator estimator = TauSquaredEstimator.RestrictedMaximumLikelihood)
    {
        Guard.ValidEffects(estimates, variances);
        if (estimates.Length == 1)
        {
            return [];
        }
        var options = new ModelOptions { Estimator = estimator, Test = CoefficientTest.Normal };
        var all = MeanModel.Fit(estimates, variances, options);
        var deleted = CaseDeletion.Fit(estimates, variances, options);
        var points = new BaujatPoint[estimates.Length];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = new BaujatPoint(
                VectorMath.Square(estimates[i] - all.Mean) / (variances[i] + all.TauSquared),
                VectorMath.Square(all.Mean - deleted[i].Mean) / deleted[i].Variance);
            Guard.FiniteResult(points[i].Heterogeneity, points[i].Influence);
        }
        return points;
    }
}
