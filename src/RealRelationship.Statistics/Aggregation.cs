namespace RealRelationship.Statistics;

/// <summary>How the effects of one sample are averaged.</summary>
public enum AggregationWeights
{
    /// <summary>(1′V⁻¹y)/(1′V⁻¹1), the composite of smallest variance.</summary>
    InverseVariance,
    /// <summary>The plain mean.</summary>
    Simple,
}

/// <summary>One effect a sample: the answer of <see cref="Aggregation.Aggregate"/>. Samples stand in the order of their first effect.</summary>
public sealed record AggregatedEffects
{
    /// <summary>The composites.</summary>
    public required IReadOnlyList<double> Estimates { get; init; }

    /// <summary>Their sampling variances.</summary>
    public required IReadOnlyList<double> Variances { get; init; }

    /// <summary>Indices of the effects in each composite.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Rows { get; init; }

    /// <summary>True when some effect enters its composite with a negative weight.</summary>
    public required bool NegativeWeights { get; init; }
}

/// <summary>Dependent effects of one sample, turned into one.</summary>
public static class Aggregation
{
    /// <summary>Averages the effects of each sample under the covariance vᵢⱼ = ρ √(vᵢvⱼ). Agrees with metafor's <c>aggregate.escalc(struct="CS")</c>.</summary>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect; equal numbers are one sample.</param>
    /// <param name="rho">Correlation of the sampling errors inside a sample, at least 0 and below 1.</param>
    /// <param name="weights">Inverse-variance weights, or equal ones.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, or a variance that is not positive.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rho"/> is not in [0, 1).</exception>
    public static AggregatedEffects Aggregate(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, double rho,
        AggregationWeights weights = AggregationWeights.InverseVariance) =>
        throw new NotSupportedException("Not yet.");
}
