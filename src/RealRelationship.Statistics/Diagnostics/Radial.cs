namespace RealRelationship.Statistics;

/// <summary>A radial plot.</summary>
/// <param name="Precisions">1/√(vᵢ + τ²), in the order of the effects.</param>
/// <param name="Standardised">yᵢ/√(vᵢ + τ²).</param>
/// <param name="Slope">The mean: the slope of the line through the origin that fits the points best.</param>
/// <param name="TauSquared">The between-study variance.</param>
public sealed record RadialFit(IReadOnlyList<double> Precisions, IReadOnlyList<double> Standardised, double Slope, double TauSquared);

/// <summary>Standardised effects against precision, where the mean is a slope and effects scatter around it by 1; Galbraith 1988, Statistics in
/// Medicine 7.</summary>
public static class Radial
{
    /// <summary>The points and the slope. Agrees with metafor's <c>radial</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="estimator">The estimator of τ².</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance that is not positive.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static RadialFit Run(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, TauSquaredEstimator estimator = TauSquaredEstimator.RestrictedMaximumLikelihood)
    {
        Guard.ValidEffects(estimates, variances);
        var fit = MeanModel.Fit(estimates, variances, new ModelOptions { Estimator = estimator, Test = CoefficientTest.Normal });
        var (x, z) = (new double[estimates.Length], new double[estimates.Length]);
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = 1 / Math.Sqrt(variances[i] + fit.TauSquared);
            z[i] = estimates[i] * x[i];
        }
        Guard.FiniteResult(x);
        Guard.FiniteResult(z);
        return new RadialFit(x, z, fit.Mean, fit.TauSquared);
    }
}
