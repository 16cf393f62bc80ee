namespace RealRelationship.Statistics;

/// <summary>Sums over the effects of one group that have been taken so far.</summary>
/// <remarks>Few effects are summed as they are; of many, where there are many looks, sums are interpolated, so that a look costs the same whatever their
/// number.</remarks>
/// <param name="estimates">Effects of the group in their order, as distances from the centre.</param>
/// <param name="variances">Their variances.</param>
/// <param name="interpolated">Sums without any effect yet; null where they are not interpolated.</param>
internal sealed class PrefixSums(double[] estimates, double[] variances, InterpolatedSums? interpolated)
{
    private const int MinInterpolated = 64;

    /// <summary>Sums that do not depend on τ².</summary>
    public UnweightedSums Totals { get; private set; } = UnweightedSums.None;

    public int Count => Totals.Effects;

    /// <summary>Takes the next effect.</summary>
    public void Take()
    {
        var (r, v) = (estimates[Count], variances[Count]);
        interpolated?.Add(r, v);
        Totals = Totals.With(r, v);
    }

    /// <summary>Sums of powers of weights and distances from the centre.</summary>
    public PowerSums At(double tau2) => IsInterpolated(tau2) ? interpolated!.At(tau2).Sums : Sum(tau2);

    /// <summary>The same, and Σ ln(v + τ²).</summary>
    public (PowerSums Sums, double LogVariances) WithLogVariancesAt(double tau2) => IsInterpolated(tau2) ? interpolated!.At(tau2)
        : (Sum(tau2), BlockedMoments.LogVariances(variances.AsSpan(0, Count), tau2));

    private bool IsInterpolated(double tau2) => interpolated is not null && Count >= MinInterpolated && tau2 <= interpolated.LargestTauSquared;

    private PowerSums Sum(double tau2) => PowerSums.Of(estimates.AsSpan(0, Count), variances.AsSpan(0, Count), tau2, 0);
}
