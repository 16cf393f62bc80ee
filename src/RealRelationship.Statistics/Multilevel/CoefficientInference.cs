namespace RealRelationship.Statistics;

/// <summary>What linear combinations of coefficients are tested with: the model's covariance and one distribution,
/// or a <see cref="SandwichEstimator"/> and the degrees of freedom of Satterthwaite, which belong to each combination.</summary>
/// <remarks>
/// With g = Cc for a combination c on the basis, C = (X′Φ⁻¹X)⁻¹, the robust variance is Σ (gᵀF′e)², a quadratic form p′ee′p of which the working model gives
/// pᵢ′Φpⱼ = [i = j] g′F′ΦFg − lᵢ′Clⱼ, l = X′Fg; its degrees of freedom are 2 (mean)²/variance = (Σ pᵢ′Φpᵢ)²/ΣΣ (pᵢ′Φpⱼ)². Both are linear in samples.
/// </remarks>
internal sealed class CoefficientInference
{
    private readonly NestedData _data;
    private readonly NestedSolution _solution;
    private readonly SandwichEstimator? _sandwich;
    private readonly MultilevelOptions _options;
    private readonly double[] _beta;
    private readonly int _p;

    public CoefficientInference(NestedData data, NestedSolution solution, SandwichEstimator? sandwich, MultilevelOptions options)
    {
        (_data, _solution, _sandwich, _options, _p) = (data, solution, sandwich, options, data.Columns);
        _beta = data.Coefficients(solution.Gamma);
    }

    public Coefficient ToCoefficient(string name, ReadOnlySpan<double> weights)
    {
        var c = _data.OnBasis(weights);
        var variance = Covariance(c, c);
        return ReferenceDistribution.ToCoefficient(Distribution(c), name, VectorMath.Dot(weights, _beta), Math.Sqrt(variance), _options.Alpha);
    }

    /// <summary>The standard error that the model expects, which is not robust.</summary>
    public double ModelStandardError(ReadOnlySpan<double> weights)
    {
        var c = _data.OnBasis(weights);
        return Math.Sqrt(Quadratic(_solution.Covariance, c, c));
    }

    /// <summary>Covariance matrix of the coefficients.</summary>
    public double[,] Covariance()
    {
        var basis = Enumerable.Range(0, _p).Select(a => _data.OnBasis(Unit(a))).ToArray();
        var covariance = new double[_p, _p];
        for (var a = 0; a < _p; a++)
        {
            for (var b = 0; b < _p; b++)
            {
                covariance[a, b] = Covariance(basis[a], basis[b]);
            }
        }
        return covariance;
    }

    /// <summary>The model's test that every coefficient but the first is zero.</summary>
    public WaldTest? Omnibus()
    {
        var q = _p - 1;
        if (q == 0 || (_options.Test == CoefficientTest.StudentT && _data.DegreesOfFreedom < 1))
        {
            return null;
        }
        var (covariance, estimates) = SlopeCovariance((a, b) => Quadratic(_solution.Covariance, a, b));
        if (Wald(covariance, estimates) is not { } statistic)
        {
            return null;
        }
        return _options.Test == CoefficientTest.Normal
            ? new WaldTest(statistic, q, null, ChiSquared.UpperTail(statistic, q))
            : new WaldTest(statistic / q, q, _data.DegreesOfFreedom, FDistribution.UpperTail(statistic / q, q, _data.DegreesOfFreedom));
    }

    /// <summary>The same with the robust variance: approximate Hotelling's T² (HTZ).</summary>
    /// <remarks>η = q(q+1)/ΣΣ var(dₛₜ), d the robust covariance of the contrasts, turned so that the working model expects the identity
    /// (Tipton and Pustejovsky 2015, equation 13 and after).</remarks>
    public RobustWaldTest? RobustOmnibus()
    {
        var q = _p - 1;
        if (q == 0 || _sandwich is null)
        {
            return null;
        }
        if (RobustWald() is not { } statistic || DegreesOfFreedom(q) is not { } eta)
        {
            return null;
        }
        var df = eta - q + 1;
        var f = Math.Max(0, df) / eta * statistic / q;
        return df >= 1 ? new RobustWaldTest(f, q, df, FDistribution.UpperTail(f, q, df)) : new RobustWaldTest(f, q, null, null);
    }

