namespace RealRelationship.Statistics;

/// <summary>Newton's method inside a bracket.</summary>
internal static class Newton
{
    private const int MaximumIterations = 200;

    /// <summary>The root of a function that is positive at the lower and negative at the upper bound. A step that leaves the bracket becomes a bisection
    /// (geometric when the lower bound is positive). It ends when a step no longer moves the root, or no longer shrinks.</summary>
    public static (double Root, int Iterations, bool Converged) Root(Func<double, (double Value, double Slope)> f, double lower, double upper, double start)
    {
        var (x, before) = (start, double.PositiveInfinity);
        for (var i = 1; i <= MaximumIterations; i++)
        {
            var (value, slope) = f(x);
            if (value == 0)
            {
                return (x, i, true);
            }
            (lower, upper) = value > 0 ? (x, upper) : (lower, x);
            var next = x - value / slope;
            if (!(next > lower && next < upper))
            {
                next = Middle(lower, upper);
            }
            var step = Math.Abs(next - x);
            if (step <= 4e-16 * x || (step < 1e-10 * x && step >= before))
            {
                return (next, i, true);
            }
            (x, before) = (next, step);
        }
        return (x, MaximumIterations, false);
    }

    private static double Middle(double lower, double upper) => lower > 0 ? Math.Sqrt(lower) * Math.Sqrt(upper) : upper / 2;
}
