namespace RealRelationship.Statistics;

/// <summary>The (restricted) likelihood of the variances of a nested model, at one point.</summary>
internal interface ILikelihoodPoint
{
    RandomVariances Variances { get; }

    double LogLikelihood { get; }

    /// <summary>Weighted least squares there.</summary>
    NestedSolution Solution { get; }

    /// <summary>tr P.</summary>
    double TraceP { get; }
}

/// <summary>A step in variances.</summary>
internal interface ILikelihoodStep
{
    /// <summary>Sum of the changes.</summary>
    double Size { get; }

    /// <summary>What the slope promises.</summary>
    double Gain { get; }

    /// <summary>True for Newton's, false for Fisher's.</summary>
    bool IsExact { get; }
}

/// <summary>A local maximum, with the steps that led there, and whether they ended at machine precision.</summary>
internal sealed record LikelihoodMode<TPoint>(TPoint Point, int Iterations, bool Converged) where TPoint : class, ILikelihoodPoint;

/// <summary>Maxima of the likelihood of variances by Newton's method, with Fisher's information where the likelihood is not concave.</summary>
internal static class NewtonSearch
{
    private const int MaximumIterations = 200;
    private const double ModeTolerance = 1e-5;

    /// <summary>The different maxima found, in their order.</summary>
    public static List<LikelihoodMode<TPoint>> Different<TPoint>(IEnumerable<LikelihoodMode<TPoint>> found) where TPoint : class, ILikelihoodPoint
    {
        var modes = new List<LikelihoodMode<TPoint>>();
        foreach (var mode in found)
        {
            if (!modes.Exists(other => Distance(other.Point.Variances, mode.Point.Variances) <= ModeTolerance * mode.Point.Variances.Total))
            {
                modes.Add(mode);
            }
        }
        return modes;
    }

    /// <summary>The maximum that steps from a point lead to.</summary>
    /// <param name="point">The point.</param>
    /// <param name="stepAt">The next step.</param>
    /// <param name="move">The point after a part of a step.</param>
    /// <param name="rounding">What rounding can do to a log-likelihood.</param>
    public static LikelihoodMode<TPoint> Maximise<TPoint, TStep>(
        TPoint point, Func<TPoint, TStep> stepAt, Func<TPoint, TStep, double, TPoint> move, Func<double, double> rounding)
        where TPoint : class, ILikelihoodPoint
        where TStep : ILikelihoodStep
    {
        var before = double.PositiveInfinity;
        for (var i = 1; i <= MaximumIterations; i++)
        {
            var step = stepAt(point);
            var scale = point.Variances.Total;
            if (step.Size <= 4e-16 * scale || (step.Size < 1e-7 * scale && step.Size >= before))
            {
                return new(point, i, true);
            }
            if (LineSearch(point, t => move(point, step, t), rounding) is not { } next)
            {
                return new(point, i, step.Size < 1e-6 * scale || step.Gain < 1e-12);
            }
            if (step.IsExact && step.Size < 1e-9 * scale)
            {
                return new(next, i, true); // the error is squared at every step
            }
            (point, before) = (next, step.Size);
        }
        return new(point, MaximumIterations, false);
    }

    /// <summary>The step, halved until the likelihood does not fall by more than rounding.</summary>
    private static TPoint? LineSearch<TPoint>(TPoint point, Func<double, TPoint> move, Func<double, double> rounding) where TPoint : class, ILikelihoodPoint
    {
        var least = point.LogLikelihood - rounding(point.LogLikelihood);
        for (var t = 1.0; t > 1e-12; t /= 2)
        {
            var next = move(t);
            if (next.LogLikelihood >= least)
            {
                return next;
            }
        }
        return null;
    }

    private static double Distance(RandomVariances a, RandomVariances b) =>
        Math.Abs(a.Study - b.Study) + Math.Abs(a.Between - b.Between) + Math.Abs(a.Within - b.Within);
}
