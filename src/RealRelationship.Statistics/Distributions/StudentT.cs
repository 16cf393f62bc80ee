namespace RealRelationship.Statistics;

/// <summary>Student's t distribution. Agrees with R's <c>pt</c> and <c>qt</c> to 1e-12.</summary>
public static class StudentT
{
    private static readonly QuantileCache s_quantiles = new(Solve);

    /// <summary>P(X ≤ x).</summary>
    /// <param name="x">Any number.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="df"/> is not positive and finite.</exception>
    public static double LowerTail(double x, double df) => UpperTail(-x, df);

    /// <summary>P(X &gt; x), without loss of digits when it is small.</summary>
    /// <param name="x">Any number.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="df"/> is not positive and finite.</exception>
    public static double UpperTail(double x, double df) => x < 0 ? 1 - UpperTail(-x, df) : Math.Exp(LogUpperTail(x, df));

    /// <summary>ln P(X &gt; x), even if the probability underflows.</summary>
    /// <param name="x">Any number.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="df"/> is not positive and finite.</exception>
    public static double LogUpperTail(double x, double df)
    {
        QuantileSolver.RequirePositive(df, nameof(df));
        if (double.IsInfinity(x))
        {
            return x > 0 ? double.NegativeInfinity : 0;
        }
        if (x < 0)
        {
            return SaddlePoint.Log1P(-Math.Exp(LogUpperTail(-x, df)));
        }
        return x == 0 ? -Math.Log(2) : IncompleteBeta.Log(df / 2, 0.5, df / (df + x * x), x * x / (df + x * x)) - Math.Log(2);
    }

    /// <summary>The x with P(X ≤ x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static double Quantile(double p, double df) => -UpperQuantile(p, df);

    /// <summary>The x with P(X &gt; x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static double UpperQuantile(double p, double df)
    {
        QuantileSolver.RequireProbability(p);
        QuantileSolver.RequirePositive(df, nameof(df));
        if (p > 0.5)
        {
            return -UpperQuantile(1 - p, df);
        }
        return p == 0.5 ? 0 : s_quantiles.At(p, df);
    }

    private static double Solve(double p, double df)
    {
        var logDensity = LogDensity(df);
        return p < 0.25
            ? QuantileSolver.Solve(Start(p, df), Math.Log(p), -1, x => LogUpperTail(x, df), logDensity)
            : QuantileSolver.Solve(Start(p, df), Math.Log(0.5 - p), 1, x => LogCentre(x, df), logDensity);
    }

    /// <summary>The normal quantile with two terms of its expansion in 1/df (Abramowitz and Stegun 26.7.5), only a start.</summary>
    private static double Start(double p, double df)
    {
        var z = Normal.UpperQuantile(p);
        var z2 = z * z;
        return z * (1 + (z2 + 1) / (4 * df) + ((5 * z2 + 16) * z2 + 3) / (96 * df * df));
    }

    /// <summary>ln P(0 &lt; X ≤ x), for x above 0.</summary>
    private static double LogCentre(double x, double df) =>
        IncompleteBeta.Log(0.5, df / 2, x * x / (df + x * x), df / (df + x * x)) - Math.Log(2);

    private static Func<double, double> LogDensity(double df)
    {
        var a = df / 2;
        var logGammaRatio = SaddlePoint.StirlingError(a + 0.5) - SaddlePoint.StirlingError(a) + a * SaddlePoint.Log1P(1 / df) + (Math.Log(a) - 1) / 2;
        return x => logGammaRatio - Math.Log(df * Math.PI) / 2 - (df + 1) / 2 * SaddlePoint.Log1P(x * x / df);
    }
}
