namespace RealRelationship.Statistics;

/// <summary>The (restricted) likelihood of two variances, with everything else profiled out, in time linear in effects.</summary>
/// <remarks>
/// A sample's covariance is M = D + σ_b² 11′ + ρ ss′ with D = diag((1 − ρ)v + σ_w²) and s = √v. Let w = 1/d, s̄ the w-weighted mean of s, and c = s − s̄.
/// A column a splits into a w-weighted mean ā, a slope α on c, and a remainder a⊥; then
///   a′M⁻¹b = Σ w a⊥ b⊥ + (ā, α) N⁻¹ (b̄, β)′, N = diag(1/Σw, 1/Σwc²) + [σ_b² + ρs̄², ρs̄; ρs̄, ρ],
///   M⁻¹a = w (a⊥ + N⁻¹(ā, α)′ · (1/Σw, c/Σwc²)), |M| = Π d · |N| Σw Σwc².
/// Nothing cancels when σ_b² is large. With ρ = 0, or equal variances, there is no slope. In turned samples (<see cref="NestedData"/>) ρ is 0 and u = Q′1 takes
/// the place of 1: ā = Σwua/Σwu², a = āu + a⊥.
/// </remarks>
internal sealed class NestedLikelihood
{
    private readonly NestedData _data;
    private readonly double _rho;
    private readonly bool _restricted;
    private readonly double[] _w;
    private readonly double[] _c;
    private readonly double[] _remainder; // a⊥ of every column, row by row
    private readonly double[] _z; // M⁻¹a
    private readonly double[] _mean;
    private readonly double[] _slope;
    private readonly double[] _left; // N⁻¹(ā, α)
    private readonly double[] _right;

    public NestedLikelihood(NestedData data, double rho, bool restricted)
    {
        (_data, _rho, _restricted) = (data, rho, restricted);
        var largest = 0;
        for (var s = 0; s < data.Samples; s++)
        {
            largest = Math.Max(largest, data.Starts[s + 1] - data.Starts[s]);
        }
        (_w, _c) = (new double[largest], new double[largest]);
        (_remainder, _z) = (new double[largest * data.Width], new double[largest * data.Width]);
        (_mean, _slope, _left, _right) = (new double[data.Width], new double[data.Width], new double[data.Width], new double[data.Width]);
    }

    public NestedData Data => _data;

    public double Rho => _rho;

    public bool Restricted => _restricted;

    public NestedLikelihoodPoint At(double between, double within)
    {
        var (sums, log) = (new NestedSums(_data.Width), 0.0);
        for (var s = 0; s < _data.Samples; s++)
        {
            CancellationScope.ThrowIfCancelled(s);
            log += Add(s, between, within, sums);
        }
        return ToPoint(between, within, log, sums);
    }

    /// <summary>Adds the terms of one sample.</summary>
    /// <returns>Its ln|M|.</returns>
    public double Add(int sample, double between, double within, NestedSums sums)
    {
        var condensed = Condense(sample, within, sums.Cross);
        var n = condensed.Invert(between, _rho);
        AddCross(n, sums.Cross);
        Solve(sample, condensed);
        if (_data.IsTurned && condensed.Effects > 1)
        {
            sums.AddTurnedTraces(condensed, n, _w, _data.Rows.AsSpan(_data.Starts[sample] * _data.Width));
        }
        else
        {
            sums.AddTraces(condensed, n, _w, _c);
        }
        sums.AddSample(_left, _z, condensed.Effects);
        AddSecond(sample, condensed, n, sums.Second);
        return condensed.LogD + Math.Log(condensed.Determinant(between, _rho));
    }

    /// <summary>Adds a′M⁻¹b of one sample.</summary>
    /// <returns>Its ln|M|.</returns>
    public double AddCross(int sample, double between, double within, double[] cross)
    {
        var condensed = Condense(sample, within, cross);
        AddCross(condensed.Invert(between, _rho), cross);
        return condensed.LogD + Math.Log(condensed.Determinant(between, _rho));
    }

    /// <summary>The likelihood of all samples from their sums.</summary>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public NestedLikelihoodPoint ToPoint(double between, double within, double logM, NestedSums sums)
    {
        var solution = Solve(sums.Cross)
            ?? throw new StatisticsException("outOfRange", "The numbers are too large or too small for double precision.");
        return new NestedLikelihoodPoint(between, within, LogLikelihood(logM, solution), solution, sums, _restricted);
    }

