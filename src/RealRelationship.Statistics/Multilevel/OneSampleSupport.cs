namespace RealRelationship.Statistics;

/// <summary>Combinations of coefficients that cannot be estimated without the rows of a particular sample, such as the mean of a level that only one sample
/// has; with clusters of several samples, those of a cluster. Their robust variances collapse to 0, since no variation between samples informs
/// them (Tipton 2015, Psychological Methods 20).</summary>
/// <remarks>
/// With W^½B = UR on the basis B of <see cref="NestedData"/>, a combination c is estimable without sample s if and only if R⁻ᵀc is orthogonal to every v with
/// ‖U₋ₛv‖ = 0, which is judged at 1e-10 (U is orthonormal, so that the tolerance is relative). Such a v has ‖Uₛv‖ = 1: only samples with ‖Uₛ‖² ≥ 1 can have
/// one, and there are no more of them than columns. Time is O(k p²) and O(k p²) once more for each of those.
/// </remarks>
internal sealed class OneSampleSupport
{
    private const double RankTolerance = ColumnElimination.RankTolerance;
    private const double OrthogonalityTolerance = 1e-8;

    private readonly NestedData _data;
    private readonly int _p;
    private readonly double[][] _u;
    private readonly double[][] _inverse; // R⁻¹
    private readonly List<double[]> _directions = []; // every v
    private readonly Dictionary<int, List<double[]>> _absorbed = [];

    public OneSampleSupport(NestedData data)
    {
        (_data, _p) = (data, data.Columns);
        (_u, var r) = (new double[_p][], new double[_p][]);
        for (var a = 0; a < _p; a++)
        {
            (_u[a], r[a]) = (new double[data.Effects], new double[_p]);
            for (var i = 0; i < data.Effects; i++)
            {
                _u[a][i] = data.Rows[i * data.Width + a] / data.S[i];
            }
            VectorMath.Orthogonalise(_u[a], _u, a, r[a]);
        }
        _inverse = TriangularMatrix.Invert(r);
        for (var cluster = 0; cluster < data.Clusters; cluster++)
        {
            CancellationScope.ThrowIfCancelled();
            var (from, to) = data.RowsOf(cluster);
            if (SquaredNorm(from, to) > 1 - OrthogonalityTolerance)
            {
                AddDirections(cluster, from, to);
            }
        }
    }

    /// <summary>True if some combination is identified by a single sample.</summary>
    public bool Any => _directions.Count > 0;

    /// <summary>Coefficients on the basis, R⁻¹v, with which the columns are 0 in every other sample: what a sample alone decides.</summary>
    public IReadOnlyList<double[]> AbsorbedBy(int cluster) => _absorbed.TryGetValue(cluster, out var absorbed) ? absorbed : [];

    /// <summary>Whether a combination is not estimable without some one sample.</summary>
    /// <param name="weights">One weight a coefficient.</param>
    public bool RestsOnOneSample(ReadOnlySpan<double> weights)
    {
        if (_directions.Count == 0)
        {
            return false;
        }
        var c = Whiten(weights);
        var length = VectorMath.Norm(c);
        return _directions.Exists(v => Math.Abs(VectorMath.Dot(v, c)) > OrthogonalityTolerance * length);
    }

    /// <summary>A maximal set of independent combinations of the coefficients after the first that are identified by more than one sample, for omnibus tests.
    /// The coefficients themselves if none is identified by a single sample.</summary>
    public double[][] TestableCombinations()
    {
        var q = _p - 1;
        var (rows, r, scale, whitened) = (new List<double[]>(), new double[q + 1], new double[q], new double[q][]);
        for (var j = 0; j < q; j++)
        {
            whitened[j] = Whiten(Unit(_p, j + 1));
            scale[j] = VectorMath.Norm(whitened[j]);
        }
        foreach (var v in _directions)
        {
            double[] row = [.. whitened.Select((c, j) => VectorMath.Dot(v, c) / scale[j])];
            TryAdd(row, OrthogonalityTolerance, rows, r);
        }
        var excluded = rows.Count;
        // Unit vectors that keep most of their length come first: exactly the coefficients identified by several samples.
        foreach (var j in Enumerable.Range(0, q).OrderByDescending(j => 1 - rows.Sum(row => row[j] * row[j])).ToList())
        {
            if (rows.Count < q)
            {
                TryAdd(Unit(q, j), OrthogonalityTolerance, rows, r);
            }
        }
        return [.. rows.Skip(excluded).Select(row => (double[])[0, .. row.Select((x, j) => x / scale[j])])];
    }

    /// <summary>Adds the component of a row that is orthogonal to those before it, unless its length is below the limit.</summary>
    private static bool TryAdd(double[] row, double shortest, List<double[]> rows, double[] r)
    {
        if (!(VectorMath.Orthogonalise(row, [.. rows], rows.Count, r) > shortest))
        {
            return false;
        }
        rows.Add(row);
        return true;
    }

    private void AddDirections(int cluster, int from, int to)
    {
        var (gram, vectors) = (new double[_p * _p], new double[_p * _p]);
        for (var i = 0; i < _data.Effects; i++)
        {
            if (i >= from && i < to)
            {
                continue;
            }
            for (var a = 0; a < _p; a++)
            {
                for (var b = 0; b < _p; b++)
                {
                    gram[a * _p + b] += _u[a][i] * _u[b][i];
                }
            }
        }
        SymmetricMatrix.Eigen(gram, _p, vectors);
        for (var c = 0; c < _p; c++)
        {
            if (gram[c * _p + c] < OrthogonalityTolerance)
            {
                double[] v = [.. Enumerable.Range(0, _p).Select(a => vectors[a * _p + c])];
                if (NormOutside(v, from, to) <= RankTolerance)
                {
                    _directions.Add(v);
                    if (!_absorbed.TryGetValue(cluster, out var absorbed))
                    {
                        _absorbed.Add(cluster, absorbed = []);
                    }
                    absorbed.Add([.. Enumerable.Range(0, _p).Select(a => Enumerable.Range(a, _p - a).Sum(b => _inverse[b][a] * v[b]))]);
                }
            }
        }
    }

    /// <summary>‖U₋ₛv‖, computed without squaring first.</summary>
    private double NormOutside(double[] v, int from, int to)
    {
        var sum = 0.0;
        for (var i = 0; i < _data.Effects; i++)
        {
            if (i < from || i >= to)
            {
                var uv = 0.0;
                for (var a = 0; a < _p; a++)
                {
                    uv += _u[a][i] * v[a];
                }
                sum += uv * uv;
            }
        }
        return Math.Sqrt(sum);
    }

    private double SquaredNorm(int from, int to)
    {
        var sum = 0.0;
        foreach (var u in _u)
        {
            sum += VectorMath.Dot(u.AsSpan(from, to - from), u.AsSpan(from, to - from));
        }
        return sum;
    }

    /// <summary>R⁻ᵀT⁻ᵀc.</summary>
    private double[] Whiten(ReadOnlySpan<double> weights)
    {
        var (onBasis, whitened) = (_data.OnBasis(weights), new double[_p]);
        for (var b = 0; b < _p; b++)
        {
            whitened[b] = VectorMath.Dot(_inverse[b], onBasis);
        }
        return whitened;
    }

    private static double[] Unit(int length, int index)
    {
        var unit = new double[length];
        unit[index] = 1;
        return unit;
    }
}
