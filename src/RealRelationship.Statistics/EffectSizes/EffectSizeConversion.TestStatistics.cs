namespace RealRelationship.Statistics;

/// <content>Effects behind test statistics and odds ratios.</content>
public static partial class EffectSizeConversion
{
    private const string SignRule = "The sign is 1 or -1.";
    private const double SymmetricFrom = 0.45;
    private const double SymmetricTo = 0.55;

    /// <summary>From t of a correlation or regression slope: r = t/√(t² + df), so z = asinh(t/√df); v = 1/(df − 1). Of two groups z is the same, but its
    /// variance
    /// is not: see the overload with their sizes. As nothing says which it was, <c>designUnknown</c> is noted.</summary>
    /// <remarks>Both have df = n − 2, so a whole df carries the sample size.</remarks>
    /// <param name="t">The statistic, with the sign of the effect.</param>
    /// <param name="df">Its degrees of freedom, at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromT(double t, double df)
    {
        Guard.InRange(true, t, nameof(t), FiniteRule);
        Guard.InRange(df >= 2, df, nameof(df), "The degrees of freedom are at least 2.");
        return new FisherZEffect(
            Math.Asinh(t / Math.Sqrt(df)), 1 / (df - 1), Math.Truncate(df) == df ? df + 2 : null, Converted: true, Approximate: false,
            "r = t/sqrt(t^2+df), z = atanh r, v = 1/(df-1)")
        {
            Notes = ["designUnknown"],
        };
    }

    /// <summary>From t of the difference of two groups: d = t √(1/n1 + 1/n2), then as d. So t and d of the same data have the same variance.</summary>
    /// <param name="t">The statistic, with the sign of the effect.</param>
    /// <param name="n1">Size of the first group, at least 2.</param>
    /// <param name="n2">Size of the second group, at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromT(double t, double n1, double n2)
    {
        Guard.InRange(true, t, nameof(t), FiniteRule);
        RequireGroups(n1, n2);
        var effect = FromCohensD(t * Math.Sqrt(1 / n1 + 1 / n2), n1, n2);
        return effect with { Formula = $"d = t sqrt(1/n1+1/n2), {effect.Formula}" };
    }

    /// <summary>From F with one numerator degree of freedom between two groups: as t = ±√F.</summary>
    /// <param name="f">The statistic, not negative.</param>
    /// <param name="n1">Size of the first group, at least 2.</param>
    /// <param name="n2">Size of the second group, at least 2.</param>
    /// <param name="sign">Direction of the effect, 1 or −1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromF(double f, double n1, double n2, int sign)
    {
        Guard.InRange(f >= 0, f, nameof(f), "F is not negative.");
        Guard.InRange(sign is 1 or -1, sign, nameof(sign), SignRule);
        var effect = FromT(sign * Math.Sqrt(f), n1, n2);
        return effect with { Formula = $"t = sign sqrt(F), {effect.Formula}" };
    }

    /// <summary>From the p-value of the difference of two groups: t by the quantile with n1 + n2 − 2 degrees of freedom, then as t of two groups.</summary>
    /// <param name="p">Strictly above 0; at most 1 when two-tailed, below 1 when one-tailed.</param>
    /// <param name="n1">Size of the first group, at least 2.</param>
    /// <param name="n2">Size of the second group, at least 2.</param>
    /// <param name="tails">1 or 2.</param>
    /// <param name="sign">Direction of the effect when two-tailed, of the alternative hypothesis when one-tailed; 1 or −1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromPValue(double p, double n1, double n2, int tails, int sign)
    {
        RequireGroups(n1, n2);
        var effect = FromT(TFromPValue(p, n1 + n2 - 2, tails, sign), n1, n2);
        return effect with { Formula = $"t = sign t_(1-p/{tails}; n1+n2-2), {effect.Formula}".Replace("p/1", "p", StringComparison.Ordinal) };
    }

