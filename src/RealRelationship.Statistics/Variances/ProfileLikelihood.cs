namespace RealRelationship.Statistics;

/// <summary>Profile-likelihood intervals: the values of one variance at which twice the fall of the likelihood, maximised over the other, is the quantile of χ²
/// with one degree of freedom. Agrees with metafor's <c>confint.rma.mv</c>.</summary>
internal sealed class ProfileLikelihood
{
    private const int MaximumIterations = 100;
    private const double RootTolerance = 1e-6; // what rounding leaves at a root is smaller
    private const int ShortSteps = 5;
    private const double SameMode = 0.1; // of a variance
    private const double ModeTolerance = 1e-9; // within which two maximisations found the same mode

    private readonly INestedLikelihood _likelihood;
    private readonly VarianceEstimate _estimate;
    private readonly double _critical; // √ of the quantile

    public ProfileLikelihood(INestedLikelihood likelihood, VarianceEstimate estimate, double alpha)
    {
        (_likelihood, _estimate) = (likelihood, estimate);
        _critical = Normal.UpperQuantile(alpha / 2);
    }

    public ProfileInterval? Between() => _estimate is { BetweenIdentified: true, OtherEnd: null } ? Interval(between: true) : null;

    public ProfileInterval? Within() => _estimate is { WithinIdentified: true, OtherEnd: null } ? Interval(between: false) : null;

    private ProfileInterval Interval(bool between)
    {
        var best = _estimate.Point;
        var at = between ? best.Between : best.Within;
        var information = between ? best.Information.A : best.Information.C;
        var reach = _critical / Math.Sqrt(information);
        var bounds = new ProfileBounds<NestedLikelihoodPoint>((value, near, everyMode) => Excess(between, value, near, everyMode));
        var lower = at == 0 ? (Value: 0, Near: best) : Bound(between, everyMode => bounds.Lower(at, best, everyMode));
        var upper = Bound(between, everyMode => bounds.Upper(at, reach, best, everyMode));
        return new ProfileInterval(new Interval(lower.Value, upper.Value), [lower.Near.Solution, upper.Near.Solution]);
    }

    /// <summary>One hill of the other variance is followed. If it ends before the bound is reached, or another is higher there, every hill is looked for
    /// at every step.</summary>
    private (double Value, NestedLikelihoodPoint Near) Bound(bool between, Func<bool, (double Value, NestedLikelihoodPoint Near)> find)
    {
        var (bound, near) = find(false);
        return bound > 0 && (Math.Abs(RootOfDeviance(near, 0) - _critical) > RootTolerance || AnotherModeIsHigher(between, near))
            ? find(true)
            : (bound, near);
    }

    /// <summary>√deviance − √quantile at one value, and its derivative: by the envelope theorem that of the likelihood with the other variance fixed.</summary>
    private (NestedLikelihoodPoint Point, double Excess, double Slope) Excess(bool between, double value, NestedLikelihoodPoint near, bool everyMode)
    {
        var (point, gain) = MaximiseOther(between, value, near, everyMode);
        var root = RootOfDeviance(point, gain);
        var gradient = between ? point.GradientBetween : point.GradientWithin;
        return (point, root - _critical, -gradient / root);
    }

    private double RootOfDeviance(NestedLikelihoodPoint point, double gain) =>
        Math.Sqrt(Math.Max(0, 2 * (_estimate.Point.LogLikelihood - point.LogLikelihood) - gain));

    /// <summary>Maximum with one variance fixed. The likelihood of the other can have several modes: that reached from the neighbouring point, moved along
    /// the ridge, is compared with those reached from both ends.</summary>
    private (NestedLikelihoodPoint Point, double Gain) MaximiseOther(bool between, double value, NestedLikelihoodPoint near, bool everyMode)
    {
        if (OtherIsFixed(between))
        {
            return (At(between, value, 0), 0);
        }
        var (other, curvature) = between ? (near.Within, near.Hessian.C) : (near.Between, near.Hessian.A);
        var shift = (value - (between ? near.Between : near.Within)) * -near.Hessian.B / curvature;
        var highest = MaximiseFrom(between, value, curvature < 0 && other > 0 ? Math.Clamp(other + shift, other / 4, 4 * other) : other);
        if (everyMode)
        {
            foreach (var end in Ends(value))
            {
                var mode = MaximiseFrom(between, value, end, fromAbove: end > 0);
                highest = mode.Point.LogLikelihood > highest.Point.LogLikelihood ? mode : highest;
            }
        }
        return highest;
    }

    private bool AnotherModeIsHigher(bool between, NestedLikelihoodPoint point)
    {
        var (value, other) = between ? (point.Between, point.Within) : (point.Within, point.Between);
        return !OtherIsFixed(between) && Ends(value).Any(
            end => MaximiseFrom(between, value, end, end > 0, other).Point.LogLikelihood > point.LogLikelihood + ModeTolerance + Rounding(point));
    }

    private double[] Ends(double value) => [0, _estimate.Point.Between + _estimate.Point.Within + value];

    private bool OtherIsFixed(bool between) => between ? !_estimate.WithinIdentified : !_estimate.BetweenIdentified;

    private double Rounding(NestedLikelihoodPoint point) => 1e-13 * (Math.Abs(point.LogLikelihood) + _likelihood.Effects);

    /// <summary>Newton's method until half of the predicted gain of the next step is accurate enough, or near a known mode, where the likelihood
    /// is concave.</summary>
    private (NestedLikelihoodPoint Point, double Gain) MaximiseFrom(bool between, double value, double start, bool fromAbove = false,
        double known = double.NaN)
    {
        var (point, before) = (At(between, value, start), double.PositiveInfinity);
        for (var i = 0; i < MaximumIterations; i++)
        {
            var x = between ? point.Within : point.Between;
            var g = between ? point.GradientWithin : point.GradientBetween;
            if (x == 0 && g <= 0)
            {
                return (point, 0);
            }
            var h = between ? point.Hessian.C : point.Hessian.A;
            if (h < 0 && Math.Abs(x - known) <= SameMode * known)
            {
                return (point, 0);
            }
            // A long first step down from above could pass by a hill.
            var furthest = fromAbove && i < ShortSteps ? 0.75 * x : x;
            var step = Math.Max(-furthest, g / (h < 0 ? -h : between ? point.Information.C : point.Information.A));
            var size = Math.Abs(step);
            if (g * step < 1e-9 || (size < 1e-7 * x && size >= before) || LineSearch(between, value, x, step, point) is not { } next)
            {
                return (point, g * step);
            }
            (point, before) = (next, size);
        }
        return (point, 0);
    }

    private NestedLikelihoodPoint? LineSearch(bool between, double value, double x, double step, NestedLikelihoodPoint point)
    {
        for (var t = 1.0; t > 1e-9; t /= 2)
        {
            var next = At(between, value, Math.Max(0, x + t * step));
            if (next.LogLikelihood >= point.LogLikelihood - Rounding(point))
            {
                return next;
            }
        }
        return null;
    }

    private NestedLikelihoodPoint At(bool between, double value, double other) => between ? _likelihood.At(value, other) : _likelihood.At(other, value);
}
