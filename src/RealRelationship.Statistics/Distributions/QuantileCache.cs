namespace RealRelationship.Statistics;

/// <summary>Cache of the quantiles of 95 % intervals by whole degrees of freedom, computed on first use.</summary>
/// <remarks>Without it, a fit of a few effects spends a third of its time on them.</remarks>
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
