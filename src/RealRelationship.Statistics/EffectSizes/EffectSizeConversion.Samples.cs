namespace RealRelationship.Statistics;

/// <content>Effects of what was counted or measured in the sample: 2×2 tables, means and standard deviations, Kendall's τ.</content>
public static partial class EffectSizeConversion
{
    private const string CellRule = "A cell of a 2x2 table is not negative, and no margin is empty.";

    /// <summary>From a 2×2 table of two dichotomies: φ = (ad − bc)/√((a+b)(c+d)(a+c)(b+d)), the product-moment correlation of the table; z = atanh φ,
    /// v = v_φ/(1 − φ²)², v_φ that of a multinomial sample (Yule 1912, Journal of the Royal Statistical Society 75, 579–652).
    /// φ and v_φ agree with metafor's <c>escalc(measure="PHI")</c> of a cross-sectional sample.</summary>
    /// <remarks>v_φ = (1 − φ² + φ(1 + φ²/2)(p₁ − q₁)(p₂ − q₂)/√(p₁q₁p₂q₂) − ¾φ²((p₁ − q₁)²/(p₁q₁) + (p₂ − q₂)²/(p₂q₂)))/n. Unlike 1/(n − 3) of φ from χ²
    /// (<see cref="FromChiSquared"/>) it knows the margins. Nothing is added to an empty cell, as φ does not need it.</remarks>
    /// <param name="a">Both low.</param>
    /// <param name="b">The first low, the second high.</param>
    /// <param name="c">The first high, the second low.</param>
    /// <param name="d">Both high.</param>
    /// <exception cref="ArgumentOutOfRangeException">A cell is negative, a margin empty, or there are fewer than 4 in all.</exception>
    /// <exception cref="StatisticsException"><c>outsideRange</c>: both cells of a diagonal are empty, so that φ is ±1.</exception>
    public static FisherZEffect FromCounts(double a, double b, double c, double d)
    {
        RequireTable(a, b, c, d);
        var n = a + b + c + d;
        if ((a == 0 && d == 0) || (b == 0 && c == 0))
        {
            throw new StatisticsException("outsideRange", "Both cells of a diagonal of the table are empty, so that phi is -1 or 1.");
        }
        var (p1, q1, p2, q2) = ((a + b) / n, (c + d) / n, (a + c) / n, (b + d) / n);
        var root = Math.Sqrt(p1 * q1 * p2 * q2);
        var (phi, x, y) = ((a / n * (d / n) - b / n * (c / n)) / root, p1 - q1, p2 - q2);
        var phi2 = phi * phi;
        var variance = (1 - phi2 + phi * (1 + phi2 / 2) * x * y / root - 0.75 * phi2 * (x * x / (p1 * q1) + y * y / (p2 * q2))) / n;
        return OnFisherZ(phi, variance, n, "r = (ad-bc)/sqrt((a+b)(c+d)(a+c)(b+d)), z = atanh r, v = v_r/(1-r^2)^2");
    }

    /// <summary>From a 2×2 table of two groups (the rows) and a continuous variable that was cut in two (the columns): d is the difference of the probits,
    /// d = Φ⁻¹(a/(a+b)) − Φ⁻¹(c/(c+d)), v_d = 2π Σ p(1−p) exp(z_p²)/n of the two rows (Rosenthal 1994, The Handbook of Research Synthesis, 231–244;
    /// Sánchez-Meca, Marín-Martínez and Chacón-Moscoso 2003, Psychological Methods 8, 448–467); then r = d/√(d² + a) as of Cohen's d, v = v_d/(d² + a).
    /// d and v_d agree with metafor's <c>escalc(measure="PBIT")</c>.</summary>
    /// <remarks>½ is added to every cell of a table with an empty one (note <c>emptyCell</c>), as metafor does by default.</remarks>
    /// <inheritdoc cref="FromCounts"/>
    public static FisherZEffect FromCountsOfGroups(double a, double b, double c, double d)
    {
        RequireTable(a, b, c, d);
        var (n, isFilled) = (a + b + c + d, HasEmptyCell(a, b, c, d));
        var half = isFilled ? 0.5 : 0;
        var (n1, n2) = (a + b + 2 * half, c + d + 2 * half);
        var (z1, v1) = Probit((a + half) / n1, n1);
        var (z2, v2) = Probit((c + half) / n2, n2);
        var (difference, vd, factor) = (z1 - z2, v1 + v2, (n1 + n2 - 2) * (1 / n1 + 1 / n2));
        return Filled(isFilled, new FisherZEffect(Math.Asinh(difference / Math.Sqrt(factor)), vd / (difference * difference + factor), n,
            Converted: true, Approximate: false,
            "d = probit(a/(a+b))-probit(c/(c+d)), r = d/sqrt(d^2+k), k = (n1+n2-2)(1/n1+1/n2), z = atanh r, v = v_d/(d^2+k)"));
    }

    /// <summary>From a 2×2 table of two continuous variables, both cut in two: the tetrachoric correlation (<see cref="FromTetrachoric"/>). ½ is added to every
    /// cell of a table with an empty one (note <c>emptyCell</c>), where the maximum-likelihood estimate would be ±1, as metafor does by default.</summary>
    /// <inheritdoc cref="FromCounts"/>
    public static FisherZEffect FromCountsOfCutVariables(double a, double b, double c, double d)
    {
        RequireTable(a, b, c, d);
        var isFilled = HasEmptyCell(a, b, c, d);
        var half = isFilled ? 0.5 : 0;
        return Filled(isFilled, FromTetrachoric(a + half, b + half, c + half, d + half) with { SampleSize = a + b + c + d });
    }

