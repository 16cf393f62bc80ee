namespace RealRelationship.Statistics;

/// <summary>Converts reported statistics to Fisher z. No conversion rounds r to ±1 on the way.</summary>
public static partial class EffectSizeConversion
{
    private const string CorrelationRule = "A correlation lies strictly between -1 and 1.";
    private const string FiniteRule = "The value must be finite.";

    /// <summary>From a correlation: z = atanh r, v = 1/(n − 3) (Fisher 1921, Metron 1).</summary>
    /// <param name="r">Strictly between −1 and 1.</param>
    /// <param name="n">Sample size, at least 4.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromCorrelation(double r, double n) => FromPartialCorrelation(r, n, 0) with { Formula = "z = atanh r, v = 1/(n-3)" };

    /// <summary>From a partial correlation: z = atanh r, v = 1/(n − m − 3).</summary>
    /// <param name="r">Strictly between −1 and 1.</param>
    /// <param name="n">Sample size, at least m + 4.</param>
    /// <param name="covariates">Number of covariates m held constant, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromPartialCorrelation(double r, double n, int covariates)
    {
        Guard.InRange(r is > -1 and < 1, r, nameof(r), CorrelationRule);
        ArgumentOutOfRangeException.ThrowIfNegative(covariates);
        Guard.InRange(n >= covariates + 4, n, nameof(n), "The sample size is at least the number of covariates and 4.");
        return new FisherZEffect(Math.Atanh(r), 1 / (n - covariates - 3), n, Converted: false, Approximate: false, "z = atanh r, v = 1/(n-m-3)");
    }

    /// <summary>From a semi-partial correlation, by way of the partial r = sr/√(1 − R² + sr²): z = asinh(sr/√(1 − R²)), v = 1/(n − m − 3).</summary>
    /// <param name="sr">The semi-partial correlation; its square is at most R².</param>
    /// <param name="n">Sample size, at least m + 4.</param>
    /// <param name="covariates">Number of the other predictors m, not negative.</param>
    /// <param name="rSquared">R² of the full model, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromSemiPartialCorrelation(double sr, double n, int covariates, double rSquared)
    {
        Guard.InRange(rSquared is >= 0 and < 1, rSquared, nameof(rSquared), "R squared is at least 0 and below 1.");
        Guard.InRange(sr * sr <= rSquared, sr, nameof(sr), "The square of a semi-partial correlation is at most R squared of the full model.");
        ArgumentOutOfRangeException.ThrowIfNegative(covariates);
        Guard.InRange(n >= covariates + 4, n, nameof(n), "The sample size is at least the number of covariates and 4.");
        return new FisherZEffect(
            Math.Asinh(sr / Math.Sqrt(1 - rSquared)), 1 / (n - covariates - 3), n, Converted: true, Approximate: false,
            "r = sr/sqrt(1-R^2+sr^2), z = atanh r, v = 1/(n-m-3)");
    }

    /// <summary>From Spearman's ρ: r = 2 sin(πρ/6), z = atanh r; v = (1 + ρ²/2)/(n − 3) · (dz_r/dz_ρ)² (Bonett and Wright 2000, Psychometrika 65).</summary>
    /// <param name="rho">Strictly between −1 and 1.</param>
    /// <param name="n">Sample size, at least 10.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromSpearman(double rho, double n)
    {
        Guard.InRange(rho is > -1 and < 1, rho, nameof(rho), CorrelationRule);
        Guard.InRange(n >= 10, n, nameof(n), "The variance for Spearman's rho needs a sample of at least 10.");
        var delta = Math.PI * (1 - Math.Abs(rho)) / 6;
        var r = 2 * Math.Sin(Math.PI * Math.Abs(rho) / 6);
        var oneMinusR2 = Math.Sqrt(3) * Math.Sin(2 * delta) - 2 * Math.Sin(delta) * Math.Sin(delta); // 1 - r², exact also near |rho| = 1
        var z = Math.Log((1 + r) * (1 + r) / oneMinusR2) / 2;
        var slope = Math.PI / 3 * Math.Cos(Math.PI * rho / 6) * ((1 - rho) * (1 + rho)) / oneMinusR2;
        return new FisherZEffect(
            Math.CopySign(z, rho), (1 + rho * rho / 2) / (n - 3) * slope * slope, n, Converted: true, Approximate: false,
            "r = 2 sin(pi rho/6), z = atanh r, v = (1+rho^2/2)/(n-3) (dz_r/dz_rho)^2");
    }

    /// <summary>From a z with its sample size: v = 1/(n − 3).</summary>
    /// <param name="z">Fisher's z.</param>
    /// <param name="n">Sample size, at least 4.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromFisherZ(double z, double n)
    {
        Guard.InRange(true, z, nameof(z), FiniteRule);
        Guard.InRange(n >= 4, n, nameof(n), "The sample size is at least 4.");
        return new FisherZEffect(z, 1 / (n - 3), n, Converted: false, Approximate: false, "z as given, v = 1/(n-3)");
    }

