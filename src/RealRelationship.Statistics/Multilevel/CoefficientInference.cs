namespace RealRelationship.Statistics;

/// <summary>What linear combinations of coefficients are tested with: the model's covariance and one distribution,
/// or a <see cref="SandwichEstimator"/> and the degrees of freedom of Satterthwaite, which belong to each combination.</summary>
/// <remarks>
/// With g = Cc for a combination c on the basis, C = (X′Φ⁻¹X)⁻¹, the robust variance is Σ (gᵀF′e)², a quadratic form p′ee′p of which the working model gives
/// pᵢ′Φpⱼ = [i = j] g′F′ΦFg − lᵢ′Clⱼ, l = X′Fg; its degrees of freedom are 2 (mean)²/variance = (Σ pᵢ′Φpᵢ)²/ΣΣ (pᵢ′Φpⱼ)². Both are linear in samples.
/// </remarks>
internal sealed class CoefficientInference
{
    private const double Moved = 1e-6;

    private readonly NestedData _data;
    private readonly NestedSolution _solution;
    private readonly SandwichEstimator? _sandwich;
    private readonly MultilevelOptions _options;
    private readonly double[] _beta;
    private readonly int _p;
    private readonly OneSampleSupport? _support;
    private double[][] _tested;

    public CoefficientInference(NestedData data, NestedSolution solution, SandwichEstimator? sandwich, OneSampleSupport? support, MultilevelOptions options)
    {
        (_data, _solution, _sandwich, _options, _p) = (data, solution, sandwich, options, data.Columns);
        _beta = data.Coefficients(solution.Gamma);
        _support = support;
        _tested = _support is { Any: true } && options.OneSample == OneSampleInference.WorkingModel
            ? _support.TestableCombinations()
            : [.. Enumerable.Range(1, _p - 1).Select(Unit)];
    }

    /// <summary>The same at the other end of a ridge; null when there is none.</summary>
    public CoefficientInference? OtherEnd { get; init; }

    /// <summary>Fits at the limits of the profile-likelihood intervals of the variances; empty if these were not requested.</summary>
    public IReadOnlyList<NestedSolution> Region { get; init; } = [];

    public Coefficient ToCoefficient(string name, ReadOnlySpan<double> weights)
    {
        var own = Compute(name, weights);
        own = own with { IsWeaklyIdentified = Spread(weights, own.Estimate) > own.StandardError };
        return OtherEnd?.Compute(name, weights) is { } other ? own.WithOtherEnd(other) : own;
    }

    /// <summary>The same with the tests of some coefficients in place of the omnibus tests. Those identified by a single sample are no part of them.</summary>
    public CoefficientInference Of(IReadOnlyList<int> columns)
    {
        var workingModel = _options.OneSample == OneSampleInference.WorkingModel;
        return new CoefficientInference(_data, _solution, _sandwich, _support, _options)
        {
            OtherEnd = OtherEnd?.Of(columns),
            _tested = [.. columns.Select(Unit).Where(unit => !workingModel || _support?.RestsOnOneSample(unit) != true)],
        };
    }

    /// <summary>Covariance matrix of the coefficients that the model expects, which is not robust.</summary>
    public double[,] ModelCovariance() => CovarianceBy((a, b) => Quadratic(_solution.Covariance, a, b));

    /// <summary>Why the omnibus test cannot support a verdict; null if it can.</summary>
    public string? Doubt()
    {
        var tested = _tested.Select(c => ToCoefficient("", c)).ToList();
        return !tested.TrueForAll(c => c.IsIdentified) ? "varianceNotIdentified" : tested.Exists(c => c.IsWeaklyIdentified) ? "varianceWeaklyIdentified" : null;
    }

    /// <summary>Both ends, if they differ.</summary>
    public static Interval? RangeOf(double a, double b) => Math.Abs(a - b) > Moved ? new Interval(Math.Min(a, b), Math.Max(a, b)) : null;

    private double Spread(ReadOnlySpan<double> weights, double estimate)
    {
        var (lower, upper) = (estimate, estimate);
        foreach (var solution in Region)
        {
            var there = VectorMath.Dot(weights, _data.Coefficients(solution.Gamma));
            (lower, upper) = (Math.Min(lower, there), Math.Max(upper, there));
        }
        return upper - lower;
    }

    private Coefficient Compute(string name, ReadOnlySpan<double> weights)
    {
        var (c, rests) = (_data.OnBasis(weights), _support?.RestsOnOneSample(weights) ?? false);
        var model = Math.Sqrt(Quadratic(_solution.Covariance, c, c));
        var byModel = _sandwich is null || (rests && _options.OneSample == OneSampleInference.WorkingModel);
        var distribution = rests && _options.OneSample == OneSampleInference.WorkingModel ? OverSamples() : Distribution(c);
        var se = byModel ? model : Math.Sqrt(Covariance(c, c));
        return ReferenceDistribution.ToCoefficient(distribution, name, VectorMath.Dot(weights, _beta), se, _options.Alpha) with
        {
            Basis = byModel ? StandardErrorBasis.Model : StandardErrorBasis.Robust,
            RestsOnOneSample = rests,
            ModelStandardError = byModel ? null : model,
        };
    }

