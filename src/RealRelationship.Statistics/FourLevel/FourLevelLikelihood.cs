namespace RealRelationship.Statistics;

/// <summary>The (restricted) likelihood of three variances, of studies, samples and effects, with everything else profiled out, in time linear in
/// effects.</summary>
/// <remarks>
/// A study's covariance is M = B + σ_s² 11′ with B = diag(M_s), the covariances of its samples as in <see cref="NestedLikelihood"/>. Let u = B⁻¹1, T = 1′u and
/// f = 1/(1 + σ_s²T). A column a splits into ā = u′a/T and e = a − ā1; then (Woodbury)
///   M⁻¹a = B⁻¹e + f ā u, a′M⁻¹b = e_a′B⁻¹e_b + f T āb̄, |M| = |B|/f.
/// With x = M⁻¹a and q = M⁻¹x of every column, V₁, V₂, V₃ the derivatives of M, the forms of <see cref="FourLevelPoint"/> are sums over studies, samples and
/// effects, as M⁻¹V₁x = (1′x) M⁻¹1 and M⁻¹V₃x = q. A study of one sample has no variance of its own: its sample has σ_s² + σ_b².
/// </remarks>
internal sealed class FourLevelLikelihood
{
    private readonly NestedLikelihood _nested;
    private readonly NestedData _data;
    private readonly double[] _w;
    private readonly double[] _c;
    private readonly double[] _x; // M⁻¹a of every column, row by row
    private readonly double[] _q; // M⁻²a
    private readonly double[] _u;
    private readonly CondensedSample[] _condensed;
    private readonly Symmetric2x2[] _inverse; // N⁻¹
    private readonly double[] _mean;
    private readonly double[] _cubes; // 1′B⁻³1, study by study

    public FourLevelLikelihood(NestedLikelihood nested)
    {
        (_nested, _data) = (nested, nested.Data);
        var k = _data.Effects;
        (_w, _c, _u) = (new double[k], new double[k], new double[k]);
        (_x, _q) = (new double[k * _data.Width], new double[k * _data.Width]);
        (_condensed, _inverse) = (new CondensedSample[_data.Samples], new Symmetric2x2[_data.Samples]);
        (_mean, _cubes) = (new double[_data.Width], new double[_data.Clusters]);
    }

    public NestedData Data => _data;

    public double Rho => _nested.Rho;

    /// <summary>A sampling variance at which to judge which variances are identified.</summary>
    public double TypicalVariance => _data.V[_data.Effects / 2];

    /// <summary>What rounding can do to a log-likelihood.</summary>
    public double Rounding(double logLikelihood) => 1e-13 * (Math.Abs(logLikelihood) + _data.Effects);

    /// <summary>The log-likelihood alone; −∞ where it cannot be computed.</summary>
    public double LogLikelihood(RandomVariances at)
    {
        var cross = new double[_data.Width * _data.Width];
        var logM = Factor(at, cross);
        return _nested.LogLikelihood(cross, logM);
    }

    /// <summary>The log-likelihood with its derivatives.</summary>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public FourLevelPoint At(RandomVariances at)
    {
        CancellationScope.ThrowIfCancelled();
        var cross = new double[_data.Width * _data.Width];
        var logM = Factor(at, cross);
        var solution = _nested.Solve(cross)
            ?? throw new StatisticsException("outOfRange", "The numbers are too large or too small for double precision.");
        var sums = new FourLevelSums(_data.Width);
        for (var study = 0; study < _data.Clusters; study++)
        {
            CancellationScope.ThrowIfCancelled(study);
            Apply(at, study, _x, _q, null);
            Add(at, study, sums);
        }
        return new FourLevelPoint(at, _nested.LogLikelihood(logM, solution), solution, sums, _nested.Restricted);
    }

