namespace RealRelationship.Statistics;

/// <summary>A profile-likelihood interval with the fits at its bounds.</summary>
internal sealed record ProfileInterval(Interval Interval, NestedSolution[] AtBounds);

/// <summary>Where the likelihood of one variance, maximised over the others, has fallen to the limit.</summary>
/// <param name="excess">√deviance − √quantile at a value, with its derivative and the maximum there, followed from one nearby; with the flag every hill of
/// the other variances is looked for.</param>
internal sealed class ProfileBounds<TPoint>(Func<double, TPoint, bool, (TPoint Point, double Excess, double Slope)> excess)
{
    private const int MaximumIterations = 100;

    public (double Value, TPoint Near) Lower(double at, TPoint best, bool everyMode)
    {
        var (atZero, above, slope) = excess(0, best, everyMode);
        return above <= 0 ? (0, atZero) : Root(at, 0, above, slope, atZero, everyMode);
    }

    /// <param name="at">The estimate.</param>
    /// <param name="reach">A first guess of the distance.</param>
    /// <param name="best">The maximum.</param>
    /// <param name="everyMode">Whether to look for every hill.</param>
    /// <exception cref="StatisticsException"><c>notConverged</c>: the likelihood does not fall.</exception>
    public (double Value, TPoint Near) Upper(double at, double reach, TPoint best, bool everyMode)
    {
        var (inside, outside) = (at, at + reach);
        var near = best;
        while (true)
        {
            var (point, above, slope) = excess(outside, near, everyMode);
            if (above >= 0)
            {
                return Root(inside, outside, above, slope, point, everyMode);
            }
            (inside, outside, near) = (outside, outside + 2 * (outside - at), point);
            if (!double.IsFinite(outside))
            {
                throw new StatisticsException("notConverged", "A profile likelihood does not fall.");
            }
        }
    }

    /// <summary>Newton's method inside a bracket, on the signed root of the deviance, which is nearly a straight line, from the outer end.</summary>
    private (double Value, TPoint Near) Root(double inside, double outside, double excessOutside, double slopeOutside, TPoint near, bool everyMode)
    {
        var start = outside - excessOutside / slopeOutside;
        var (x, before) = (excessOutside == 0 || (start > Math.Min(inside, outside) && start < Math.Max(inside, outside)) ? start : (inside + outside) / 2,
            double.PositiveInfinity);
        for (var i = 0; i < MaximumIterations; i++)
        {
            var (point, above, slope) = excess(x, near, everyMode);
            near = point;
            if (above == 0)
            {
                return (x, near);
            }
            (inside, outside) = above < 0 ? (x, outside) : (inside, x);
            var next = x - above / slope;
            if (Math.Abs(next - x) <= 1e-9 * Math.Abs(x))
            {
                return (next, near); // the error is squared at every step
            }
            if (!(next > Math.Min(inside, outside) && next < Math.Max(inside, outside)))
            {
                next = (inside + outside) / 2;
            }
            var step = Math.Abs(next - x);
            if (step <= 1e-15 * Math.Abs(x) || (step < 1e-9 * Math.Abs(x) && step >= before))
            {
                return (next, near);
            }
            (x, before) = (next, step);
        }
        return (x, near);
    }
}