    /// <summary>The standard error that the model expects, which is not robust.</summary>
    public double ModelStandardError(ReadOnlySpan<double> weights)
    {
        var c = _data.OnBasis(weights);
        return Math.Sqrt(Quadratic(_solution.Covariance, c, c));
    }

    /// <summary>Covariance matrix of the coefficients.</summary>
    public double[,] Covariance() => CovarianceBy(Covariance);

    private double[,] CovarianceBy(Func<double[], double[], double> of)
    {
        var basis = Enumerable.Range(0, _p).Select(a => _data.OnBasis(Unit(a))).ToArray();
        var covariance = new double[_p, _p];
        for (var a = 0; a < _p; a++)
        {
            for (var b = 0; b < _p; b++)
            {
                covariance[a, b] = of(basis[a], basis[b]);
            }
        }
        return covariance;
    }

    /// <summary>The model's test that all coefficients but the first, or all their combinations identified by several samples, are zero.</summary>
    public WaldTest? Omnibus() => Identified(inference => inference.OwnOmnibus(), test => test.Statistic);

    private WaldTest? OwnOmnibus()
    {
        var q = _tested.Length;
        if (q == 0 || (_options.Test == CoefficientTest.StudentT && _data.DegreesOfFreedom < 1) || ModelWald() is not { } statistic)
        {
            return null;
        }
        return _options.Test == CoefficientTest.Normal
            ? new WaldTest(statistic, q, null, ChiSquared.UpperTail(statistic, q))
            : new WaldTest(statistic / q, q, _data.DegreesOfFreedom, FDistribution.UpperTail(statistic / q, q, _data.DegreesOfFreedom));
    }

    /// <summary>The same test by F with samples − p degrees of freedom, whatever the option.</summary>
    public WaldTest? OmnibusOverSamples() => Identified(inference => inference.OwnOmnibusOverSamples(), test => test.Statistic);

    private WaldTest? OwnOmnibusOverSamples()
    {
        var (q, df) = (_tested.Length, _data.Clusters - _p);
        return q == 0 || df < 1 || ModelWald() is not { } statistic
            ? null
            : new WaldTest(statistic / q, q, df, FDistribution.UpperTail(statistic / q, q, df));
    }

    /// <summary>The same with the robust variance: approximate Hotelling's T² (HTZ).</summary>
    /// <remarks>η = q(q+1)/ΣΣ var(dₛₜ), d the robust covariance of the contrasts, turned so that the working model expects the identity
    /// (Tipton and Pustejovsky 2015, equation 13 and after).</remarks>
    public RobustWaldTest? RobustOmnibus() => Identified(inference => inference.OwnRobustOmnibus(), test => test.F);

    private RobustWaldTest? OwnRobustOmnibus()
    {
        var q = _tested.Length;
        if (q == 0 || _sandwich is null || RobustWald() is not { } statistic || DegreesOfFreedom(q) is not { } eta)
        {
            return null;
        }
        var df = eta - q + 1;
        var f = Math.Max(0, df) / eta * statistic / q;
        return df >= 1 ? new RobustWaldTest(f, q, df, FDistribution.UpperTail(f, q, df)) : new RobustWaldTest(f, q, null, null);
    }

    /// <summary>A test, unless it depends on where on a ridge it is computed.</summary>
    private T? Identified<T>(Func<CoefficientInference, T?> compute, Func<T, double> statistic)
        where T : class
    {
        var own = compute(this);
        return own is null || OtherEnd is null || (compute(OtherEnd) is { } other && RangeOf(statistic(own), statistic(other)) is null) ? own : null;
    }

    /// <summary>The Wald statistic of what is tested with the covariance asked for; null when it is singular:
    /// fitted residuals leave a sandwich of m samples a rank below m.</summary>
    public double? RobustWald() => _data.Clusters < _p || _tested.Length == 0 ? null : Wald(Covariance);

    /// <summary>How many combinations are tested.</summary>
    public int Tested => _tested.Length;

    private double? ModelWald() => Wald((a, b) => Quadratic(_solution.Covariance, a, b));

    /// <summary>t on samples − p; null without degrees of freedom.</summary>
    private ReferenceDistribution? OverSamples() => ReferenceDistribution.Of(CoefficientTest.StudentT, _data.Clusters - _p);

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
        var contrasts = _tested.Select(c => MultiplyCovariance(_data.OnBasis(c))).ToArray();
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

    /// <summary>b′V⁻¹b of what is tested; null when V is singular.</summary>
    private double? Wald(Func<double[], double[], double> covarianceOf)
    {
        var basis = _tested.Select(c => _data.OnBasis(c)).ToArray();
        return SymmetricMatrix.InverseForm(
            [.. basis.SelectMany(a => basis.Select(b => covarianceOf(a, b)))], [.. _tested.Select(c => VectorMath.Dot(c, _beta))]);
    }

    private double Covariance(double[] a, double[] b)
    {
        if (_sandwich is null)
        {
            return Quadratic(_solution.Covariance, a, b);
        }
        var (ga, gb, sum) = (MultiplyCovariance(a), MultiplyCovariance(b), 0.0);
        for (var s = 0; s < _sandwich.Clusters; s++)
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