    /// <summary>Row sums of M⁻¹ as percent of their sum, in the order given.</summary>
    public double[] Weights(RandomVariances at)
    {
        Factor(at, new double[_data.Width * _data.Width]);
        var (weights, sum) = (new double[_data.Effects], 0.0);
        for (var s = 0; s < _data.Samples; s++)
        {
            var from = _data.Starts[s];
            double[] ones = [.. Enumerable.Range(from, _data.Starts[s + 1] - from).Select(i => _x[i * _data.Width])];
            foreach (var (i, weight) in _data.TurnBack(s, ones).Index())
            {
                sum += weights[_data.Order[from + i]] = weight;
            }
        }
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] *= 100 / sum;
        }
        return weights;
    }

    /// <summary>x of every column, and the cross-products a′M⁻¹b.</summary>
    /// <returns>ln|M|.</returns>
    private double Factor(RandomVariances at, double[] cross)
    {
        var log = 0.0;
        for (var study = 0; study < _data.Clusters; study++)
        {
            CancellationScope.ThrowIfCancelled(study);
            var (first, end) = (_data.ClusterStarts[study], _data.ClusterStarts[study + 1]);
            var (ofStudy, ofSamples) = Split(at, study);
            for (var s = first; s < end; s++)
            {
                var (from, m) = (_data.Starts[s], _data.Starts[s + 1] - _data.Starts[s]);
                var condensed = _condensed[s] = _nested.Weigh(s, at.Within, _w.AsSpan(from, m), _c.AsSpan(from, m));
                _inverse[s] = condensed.Invert(ofSamples, Rho);
                log += condensed.LogD + Math.Log(condensed.Determinant(ofSamples, Rho));
            }
            log -= Math.Log(Apply(at, study, _data.Rows, _x, cross));
        }
        return log;
    }

    /// <summary>What of the variances a study has above its samples, and what they have.</summary>
    private (double OfStudy, double OfSamples) Split(RandomVariances at, int study) =>
        _data.ClusterStarts[study + 1] - _data.ClusterStarts[study] == 1 ? (0, at.Between + at.Study) : (at.Study, at.Between);

    /// <summary>M⁻¹ of a study times every column.</summary>
    /// <param name="at">The variances.</param>
    /// <param name="study">The study.</param>
    /// <param name="source">The columns, row by row.</param>
    /// <param name="target">Receives the product.</param>
    /// <param name="cross">Receives the cross-products of the columns; null in the second product, from which come 1′B⁻³1.</param>
    /// <returns>f.</returns>
    private double Apply(RandomVariances at, int study, double[] source, double[] target, double[]? cross)
    {
        var (width, total) = (_data.Width, 0.0);
        for (var s = _data.ClusterStarts[study]; s < _data.ClusterStarts[study + 1]; s++)
        {
            total += _inverse[s].A;
            SolveSample(s, source, target);
        }
        var f = 1 / (1 + (Split(at, study).OfStudy * total));
        var (from, to) = _data.RowsOf(study);
        Array.Clear(_mean);
        var cube = 0.0;
        for (var i = from; i < to; i++)
        {
            var one = _data.Rows[i * width];
            _u[i] = cross is null ? _u[i] : target[i * width];
            cube += _u[i] * target[i * width] / f;
            for (var a = 0; a < width; a++)
            {
                _mean[a] += one * target[(i * width) + a] / total;
            }
        }
        _cubes[study] = cube;
        _mean[0] = cross is null ? _mean[0] : 1;
        for (var i = from; i < to; i++)
        {
            var (one, row) = (_data.Rows[i * width], i * width);
            for (var a = 0; a < width; a++)
            {
                target[row + a] -= _mean[a] * _u[i];
            }
            for (var a = 0; a < width && cross is not null; a++)
            {
                var e = source[row + a] - (_mean[a] * one);
                for (var b = 0; b <= a; b++)
                {
                    cross[(a * width) + b] += e * target[row + b];
                }
            }
            for (var a = 0; a < width; a++)
            {
                target[row + a] += f * _mean[a] * _u[i];
            }
        }
        for (var a = 0; a < width && cross is not null; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                cross[(a * width) + b] += f * total * _mean[a] * _mean[b];
            }
        }
        return f;
    }

    /// <summary>M_s⁻¹ times every column.</summary>
    private void SolveSample(int sample, double[] source, double[] target)
    {
        var (from, to, width) = (_data.Starts[sample], _data.Starts[sample + 1], _data.Width);
        var (condensed, n) = (_condensed[sample], _inverse[sample]);
        var isSloping = condensed.SumC > 0;
        for (var a = 0; a < width; a++)
        {
            CancellationScope.ThrowIfCancelled();
            double mean = 0, slope = 0;
            for (var i = from; i < to; i++)
            {
                mean += _w[i] * _data.Rows[i * width] * source[(i * width) + a];
            }
            mean /= condensed.SumW;
            for (var i = from; i < to && isSloping; i++)
            {
                slope += _w[i] * _c[i] * (source[(i * width) + a] - mean);
            }
            slope = isSloping ? slope / condensed.SumC : 0;
            var (left, right) = (((n.A * mean) + (n.B * slope)) / condensed.SumW, isSloping ? ((n.B * mean) + (n.C * slope)) / condensed.SumC : 0);
            for (var i = from; i < to; i++)
            {
                var (u, c) = (_data.Rows[i * width], isSloping ? _c[i] : 0);
                target[(i * width) + a] = _w[i] * (source[(i * width) + a] - (mean * u) - (slope * c) + (left * u) + (right * c));
            }
        }
    }

    /// <summary>Adds the forms and traces of a study.</summary>
    private void Add(RandomVariances at, int study, FourLevelSums sums)
    {
        var (first, end, width) = (_data.ClusterStarts[study], _data.ClusterStarts[study + 1], _data.Width);
        var traces = new FourLevelTraces(Split(at, study).OfStudy);
        for (var s = first; s < end; s++)
        {
            var (from, to) = (_data.Starts[s], _data.Starts[s + 1]);
            var (square, t) = (0.0, _inverse[s].A);
            for (var i = from; i < to; i++)
            {
                square += _u[i] * _u[i];
                sums.AddEffect(_data.Rows[i * width], _x.AsSpan(i * width, width), _q.AsSpan(i * width, width));
            }
            sums.CloseSample(t);
            traces.Add(t, square);
            AddTraces(s, sums);
        }
        sums.CloseStudy(traces, _cubes[study]);
    }

    private void AddTraces(int sample, FourLevelSums sums)
    {
        var (from, m) = (_data.Starts[sample], _condensed[sample].Effects);
        if (_data.IsTurned && m > 1)
        {
            sums.OfSamples.AddTurnedTraces(_condensed[sample], _inverse[sample], _w.AsSpan(from, m), _data.Rows.AsSpan(from * _data.Width));
        }
        else
        {
            sums.OfSamples.AddTraces(_condensed[sample], _inverse[sample], _w.AsSpan(from, m), _c.AsSpan(from, m));
        }
    }
}
