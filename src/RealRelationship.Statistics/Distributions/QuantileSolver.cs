namespace RealRelationship.Statistics;

/// <summary>Quantiles of positive variables by Newton's method on log tail against log x.</summary>
/// <remarks>The logarithms of the variables used here (χ², F, |t|) have log-concave densities, so both log tails are concave in log x:
/// Newton's tangent never falls short twice, and converges from any start.</remarks>
internal static class QuantileSolver
{
    /// <summary>The x at which a log tail takes a value.</summary>
    /// <param name="start">Any positive number, preferably near the solution.</param>
    /// <param name="target">The logarithm of the probability sought.</param>
    /// <param name="direction">1 for a lower tail, −1 for an upper one.</param>
    /// <param name="logTail">The log tail at x.</param>
    /// <param name="logDensity">The log density at x.</param>
    public static double Solve(double start, double target, int direction, Func<double, double> logTail, Func<double, double> logDensity)
    {
        var s = Math.Log(start);
        for (var i = 0; i < 200; i++)
        {
            var x = Math.Exp(s);
            var tail = logTail(x);
            var slope = direction * Math.Exp(logDensity(x) + s - tail); // d(log tail)/d(log x)
            var step = (target - tail) / slope;
            if (!double.IsFinite(step))
            {
                step = direction * (target > tail ? 1 : -1);
            }
            step = Math.Clamp(step, -20, 20);
            s += step;
            if (Math.Abs(step) < 1e-9)
            {
                return Math.Exp(s); // the error after a step is of the order of its square
            }
        }
        return Math.Exp(s);
    }

    public static double RequireProbability(double p) => Guard.InRange(p is > 0 and < 1, p, nameof(p), "A probability lies strictly between 0 and 1.");

    public static double RequirePositive(double value, string parameter) => Guard.InRange(value > 0, value, parameter, "The value must be positive.");
}
