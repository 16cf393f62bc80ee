namespace RealRelationship.Statistics;

/// <summary>Effects nested in samples: yᵢⱼ = xᵢⱼ′β + bᵢ + wᵢⱼ + eᵢⱼ with var b = σ_b², var w = σ_w² and sampling errors e of known variance,
/// independent or correlated inside a sample.</summary>
public static class MultilevelModel
{
    /// <summary>Pools dependent effects. It is the regression on nothing but an intercept.</summary>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect; equal numbers are one sample.</param>
    /// <param name="options">Model, variances and confidence; the defaults of <see cref="MultilevelOptions"/> when null.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite, or a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>oneSample</c>: all effects are of one sample; <c>outOfRange</c>: the numbers overflow.</exception>
    public static MultilevelFit Fit(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, MultilevelOptions? options = null)
    {
        Guard.Effects(estimates, variances);
        return Fit(estimates, variances, samples, DesignMatrix.WithIntercept(estimates.Length), options);
    }

    /// <summary>Regresses dependent effects on moderators. Agrees with metafor's <c>rma.mv(yi, V, mods=, random = ~ 1 | sample/effect)</c>,
    /// robust variances and tests with clubSandwich.</summary>
    /// <param name="estimates">The effects, finite.</param>
    /// <param name="variances">Their sampling variances, positive and finite.</param>
    /// <param name="samples">The sample of each effect; equal numbers are one sample.</param>
    /// <param name="design">The design, one row an effect.</param>
    /// <param name="options">Model, variances and confidence; the defaults of <see cref="MultilevelOptions"/> when null.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite, or a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>oneSample</c>: all effects are of one sample; <c>rankDeficient</c>: a column depends linearly on those before it
    /// (the message names it); <c>outOfRange</c>: the numbers overflow.</exception>
    public static MultilevelFit Fit(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, DesignMatrix design, MultilevelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(design);
        Guard.Effects(estimates, variances);
        Guard.SameLength(estimates.Length, samples.Length, nameof(samples));
        Guard.SameLength(estimates.Length, design.Rows, nameof(design));
        throw new NotSupportedException($"{options}");
    }
}
