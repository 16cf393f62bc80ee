namespace RealRelationship.Testing.Simulations;

/// <summary>The (restricted) log-likelihood of τ² by its definition, and its highest point on a grid: what no search may fall short of.</summary>
internal static class LikelihoodGrid
{
    private const int Points = 3_000; // neighbours differ by about 1 %

    /// <summary>With the constants of metafor's <c>logLik</c>.</summary>
    public static double LogLikelihood(double[] y, double[] v, double tau2, bool restricted)
    {
        double sumW = 0, sumY = 0, logV = 0, q = 0;
        for (var i = 0; i < y.Length; i++)
        {
            sumW += 1 / (v[i] + tau2);
            sumY += y[i] / (v[i] + tau2);
            logV += Math.Log(v[i] + tau2);
        }
        for (var i = 0; i < y.Length; i++)
        {
            q += (y[i] - sumY / sumW) * (y[i] - sumY / sumW) / (v[i] + tau2);
        }
        return restricted
            ? -0.5 * ((y.Length - 1) * Math.Log(2 * Math.PI) - Math.Log(y.Length) + logV + Math.Log(sumW) + q)
            : -0.5 * (y.Length * Math.Log(2 * Math.PI) + logV + q);
    }

    /// <summary>The highest value at τ² = 0 and on a geometric grid up to where both likelihoods only fall.</summary>
    public static double MaxLogLikelihood(double[] y, double[] v, bool restricted)
    {
        var range = y.Max() - y.Min();
        var (low, high) = (1e-4 * v.Min(), 2 * (range * range + v.Max()));
        var step = Math.Pow(high / low, 1.0 / (Points - 1));
        var highest = LogLikelihood(y, v, 0, restricted);
        for (var (i, tau2) = (0, low); i < Points; i++, tau2 *= step)
        {
            highest = Math.Max(highest, LogLikelihood(y, v, tau2, restricted));
        }
        return highest;
    }
}
