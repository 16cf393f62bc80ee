namespace RealRelationship.Statistics;

/// <summary>How many unpublished studies without effect it would take.</summary>
/// <param name="Rosenthal">To make Stouffer's combined one-sided p exceed .05.</param>
/// <param name="Orwin">To bring the unweighted mean down to the target; null when the target is 0, which no number reaches.</param>
/// <param name="OrwinTarget">The given target, or half the unweighted mean; with the sign of the unweighted mean.</param>
/// <param name="Rosenberg">To make the two-sided p of the common-effect mean exceed .05.</param>
public sealed record FailSafeNumbers(double Rosenthal, double? Orwin, double OrwinTarget, double Rosenberg);

/// <summary>Fail-safe numbers. They agree with metafor's <c>fsn</c>.</summary>
/// <remarks>Rosenthal 1979, Psychological Bulletin 86; Orwin 1983, Journal of Educational Statistics 8; Rosenberg 2005, Evolution 59.</remarks>
public static class FailSafeN
{
    private const double Alpha = 0.05;

    /// <summary>All three numbers, rounded up to whole studies and never below 0.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="orwinTarget">The mean that would no longer matter, on the scale of the effects; half the unweighted mean when null.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite,
    /// a variance that is not positive and finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static FailSafeNumbers Compute(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, double? orwinTarget = null)
    {
        Guard.ValidEffects(estimates, variances);
        Guard.InRange(true, orwinTarget ?? 0, nameof(orwinTarget), "Orwin's target is finite.");
        double k = estimates.Length, sumZ = 0, sumW = 0, sumWY = 0, mean = 0;
        for (var i = 0; i < estimates.Length; i++)
        {
            sumZ += estimates[i] / Math.Sqrt(variances[i]);
            sumW += 1 / variances[i];
            sumWY += estimates[i] / variances[i];
            mean += estimates[i] / k;
        }
        var target = Math.CopySign(orwinTarget ?? mean / 2, mean);
        var rosenthal = VectorMath.Square(sumZ / Normal.UpperQuantile(Alpha)) - k;
        var rosenberg = k * (VectorMath.Square(sumWY / Normal.UpperQuantile(Alpha / 2)) / sumW - 1);
        return new FailSafeNumbers(RoundUp(rosenthal), target == 0 ? null : RoundUp(k * (mean - target) / target), target, RoundUp(rosenberg));
    }

    /// <summary>Rounded up, but a number that is whole but for rounding stays.</summary>
    private static double RoundUp(double number)
    {
        Guard.FiniteResult(number);
        var whole = Math.Round(number);
        return Math.Max(0, Math.Abs(number - whole) < 1.4901161193847656e-8 ? whole : Math.Ceiling(number));
    }
}
