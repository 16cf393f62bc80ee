namespace RealRelationship.Statistics;

/// <summary>Sums over effects that are added one by one, for fits of those so far and of all but one (<see cref="SummedModel"/>).</summary>
internal sealed class EffectSums
{
    /// <summary>Sums over fewer effects cost less than their interpolation.</summary>
    public const int MinEffects = 64;

    private readonly InterpolatedSums _sums;
    private readonly double _centre;
    private UnweightedSums _totals = UnweightedSums.None;

    private EffectSums(InterpolatedSums sums, double centre) => (_sums, _centre) = (sums, centre);

    /// <summary>The sums of all effects, for fits without one of them; null where sums cannot be interpolated, or where that does not pay.</summary>
    public static EffectSums? OfAll(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances)
    {
        var sums = Create(estimates, variances, forPrefixes: false);
        for (var i = 0; sums is not null && i < estimates.Length; i++)
        {
            sums.Add(estimates[i], variances[i]);
        }
        return sums;
    }

    /// <summary>Sums of no effect so far, for fits of the first ones; null likewise.</summary>
    /// <param name="estimates">All effects that will be added.</param>
    /// <param name="variances">Their variances.</param>
    public static EffectSums? ForPrefixes(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances) =>
        Create(estimates, variances, forPrefixes: true);

    public void Add(double estimate, double variance)
    {
        CancellationScope.ThrowIfCancelled();
        _sums.Add(estimate - _centre, variance);
        _totals = _totals.With(estimate - _centre, variance);
    }

    /// <summary>The effects that were added.</summary>
    public SummedModel Model() => new(_sums, _totals, null, _centre);

    /// <summary>The effects that were added, without one of them.</summary>
    public SummedModel ModelWithout(double estimate, double variance) => new(_sums, _totals, (estimate - _centre, variance), _centre);

    private static EffectSums? Create(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, bool forPrefixes)
    {
        if (estimates.Length < MinEffects)
        {
            return null;
        }
        var centre = new LinearModel(estimates, variances).MeanAt(0).Mean;
        var (totals, largest) = (UnweightedSums.None, 0.0);
        for (var i = 0; i < estimates.Length; i++)
        {
            totals = totals.With(estimates[i] - centre, variances[i]);
            largest = !forPrefixes || totals.Effects < MinEffects ? 0 : Math.Max(largest, totals.LargestTauSquared(0));
        }
        return InterpolatedSums.Create(totals.SmallestVariance, forPrefixes ? largest : totals.LargestTauSquared(1)) is { } sums ? new(sums, centre) : null;
    }
}
