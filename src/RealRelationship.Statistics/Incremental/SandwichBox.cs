using System.Runtime.CompilerServices;

namespace RealRelationship.Statistics;

/// <summary>Where the cluster-robust variance of a fit is needed.</summary>
/// <param name="Between">σ_b².</param>
/// <param name="Within">σ_w².</param>
/// <param name="Covariance">The variance of the mean under the model.</param>
/// <param name="IsAdjusted">Whether by CR2.</param>
internal sealed record SandwichPoint(double Between, double Within, double Covariance, bool IsAdjusted)
{
    /// <summary>What terms depend on of <see cref="Covariance"/>.</summary>
    public double Adjustment => IsAdjusted ? Covariance : 0;

    /// <summary>The terms of a sample.</summary>
    public SandwichTerms Of(NestedSample sample) => sample.SandwichAt(Between, Within, Adjustment);
}

/// <summary>Sums of <see cref="SandwichTerms"/> over samples, interpolated in a box around several <see cref="SandwichPoint"/>s.</summary>
/// <remarks>The terms of a sample are singular where it is all that the mean rests on, 1′Φ⁻¹1 times the variance of the mean being 1. Samples near that in the
/// box are summed at every point instead.</remarks>
internal sealed class SandwichBox
{
    private const double RelativeError = 1e-12;
    private const double MaxLeverage = 0.25;
    private const double MinLeverage = 1e-3;

    private readonly (LogScale Between, LogScale Within) _scales;
    private readonly ChebyshevAxis[] _axes; // of both variances and the variance of the mean
    private readonly double[] _between;
    private readonly double[] _within;
    private readonly SandwichPoint _lowest;
    private readonly SandwichTerms[] _sums;
    private readonly List<NestedSample> _direct = [];

    private SandwichBox((LogScale, LogScale) scales, ChebyshevAxis[] axes, SandwichPoint lowest)
    {
        (_scales, _axes, _lowest) = (scales, axes, lowest);
        (_between, _within) = ([.. axes[0].Points.ToArray().Select(_scales.Between.Variance)], [.. axes[1].Points.ToArray().Select(_scales.Within.Variance)]);
        _sums = new SandwichTerms[Points];
    }

    /// <summary>Number of points at which samples are summed.</summary>
    public int Points => _axes.Aggregate(1, (product, axis) => product * axis.Points.Length);

    /// <summary>A box without samples yet.</summary>
    /// <param name="points">The points that it contains.</param>
    /// <param name="samples">All samples that will be added.</param>
    /// <param name="scales">On which their terms are smooth.</param>
    public static SandwichBox Create(
        IReadOnlyCollection<SandwichPoint> points, ReadOnlySpan<NestedSample> samples, (LogScale Between, LogScale Within) scales)
    {
        var lowest = new SandwichPoint(points.Min(point => point.Between), points.Min(point => point.Within), points.Max(point => point.Covariance),
            points.First().IsAdjusted);
        var largest = MinLeverage;
        foreach (var sample in samples)
        {
            var leverage = Leverage(sample, lowest);
            largest = leverage > MaxLeverage ? largest : Math.Max(largest, leverage);
        }
        return new(scales,
        [
            OnScale(scales.Between, lowest.Between, points.Max(point => point.Between), largest),
            OnScale(scales.Within, lowest.Within, points.Max(point => point.Within), largest),
            OfAdjustment(points.Min(point => point.Adjustment), lowest.Adjustment, largest),
        ], lowest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(NestedSample sample)
    {
        CancellationScope.ThrowIfCancelled();
        if (Leverage(sample, _lowest) > MaxLeverage)
        {
            _direct.Add(sample);
            return;
        }
        var at = 0;
        foreach (var b in _between)
        {
            foreach (var w in _within)
            {
                foreach (var c in _axes[2].Points)
                {
                    _sums[at++] += sample.SandwichAt(b, w, c);
                }
            }
        }
    }

    /// <summary>The sums at a point of the box.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public SandwichTerms At(SandwichPoint point)
    {
        Span<double> between = stackalloc double[_axes[0].Points.Length], within = stackalloc double[_axes[1].Points.Length];
        Span<double> adjustment = stackalloc double[_axes[2].Points.Length];
        _axes[0].Weights(_scales.Between.Position(point.Between), between);
        _axes[1].Weights(_scales.Within.Position(point.Within), within);
        _axes[2].Weights(point.Adjustment, adjustment);
        var (sum, at) = (default(SandwichTerms), 0);
        foreach (var b in between)
        {
            foreach (var w in within)
            {
                foreach (var c in adjustment)
                {
                    sum += b * w * c * _sums[at++];
                }
            }
        }
        foreach (var sample in _direct)
        {
            sum += point.Of(sample);
        }
        return sum;
    }

    /// <summary>The largest in the box.</summary>
    private static double Leverage(NestedSample sample, SandwichPoint lowest) =>
        sample.LikelihoodAt(lowest.Between, lowest.Within)[0] * lowest.Covariance;

    private static ChebyshevAxis OnScale(LogScale scale, double from, double to, double largestLeverage)
    {
        var (lower, upper) = (scale.Position(from), scale.Position(to));
        var half = (upper - lower) / 2;
        // Poles at the distance π from the real axis, and those of the leverage below the interval on it.
        var (above, below) = (Math.PI / half, 1 + Math.Log(1 / largestLeverage) / half);
        return Create(lower, upper, Math.Min(above + Math.Sqrt(above * above + 1), below + Math.Sqrt(below * below - 1)));
    }

    private static ChebyshevAxis OfAdjustment(double from, double to, double largestLeverage)
    {
        var pole = (2 * to / largestLeverage - from - to) / (to - from);
        return Create(from, to, pole + Math.Sqrt(pole * pole - 1));
    }

    private static ChebyshevAxis Create(double from, double to, double rho) =>
        new(from, to, to > from ? Math.Max(2, ChebyshevAxis.CountPoints(rho, RelativeError)) : 1);
}
