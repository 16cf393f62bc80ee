namespace RealRelationship.Statistics;

/// <summary>The F distribution. Agrees with R's <c>pf</c> and <c>qf</c> to 1e-12.</summary>
public static class FDistribution
{
    /// <summary>P(X ≤ x).</summary>
    /// <param name="x">Any number; below 0 the probability is 0.</param>
    /// <param name="df1">Numerator degrees of freedom, positive.</param>
    /// <param name="df2">Denominator degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">Degrees of freedom are not positive and finite.</exception>
    public static double LowerTail(double x, double df1, double df2)
    {
        QuantileSolver.RequirePositive(df1, nameof(df1));
        QuantileSolver.RequirePositive(df2, nameof(df2));
        return x <= 0 ? 0 : double.IsPositiveInfinity(x) ? 1 : Math.Exp(LogLower(x, df1, df2));
    }

    /// <summary>P(X &gt; x), without loss of digits when it is small.</summary>
    /// <param name="x">Any number; below 0 the probability is 1.</param>
    /// <param name="df1">Numerator degrees of freedom, positive.</param>
    /// <param name="df2">Denominator degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">Degrees of freedom are not positive and finite.</exception>
    public static double UpperTail(double x, double df1, double df2) => Math.Exp(LogUpperTail(x, df1, df2));

    /// <summary>ln P(X &gt; x), even if the probability underflows.</summary>
    /// <param name="x">Any number.</param>
    /// <param name="df1">Numerator degrees of freedom, positive.</param>
    /// <param name="df2">Denominator degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">Degrees of freedom are not positive and finite.</exception>
    public static double LogUpperTail(double x, double df1, double df2)
    {
        QuantileSolver.RequirePositive(df1, nameof(df1));
        QuantileSolver.RequirePositive(df2, nameof(df2));
        if (x <= 0)
        {
            return 0;
        }
        var total = df1 * x + df2;
        return double.IsInfinity(total) ? double.NegativeInfinity : IncompleteBeta.Log(df2 / 2, df1 / 2, df2 / total, df1 * x / total);
    }

    /// <summary>The x with P(X ≤ x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <param name="df1">Numerator degrees of freedom, positive.</param>
    /// <param name="df2">Denominator degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static double Quantile(double p, double df1, double df2)
    {
        RequireParameters(p, df1, df2);
        return p > 0.5 ? UpperQuantile(1 - p, df1, df2) : QuantileSolver.Solve(1, Math.Log(p), 1, x => LogLower(x, df1, df2), LogDensity(df1, df2));
    }

    /// <summary>The x with P(X &gt; x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <param name="df1">Numerator degrees of freedom, positive.</param>
    /// <param name="df2">Denominator degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static double UpperQuantile(double p, double df1, double df2)
    {
        RequireParameters(p, df1, df2);
        return p > 0.5 ? Quantile(1 - p, df1, df2) : QuantileSolver.Solve(1, Math.Log(p), -1, x => LogUpperTail(x, df1, df2), LogDensity(df1, df2));
    }

    private static double LogLower(double x, double df1, double df2)
    {
        var total = df1 * x + df2;
        return IncompleteBeta.Log(df1 / 2, df2 / 2, df1 * x / total, df2 / total);
    }

    /// <summary>The density of x/(x + df2/df1), which is beta, with its Jacobian.</summary>
    private static Func<double, double> LogDensity(double df1, double df2)
    {
        var (a, b) = (df1 / 2, df2 / 2);
        return x =>
        {
            var total = df1 * x + df2;
            return SaddlePoint.LogBinomial(a, b, df1 * x / total, df2 / total) + Math.Log(a * b / (a + b) / x);
        };
    }

    private static void RequireParameters(double p, double df1, double df2)
    {
        QuantileSolver.RequireProbability(p);
        QuantileSolver.RequirePositive(df1, nameof(df1));
        QuantileSolver.RequirePositive(df2, nameof(df2));
    }
}
