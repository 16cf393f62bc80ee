namespace RealRelationship.Statistics;

/// <summary>Profile-likelihood intervals of three variances, as <see cref="ProfileLikelihood"/> has them for two.</summary>
internal sealed class FourLevelProfile
{
    private const int MaximumIterations = 100;
    private const double ModeTolerance = 1e-9; // within which two maximisations found the same mode

    private readonly FourLevelLikelihood _likelihood;
    private readonly FourLevelEstimate _estimate;
    private readonly double _critical; // √ of the quantile

    public FourLevelProfile(FourLevelLikelihood likelihood, FourLevelEstimate estimate, double alpha) =>
        (_likelihood, _estimate, _critical) = (likelihood, estimate, Normal.UpperQuantile(alpha / 2));

    /// <summary>The interval of one variance; null if it is not identified, or something is not.</summary>
    public ProfileInterval? Of(int i)
    {
        if (!_estimate.Free[i] || _estimate.Ends.Count > 0)
        {
            return null;
        }
        var lower = _estimate.Point.Variances[i] == 0 ? (Value: 0, Near: _estimate.Point) : Bound(everyMode => Lower(i, everyMode), i);
        var upper = Bound(everyMode => Upper(i, everyMode), i);
        return new ProfileInterval(new Interval(lower.Value, upper.Value), [lower.Near.Solution, upper.Near.Solution]);
    }

    /// <summary>One hill of the other variances is followed; where another is higher at the bound, every hill is looked for at every step.</summary>
    private (double Value, FourLevelPoint Near) Bound(Func<bool, (double Value, FourLevelPoint Near)> find, int i)
    {
        var (bound, near) = find(false);
        return bound > 0 && OtherHills(i, near.Variances[i]).Any(hill => hill.LogLikelihood > near.LogLikelihood + Tolerance(near))
            ? find(true) : (bound, near);
    }

    private (double Value, FourLevelPoint Near) Lower(int i, bool everyMode)
    {
        var (atZero, excess, _) = Excess(i, 0, _estimate.Point, everyMode);
        return excess <= 0 ? (0, atZero) : Root(i, _estimate.Point.Variances[i], 0, atZero, everyMode);
    }

    private (double Value, FourLevelPoint Near) Upper(int i, bool everyMode)
    {
        var (at, best) = (_estimate.Point.Variances[i], _estimate.Point);
        var outside = at + (_critical / Math.Sqrt(best.Information[(i * RandomVariances.Count) + i]));
        for (var (inside, near) = (at, best); ;)
        {
            var (point, excess, _) = Excess(i, outside, near, everyMode);
            if (excess >= 0)
            {
                return Root(i, inside, outside, point, everyMode);
            }
            (inside, outside, near) = (outside, outside + (2 * (outside - at)), point);
            if (!double.IsFinite(outside))
            {
                throw new StatisticsException("notConverged", "A profile likelihood does not fall.");
            }
        }
    }

    /// <summary>Newton's method inside a bracket, on the signed root of the deviance, which is nearly a straight line, from the outer end.</summary>
    private (double Value, FourLevelPoint Near) Root(int i, double inside, double outside, FourLevelPoint near, bool everyMode)
    {
        var (x, before) = (outside, double.PositiveInfinity);
        for (var iteration = 0; iteration < MaximumIterations; iteration++)
        {
            var (point, excess, slope) = Excess(i, x, near, everyMode);
            near = point;
            if (excess == 0)
            {
                return (x, near);
            }
            (inside, outside) = excess < 0 ? (x, outside) : (inside, x);
            var next = x - (excess / slope);
            if (!(next > Math.Min(inside, outside) && next < Math.Max(inside, outside)))
            {
                next = (inside + outside) / 2;
            }
            var step = Math.Abs(next - x);
            if (step <= 1e-14 * Math.Abs(x) || (step < 1e-9 * Math.Abs(x) && step >= before))
            {
                return (next, near);
            }
            (x, before) = (next, step);
        }
        return (x, near);
    }

    /// <summary>√deviance − √quantile at one value, and its derivative: by the envelope theorem that of the likelihood with the other variances
    /// fixed.</summary>
    private (FourLevelPoint Point, double Excess, double Slope) Excess(int i, double value, FourLevelPoint near, bool everyMode)
    {
        var point = Maximise(i, near.Variances.With(i, value));
        foreach (var hill in everyMode ? OtherHills(i, value) : [])
        {
            point = hill.LogLikelihood > point.LogLikelihood ? hill : point;
        }
        var root = Math.Sqrt(Math.Max(0, 2 * (_estimate.Point.LogLikelihood - point.LogLikelihood)));
        return (point, root - _critical, -point.Gradient[i] / root);
    }

    /// <summary>Maxima reached from where each of the other variances, or none, has all of the total.</summary>
    private IEnumerable<FourLevelPoint> OtherHills(int i, double value)
    {
        var total = _estimate.Point.Variances.Total + value;
        for (var j = 0; j < RandomVariances.Count; j++)
        {
            var start = default(RandomVariances).With(j, total).With(i, value);
            yield return Maximise(i, start);
        }
    }

    private FourLevelPoint Maximise(int i, RandomVariances start)
    {
        bool[] others = [.. _estimate.Free];
        others[i] = false;
        return FourLevelComponents.MaximiseFrom(_likelihood, _likelihood.At(start), others).Point;
    }

    private double Tolerance(FourLevelPoint point) => ModeTolerance + (10 * _likelihood.Rounding(point.LogLikelihood));
}
