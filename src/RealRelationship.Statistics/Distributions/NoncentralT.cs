namespace RealRelationship.Statistics;

/// <summary>The noncentral t distribution: (Z + δ)/√(V/df) with Z normal and V χ².
/// Agrees with R's <c>pt(ncp=)</c> and <c>qt(ncp=)</c> as far as those are good.</summary>
/// <remarks>The tail is the mean of a normal tail over u = ln(V/df), whose density is smooth and falls off exponentially at least, so that the trapezoidal
/// rule is exact to the last digits (Trefethen and Weideman 2014, SIAM Review 56). All terms are positive: no tail cancels.</remarks>
public static class NoncentralT
{
    /// <summary>P(X ≤ x).</summary>
    /// <param name="x">Any number but NaN.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <param name="delta">Noncentrality: any finite number.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static double LowerTail(double x, double df, double delta) => UpperTail(-x, df, -delta);

    /// <summary>P(X &gt; x), without loss of digits when it is small.</summary>
    /// <param name="x">Any number but NaN.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <param name="delta">Noncentrality: any finite number.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static double UpperTail(double x, double df, double delta)
    {
        RequireParameters(df, delta);
        ArgumentOutOfRangeException.ThrowIfEqual(x, double.NaN);
        if (double.IsInfinity(x))
        {
            return x > 0 ? 0 : 1;
        }
        // Left of this u the normal tail is what it is at x = 0, to the last digit.
        var flat = -2 * Math.Log(Math.Max(1, Math.Abs(x)) * (1 + Math.Abs(delta)) * 1e18);
        return Mean(df, u => Normal.UpperTail(x * Math.Exp(u / 2) - delta), flat);
    }

    /// <summary>ln P(X &gt; x).</summary>
    /// <param name="x">Any number but NaN.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <param name="delta">Noncentrality: any finite number.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static double LogUpperTail(double x, double df, double delta) => Math.Log(UpperTail(x, df, delta));

    /// <summary>The x with P(X ≤ x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <param name="delta">Noncentrality: any finite number.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static double Quantile(double p, double df, double delta) => -UpperQuantile(p, df, -delta);

    /// <summary>The x with P(X &gt; x) = p.</summary>
    /// <param name="p">Strictly between 0 and 1.</param>
    /// <param name="df">Degrees of freedom, positive.</param>
    /// <param name="delta">Noncentrality: any finite number.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static double UpperQuantile(double p, double df, double delta)
    {
        QuantileSolver.RequireProbability(p);
        RequireParameters(df, delta);
        return p > 0.5
            ? RootFinder.Find(x => LowerTail(x, df, delta) - (1 - p), delta + StudentT.UpperQuantile(p, df), 1, increasing: true)
            : RootFinder.Find(x => UpperTail(x, df, delta) - p, delta + StudentT.UpperQuantile(p, df), 1, increasing: false);
    }

    /// <summary>Sum of h·f(u)·density(u), outwards from the largest term until the terms no longer count.
    /// Left of <paramref name="flat"/>, where f is constant and e^u is nothing, terms fall by e^(−ah) each: with very few degrees of freedom
    /// there are far too many to add one by one, so their sum is that of the geometric series.</summary>
    private static double Mean(double df, Func<double, double> f, double flat)
    {
        var a = df / 2;
        var logConstant = SaddlePoint.LogPoisson(a, a) + Math.Log(a); // density of u at its mode 0
        double Term(double u) => Math.Exp(logConstant + a * (1 + u - Math.Exp(u))) * f(u);
        var h = Math.Min(0.15, 0.35 / Math.Sqrt(a));
        var peak = 0;
        while (Term((peak - 1) * h) > Term(peak * h))
        {
            peak--;
        }
        while (Term((peak + 1) * h) > Term(peak * h))
        {
            peak++;
        }
        return h * (Term(peak * h) + Side(peak, 1) + Side(peak, -1));

        double Side(int from, int direction)
        {
            var sum = 0.0;
            for (var i = from + direction; ; i += direction)
            {
                var term = Term(i * h);
                sum += term;
                if (term <= sum * 1e-18)
                {
                    return sum;
                }
                if (i * h < flat)
                {
                    return sum + term / (2 * Math.Exp(a * h / 2) * Math.Sinh(a * h / 2)); // e^x − 1 = 2e^(x/2) sinh(x/2)
                }
            }
        }
    }

    private static void RequireParameters(double df, double delta)
    {
        QuantileSolver.RequirePositive(df, nameof(df));
        Guard.InRange(true, delta, nameof(delta), "The noncentrality must be finite.");
    }
}
