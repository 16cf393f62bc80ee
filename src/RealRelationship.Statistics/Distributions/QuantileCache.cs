namespace RealRelationship.Statistics;

/// <summary>The quantiles that 95 % intervals ask for, by whole degrees of freedom: the table of a textbook,
/// each number computed when it is first asked for.</summary>
/// <remarks>A fit of a few effects would else spend a third of its time on finding them again.</remarks>
/// <param name="solve">The quantile at a probability and degrees of freedom, never 0 in the table.</param>
internal sealed class QuantileCache(Func<double, double, double> solve)
{
    private const int LargestDegreesOfFreedom = 1_000;

    private static readonly double s_tail = new ModelOptions().Alpha / 2;

    private readonly double[] _byDegreesOfFreedom = new double[LargestDegreesOfFreedom + 1];

    public double At(double p, double df)
    {
        if (p != s_tail || df > LargestDegreesOfFreedom || df != Math.Floor(df))
        {
            return solve(p, df);
        }

        ref var cached = ref _byDegreesOfFreedom[(int)df];
        return cached != 0 ? cached : cached = solve(p, df);
    }
}