    /// <summary>The log-likelihood from the lower triangle of all a′M⁻¹b; −∞ where it cannot be computed.</summary>
    public double LogLikelihood(ReadOnlySpan<double> cross, double logM) =>
        Solve(cross) is { } solution ? LogLikelihood(logM, solution) : double.NegativeInfinity;

    /// <summary>Row sums of M⁻¹ as percent of their sum, in the order given.</summary>
    public double[] Weights(double between, double within)
    {
        var (weights, sum) = (new double[_data.Effects], 0.0);
        ForEach(between, within, (sample, count, z) =>
        {
            double[] ones = [.. Enumerable.Range(0, count).Select(i => z[i * _data.Width])];
            foreach (var (i, weight) in _data.TurnBack(sample, ones).Index())
            {
                sum += weights[_data.Order[_data.Starts[sample] + i]] = weight;
            }
        });
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] *= 100 / sum;
        }
        return weights;
    }

    private void ForEach(double between, double within, Action<int, int, double[]> action)
    {
        var unused = new double[_data.Width * _data.Width];
        for (var s = 0; s < _data.Samples; s++)
        {
            var condensed = Condense(s, within, unused);
            ApplyInverse(condensed.Invert(between, _rho));
            Solve(s, condensed);
            action(s, condensed.Effects, _z);
        }
    }

    /// <summary>Means, slopes and remainders of one sample, the remainders' cross-product added.</summary>
    private CondensedSample Condense(int sample, double within, double[] cross)
    {
        var (from, width) = (_data.Starts[sample], _data.Width);
        var condensed = Weigh(sample, within, _w, _c);
        var m = condensed.Effects;
        Project(from, m, condensed.SumW, condensed.SumC);
        for (var i = 0; i < m * width; i += width)
        {
            CancellationScope.ThrowIfCancelled(i / width);
            var w = _w[i / width];
            for (var a = 0; a < width; a++)
            {
                var wa = w * _remainder[i + a];
                for (var b = 0; b <= a; b++)
                {
                    cross[a * width + b] += wa * _remainder[i + b];
                }
            }
        }
        return condensed;
    }

    /// <summary>w and c of one sample; c only if there is a slope.</summary>
    public CondensedSample Weigh(int sample, double within, Span<double> weights, Span<double> slopes)
    {
        var (from, width) = (_data.Starts[sample], _data.Width);
        var m = _data.Starts[sample + 1] - from;
        double sumW = 0, sumS = 0, logD = 0, product = 1;
        for (var i = 0; i < m; i++)
        {
            var d = (1 - _rho) * _data.V[from + i] + within;
            var (w, u) = (1 / d, _data.Rows[(from + i) * width]); // u = 1 unless turned
            weights[i] = w;
            sumW += w * u * u;
            sumS += w * _data.S[from + i];
            product *= d;
            if (product is < 1e-140 or > 1e140)
            {
                logD += Math.Log(product);
                product = 1;
            }
        }
        logD += Math.Log(product);
        var (sBar, sumC) = (sumS / sumW, 0.0);
        var sloping = _rho > 0 && m > 1 && _data.V[from] > _data.V[from + m - 1];
        for (var i = 0; i < m && sloping; i++)
        {
            var c = slopes[i] = _data.S[from + i] - sBar;
            sumC += weights[i] * c * c;
        }
        sloping &= sumC > 1e-24 * sumW * sBar * sBar;
        return new CondensedSample(m, sumW, sBar, sloping ? sumC : 0, logD);
    }

    private void Project(int from, int m, double sumW, double sumC)
    {
        var width = _data.Width;
        var rows = _data.Rows.AsSpan(from * width, m * width);
        if (m == 1)
        {
            rows.CopyTo(_mean);
            Array.Clear(_slope);
            _remainder.AsSpan(0, width).Clear();
            return;
        }
        for (var a = 0; a < width; a++)
        {
            var sum = 0.0;
            for (var i = 0; i < m; i++)
            {
                sum += _w[i] * rows[i * width] * rows[i * width + a];
            }
            var (mean, slope) = (a == 0 ? 1 : sum / sumW, 0.0);
            for (var i = 0; i < m; i++)
            {
                _remainder[i * width + a] = rows[i * width + a] - mean * rows[i * width];
            }
            if (sumC > 0 && a > 0)
            {
                for (var i = 0; i < m; i++)
                {
                    slope += _w[i] * _c[i] * _remainder[i * width + a];
                }
                slope /= sumC;
                for (var i = 0; i < m; i++)
                {
                    _remainder[i * width + a] -= slope * _c[i];
                }
            }
            (_mean[a], _slope[a]) = (mean, slope);
        }
    }

    /// <summary>N⁻¹(ā, α) of every column.</summary>
    private void ApplyInverse(in Symmetric2x2 n)
    {
        for (var a = 0; a < _mean.Length; a++)
        {
            _left[a] = n.A * _mean[a] + n.B * _slope[a];
            _right[a] = n.B * _mean[a] + n.C * _slope[a];
        }
    }

    private void AddCross(in Symmetric2x2 n, Span<double> cross)
    {
        ApplyInverse(n);
        var width = _data.Width;
        for (var a = 0; a < width; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                cross[a * width + b] += _mean[a] * _left[b] + _slope[a] * _right[b];
            }
        }
    }

    /// <summary>M⁻¹a of every column.</summary>
    private void Solve(int sample, in CondensedSample condensed)
    {
        var (from, width) = (_data.Starts[sample], _data.Width);
        for (var i = 0; i < condensed.Effects; i++)
        {
            var (c, u) = (condensed.SumC > 0 ? _c[i] / condensed.SumC : 0, _data.Rows[(from + i) * width]);
            for (var a = 0; a < width; a++)
            {
                _z[i * width + a] = _w[i] * (_remainder[i * width + a] + _left[a] / condensed.SumW * u + _right[a] * c);
            }
        }
    }

    /// <summary>Adds a′M⁻³b: the cross-product once more, of M⁻¹a.</summary>
    private void AddSecond(int sample, in CondensedSample condensed, in Symmetric2x2 n, double[] second)
    {
        var (from, m, width) = (_data.Starts[sample], condensed.Effects, _data.Width);
        for (var a = 0; a < width; a++)
        {
            double mean = 0, slope = 0;
            for (var i = 0; i < m; i++)
            {
                mean += _w[i] * _data.Rows[(from + i) * width] * _z[i * width + a];
            }
            mean /= condensed.SumW;
            if (condensed.SumC > 0)
            {
                for (var i = 0; i < m; i++)
                {
                    slope += _w[i] * _c[i] * _z[i * width + a];
                }
                slope /= condensed.SumC;
            }
            for (var i = 0; i < m; i++)
            {
                _z[i * width + a] -= m == 1 ? mean : mean * _data.Rows[(from + i) * width] + (condensed.SumC > 0 ? slope * _c[i] : 0);
            }
            (_mean[a], _slope[a]) = (mean, slope);
        }
        AddCross(n, second);
        for (var i = 0; i < m; i++)
        {
            for (var a = 0; a < width; a++)
            {
                var wa = _w[i] * _z[i * width + a];
                for (var b = 0; b <= a; b++)
                {
                    second[a * width + b] += wa * _z[i * width + b];
                }
            }
        }
    }

    /// <summary>Weighted least squares from the lower triangle of the cross-product; null when it is not positive definite.</summary>
    public NestedSolution? Solve(ReadOnlySpan<double> cross)
    {
        var (p, width) = (_data.Columns, _data.Width);
        var information = new double[p * p];
        for (var a = 0; a < p; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                information[a * p + b] = information[b * p + a] = cross[a * width + b];
            }
        }
        if (SymmetricMatrix.Invert(information, p) is not { } inverse)
        {
            return null;
        }
        var gamma = new double[p];
        var q = cross[p * width + p];
        for (var a = 0; a < p; a++)
        {
            for (var b = 0; b < p; b++)
            {
                gamma[a] += inverse.Inverse[a * p + b] * cross[p * width + b];
            }
            q -= gamma[a] * cross[p * width + a];
        }
        return new NestedSolution(gamma, inverse.Inverse, information, inverse.LogDeterminant, Math.Max(0, q));
    }

    public double LogLikelihood(double logM, NestedSolution solution) => _restricted
        ? -0.5 * (_data.DegreesOfFreedom * Math.Log(2 * Math.PI) - _data.LogUnweighted + logM + solution.LogInformation + solution.Q)
        : -0.5 * (_data.Effects * Math.Log(2 * Math.PI) + logM + solution.Q);
}
