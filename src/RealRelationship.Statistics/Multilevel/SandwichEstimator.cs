using System.Runtime.CompilerServices;

namespace RealRelationship.Statistics;

/// <summary>Contributions of each cluster, one sample or several, to robust variances, for all linear combinations of coefficients: with its rows X,
/// working covariance Φ, residuals e and adjustment A, and F = AΦ⁻¹X, these are F′e, X′F and F′ΦF.</summary>
/// <remarks>
/// For CR2, A = L(L′GL)^(−½)L′ with Φ = LL′ and G = Φ − X(X′Φ⁻¹X)⁻¹X′ (Pustejovsky and Tipton 2018, as in clubSandwich: directions in which G is 0 are
/// excluded). If the effects of a sample have equal sampling variances, A is the identity outside the span of the columns and of 1: the matrices are
/// first reduced to a basis of that span, so that their size does not depend on the number of effects.
/// Combinations identified by a single sample (<see cref="OneSampleSupport"/>) are taken out of its rows first if requested. The estimates of all other
/// combinations stay the same, but their variances no longer depend on parts of a variance that are not identified by the likelihood.
/// </remarks>
internal sealed class SandwichEstimator
{
    private const double SingularityTolerance = 1e-12;
    private const double DependenceTolerance = 1e-10;
    private const int LargeCluster = 64; // from here on BlockAdjustment is faster than matrices of all rows
    private const int RowsForEachColumn = 10;
    private const int MaxDenseRows = 2_000;

    private readonly NestedData _data;
    private readonly NestedSolution _solution;
    private readonly RandomVariances _variances;
    private readonly double _rho;
    private readonly OneSampleSupport? _absorbed;
    private readonly int _p;
    private readonly double[] _scores;
    private readonly double[] _projections;
    private readonly double[] _squares;
    private readonly double[] _x; // reduced columns, row by row
    private readonly double[] _e;
    private readonly double[] _one;
    private readonly double[] _s;
    private readonly int[] _sampleOf; // reduced rows
    private readonly double[] _basis;
    private readonly double[] _diagonal;
    private readonly double[] _f;
    private readonly double[] _lf;
    private double[] _l = [];
    private double[] _matrix = [];
    private double[] _vectors = [];
    private double[] _work = [];

    public SandwichEstimator(
        NestedLikelihood likelihood, NestedSolution solution, RandomVariances variances, RobustVariance kind, OneSampleSupport? absorbed = null)
    {
        (_absorbed, _solution, _variances) = (absorbed, solution, variances);
        (_data, _rho, _p) = (likelihood.Data, likelihood.Rho, likelihood.Data.Columns);
        Kind = kind;
        var m = _data.Clusters;
        (_scores, _projections, _squares) = (new double[m * _p], new double[m * _p * _p], new double[m * _p * _p]);
        var largest = 0;
        for (var s = 0; s < m; s++)
        {
            var (from, to) = _data.RowsOf(s);
            largest = Math.Max(largest, to - from);
        }
        (_x, _f, _lf) = (new double[largest * _p], new double[largest * _p], new double[largest * _p]);
        (_e, _one, _s, _sampleOf) = (new double[largest], new double[largest], new double[largest], new int[largest]);
        (_basis, _diagonal) = (new double[largest * (_p + 1)], new double[largest]);
        for (var s = 0; s < m; s++)
        {
            CancellationScope.ThrowIfCancelled();
            Add(s);
        }
    }

    public RobustVariance Kind { get; }

    public int Clusters => _data.Clusters;

    /// <summary>CR1's factor on the variance.</summary>
    public double Factor => Kind == RobustVariance.CR1 ? Clusters / (Clusters - 1.0) : 1;

    /// <summary>F′e.</summary>
    public ReadOnlySpan<double> Score(int cluster) => _scores.AsSpan(cluster * _p, _p);

    /// <summary>X′F, row by row.</summary>
    public ReadOnlySpan<double> Projection(int cluster) => _projections.AsSpan(cluster * _p * _p, _p * _p);

    /// <summary>F′ΦF.</summary>
    public ReadOnlySpan<double> Square(int cluster) => _squares.AsSpan(cluster * _p * _p, _p * _p);

