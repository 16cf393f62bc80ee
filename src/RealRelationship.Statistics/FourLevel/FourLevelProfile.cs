namespace RealRelationship.Statistics;

/// <summary>Profile-likelihood intervals of three variances, as <see cref="ProfileLikelihood"/> has them for two.</summary>
internal sealed class FourLevelProfile
{
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
        var (at, best) = (_estimate.Point.Variances[i], _estimate.Point);
        var reach = _critical / Math.Sqrt(best.Information[(i * RandomVariances.Count) + i]);
        var bounds = new ProfileBounds<FourLevelPoint>((value, near, everyMode) => Excess(i, value, near, everyMode));
        var lower = at == 0 ? (Value: 0, Near: best) : Bound(everyMode => bounds.Lower(at, best, everyMode), i);
        var upper = Bound(everyMode => bounds.Upper(at, reach, best, everyMode), i);
        return new ProfileInterval(new Interval(lower.Value, upper.Value), [lower.Near.Solution, upper.Near.Solution]);
    }

    /// <summary>One hill of the other variances is followed; where another is higher at the bound, every hill is looked for at every step.</summary>
    private (double Value, FourLevelPoint Near) Bound(Func<bool, (double Value, FourLevelPoint Near)> find, int i)
    {
        var (bound, near) = find(false);
        return bound > 0 && OtherHills(i, near.Variances[i]).Any(hill => hill.LogLikelihood > near.LogLikelihood + Tolerance(near))
            ? find(true) : (bound, near);
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
