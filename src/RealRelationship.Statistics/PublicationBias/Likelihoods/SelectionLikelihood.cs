namespace RealRelationship.Statistics;

/// <summary>The likelihood of a selection model with positive effects favoured; its parameters are β, τ² and the free parameters of the weights.</summary>
/// <remarks>
/// yᵢ ~ N(mᵢ, sᵢ²), mᵢ = xᵢ′β, sᵢ² = vᵢ + τ², is observed with a probability proportional to w(pᵢ). The log-likelihood is
/// Σ ln φ((yᵢ − mᵢ)/sᵢ)/sᵢ + ln w(pᵢ) − ln Aᵢ, Aᵢ = E w (Hedges 1992, Statistical Science 7, equation 5).
/// Derivatives of a tail B = 1 − Φ(u), u = (√v t − m)/s: m: φ/s; τ²: φu/2s²; mm: φu/s²; mτ²: φ(u² − 1)/2s³; τ²τ²: φu(u² − 3)/4s⁴.
/// Of a kernel K = φ(u)√v/s: m: Ku/s; τ²: K(u² − 1)/2s²; mm: K(u² − 1)/s²; mτ²: Ku(u² − 3)/2s³; τ²τ²: K(u⁴ − 6u² + 3)/4s⁴.
/// </remarks>
internal sealed class SelectionLikelihood : BoundedLikelihood
{
    private const double Tiny = 1e-280;

    private readonly double[] _y;
    private readonly double[] _v;
    private readonly double[] _se;
    private readonly double[][] _x; // columns
    private readonly SelectionWeights _weights;
    private readonly int _columns;

    public SelectionLikelihood(double[] y, double[] v, double[][] x, SelectionWeights weights)
    {
        (_y, _v, _x, _weights, _columns) = (y, v, x, weights, x.Length);
        _se = Array.ConvertAll(v, Math.Sqrt);
        var (lower, upper) = weights.Bounds;
        Lower = [.. x.Select(_ => double.NegativeInfinity), 0, .. Enumerable.Repeat(lower, weights.Free)];
        Upper = [.. x.Select(_ => double.PositiveInfinity), double.PositiveInfinity, .. Enumerable.Repeat(upper, weights.Free)];
        var isLogarithm = double.IsInfinity(upper); // not more than e² at once
        LargestStep = [.. x.Select(_ => double.PositiveInfinity), double.PositiveInfinity, .. Enumerable.Repeat(isLogarithm ? 2.0 : 20, weights.Free)];
    }

    public override double[] Lower { get; }

    public override double[] Upper { get; }

    public override double[] LargestStep { get; }

    /// <summary>β and τ² with a start of the weights that suits them.</summary>
    public double[] Start(double[] beta, double tau2)
    {
        var expected = new double[_weights.TailPoints.Length];
        for (var i = 0; i < _y.Length; i++)
        {
            var (m, s) = (Mean(beta, i), Math.Sqrt(_v[i] + tau2));
            for (var t = 0; t < expected.Length; t++)
            {
                expected[t] += Normal.UpperTail((_se[i] * _weights.TailPoints[t] - m) / s);
            }
        }
        return [.. beta, tau2, .. _weights.Start(expected, _y.Length)];
    }

    public override double Evaluate(double[] x, double[]? gradient, double[,]? hessian)
    {
        var tau2 = x[_columns];
        _weights.SetParameters(x.AsSpan(_columns + 1));
        if (gradient is not null)
        {
            Array.Clear(gradient);
            Array.Clear(hessian!);
        }
        var sum = 0.0;
        Span<double> log = stackalloc double[_weights.Orders];
        Span<double> a = stackalloc double[_weights.Orders]; // A and its derivatives by the weights
        Span<double> byMean = stackalloc double[1 + _weights.Free], byVariance = stackalloc double[1 + _weights.Free];
        for (var i = 0; i < _y.Length; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            var (m, s2) = (Mean(x, i), _v[i] + tau2);
            var s = Math.Sqrt(s2);
            var curvature = Expectation(m, s, _se[i], gradient is not null, a, byMean, byVariance);
            if (!(a[0] > Tiny))
            {
                return double.NegativeInfinity;
            }
            _weights.LogWeight(i, log);
            var r = _y[i] - m;
            sum += Normal.LogDensity(r / s) - Math.Log(s) + log[0] - Math.Log(a[0]);
            if (gradient is null)
            {
                continue;
            }
            var (gm, gt) = (byMean[0] / a[0], byVariance[0] / a[0]);
            AddMean(i, gradient, hessian!, r / s2 - gm, -1 / s2 - curvature.MeanMean / a[0] + gm * gm,
                -r / (s2 * s2) - curvature.MeanVariance / a[0] + gm * gt);
            gradient[_columns] += (r * r / s2 - 1) / (2 * s2) - gt;
            hessian![_columns, _columns] += (0.5 - r * r / s2) / (s2 * s2) - curvature.VarianceVariance / a[0] + gt * gt;
            AddWeights(i, gradient, hessian, log, a, byMean, byVariance);
        }
        return sum;
    }

