namespace RealRelationship.Statistics;

/// <summary>Densities by Loader's saddle-point expansion, which keeps full precision where differences of log-gamma functions lose it
/// (Loader 2000, Fast and Accurate Computation of Binomial Probabilities; used by R's <c>dbinom</c> and <c>dpois</c>).</summary>
internal static class SaddlePoint
{
    public const double LogSqrtTwoPi = 0.918938533204672741780329736406;

    /// <summary>ln(1 + x) without loss for small x (Kahan's quotient).</summary>
    public static double Log1P(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * x / (u - 1);
    }

    /// <summary>ln Γ(n+1) minus Stirling's formula: by its series from 16 upwards, by recursion below.</summary>
    public static double StirlingError(double n)
    {
        var sum = 0.0;
        while (n < 16)
        {
            sum += (n + 0.5) * Log1P(1 / n) - 1;
            n++;
        }
        var n2 = 1 / (n * n);
        return sum + (1.0 / 12 - n2 * (1.0 / 360 - n2 * (1.0 / 1260 - n2 * (1.0 / 1680 - n2 * (1.0 / 1188 - n2 * (691.0 / 360360 - n2 / 156)))))) / n;
    }

    /// <summary>x ln(x/m) + m − x without cancellation near x = m.</summary>
    public static double Deviance(double x, double m)
    {
        if (Math.Abs(x - m) >= 0.1 * (x + m))
        {
            return x * Math.Log(x / m) + m - x;
        }
        var v = (x - m) / (x + m);
        var s = (x - m) * v;
        var term = 2 * x * v;
        for (var j = 3; j < 100; j += 2) // |v| < 0.1: some ten terms
        {
            term *= v * v;
            var next = s + term / j;
            if (next == s)
            {
                break;
            }
            s = next;
        }
        return s;
    }

    /// <summary>ln(xᵃ e⁻ˣ/Γ(a + 1)).</summary>
    public static double LogPoisson(double a, double x) =>
        -StirlingError(a) - Deviance(a, x) - LogSqrtTwoPi - Math.Log(a) / 2;

    /// <summary>ln(xᵃ yᵇ Γ(a + b + 1)/(Γ(a + 1) Γ(b + 1))) with y = 1 − x.</summary>
    public static double LogBinomial(double a, double b, double x, double y)
    {
        var n = a + b;
        return StirlingError(n) - StirlingError(a) - StirlingError(b) - Deviance(a, n * x) - Deviance(b, n * y)
            - LogSqrtTwoPi + (Math.Log(n / a) - Math.Log(b)) / 2;
    }
}
