namespace RealRelationship.Statistics;

/// <summary>The likelihood of τ² with the mean at its estimate.</summary>
/// <param name="TauSquared">Its maximum, the global one.</param>
/// <param name="Lower">Lower limit by the likelihood ratio; 0 where the likelihood at 0 is within the cut.</param>
/// <param name="Upper">Upper limit by the likelihood ratio; null when the likelihood never falls below the cut in double precision.</param>
/// <param name="LogLikelihood">At the maximum: full, or restricted as metafor's <c>logLik</c>.</param>
/// <param name="Cut">The log-likelihood at the limits: half the χ² quantile below the maximum.</param>
/// <param name="SeveralModes">True when it has several local maxima; the limits then enclose every τ² above the cut.</param>
/// <param name="Points">The profile from 0 to beyond the upper limit, at values of τ² that lie evenly in its square root.</param>
public sealed record TauSquaredProfileFit(
    double TauSquared, double Lower, double? Upper, double LogLikelihood, double Cut, bool SeveralModes, IReadOnlyList<TauSquaredPoint> Points);

/// <summary>A point of the profile.</summary>
/// <param name="TauSquared">The between-study variance.</param>
/// <param name="LogLikelihood">There.</param>
public sealed record TauSquaredPoint(double TauSquared, double LogLikelihood);

/// <summary>How well the data tell τ²: its profile likelihood and the interval from it; Hardy and Thompson 1996, Statistics in Medicine 15.</summary>
public static class TauSquaredProfile
{
    private const double ScanRatio = 1.25;
    private const double PlotBeyondLimit = 1.2;
    private const double LargestTau2 = 1e150;

    /// <summary>The profile. Agrees with metafor's <c>confint</c> of profile likelihoods.</summary>
    /// <param name="estimates">The effects yᵢ, finite; at least two.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="restricted">The restricted likelihood, or the full one.</param>
    /// <param name="confidence">Coverage of the limits, strictly between 0 and 1.</param>
    /// <param name="points">Number of points, at least 2.</param>
    /// <returns>Null for one effect.</returns>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance that is not positive.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static TauSquaredProfileFit? Fit(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, bool restricted = true, double confidence = 0.95, int points = 101)
    {
        Guard.ValidEffects(estimates, variances);
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 2);
        var alpha = new ModelOptions { Confidence = confidence }.Alpha;
        if (estimates.Length == 1)
        {
            return null;
        }
        var model = new LinearModel(estimates, variances);
        var estimate = Likelihood.Maximise(model, restricted);
        var highest = model.LogLikelihood(estimate.Value, restricted);
        var cut = highest - ChiSquared.UpperQuantile(alpha, 1) / 2;
        Guard.FiniteResult(estimate.Value, highest, cut);
        double Above(double tau2) => model.LogLikelihood(tau2, restricted) - cut;
        var lower = Above(0) >= 0 ? 0 : LowerLimit(Above, estimate.Value, model.SmallestVariance);
        var upper = UpperLimit(Above, estimate.Value, model.SmallestVariance, model.LargestVariance + model.ResidualSumOfSquares);
        var last = Math.Sqrt(PlotBeyondLimit * (upper ?? Math.Max(4 * estimate.Value, model.LargestVariance)));
        return new TauSquaredProfileFit(
            estimate.Value, lower, upper, highest, cut, estimate.SeveralModes,
            [
                .. Enumerable.Range(0, points).Select(i => VectorMath.Square(last * i / (points - 1)))
                    .Select(tau2 => new TauSquaredPoint(tau2, model.LogLikelihood(tau2, restricted))),
            ]);
    }

    /// <summary>The smallest crossing: scanned upwards from far below the smallest variance.</summary>
    private static double LowerLimit(Func<double, double> above, double best, double smallest)
    {
        var (left, right) = (0.0, Math.Min(smallest / 4, best));
        while (right < best && above(right) < 0)
        {
            (left, right) = (right, Math.Min(right * ScanRatio, best));
        }
        return RootFinder.FindBetween(above, left, right);
    }

    /// <summary>The largest crossing: the last of a scan that goes on to where the likelihood can only fall.</summary>
    private static double? UpperLimit(Func<double, double> above, double best, double smallest, double scale)
    {
        (double Left, double Right)? crossing = null;
        var left = best;
        for (var right = Math.Max(best * ScanRatio, smallest / 4); right < LargestTau2; right *= ScanRatio)
        {
            CancellationScope.ThrowIfCancelled();
            if (above(right) < 0)
            {
                crossing = above(left) >= 0 ? (left, right) : crossing;
                if (right > best + scale && crossing is not null)
                {
                    break;
                }
            }
            left = right;
        }
        return crossing is { } bracket ? RootFinder.FindBetween(above, bracket.Left, bracket.Right) : null;
    }
}
