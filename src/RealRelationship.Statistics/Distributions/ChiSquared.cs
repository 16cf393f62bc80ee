namespace RealRelationship.Statistics;

/// <summary>The χ² distribution. Agrees with R's <c>pchisq</c> and <c>qchisq</c> to 1e-12.</summary>
public static class ChiSquared
{
    private static readonly QuantileCache s_lowerQuantiles = new(SolveLower);
    private static readonly QuantileCache s_upperQuantiles = new(SolveUpper);

    /// <summary>P(X ≤ x).</summary>
    /// <param name="x">Any number; below 0 the probability is 0.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="df"/> is not positive and finite.</exception>
    public static double LowerTail(double x, double df)
    {
        QuantileSolver.RequirePositive(df, nameof(df));
        return x <= 0 ? 0 : double.IsPositiveInfinity(x) ? 1 : Math.Exp(IncompleteGamma.LogLower(df / 2, x / 2));
    }

    /// <summary>P(X &gt; x), without loss of digits when it is small.</summary>
    /// <param name="x">Any number; below 0 the probability is 1.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="df"/> is not positive and finite.</exception>
    public static double UpperTail(double x, double df) => Math.Exp(LogUpperTail(x, df));

    /// <summary>ln P(X &gt; x), even if the probability underflows.</summary>
    /// <param name="x">Any number.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="df"/> is not positive and finite.</exception>
    public static double LogUpperTail(double x, double df)
    {
        QuantileSolver.RequirePositive(df, nameof(df));
        return x <= 0 ? 0 : double.IsPositiveInfinity(x) ? double.NegativeInfinity : IncompleteGamma.LogUpper(df / 2, x / 2);
    }

    /// <summary>The x with P(X ≤ x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static double Quantile(double p, double df)
    {
        QuantileSolver.RequireProbability(p);
        QuantileSolver.RequirePositive(df, nameof(df));
        return p > 0.5 ? UpperQuantile(1 - p, df) : s_lowerQuantiles.At(p, df);
    }

    /// <summary>The x with P(X &gt; x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static double UpperQuantile(double p, double df)
    {
        QuantileSolver.RequireProbability(p);
        QuantileSolver.RequirePositive(df, nameof(df));
        return p > 0.5 ? Quantile(1 - p, df) : s_upperQuantiles.At(p, df);
    }

    /// <summary>ln of the density, for x above 0.</summary>
    internal static double LogDensity(double x, double df) => // xᵃ⁻¹ e⁻ˣ/Γ(a) at x/2 with a = df/2, halved
        SaddlePoint.LogPoisson(df / 2, x / 2) + Math.Log(df / 2 / x);

    private static double SolveLower(double p, double df) =>
        QuantileSolver.Solve(Start(-Normal.UpperQuantile(p), df, p), Math.Log(p), 1, x => IncompleteGamma.LogLower(df / 2, x / 2), LogDensity(df));

    private static double SolveUpper(double p, double df) =>
        QuantileSolver.Solve(Start(Normal.UpperQuantile(p), df, 1), Math.Log(p), -1, x => LogUpperTail(x, df), LogDensity(df));

    /// <summary>Wilson and Hilferty's cube (Abramowitz and Stegun 26.4.17), or the leading term of the lower tail where that is not positive;
    /// only a start.</summary>
    private static double Start(double z, double df, double p)
    {
        var c = 2 / (9 * df);
        var cube = 1 - c + z * Math.Sqrt(c);
        return cube > 0.2 ? df * cube * cube * cube : 2 * Math.Exp((Math.Log(p) - SaddlePoint.LogPoisson(df / 2, 1) - 1) * 2 / df);
    }

    private static Func<double, double> LogDensity(double df) => x => LogDensity(x, df);
}