    /// <summary>From F with one numerator degree of freedom: as t = ±√F.</summary>
    /// <param name="f">The statistic, not negative.</param>
    /// <param name="df2">Denominator degrees of freedom, at least 2.</param>
    /// <param name="sign">Direction of the effect, 1 or −1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromF(double f, double df2, int sign)
    {
        Guard.InRange(f >= 0, f, nameof(f), "F is not negative.");
        Guard.InRange(df2 >= 2, df2, nameof(df2), "The degrees of freedom are at least 2.");
        Guard.InRange(sign is 1 or -1, sign, nameof(sign), SignRule);
        return FromT(sign * Math.Sqrt(f), df2) with { Formula = "t = sign sqrt(F), r = t/sqrt(t^2+df2), z = atanh r, v = 1/(df2-1)" };
    }

    /// <summary>From χ² of a 2×2 table without continuity correction: φ = ±√(χ²/n), z = atanh φ; v ≈ 1/(n − 3), flagged approximate.</summary>
    /// <param name="chiSquared">The statistic, at least 0 and below n.</param>
    /// <param name="n">Sample size, at least 4.</param>
    /// <param name="sign">Direction of the effect, 1 or −1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromChiSquared(double chiSquared, double n, int sign)
    {
        Guard.InRange(n >= 4, n, nameof(n), "The sample size is at least 4.");
        Guard.InRange(chiSquared >= 0 && chiSquared < n, chiSquared, nameof(chiSquared), "Chi squared is at least 0 and below the sample size.");
        Guard.InRange(sign is 1 or -1, sign, nameof(sign), SignRule);
        return new FisherZEffect(
            sign * Math.Asinh(Math.Sqrt(chiSquared / (n - chiSquared))), 1 / (n - 3), n, Converted: true, Approximate: true,
            "r = sign sqrt(chi2/n), z = atanh r, v = 1/(n-3), approximate");
    }

    /// <summary>From the p-value of a correlation: t by the quantile with n − 2 degrees of freedom, then as t; v = 1/(n − 3).</summary>
    /// <param name="p">Strictly above 0; at most 1 when two-tailed, below 1 when one-tailed.</param>
    /// <param name="n">Sample size, at least 4.</param>
    /// <param name="tails">1 or 2.</param>
    /// <param name="sign">Direction of the effect when two-tailed,
    /// of the alternative hypothesis when one-tailed (where p above .5 then means an effect against it); 1 or −1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromPValue(double p, double n, int tails, int sign)
    {
        Guard.InRange(n >= 4, n, nameof(n), "The sample size is at least 4.");
        return FromT(TFromPValue(p, n - 2, tails, sign), n - 2) with
        {
            SampleSize = n,
            Formula = $"t = sign t_(1-p/{tails}; n-2), r = t/sqrt(t^2+n-2), z = atanh r, v = 1/(n-3)".Replace("p/1", "p", StringComparison.Ordinal),
        };
    }

    /// <summary>From an odds ratio and its interval. Between groups d = ln OR·√3/π (Hasselblad and Hedges 1995, Psychological Bulletin 117), then as d with
    /// a = 4(n − 2)/n, or 4 without n; per standard deviation r = b/√(b² + π²/3), b = ln OR, on the latent scale.
    /// v = (dz/db)² v_b with v_b = (h/z_conf)², h the wider half of the interval of ln OR.</summary>
    /// <remarks>An interval in which the odds ratio lies at 45 to 55 % on the logarithmic scale counts as symmetric but for rounding; one outside 15 to 85 % is
    /// not that of the odds ratio.</remarks>
    /// <param name="oddsRatio">Positive.</param>
    /// <param name="contrast">What it compares.</param>
    /// <param name="lower">Lower confidence bound, positive and at most the odds ratio.</param>
    /// <param name="upper">Upper confidence bound, at least the odds ratio and above <paramref name="lower"/>.</param>
    /// <param name="confidence">Confidence of the interval, strictly between 0 and 1.</param>
    /// <param name="n">Sample size, at least 4; null when unknown.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromOddsRatio(double oddsRatio, OddsRatioComparison contrast, double lower, double upper, double confidence, double? n)
    {
        Guard.InRange(oddsRatio > 0, oddsRatio, nameof(oddsRatio), "An odds ratio is positive.");
        Guard.InRange(lower > 0 && lower <= oddsRatio, lower, nameof(lower), "The lower bound is positive and at most the odds ratio.");
        Guard.InRange(upper >= oddsRatio && upper > lower, upper, nameof(upper), "The upper bound is at least the odds ratio and above the lower bound.");
        Guard.InRange(confidence is > 0 and < 1, confidence, nameof(confidence), "Confidence lies strictly between 0 and 1.");
        if (n is { } size)
        {
            Guard.InRange(size >= 4, size, nameof(n), "The sample size is at least 4.");
        }
        var b = Math.Log(oddsRatio);
        Guard.InRange(IsPlausibleInterval(oddsRatio, lower, upper), oddsRatio, nameof(oddsRatio),
            "The odds ratio lies between 15 % and 85 % of its interval on the logarithmic scale.");
        var se = Math.Max(b - Math.Log(lower), Math.Log(upper) - b) / Normal.UpperQuantile((1 - confidence) / 2);
        var a = contrast == OddsRatioComparison.Groups ? (n is { } total ? 4 * (total - 2) / total : 4) : 1;
        var x = b * Math.Sqrt(3) / Math.PI; // d between groups; per standard deviation r = x/√(x² + 1)
        var slope = Math.Sqrt(3) / Math.PI / Math.Sqrt(x * x + a);
        return new FisherZEffect(Math.Asinh(x / Math.Sqrt(a)), slope * slope * se * se, n, Converted: true, Approximate: false, OddsRatioFormula(contrast, n))
        {
            Notes = PositionIn(oddsRatio, lower, upper) is >= SymmetricFrom and <= SymmetricTo ? [] : ["asymmetricInterval"],
        };
    }

