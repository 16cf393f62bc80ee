using MathNet.Numerics.Integration;

namespace RealRelationship.Statistics;

/// <content>Correlations of cut variables, within clients, and variances on the scale of the correlation.</content>
public static partial class EffectSizeConversion
{
    private const double MinVarianceRatio = 0.8;
    private const double MaxVarianceRatio = 5;

    private static readonly GaussLegendreRule s_rule = new(0, 1, 64);

    /// <summary>From a correlation between sessions within clients: z = atanh r, v = 1/(df − 1), with df as reported or by
    /// <see cref="WithinClientDegreesOfFreedom"/>. The sample size is the number of clients.</summary>
    /// <remarks>The variance is a floor: autocorrelation and slopes that differ between clients raise it, in simulations 1.4 to 2.2 times
    /// (<c>varianceLowerBound</c>). Without df it counts clients, v = 1/(clients − 3) (<c>sessionsUnknown</c>).</remarks>
    /// <param name="r">Strictly between −1 and 1.</param>
    /// <param name="clients">Number of clients, at least 4 when <paramref name="df"/> is null, else at least 1.</param>
    /// <param name="df">Degrees of freedom, at least 2; null when the number of sessions is unknown.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromWithinClientCorrelation(double r, double clients, double? df)
    {
        Guard.InRange(r is > -1 and < 1, r, nameof(r), CorrelationRule);
        if (df is not { } known)
        {
            Guard.InRange(clients >= 4, clients, nameof(clients), "There are at least 4 clients.");
            return new FisherZEffect(Math.Atanh(r), 1 / (clients - 3), clients, Converted: false, Approximate: true,
                "z = atanh r, v = 1/(clients-3), sessions unknown")
            { Notes = ["sessionsUnknown"] };
        }
        Guard.InRange(clients >= 1, clients, nameof(clients), "There is at least one client.");
        Guard.InRange(known >= 2, known, nameof(df), "The degrees of freedom are at least 2.");
        return new FisherZEffect(Math.Atanh(r), 1 / (known - 1), clients, Converted: false, Approximate: true,
            "z = atanh r, v = 1/(df-1), df = sessions-clients-1-m, a lower bound")
        { Notes = ["varianceLowerBound"] };
    }