    /// <summary>From a z with its standard error: v = se².</summary>
    /// <param name="z">Fisher's z.</param>
    /// <param name="standardError">Positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromFisherZWithStandardError(double z, double standardError)
    {
        Guard.InRange(true, z, nameof(z), FiniteRule);
        var v = standardError * standardError;
        Guard.InRange(standardError > 0 && v > 0 && double.IsFinite(v), standardError, nameof(standardError), "A standard error is positive.");
        return new FisherZEffect(z, v, null, Converted: false, Approximate: false, "z as given, v = se^2");
    }

    /// <summary>From an effect that already is yi, vi on Fisher's z.</summary>
    /// <param name="yi">The effect.</param>
    /// <param name="vi">Its sampling variance, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromFisherZEstimate(double yi, double vi)
    {
        Guard.InRange(true, yi, nameof(yi), FiniteRule);
        Guard.InRange(vi > 0, vi, nameof(vi), "A variance is positive.");
        return new FisherZEffect(yi, vi, null, Converted: false, Approximate: false, "z and v as given");
    }

    /// <summary>From Cohen's d of two groups: r = d/√(d² + a), a = (n1 + n2 − 2)(1/n1 + 1/n2), so z = asinh(d/√a);
    /// v = v_d/(d² + a), v_d = 1/n1 + 1/n2 + d²/(2(n1 + n2)). So d and t of the same data agree.</summary>
    /// <param name="d">Cohen's d, standardised by the pooled standard deviation.</param>
    /// <param name="n1">Size of the first group, at least 2.</param>
    /// <param name="n2">Size of the second group, at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromCohensD(double d, double n1, double n2)
    {
        Guard.InRange(true, d, nameof(d), FiniteRule);
        RequireGroups(n1, n2);
        var a = (n1 + n2 - 2) * (1 / n1 + 1 / n2);
        var vd = 1 / n1 + 1 / n2 + d * d / (2 * (n1 + n2));
        return new FisherZEffect(
            Math.Asinh(d / Math.Sqrt(a)), vd / (d * d + a), n1 + n2, Converted: true, Approximate: false,
            "r = d/sqrt(d^2+a), a = (n1+n2-2)(1/n1+1/n2), z = atanh r, v = (1/n1+1/n2+d^2/(2(n1+n2)))/(d^2+a)")
        {
            Difference = new GroupDifference(d, d * SmallSampleFactor(n1 + n2 - 2), vd),
        };
    }

    /// <summary>From Cohen's d and the size of the whole sample, groups taken as equal: a = 4(n − 2)/n.</summary>
    /// <param name="d">Cohen's d.</param>
    /// <param name="n">Size of both groups together, at least 4.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromCohensD(double d, double n)
    {
        Guard.InRange(n >= 4, n, nameof(n), "The sample size is at least 4.");
        return FromCohensD(d, n / 2, n / 2) with
        {
            SampleSize = n,
            Formula = "r = d/sqrt(d^2+a), a = 4(n-2)/n, z = atanh r, v = (4/n+d^2/(2n))/(d^2+a)",
            Notes = ["assumesEqualGroups"],
        };
    }

    /// <summary>From Hedges' g of two groups: d = g/J with the exact J = Γ(m/2)/(√(m/2) Γ((m−1)/2)), m = n1 + n2 − 2 (Hedges 1981), then as d.</summary>
    /// <param name="g">Hedges' g.</param>
    /// <param name="n1">Size of the first group, at least 2.</param>
    /// <param name="n2">Size of the second group, at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromHedgesG(double g, double n1, double n2)
    {
        Guard.InRange(true, g, nameof(g), FiniteRule);
        RequireGroups(n1, n2);
        var effect = FromCohensD(g / SmallSampleFactor(n1 + n2 - 2), n1, n2);
        return effect with { Formula = $"d = g/J, {effect.Formula}", Difference = effect.Difference! with { G = g } };
    }

    /// <summary>From Hedges' g and the size of the whole sample, groups taken as equal.</summary>
    /// <param name="g">Hedges' g.</param>
    /// <param name="n">Size of both groups together, at least 4.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect FromHedgesG(double g, double n)
    {
        Guard.InRange(true, g, nameof(g), FiniteRule);
        Guard.InRange(n >= 4, n, nameof(n), "The sample size is at least 4.");
        var effect = FromCohensD(g / SmallSampleFactor(n - 2), n);
        return effect with { Formula = $"d = g/J, {effect.Formula}", Difference = effect.Difference! with { G = g } };
    }
}
