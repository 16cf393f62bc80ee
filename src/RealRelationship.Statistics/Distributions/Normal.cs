using MathNet.Numerics;

namespace RealRelationship.Statistics;

/// <summary>The standard normal distribution. Agrees with R's <c>pnorm</c> and <c>qnorm</c> to 1e-12.</summary>
public static class Normal
{
    private const double TailThreshold = 5;

    /// <summary>P(X ≤ x).</summary>
    /// <param name="x">Any number.</param>
    public static double LowerTail(double x) => UpperTail(-x);

    /// <summary>P(X &gt; x), without loss of digits when it is small.</summary>
    /// <param name="x">Any number.</param>
    public static double UpperTail(double x) => x > TailThreshold ? Math.Exp(LogUpperTail(x)) : SpecialFunctions.Erfc(x / Math.Sqrt(2)) / 2;

    /// <summary>ln P(X &gt; x), even if the probability underflows.</summary>
    /// <param name="x">Any number.</param>
    public static double LogUpperTail(double x) => x switch
    {
        double.PositiveInfinity => double.NegativeInfinity,
        > TailThreshold => LogDensity(x) + Math.Log(MillsRatio(x)),
        < 0 => SaddlePoint.Log1P(-UpperTail(-x)),
        _ => Math.Log(UpperTail(x)),
    };

    /// <summary>The x with P(X ≤ x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="p"/> is not strictly between 0 and 1.</exception>
    public static double Quantile(double p) => -UpperQuantile(p);

    /// <summary>The x with P(X &gt; x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="p"/> is not strictly between 0 and 1.</exception>
    public static double UpperQuantile(double p)
    {
        QuantileSolver.RequireProbability(p);
        if (p > 0.5)
        {
            return -UpperQuantile(1 - p);
        }
        var x = Math.Sqrt(2) * SpecialFunctions.ErfcInv(2 * p);
        return p > 0.25 ? x : x + (LogUpperTail(x) - Math.Log(p)) * Math.Exp(LogUpperTail(x) - LogDensity(x));
    }

    internal static double LogDensity(double x) => -x * x / 2 - SaddlePoint.LogSqrtTwoPi;

    /// <summary>Upper tail over density by Laplace's continued fraction (DLMF 7.9), for x above 5.</summary>
    private static double MillsRatio(double x)
    {
        var fraction = x;
        for (var i = 80; i >= 1; i--)
        {
            fraction = x + i / fraction;
        }
        return 1 / fraction;
    }
}