    /// <summary>From means and standard deviations of two groups: d = (m1 − m2)/s with s² = ((n1 − 1)s1² + (n2 − 1)s2²)/(n1 + n2 − 2), then as d
    /// (<see cref="FromCohensD(double, double, double)"/>; Borenstein et al. 2009, Introduction to Meta-Analysis, eq. 4.18–4.19).</summary>
    /// <remarks>The pooled s takes the standard deviations of the groups as equal. r agrees with metafor's <c>escalc(measure="RPB")</c>; the variance is
    /// metafor's too, moved to Fisher's z by (1 − r²)⁻².</remarks>
    /// <param name="m1">Mean of the first group; r is positive where it is the larger one.</param>
    /// <param name="sd1">Its standard deviation, positive.</param>
    /// <param name="n1">Its size, at least 2.</param>
    /// <param name="m2">Mean of the second group.</param>
    /// <param name="sd2">Its standard deviation, positive.</param>
    /// <param name="n2">Its size, at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromMeans(double m1, double sd1, double n1, double m2, double sd2, double n2)
    {
        var effect = FromCohensD(StandardizedDifference(m1, sd1, n1, m2, sd2, n2), n1, n2);
        return effect with { Formula = $"d = (m1-m2)/s, s^2 = ((n1-1)s1^2+(n2-1)s2^2)/(n1+n2-2), {effect.Formula}" };
    }

    /// <summary>Cohen's d of means and standard deviations: (m1 − m2)/s, s² = ((n1 − 1)s1² + (n2 − 1)s2²)/(n1 + n2 − 2).</summary>
    /// <inheritdoc cref="FromMeans"/>
    public static double StandardizedDifference(double m1, double sd1, double n1, double m2, double sd2, double n2)
    {
        Guard.InRange(true, m1, nameof(m1), FiniteRule);
        Guard.InRange(true, m2, nameof(m2), FiniteRule);
        Guard.InRange(sd1 > 0, sd1, nameof(sd1), "A standard deviation is positive.");
        Guard.InRange(sd2 > 0, sd2, nameof(sd2), "A standard deviation is positive.");
        RequireGroups(n1, n2);
        var larger = Math.Max(sd1, sd2); // whose square can overflow
        var (x, y) = (sd1 / larger, sd2 / larger);
        return (m1 / larger - m2 / larger) / Math.Sqrt(((n1 - 1) * x * x + (n2 - 1) * y * y) / (n1 + n2 - 2));
    }

    /// <summary>From Kendall's τ of two continuous variables: r = sin(πτ/2) (Greiner 1909; Kendall 1949, Biometrika 36, 177–193), z = atanh r;
    /// v = v_τ (dz/dτ)², with Esscher's exact variance of τ in normal samples, v_τ = 2/(n(n−1)) (1 − τ² + 2(n−2)(1/9 − (2/π asin(r/2))²))
    /// (Esscher 1924, Skandinavisk Aktuarietidskrift 7, 201–219; Xu et al. 2013, Signal Processing 93, 261–276).</summary>
    /// <remarks>metafor has no measure for τ. Fieller, Hartley and Pearson (1957) and Bonett and Wright (2000) take .437/(n − 4) as variance of atanh τ, for
    /// |τ| below .8: of z it covers 92 to 93 % of r = .9 at n = 10 and 20 where this one covers 95 to 97 %, in 4,000 samples each, and it does not agree
    /// with the exact 2(2n + 5)/(9n(n − 1)) of independent variables, as this one does. τ of many ties (ordinal scales of few values) is below that of the
    /// variables behind it.</remarks>
    /// <param name="tau">Strictly between −1 and 1.</param>
    /// <param name="n">Sample size, at least 10.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromKendall(double tau, double n)
    {
        Guard.InRange(tau is > -1 and < 1, tau, nameof(tau), CorrelationRule);
        Guard.InRange(n >= 10, n, nameof(n), "The variance for Kendall's tau needs a sample of at least 10.");
        var (sin, cos) = double.SinCosPi(Math.Abs(tau) / 2);
        var pairs = 2 / Math.PI * Math.Asin(sin / 2);
        var concordance = Math.Max(0, (1.0 / 3 - pairs) * (1.0 / 3 + pairs));
        var variance = 2 / (n * (n - 1)) * ((1 - tau) * (1 + tau) + 2 * (n - 2) * concordance);
        var slope = Math.PI / 2 / cos;
        return new FisherZEffect(Math.CopySign(Math.Asinh(sin / cos), tau), variance * slope * slope, n, Converted: true, Approximate: false,
            "r = sin(pi tau/2), z = atanh r, v = 2/(n(n-1)) (1-tau^2+2(n-2)(1/9-(2/pi asin(r/2))^2)) (dz/dtau)^2");
    }

    private static (double Z, double Variance) Probit(double p, double n)
    {
        var z = Normal.Quantile(p);
        return (z, 2 * Math.PI * p * (1 - p) * Math.Exp(z * z) / n);
    }

    private static bool HasEmptyCell(double a, double b, double c, double d) => a == 0 || b == 0 || c == 0 || d == 0;

    private static FisherZEffect Filled(bool isFilled, FisherZEffect effect) => !isFilled ? effect
        : effect with { Approximate = true, Notes = [.. effect.Notes, "emptyCell"], Formula = $"1/2 added to every cell, {effect.Formula}" };

    private static void RequireTable(double a, double b, double c, double d)
    {
        Guard.InRange(a >= 0 && a + b > 0 && a + c > 0, a, nameof(a), CellRule);
        Guard.InRange(b >= 0 && b + d > 0, b, nameof(b), CellRule);
        Guard.InRange(c >= 0 && c + d > 0, c, nameof(c), CellRule);
        Guard.InRange(d >= 0, d, nameof(d), CellRule);
        Guard.InRange(a + b + c + d >= 4, d, nameof(d), "The table has at least 4 members.");
    }
}