    private double Mean(double[] beta, int i)
    {
        var m = 0.0;
        for (var c = 0; c < _columns; c++)
        {
            m += _x[c][i] * beta[c];
        }
        return m;
    }

    private void AddMean(int i, double[] gradient, double[,] hessian, double slope, double curvature, double withVariance)
    {
        for (var c = 0; c < _columns; c++)
        {
            gradient[c] += _x[c][i] * slope;
            hessian[_columns, c] += _x[c][i] * withVariance;
            for (var d = 0; d <= c; d++)
            {
                hessian[c, d] += _x[c][i] * _x[d][i] * curvature;
            }
        }
    }

    private void AddWeights(int i, double[] gradient, double[,] hessian, ReadOnlySpan<double> log, ReadOnlySpan<double> a, ReadOnlySpan<double> byMean,
        ReadOnlySpan<double> byVariance)
    {
        for (var f = 0; f < _weights.Free; f++)
        {
            var row = _columns + 1 + f;
            var share = a[1 + f] / a[0];
            gradient[row] += log[1 + f] - share;
            var mixed = byMean[1 + f] / a[0] - share * byMean[0] / a[0];
            for (var c = 0; c < _columns; c++)
            {
                hessian[row, c] -= _x[c][i] * mixed;
            }
            hessian[row, _columns] -= byVariance[1 + f] / a[0] - share * byVariance[0] / a[0];
            for (var g = 0; g <= f; g++)
            {
                var pair = _weights.Pair(f, g);
                hessian[row, _columns + 1 + g] += log[pair] - a[pair] / a[0] + share * a[1 + g] / a[0];
            }
        }
    }

    /// <summary>A with its derivatives by the weights; and by m and τ² those of A and of its derivatives by the weights.</summary>
    private (double MeanMean, double MeanVariance, double VarianceVariance) Expectation(
        double m, double s, double se, bool derivatives, Span<double> a, Span<double> byMean, Span<double> byVariance)
    {
        var orders = derivatives ? _weights.Orders : 1;
        _weights.Constant.AsSpan(0, orders).CopyTo(a);
        byMean.Clear();
        byVariance.Clear();
        double mm = 0, mt = 0, tt = 0;
        var s2 = s * s;
        for (var t = 0; t < _weights.TailPoints.Length; t++)
        {
            var u = (se * _weights.TailPoints[t] - m) / s;
            var lower = _weights.IsLowerTail[t];
            var tail = Normal.UpperTail(lower ? -u : u);
            for (var order = 0; order < orders; order++)
            {
                a[order] += _weights.Tails[order][t] * tail;
            }
            if (!derivatives)
            {
                continue;
            }
            var phi = (lower ? -1 : 1) * Math.Exp(Normal.LogDensity(u));
            for (var order = 0; order <= _weights.Free; order++)
            {
                byMean[order] += _weights.Tails[order][t] * phi / s;
                byVariance[order] += _weights.Tails[order][t] * phi * u / (2 * s2);
            }
            phi *= _weights.Tails[0][t];
            mm += phi * u / s2;
            mt += phi * (u * u - 1) / (2 * s2 * s);
            tt += phi * u * (u * u - 3) / (4 * s2 * s2);
        }
        for (var j = 0; j < _weights.Nodes.Length; j++)
        {
            var u = (se * _weights.Nodes[j] - m) / s;
            var kernel = Math.Exp(Normal.LogDensity(u)) * se / s;
            for (var order = 0; order < orders; order++)
            {
                a[order] += _weights.NodeValues[order][j] * kernel;
            }
            if (!derivatives)
            {
                continue;
            }
            var (slopeM, slopeT) = (kernel * u / s, kernel * (u * u - 1) / (2 * s2));
            for (var order = 0; order <= _weights.Free; order++)
            {
                byMean[order] += _weights.NodeValues[order][j] * slopeM;
                byVariance[order] += _weights.NodeValues[order][j] * slopeT;
            }
            kernel *= _weights.NodeValues[0][j];
            mm += kernel * (u * u - 1) / s2;
            mt += kernel * u * (u * u - 3) / (2 * s2 * s);
            tt += kernel * ((u * u - 6) * u * u + 3) / (4 * s2 * s2);
        }
        return (mm, mt, tt);
    }
}
