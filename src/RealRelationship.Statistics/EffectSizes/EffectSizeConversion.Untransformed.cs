namespace RealRelationship.Statistics;

/// <content>The correlation as its own scale.</content>
public static partial class EffectSizeConversion
{
    private const double PlainVariance = 1e-9;

    /// <summary>An effect on the scale of the correlation instead of Fisher's z: r = tanh z; of a correlation of n, whose v is 1/(n − 3), v_r =
    /// (1 − r²)²/(n − 1) (Olkin and Siotani 1976; Borenstein et al. 2009, Introduction to Meta-Analysis, eq. 6.1), of others v_r = v (1 − r²)². Agrees with
    /// metafor's <c>escalc(measure="COR")</c>, and with RPB, RBIS and RTET.</summary>
    /// <remarks>Biased twice: r is below ρ by about ρ(1 − ρ²)/(2n) (Olkin and Pratt 1958, Annals of Mathematical Statistics 29, 201–211), and as v_r
    /// falls with |r|, the correlations that are large by chance have larger weights. Intervals are symmetric, and may go beyond ±1. Hunter and Schmidt
    /// (2015) therefore weight by n; most others pool z.</remarks>
    /// <param name="z">Fisher's z.</param>
    /// <param name="variance">Its sampling variance, positive.</param>
    /// <param name="n">Sample size; null where unknown.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static (double R, double Variance) ToUntransformedCorrelation(double z, double variance, double? n)
    {
        Guard.InRange(true, z, nameof(z), FiniteRule);
        Guard.InRange(variance > 0, variance, nameof(variance), "A variance is positive.");
        var slope = 1 / (Math.Cosh(z) * Math.Cosh(z)); // 1 - r²
        return (Math.Tanh(z), slope * slope * (n > 3 && Math.Abs(variance * (n.Value - 3) - 1) < PlainVariance ? 1 / (n.Value - 1) : variance));
    }
}
