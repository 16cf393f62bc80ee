using System.Runtime.CompilerServices;

namespace RealRelationship.Statistics;

/// <summary>Effects of which only <see cref="InterpolatedSums"/> are known: all effects, or all but one.</summary>
/// <remarks>
/// A sum without an effect is the sum of all less one term. Where the difference has lost digits, <see cref="LostPrecision"/> says so, and the effects have
/// to be summed anew.
/// </remarks>
/// <param name="sums">Of all effects.</param>
/// <param name="totals">Of all effects, unweighted.</param>
/// <param name="omitted">Residual and variance of the effect that is left out; null if none is.</param>
/// <param name="centre">What residuals are the distance from.</param>
internal sealed class SummedModel(InterpolatedSums sums, UnweightedSums totals, (double Residual, double Variance)? omitted, double centre) : IMeanModel
{
    private const double BoundaryScore = 1e-8; // relative: below it rounding decides whether τ² is 0
    private const double LeastRemainder = 0.1; // of a sum, after the omitted term
    private const double MaxCancellation = 100; // of residuals from another value than the mean
    private const double LargestShare = 0.5; // of Σw² in (Σw)²: above it the traces of P cancel

    private readonly UnweightedSums _left = omitted is { } o ? totals.Without(o.Residual, o.Variance) : totals;

    public int Effects => _left.Effects;

    public int DegreesOfFreedom => _left.Effects - 1;

    public double ResidualSumOfSquares => Math.Max(0, _left.R2 - _left.R * _left.R / _left.Effects);

    public double CrudeVariance => ResidualSumOfSquares / Effects;

    public double SmallestVariance => _left.SmallestVariance;

    public double LargestVariance => _left.LargestVariance;

    /// <summary>Whether some sum had lost too many digits.</summary>
    private bool LostPrecision { get; set; }

    public Moments At(double tau2)
    {
        CancellationScope.ThrowIfCancelled();
        var (s, _, _) = SumsAt(tau2);
        return new Moments(tau2, s.W, s.W2, s.WR2, s.W2R2, Math.Max(0, s.W3R2 - s.W2R * s.W2R / s.W), s.W - s.W2 / s.W,
            s.W2 - 2 * s.W3 / s.W + s.W2 * s.W2 / (s.W * s.W));
    }

    public (double Mean, double Variance) MeanAt(double tau2)
    {
        var (s, mean, _) = SumsAt(tau2);
        return (centre + mean, 1 / s.W);
    }

    public double LogLikelihood(double tau2, bool restricted)
    {
        var (s, _, logVariances) = SumsAt(tau2);
        return restricted
            ? -0.5 * (DegreesOfFreedom * Math.Log(2 * Math.PI) + logVariances + Math.Log(s.W / Effects) + s.WR2)
            : -0.5 * (Effects * Math.Log(2 * Math.PI) + logVariances + s.WR2);
    }

    public (double TracePV, double TracePVPV) UnweightedTraces()
    {
        double k = Effects;
        return (_left.V * (1 - 1 / k), _left.V2 * (1 - 2 / k) + _left.V * _left.V / (k * k));
    }

    /// <summary>A fit; null where sums have lost digits, or the estimate of τ² hangs on the last ones.</summary>
    /// <param name="options">Estimator and test.</param>
    /// <param name="tau2">The estimate of τ² if it is known.</param>
    public MeanFit? TryFit(ModelOptions options, double? tau2 = null)
    {
        var zero = At(0);
        if (LostPrecision || Math.Abs(zero.YPPY - zero.TraceP) <= BoundaryScore * zero.TraceP)
        {
            return null;
        }
        if (tau2 is null)
        {
            var estimate = TauSquared.Estimate(this, options.Estimator);
            if (estimate.SeveralModes || LostPrecision)
            {
                return null;
            }
            tau2 = estimate.Value;
        }
        var fit = MeanModel.Fit(this, tau2.Value, options);
        return LostPrecision ? null : fit;
    }

    /// <summary>Sums of residuals from the mean, the mean, and Σ ln(v + τ²).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (PowerSums Sums, double Mean, double LogVariances) SumsAt(double tau2)
    {
        LostPrecision |= !(tau2 <= sums.LargestTauSquared);
        var (all, logVariances) = sums.At(Math.Min(tau2, sums.LargestTauSquared));
        var left = all;
        if (omitted is { } o)
        {
            left -= PowerSums.Of(1 / (o.Variance + tau2), o.Residual);
            logVariances -= Math.Log(o.Variance + tau2);
        }
        var mean = left.WR / left.W;
        var shifted = left.ShiftedBy(mean);
        LostPrecision |= left.W3 < LeastRemainder * all.W3 || left.WR2 < LeastRemainder * all.WR2 || left.W3R2 < LeastRemainder * all.W3R2
            || left.WR2 > MaxCancellation * shifted.WR2 || left.W3R2 > MaxCancellation * shifted.W3R2 || left.W2 > LargestShare * left.W * left.W;
        return (shifted, mean, logVariances);
    }
}

/// <summary>Sums over effects that do not depend on τ².</summary>
/// <param name="Effects">Their number.</param>
/// <param name="R">Of residuals from any value.</param>
/// <param name="R2">Of their squares.</param>
/// <param name="V">Of variances.</param>
/// <param name="V2">Of their squares.</param>
/// <param name="SmallestVariance">The smallest variance.</param>
/// <param name="LargestVariance">The largest.</param>
/// <param name="NextSmallest">The smallest but one.</param>
/// <param name="NextLargest">The largest but one.</param>
internal sealed record UnweightedSums(int Effects, double R, double R2, double V, double V2,
    double SmallestVariance, double LargestVariance, double NextSmallest, double NextLargest)
{
    public static UnweightedSums None { get; } = new(0, 0, 0, 0, 0, double.PositiveInfinity, 0, double.PositiveInfinity, 0);

    public UnweightedSums With(double r, double v) => new(Effects + 1, R + r, R2 + r * r, V + v, V2 + v * v,
        Math.Min(SmallestVariance, v), Math.Max(LargestVariance, v),
        v < SmallestVariance ? SmallestVariance : Math.Min(NextSmallest, v), v > LargestVariance ? LargestVariance : Math.Max(NextLargest, v));

    /// <summary>Without one of the effects that are part of the sums.</summary>
    public UnweightedSums Without(double r, double v) => new(Effects - 1, R - r, R2 - r * r, V - v, V2 - v * v,
        v == SmallestVariance ? NextSmallest : SmallestVariance, v == LargestVariance ? NextLargest : LargestVariance, NextSmallest, NextLargest);

    /// <summary>No estimator of τ² exceeds it but in odd cases.</summary>
    /// <param name="dropped">By how much the degrees of freedom may fall.</param>
    public double LargestTauSquared(int dropped)
    {
        var s = Math.Max(0, R2 - R * R / Effects) / (Effects - 1 - dropped);
        return Math.Max(2 * s, s / 2 * (1 + Math.Sqrt(1 + 4 * LargestVariance / s)) * (1 + 1e-9));
    }
}