    /// <summary>The Wald statistic of every coefficient but the first with the covariance asked for; null when it is singular:
    /// fitted residuals leave a sandwich of m samples a rank below m.</summary>
    public double? RobustWald()
    {
        if (_data.Samples < _p)
        {
            return null;
        }
        var (covariance, estimates) = SlopeCovariance(Covariance);
        return Wald(covariance, estimates);
    }

    /// <summary>What a combination is referred to; null when there are no degrees of freedom.</summary>
    private ReferenceDistribution? Distribution(double[] c)
    {
        if (_sandwich is null)
        {
            return ReferenceDistribution.Of(_options.Test, _data.DegreesOfFreedom);
        }
        var form = new SandwichMoments(_sandwich, _solution.Covariance, [MultiplyCovariance(c)]);
        var df = form.Mean(0, 0) * form.Mean(0, 0) / form.Products(0, 0, 0, 0);
        return df > 0 && double.IsFinite(df) ? new ReferenceDistribution(df) : null;
    }

    private double? DegreesOfFreedom(int q)
    {
        var contrasts = Enumerable.Range(1, q).Select(a => MultiplyCovariance(_data.OnBasis(Unit(a)))).ToArray();
        var form = new SandwichMoments(_sandwich!, _solution.Covariance, contrasts);
        var omega = new double[q * q];
        for (var s = 0; s < q; s++)
        {
            for (var t = 0; t < q; t++)
            {
                omega[s * q + t] = form.Mean(s, t);
            }
        }
        if (!SymmetricMatrix.Cholesky(omega, q))
        {
            return null;
        }
        // η does not depend on which root turns the contrasts: L⁻¹ does as well as the symmetric one
        var standardised = contrasts.SelectMany(x => x).ToArray();
        SymmetricMatrix.SolveLower(omega, q, standardised, _p);
        form = new SandwichMoments(_sandwich!, _solution.Covariance, [.. standardised.Chunk(_p)]);
        var total = 0.0;
        for (var s = 0; s < q; s++)
        {
            for (var t = 0; t < q; t++)
            {
                total += form.Products(s, s, t, t) + form.Products(s, t, t, s);
            }
        }
        var eta = q * (q + 1) / total;
        return eta > 0 && double.IsFinite(eta) ? eta : null;
    }

    private (double[] Covariance, double[] Estimates) SlopeCovariance(Func<double[], double[], double> covariance)
    {
        var q = _p - 1;
        var basis = Enumerable.Range(1, q).Select(a => _data.OnBasis(Unit(a))).ToArray();
        return ([.. basis.SelectMany(a => basis.Select(b => covariance(a, b)))], _beta[1..]);
    }

    /// <summary>b′V⁻¹b; null when V is singular.</summary>
    private static double? Wald(double[] covariance, double[] estimates)
    {
        var q = estimates.Length;
        if (!SymmetricMatrix.Cholesky(covariance, q))
        {
            return null;
        }
        double[] x = [.. estimates];
        SymmetricMatrix.SolveLower(covariance, q, x, 1);
        var statistic = VectorMath.Dot(x, x);
        return double.IsFinite(statistic) ? statistic : null;
    }

    private double Covariance(double[] a, double[] b)
    {
        if (_sandwich is null)
        {
            return Quadratic(_solution.Covariance, a, b);
        }
        var (ga, gb, sum) = (MultiplyCovariance(a), MultiplyCovariance(b), 0.0);
        for (var s = 0; s < _sandwich.Samples; s++)
        {
            sum += VectorMath.Dot(_sandwich.Score(s), ga) * VectorMath.Dot(_sandwich.Score(s), gb);
        }
        return sum * _sandwich.Factor;
    }

    private double Quadratic(double[] matrix, double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < _p; i++)
        {
            sum += a[i] * VectorMath.Dot(matrix.AsSpan(i * _p, _p), b);
        }
        return sum;
    }

    private double[] MultiplyCovariance(double[] c)
    {
        var g = new double[_p];
        for (var i = 0; i < _p; i++)
        {
            g[i] = VectorMath.Dot(_solution.Covariance.AsSpan(i * _p, _p), c);
        }
        return g;
    }

    private double[] Unit(int a)
    {
        var unit = new double[_p];
        unit[a] = 1;
        return unit;
    }
}
