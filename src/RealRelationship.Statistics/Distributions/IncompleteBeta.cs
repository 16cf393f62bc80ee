namespace RealRelationship.Statistics;

/// <summary>The regularised incomplete beta function I(a, b; x), by the contracted continued fraction of DiDonato and Morris 1992,
/// ACM Transactions on Mathematical Software 18, on the side of the mean where it converges fast. Both x and y = 1 − x are given,
/// so that neither tail loses digits.</summary>
internal static class IncompleteBeta
{
    private const int MaximumTerms = 100_000;

    /// <summary>ln I(a, b; x), x in [0, 1].</summary>
    public static double Log(double a, double b, double x, double y)
    {
        if (x <= 0 || y <= 0)
        {
            return x <= 0 ? double.NegativeInfinity : 0;
        }
        return a * y > b * x ? LogFraction(a, b, x, y) : SaddlePoint.Log1P(-Math.Exp(LogFraction(b, a, y, x)));
    }

    private static double LogFraction(double a, double b, double x, double y)
    {
        var lambda = a > b ? (a + b) * y - b : a - (a + b) * x;
        var h = a / (a + 1) * (lambda + 1);
        var (c, d) = (h, 0.0);
        for (var n = 1; n < MaximumTerms; n++)
        {
            var s = a + 2 * n - 1;
            var alpha = (a + n - 1) / s * ((a + b + n - 1) / s) * n * (b - n) * x * x;
            var beta = n + n * (b - n) * x / s + (a + n) / (s + 2) * (lambda + 1 + n * (1 + y));
            d = 1 / (beta + alpha * d);
            c = beta + alpha / c;
            var step = c * d;
            h *= step;
            if (Math.Abs(step - 1) < 1e-16)
            {
                break;
            }
        }
        return SaddlePoint.LogBinomial(a, b, x, y) + Math.Log(a * b / ((a + b) * h));
    }
}