    /// <summary>Whether an odds ratio can belong to an interval: it lies between 15 % and 85 % of it on the logarithmic scale.</summary>
    /// <param name="oddsRatio">Positive.</param>
    /// <param name="lower">Lower bound, positive.</param>
    /// <param name="upper">Upper bound, above <paramref name="lower"/>.</param>
    public static bool IsPlausibleInterval(double oddsRatio, double lower, double upper) =>
        IsPlausibleEstimate(Math.Log(oddsRatio), Math.Log(lower), Math.Log(upper));

    // By logarithms first: their ratio is finite where that of the bounds is not.
    private static double PositionIn(double oddsRatio, double lower, double upper) =>
        (Math.Log(oddsRatio) - Math.Log(lower)) / (Math.Log(upper) - Math.Log(lower));

    private static void RequireGroups(double n1, double n2)
    {
        Guard.InRange(n1 >= 2, n1, nameof(n1), "A group has at least 2 members.");
        Guard.InRange(n2 >= 2, n2, nameof(n2), "A group has at least 2 members.");
    }

    private static double TFromPValue(double p, double df, int tails, int sign)
    {
        Guard.InRange(tails is 1 or 2, tails, nameof(tails), "A test has 1 or 2 tails.");
        Guard.InRange(p > 0 && (tails == 2 ? p <= 1 : p < 1), p, nameof(p), "A p-value lies between 0 and 1.");
        Guard.InRange(sign is 1 or -1, sign, nameof(sign), SignRule);
        return sign * StudentT.UpperQuantile(p / tails, df);
    }

    private static string OddsRatioFormula(OddsRatioComparison contrast, double? n) => contrast switch
    {
        OddsRatioComparison.Groups =>
            $"d = ln OR sqrt(3)/pi, r = d/sqrt(d^2+a), a = {(n is null ? "4" : "4(n-2)/n")}, z = atanh r, v = 3/pi^2 v_lnOR/(d^2+a)",
        OddsRatioComparison.PerStandardDeviation => "b = ln OR, r = b/sqrt(b^2+pi^2/3), z = atanh r, v = v_lnOR/(b^2+pi^2/3)",
        _ => throw new ArgumentOutOfRangeException(nameof(contrast), contrast, "Unknown contrast."),
    };

    /// <summary>Hedges' J(m) = Γ(m/2)/(√(m/2) Γ((m − 1)/2)), by way of Γ(m/2)/Γ((m+1)/2) so that both arguments suit Stirling's series.</summary>
    private static double SmallSampleFactor(double m)
    {
        var a = m / 2;
        // Γ(a+½)/Γ(a)
        var logGammaRatio = SaddlePoint.StirlingError(a + 0.5) - SaddlePoint.StirlingError(a) + a * SaddlePoint.Log1P(1 / m) + (Math.Log(a) - 1) / 2;
        return (a - 0.5) / Math.Sqrt(a) * Math.Exp(-logGammaRatio);
    }
}
