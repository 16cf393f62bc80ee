namespace RealRelationship.Statistics;

/// <summary>What contrasts of one analysis share: the distribution they are referred to, and its quantiles, computed once.</summary>
internal sealed class ContrastInference
{
    private readonly double _critical;
    private readonly double _criticalForEquivalence;
    private readonly double? _noncentrality;

    /// <summary>Makes it for a distribution and α = 1 − confidence.</summary>
    public ContrastInference(ReferenceDistribution distribution, double alpha)
    {
        Distribution = distribution;
        _critical = distribution.UpperQuantile(alpha / 2);
        _criticalForEquivalence = Math.Max(0, distribution.UpperQuantile(alpha));
        // Below one degree of freedom t has no mean, and the detectable difference is undefined.
        _noncentrality = distribution.DegreesOfFreedom < 1 ? null : distribution.DetectableNoncentrality(alpha);
    }

    public ReferenceDistribution Distribution { get; }

    /// <summary>The difference of two levels.</summary>
    /// <param name="comparison">Null when there is no residual degree of freedom to test with.</param>
    /// <param name="a">The first level.</param>
    /// <param name="b">The second level.</param>
    /// <param name="difference">A − B.</param>
    /// <param name="standardError">With the multiplier.</param>
    /// <param name="standardErrorOfDesign">Without; null when τ² is unknown.</param>
    public static Contrast ToContrast(ContrastInference? comparison, string a, string b, double difference, double standardError, double? standardErrorOfDesign)
    {
        Guard.FiniteResult(difference, standardError);
        if (comparison is null || standardError == 0)
        {
            return new Contrast(a, b, difference, standardError, comparison?.Distribution.DegreesOfFreedom, null, null, null, null, null);
        }
        var half = comparison._critical * standardError;
        return new Contrast(
            a, b, difference, standardError, comparison.Distribution.DegreesOfFreedom, difference - half, difference + half,
            comparison.Distribution.TwoSided(difference / standardError), null, comparison.MinimumDetectableDifference(standardErrorOfDesign));
    }

    /// <summary>True if the 1 − 2α interval of a difference is within ±margin.</summary>
    public bool IsWithinMargin(double difference, double standardError, double margin) =>
        Math.Abs(difference) + _criticalForEquivalence * standardError < margin;

    /// <summary>The difference found with 80 % power; null below one degree of freedom.</summary>
    public double? MinimumDetectableDifference(double? standardErrorOfDesign) => _noncentrality * standardErrorOfDesign;

    /// <summary>Holm's step-down adjustment over the contrasts that have a p-value and are identified by more than one sample.</summary>
    public static IReadOnlyList<Contrast> AdjustByHolm(IReadOnlyList<Contrast> contrasts)
    {
        var adjusted = contrasts.ToArray();
        int[] tested = [.. Enumerable.Range(0, adjusted.Length).Where(i => adjusted[i] is { PValue: not null, RestsOnOneSample: false })];
        var pValues = Holm.Adjust([.. tested.Select(i => adjusted[i].PValue!.Value)]);
        foreach (var (rank, i) in tested.Index())
        {
            adjusted[i] = adjusted[i] with { AdjustedPValue = pValues[rank] };
        }
        return adjusted;
    }
}
