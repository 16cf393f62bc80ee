namespace RealRelationship.Statistics;

/// <summary>The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 − P(a, x), by series left of a + 1 and by continued fraction right of it
/// (DLMF 8.11.4 and 8.9.2).</summary>
internal static class IncompleteGamma
{
    private const int MaximumTerms = 1_000_000;

    /// <summary>ln P(a, x), x positive.</summary>
    public static double LogLower(double a, double x) => x < a + 1 ? LogSeries(a, x) : SaddlePoint.Log1P(-Math.Exp(LogFraction(a, x)));

    /// <summary>ln Q(a, x), x positive.</summary>
    public static double LogUpper(double a, double x) => x < a + 1 ? SaddlePoint.Log1P(-Math.Exp(LogSeries(a, x))) : LogFraction(a, x);

    private static double LogSeries(double a, double x)
    {
        var term = 1.0;
        var sum = 1.0;
        for (var n = 1; n < MaximumTerms && term > sum * 1e-17; n++)
        {
            term *= x / (a + n);
            sum += term;
        }
        return SaddlePoint.LogPoisson(a, x) + Math.Log(sum);
    }

    private static double LogFraction(double a, double x)
    {
        var b = x + 1 - a;
        var c = 1e300;
        var d = 1 / b;
        var h = d;
        for (var i = 1; i < MaximumTerms; i++)
        {
            var an = -i * (i - a);
            b += 2;
            d = 1 / (an * d + b);
            c = b + an / c;
            var step = d * c;
            h *= step;
            if (Math.Abs(step - 1) < 1e-16)
            {
                break;
            }
        }
        return SaddlePoint.LogPoisson(a, x) + Math.Log(a * h);
    }
}