    /// <summary>S − C − 1 − m: of a correlation of S sessions, centred inside C clients, with m variables partialled out.</summary>
    /// <param name="sessions">S.</param>
    /// <param name="clients">C.</param>
    /// <param name="partialled">m, not negative.</param>
    public static double WithinClientDegreesOfFreedom(double sessions, double clients, int partialled)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partialled);
        return sessions - clients - 1 - partialled;
    }

    /// <summary>Whether a sampling variance contradicts a sample size: it is below .8 or above 5 times 1/(n − 3), as a standard error sent as a variance
    /// is.</summary>
    /// <param name="variance">Of Fisher's z, positive.</param>
    /// <param name="n">Sample size.</param>
    public static bool ContradictsSampleSize(double variance, double n) => n > 3 && variance * (n - 3) is < MinVarianceRatio or > MaxVarianceRatio;

    /// <summary>From d of two groups that are the halves of a continuous variable, cut at some point: the correlation with the variable before it was cut
    /// (<see cref="BiserialCorrelation"/>); z = atanh r, v = v_r/(1 − r²)².</summary>
    /// <param name="d">Cohen's d, standardised by the pooled standard deviation.</param>
    /// <param name="n1">Size of the upper group, at least 2.</param>
    /// <param name="n2">Size of the lower group, at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    /// <exception cref="StatisticsException"><c>outsideRange</c>: the correlation is not between −1 and 1.</exception>
    public static FisherZEffect FromBiserial(double d, double n1, double n2)
    {
        var (r, variance) = BiserialCorrelation(d, n1, n2);
        return OnFisherZ(r, variance, n1 + n2, "r = d/sqrt(d^2+a) sqrt(pq)/phi(z_p), a = (n1+n2-2)(1/n1+1/n2), z = atanh r, v = v_r/(1-r^2)^2");
    }

    /// <summary>From a correlation of which one variable was cut in two: as the biserial correlation of the same data.</summary>
    /// <param name="r">The correlation with the cut variable, strictly between −1 and 1.</param>
    /// <param name="n">Sample size, at least 4.</param>
    /// <param name="proportion">Share of the upper part, strictly between 0 and 1; both parts have at least 2 members.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    /// <exception cref="StatisticsException"><c>outsideRange</c>: the correlation is not between −1 and 1.</exception>
    public static FisherZEffect FromDichotomized(double r, double n, double proportion)
    {
        Guard.InRange(r is > -1 and < 1, r, nameof(r), CorrelationRule);
        Guard.InRange(n >= 4, n, nameof(n), "The sample size is at least 4.");
        Guard.InRange(proportion is > 0 and < 1, proportion, nameof(proportion), "A proportion lies strictly between 0 and 1.");
        var (n1, n2) = (n * proportion, n * (1 - proportion));
        return FromBiserial(r / Math.Sqrt((1 - r) * (1 + r)) * Math.Sqrt((n - 2) * (1 / n1 + 1 / n2)), n1, n2);
    }

    /// <summary>From a correlation of which both variables were cut in two: the tetrachoric correlation of the table that has this φ.</summary>
    /// <param name="phi">φ, strictly between −1 and 1.</param>
    /// <param name="n">Sample size, at least 4.</param>
    /// <param name="proportion1">Share of the upper part of the first variable.</param>
    /// <param name="proportion2">Share of the upper part of the second variable.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    /// <exception cref="StatisticsException"><c>outsideRange</c>: no table has these proportions and this φ, or the correlation is not between −1 and 1.
    /// </exception>
    public static FisherZEffect FromDichotomized(double phi, double n, double proportion1, double proportion2)
    {
        Guard.InRange(phi is > -1 and < 1, phi, nameof(phi), CorrelationRule);
        Guard.InRange(n >= 4, n, nameof(n), "The sample size is at least 4.");
        Guard.InRange(proportion1 is > 0 and < 1, proportion1, nameof(proportion1), "A proportion lies strictly between 0 and 1.");
        Guard.InRange(proportion2 is > 0 and < 1, proportion2, nameof(proportion2), "A proportion lies strictly between 0 and 1.");
        if (!IsPossibleTable(phi, proportion1, proportion2))
        {
            throw new StatisticsException("outsideRange", $"No 2x2 table with these proportions has the correlation {phi}.");
        }

        var both = BothHigh(phi, proportion1, proportion2);
        return FromTetrachoric(n * (1 - proportion1 - proportion2 + both), n * (proportion2 - both), n * (proportion1 - both), n * both);
    }

    /// <summary>From a 2×2 table of two continuous variables, both cut in two (<see cref="TetrachoricCorrelation"/>): z = atanh r, v = v_r/(1 − r²)².</summary>
    /// <param name="a">Both low.</param>
    /// <param name="b">The first low, the second high.</param>
    /// <param name="c">The first high, the second low.</param>
    /// <param name="d">Both high.</param>
    /// <exception cref="ArgumentOutOfRangeException">A cell is not positive.</exception>
    public static FisherZEffect FromTetrachoric(double a, double b, double c, double d)
    {
        var (r, variance) = TetrachoricCorrelation(a, b, c, d);
        return OnFisherZ(r, variance, a + b + c + d, "r tetrachoric by maximum likelihood, z = atanh r, v = v_r/(1-r^2)^2");
    }

    /// <summary>The biserial correlation r = r_pb √(pq)/φ(z_p) with Soper's variance (Jacobs and Viechtbauer 2017, Research Synthesis Methods 8, 161–180).
    /// Agrees with metafor's <c>escalc(measure="RBIS")</c>.</summary>
    /// <param name="d">Cohen's d.</param>
    /// <param name="n1">Size of the upper group, at least 2.</param>
    /// <param name="n2">Size of the lower group, at least 2.</param>
    /// <returns>The correlation, which can lie beyond ±1, and its sampling variance (at ±1 then).</returns>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static (double R, double Variance) BiserialCorrelation(double d, double n1, double n2)
    {
        Guard.InRange(true, d, nameof(d), FiniteRule);
        RequireGroups(n1, n2);
        var (n, p, q) = (n1 + n2, n1 / (n1 + n2), n2 / (n1 + n2));
        var z = Normal.UpperQuantile(p);
        var density = Math.Exp(Normal.LogDensity(z));
        var r = d / Math.Sqrt(d * d + (n - 2) * (1 / n1 + 1 / n2)) * Math.Sqrt(p * q) / density;
        var r2 = Math.Min(1, r * r);
        return (r, (p * q / (density * density) - (1.5 + (1 - p * z / density) * (1 + q * z / density)) * r2 + r2 * r2) / (n - 1));
    }

    /// <summary>The tetrachoric correlation: that of the bivariate normal distribution which, cut at the margins, has the proportions of the table
    /// (Pearson 1900), the maximum-likelihood estimate, with its asymptotic variance. Agrees with metafor's <c>escalc(measure="RTET")</c> as far as that
    /// converges.</summary>
    /// <remarks>With h and k the cuts and P = Φ₂(h, k; ρ) the share of both low, φ₂ dρ = dP − Φ((k − ρh)/√(1 − ρ²)) dP₁ − Φ((h − ρk)/√(1 − ρ²)) dP₂: the
    /// variance
    /// is that of this sum over one multinomial draw, over n φ₂².</remarks>
    /// <param name="a">Both low.</param>
    /// <param name="b">The first low, the second high.</param>
    /// <param name="c">The first high, the second low.</param>
    /// <param name="d">Both high.</param>
    /// <exception cref="ArgumentOutOfRangeException">A cell is not positive.</exception>
    public static (double R, double Variance) TetrachoricCorrelation(double a, double b, double c, double d)
    {
        Guard.InRange(a > 0, a, nameof(a), "Every cell is positive.");
        Guard.InRange(b > 0, b, nameof(b), "Every cell is positive.");
        Guard.InRange(c > 0, c, nameof(c), "Every cell is positive.");
        Guard.InRange(d > 0, d, nameof(d), "Every cell is positive.");
        var n = a + b + c + d;
        var (h, k) = (Normal.Quantile((a + b) / n), Normal.Quantile((a + c) / n));
        // ρ = sin θ turns the integral of the density over ρ into one without a singularity.
        var excess = a / n - (a + b) / n * ((a + c) / n);
        var r = Math.Sin(RootFinder.FindBetween(theta => BothLowExcess(h, k, theta) - excess, -Math.PI / 2, Math.PI / 2));
        var root = Math.Sqrt((1 - r) * (1 + r));
        var (first, second) = (Normal.LowerTail((k - r * h) / root), Normal.LowerTail((h - r * k) / root));
        var density = Math.Exp(-(h * h - 2 * r * h * k + k * k) / (2 * root * root)) / (2 * Math.PI * root);
        double[] values = [1 - first - second, -first, -second, 0], shares = [a / n, b / n, c / n, d / n];
        var mean = VectorMath.Dot(values, shares);
        return (r, (VectorMath.Dot(values, values, shares) - mean * mean) / (n * density * density));
    }

    /// <summary>Sampling variance of a semi-partial correlation, on its own scale (Aloe and Becker 2012, Journal of Educational and Behavioral Statistics 37).
    /// Agrees with metafor's <c>escalc(measure="SPCOR")</c>; on z = atanh it is divided by (1 − sr²)².</summary>
    /// <param name="sr">The semi-partial correlation; its square is at most R².</param>
    /// <param name="n">Sample size, at least 4.</param>
    /// <param name="rSquared">R² of the full model, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static double SemiPartialVariance(double sr, double n, double rSquared)
    {
        Guard.InRange(rSquared is >= 0 and < 1, rSquared, nameof(rSquared), "R squared is at least 0 and below 1.");
        Guard.InRange(sr * sr <= rSquared, sr, nameof(sr), "The square of a semi-partial correlation is at most R squared of the full model.");
        Guard.InRange(n >= 4, n, nameof(n), "The sample size is at least 4.");
        var others = rSquared - sr * sr;
        return (rSquared * rSquared - 2 * rSquared + others + 1 - others * others) / n;
    }

    private static FisherZEffect OnFisherZ(double r, double variance, double n, string formula)
    {
        if (!(Math.Abs(r) < 1))
        {
            throw new StatisticsException("outsideRange", $"The correlation of the variable before it was cut would be {r}, which is not between -1 and 1.");
        }
        var slope = 1 / ((1 - r) * (1 + r));
        return new FisherZEffect(Math.Atanh(r), variance * slope * slope, n, Converted: true, Approximate: false, formula);
    }

    /// <summary>Φ₂(h, k; sin θ) − Φ(h)Φ(k) = ∫₀^θ exp(−(h² − 2hk sin t + k²)/(2 cos² t)) dt/2π.</summary>
    private static double BothLowExcess(double h, double k, double theta)
    {
        var sum = 0.0;
        for (var i = 0; i < s_rule.Order; i++)
        {
            // nodes crowd towards θ, where the integrand is steep
            var u = s_rule.GetAbscissa(i);
            var t = theta * u * (2 - u);
            var (sin, cos) = Math.SinCos(t);
            sum += s_rule.GetWeight(i) * 2 * (1 - u) * Math.Exp(-(h * h - 2 * h * k * sin + k * k) / (2 * cos * cos));
        }
        return theta * sum / (2 * Math.PI);
    }
}