    /// <summary>The end of the effects that share a sampling variance.</summary>
    private int EndOfGroup(int sample, int from)
    {
        var to = from + 1;
        while (to < _data.Starts[sample + 1] && _data.V[to] == _data.V[from])
        {
            to++;
        }
        return to;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(int cluster)
    {
        var r = 0;
        for (var sample = _data.ClusterStarts[cluster]; sample < _data.ClusterStarts[cluster + 1]; sample++)
        {
            for (int from = _data.Starts[sample], to; from < _data.Starts[sample + 1]; from = to)
            {
                to = EndOfGroup(sample, from);
                var first = r;
                r = Reduce(from, to - from, r);
                _sampleOf.AsSpan(first, r - first).Fill(sample);
            }
        }
        var absorbed = _absorbed?.AbsorbedBy(cluster) ?? [];
        if (_data.ClusterStarts[cluster + 1] - _data.ClusterStarts[cluster] == 1 || r < Math.Max(LargeCluster, RowsForEachColumn * _p))
        {
            AddDense(cluster, r, absorbed);
            return;
        }
        if (_variances.Study > 0)
        {
            AddLargeDense(cluster, r, absorbed);
            return;
        }
        BlockAdjustment.Diagonalise(_sampleOf.AsSpan(0, r), _diagonal, _one, _s, _variances.Between, _rho, _x, _e);
        if (absorbed.Count == 0 && TryFactorDiagonal(r))
        {
            Store(cluster, r);
            return;
        }
        AddLargeDense(cluster, r, absorbed);
    }

    private void AddLargeDense(int cluster, int r, IReadOnlyList<double[]> absorbed)
    {
        if (r > MaxDenseRows)
        {
            throw new StatisticsException("tooCostly", "Robust variances with a random effect of the cluster, and of coefficients that rest on a single "
                + $"cluster of several samples, are computed for at most {MaxDenseRows} effects in the cluster.");
        }
        AddDense(cluster, r, absorbed);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddDense(int cluster, int r, IReadOnlyList<double[]> absorbed)
    {
        if (_l.Length < r * r)
        {
            (_l, _matrix, _vectors, _work) = (new double[r * r], new double[r * r], new double[r * r], new double[r * r]);
        }
        Covariance(r);
        foreach (var gamma in absorbed)
        {
            TakeOut(gamma, r--);
        }
        if (!SymmetricMatrix.Cholesky(_l, r))
        {
            throw new StatisticsException("outOfRange", "The numbers are too large or too small for double precision.");
        }
        _x.AsSpan(0, r * _p).CopyTo(_f);
        SymmetricMatrix.SolveLower(_l, r, _f, _p);
        if (Kind == RobustVariance.CR2)
        {
            Adjust(r); // N L⁻¹X
            Multiply(_l, _f, r, _lf, transposed: false);
            Array.Copy(_lf, _f, r * _p);
        }
        else
        {
            SymmetricMatrix.SolveUpper(_l, r, _f, _p);
        }
        Multiply(_l, _f, r, _lf, transposed: true);
        Store(cluster, r);
    }

    /// <summary>Orthonormal columns that span 1 and X on some rows, with the products of those rows that this class needs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Reduce(int from, int m, int r)
    {
        var (width, count) = (_data.Width, 0);
        for (var a = 0; a < _p && count < m; a++)
        {
            CancellationScope.ThrowIfCancelled();
            var column = _basis.AsSpan(count * m, m);
            for (var i = 0; i < m; i++)
            {
                column[i] = _data.Rows[(from + i) * width + a];
            }
            var length = VectorMath.Norm(column);
            for (var pass = 0; pass < 2; pass++)
            {
                for (var b = 0; b < count; b++)
                {
                    VectorMath.Subtract(column, VectorMath.Dot(_basis.AsSpan(b * m, m), column), _basis.AsSpan(b * m, m));
                }
            }
            var left = VectorMath.Norm(column);
            if (left > DependenceTolerance * length)
            {
                foreach (ref var x in column)
                {
                    x /= left;
                }
                count++;
            }
        }
        for (var b = 0; b < count; b++)
        {
            ReduceColumn(from, m, _basis.AsSpan(b * m, m), r + b);
        }
        return r + count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReduceColumn(int from, int m, ReadOnlySpan<double> q, int row)
    {
        var width = _data.Width;
        var one = 0.0;
        var x = _x.AsSpan(row * _p, _p);
        x.Clear();
        _e[row] = 0;
        for (var i = 0; i < m; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            one += q[i] * _data.Rows[(from + i) * width]; // 1, unless turned
            var residual = _data.Rows[(from + i) * width + _p];
            for (var a = 0; a < _p; a++)
            {
                var xa = _data.Rows[(from + i) * width + a];
                x[a] += q[i] * xa;
                residual -= xa * _solution.Gamma[a];
            }
            _e[row] += q[i] * residual;
        }
        (_one[row], _s[row]) = (one, one * _data.S[from]);
        _diagonal[row] = (1 - _rho) * _data.V[from] + _variances.Within;
    }

    /// <summary>Takes the direction Xγ out of the rows: reflected onto the last row, which is dropped.</summary>
    private void TakeOut(double[] gamma, int r)
    {
        var w = new double[r];
        for (var i = 0; i < r; i++)
        {
            w[i] = VectorMath.Dot(_x.AsSpan(i * _p, _p), gamma);
        }
        w[^1] += Math.CopySign(VectorMath.Norm(w), w[^1]);
        var factor = 2 / VectorMath.Dot(w, w);
        Reflect(w, factor, _x, _p);
        Reflect(w, factor, _e, 1);
        for (var side = 0; side < 2; side++)
        {
            Reflect(w, factor, _l, r);
            for (var i = 0; i < r; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    (_l[i * r + j], _l[j * r + i]) = (_l[j * r + i], _l[i * r + j]);
                }
            }
        }
        for (var i = 0; i < r - 1; i++)
        {
            _l.AsSpan(i * r, r - 1).CopyTo(_l.AsSpan(i * (r - 1)));
        }
    }

    /// <summary>(I − factor ww′)B in place of B.</summary>
    private static void Reflect(double[] w, double factor, double[] b, int columns)
    {
        for (var c = 0; c < columns; c++)
        {
            var amount = 0.0;
            for (var i = 0; i < w.Length; i++)
            {
                amount += w[i] * b[i * columns + c];
            }
            for (var i = 0; i < w.Length; i++)
            {
                b[i * columns + c] -= factor * amount * w[i];
            }
        }
    }

    /// <summary>F and L′F where Φ is diagonal; false if CR2 excludes a direction.</summary>
    private bool TryFactorDiagonal(int r)
    {
        if (Kind == RobustVariance.CR2)
        {
            return BlockAdjustment.TryAdjust(_diagonal.AsSpan(0, r), _x.AsSpan(0, r * _p), _solution.Covariance, _f, _lf);
        }
        for (var i = 0; i < r * _p; i++)
        {
            _f[i] = _x[i] / _diagonal[i / _p];
            _lf[i] = _x[i] / Math.Sqrt(_diagonal[i / _p]);
        }
        return true;
    }

    /// <summary>Φ on the reduced basis.</summary>
    private void Covariance(int r)
    {
        for (var i = 0; i < r; i++)
        {
            CancellationScope.ThrowIfCancelled();
            for (var j = 0; j < r; j++)
            {
                _l[i * r + j] = (_variances.Study * _one[i] * _one[j]) + (_sampleOf[i] != _sampleOf[j] ? 0
                    : (i == j ? _diagonal[i] : 0) + _variances.Between * _one[i] * _one[j] + _rho * _s[i] * _s[j]);
            }
        }
    }

    /// <summary>N = (L′GL)^(−½) = ((L′L)² − (L′X)(X′Φ⁻¹X)⁻¹(L′X)′)^(−½) applied to L⁻¹X.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Adjust(int r)
    {
        Multiply(_l, _x, r, _lf, transposed: true);
        var largest = 0.0;
        for (var i = 0; i < r; i++)
        {
            CancellationScope.ThrowIfCancelled();
            for (var j = 0; j < r; j++)
            {
                var sum = 0.0;
                for (var c = Math.Max(i, j); c < r; c++)
                {
                    sum += _l[c * r + i] * _l[c * r + j];
                }
                _work[i * r + j] = sum; // L′L
            }
        }
        for (var i = 0; i < r; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                CancellationScope.ThrowIfCancelled();
                var sum = 0.0;
                for (var c = 0; c < r; c++)
                {
                    sum += _work[i * r + c] * _work[j * r + c];
                }
                largest = i == j ? Math.Max(largest, sum) : largest;
                for (var a = 0; a < _p; a++)
                {
                    for (var b = 0; b < _p; b++)
                    {
                        sum -= _lf[i * _p + a] * _solution.Covariance[a * _p + b] * _lf[j * _p + b];
                    }
                }
                _matrix[i * r + j] = _matrix[j * r + i] = sum;
            }
        }
        SymmetricMatrix.Eigen(_matrix, r, _vectors);
        ApplyInverseRoot(r, SingularityTolerance * largest);
    }

    private void ApplyInverseRoot(int r, double smallest)
    {
        Array.Clear(_lf);
        for (var c = 0; c < r; c++)
        {
            CancellationScope.ThrowIfCancelled();
            var value = _matrix[c * r + c];
            if (value <= smallest)
            {
                continue;
            }
            for (var a = 0; a < _p; a++)
            {
                var amount = 0.0;
                for (var i = 0; i < r; i++)
                {
                    amount += _vectors[i * r + c] * _f[i * _p + a];
                }
                amount /= Math.Sqrt(value);
                for (var i = 0; i < r; i++)
                {
                    _lf[i * _p + a] += amount * _vectors[i * r + c];
                }
            }
        }
        Array.Copy(_lf, _f, r * _p);
    }

    /// <summary>LB or L′B.</summary>
    private void Multiply(double[] l, double[] b, int r, double[] product, bool transposed)
    {
        for (var i = 0; i < r; i++)
        {
            CancellationScope.ThrowIfCancelled();
            for (var a = 0; a < _p; a++)
            {
                var sum = 0.0;
                for (var j = transposed ? i : 0; j < (transposed ? r : i + 1); j++)
                {
                    sum += (transposed ? l[j * r + i] : l[i * r + j]) * b[j * _p + a];
                }
                product[i * _p + a] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Store(int cluster, int r)
    {
        var (at, score) = (cluster * _p * _p, cluster * _p);
        for (var i = 0; i < r; i++)
        {
            CancellationScope.ThrowIfCancelled();
            for (var a = 0; a < _p; a++)
            {
                _scores[score + a] += _f[i * _p + a] * _e[i];
                for (var b = 0; b < _p; b++)
                {
                    _projections[at + a * _p + b] += _x[i * _p + a] * _f[i * _p + b];
                    _squares[at + a * _p + b] += _lf[i * _p + a] * _lf[i * _p + b];
                }
            }
        }
    }
}
