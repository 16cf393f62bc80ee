namespace RealRelationship.Statistics;

/// <summary>ML and REML estimates of τ²: the global maximum of the (restricted) likelihood profiled over β.</summary>
/// <remarks>
/// The score is ½(y′PPy − tr P) for REML and ½(y′PPy − tr W) for ML. With very unequal variances it has several roots. So:
/// 1. the score is scanned over a logarithmic grid between the smallest variance, below which it hardly bends,
/// and a bound above which it is negative for certain; 2. every fall through zero is a local maximum, polished by Newton's method;
/// τ² = 0 is one when the score starts out negative; 3. the likelihood decides between them.
/// </remarks>
internal static class Likelihood
{
    private const double GridRatio = 1.25;

    public static TauSquaredEstimate Maximise(IMeanModel model, bool restricted)
    {
        var modes = Modes(model, restricted);
        var best = modes[0];
        if (modes.Count > 1)
        {
            best = modes.MaxBy(mode => model.LogLikelihood(mode.Root, restricted));
        }
        var m = model.At(best.Root);
        var information = restricted ? m.TracePP : m.SumW2;
        return new TauSquaredEstimate(best.Root, Math.Sqrt(2 / information), best.Iterations, best.Converged, modes.Count > 1);
    }

    /// <summary>The outermost τ² whose log-likelihood lies at most half a χ²₁ quantile below that at the estimate.</summary>
    public static Interval ProfileInterval(IMeanModel model, bool restricted, double estimate, double alpha)
    {
        var cut = model.LogLikelihood(estimate, restricted) - ChiSquared.UpperQuantile(alpha, 1) / 2;
        double Excess(double tau2) => model.LogLikelihood(tau2, restricted) - cut;
        // Above the bound the likelihood falls.
        var bound = Bound(model);
        var points = new List<double> { 0 };
        for (var tau2 = model.SmallestVariance / 4; points[^1] < bound || Excess(points[^1]) > 0; tau2 *= GridRatio)
        {
            points.Add(tau2);
            Guard.FiniteResult(tau2);
        }
        var last = points.FindLastIndex(tau2 => Excess(tau2) > 0);
        var inside = last >= 0 && points[last] > estimate ? points[last] : estimate;
        var upper = RootFinder.FindBetween(Excess, inside, points.First(tau2 => tau2 > inside && Excess(tau2) <= 0));
        if (Excess(0) >= 0)
        {
            return new Interval(0, upper);
        }
        var first = points.FindIndex(tau2 => Excess(tau2) > 0);
        inside = first >= 0 && points[first] < estimate ? points[first] : estimate;
        return new Interval(RootFinder.FindBetween(Excess, points.Last(tau2 => tau2 < inside && Excess(tau2) <= 0), inside), upper);
    }

    private static List<(double Root, int Iterations, bool Converged)> Modes(IMeanModel model, bool restricted)
    {
        var modes = new List<(double, int, bool)>();
        var upper = Bound(model);
        var (left, leftScore) = (0.0, Score(model.At(0), restricted).Value);
        if (leftScore <= 0)
        {
            modes.Add((0, 0, true));
        }
        var right = Math.Min(model.SmallestVariance / 4, upper);
        while (left < upper)
        {
            var rightScore = Score(model.At(right), restricted).Value;
            if (leftScore > 0 && rightScore <= 0)
            {
                modes.Add(Newton.Root(tau2 => Score(model.At(tau2), restricted), left, right, Secant(left, leftScore, right, rightScore)));
            }
            (left, leftScore) = (right, rightScore);
            right = Math.Min(right * GridRatio, upper);
        }
        return modes.Count > 0 ? modes : throw new StatisticsException("notConverged", "The likelihood has no maximum that double precision can find.");
    }

    private static (double Value, double Slope) Score(in Moments m, bool restricted) => restricted
        ? ((m.YPPY - m.TraceP) / 2, m.TracePP / 2 - m.YPPPY)
        : ((m.YPPY - m.SumW) / 2, m.SumW2 / 2 - m.YPPPY);

    /// <summary>Above it y′PPy ≤ RSS/τ⁴ is less than (k − p)/(v_max + τ²) ≤ tr P, RSS being that of ordinary least squares.</summary>
    private static double Bound(IMeanModel model)
    {
        var s = model.ResidualSumOfSquares / model.DegreesOfFreedom;
        return s == 0 ? 0 : s / 2 * (1 + Math.Sqrt(1 + 4 * model.LargestVariance / s)) * (1 + 1e-9);
    }

    private static double Secant(double left, double leftScore, double right, double rightScore) =>
        left + (right - left) * (leftScore / (leftScore - rightScore));
}
