namespace RealRelationship.Statistics;

/// <summary>Effects by sample, with their design, made ready for <see cref="NestedLikelihood"/>.</summary>
/// <remarks>
/// Samples are sorted by falling smallest variance and their effects by falling variance, ties by estimate, so that results do not depend on the given
/// order. Estimates are replaced by the residuals of ordinary least squares, whose coefficients are added back at the end, to avoid cancellation.
/// With correlations by kind of pair the rows of each sample are turned by the eigenvectors of its V = QΛQ′: V + σ_w²I becomes Λ + σ_w²I, the column of ones
/// Q′1, and everything else is as without correlation.
/// </remarks>
internal sealed class NestedData
{
    private readonly double[] _leastSquares; // γ, on the basis
    private readonly double[][] _inverseT;
    private readonly double _centre;
    private readonly DesignMatrix _design;
    private readonly Dictionary<int, double[]> _turns = []; // Q of the samples that are turned, row by row

    public NestedData(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, DesignMatrix design,
        MultilevelOptions? options = null)
    {
        (Effects, Columns, _design) = (estimates.Length, design.Columns, design);
        (Order, Starts, ClusterStarts) = Sort(estimates, variances, samples, options?.Clusters);
        (V, S) = (new double[Effects], new double[Effects]);
        var y = new double[Effects];
        _centre = estimates[Order[^1]];
        for (var i = 0; i < Effects; i++)
        {
            V[i] = variances[Order[i]];
            S[i] = Math.Sqrt(V[i]);
            y[i] = estimates[Order[i]] - _centre;
        }
        var eliminated = new ColumnElimination(design, Order, V);
        _inverseT = TriangularMatrix.Invert(eliminated.T);
        (_leastSquares, LogUnweighted) = SubtractLeastSquares(eliminated.Basis, y);
        Width = Columns + 1;
        Rows = new double[Effects * Width];
        for (var i = 0; i < Effects; i++)
        {
            for (var j = 0; j < Columns; j++)
            {
                Rows[i * Width + j] = eliminated.Basis[j][i];
            }
            Rows[i * Width + Columns] = y[i];
            ResidualSumOfSquares += y[i] * y[i];
            LargestResidual = Math.Max(LargestResidual, Math.Abs(y[i]));
        }
        if (options?.PairCorrelations is { } correlations)
        {
            Turn(correlations);
        }
    }

    public int Effects { get; }

    public int Samples => Starts.Length - 1;

    /// <summary>p.</summary>
    public int Columns { get; }

    public int DegreesOfFreedom => Effects - Columns;

    /// <summary>p + 1.</summary>
    public int Width { get; }

    /// <summary>Row by row the basis, of which the first column is the intercept (Q′1 if turned), and the residual.</summary>
    public double[] Rows { get; }

    /// <summary>Sampling variances, or eigenvalues of their matrix if turned.</summary>
    public double[] V { get; }

    /// <summary>√V.</summary>
    public double[] S { get; }

    /// <summary>Given indices in the inner order.</summary>
    public int[] Order { get; }

    /// <summary>Where each sample begins, and the end.</summary>
    public int[] Starts { get; }

    /// <summary>Which samples begin each cluster of robust variances, and the end; every sample is one unless clusters are given.</summary>
    public int[] ClusterStarts { get; }

    public int Clusters => ClusterStarts.Length - 1;

    /// <summary>Whether rows are turned by the eigenvectors of V.</summary>
    public bool IsTurned => _turns.Count > 0;

    /// <summary>ln|X′X|.</summary>
    public double LogUnweighted { get; }

    public double ResidualSumOfSquares { get; }

    public double LargestResidual { get; }

    /// <summary>A cell of the design, rows in the inner order.</summary>
    public double Design(int row, int column) => _design[Order[row], column];

    /// <summary>The rows of a cluster.</summary>
    public (int From, int To) RowsOf(int cluster) => (Starts[ClusterStarts[cluster]], Starts[ClusterStarts[cluster + 1]]);

    /// <summary>Qx of a sample: turned numbers as numbers of its effects. The same numbers if it is not turned.</summary>
    public double[] TurnBack(int sample, double[] x)
    {
        if (!_turns.TryGetValue(sample, out var q))
        {
            return x;
        }
        var m = x.Length;
        return [.. Enumerable.Range(0, m).Select(i => VectorMath.Dot(q.AsSpan(i * m, m), x))];
    }

    /// <summary>β from the coefficients of the residuals on the basis.</summary>
    public double[] Coefficients(ReadOnlySpan<double> gamma)
    {
        var beta = new double[Columns];
        for (var a = 0; a < Columns; a++)
        {
            for (var b = a; b < Columns; b++)
            {
                beta[a] += _inverseT[b][a] * (_leastSquares[b] + gamma[b]);
            }
        }
        beta[0] += _centre;
        return beta;
    }

    /// <summary>Weights on β as weights on the basis: T⁻ᵀc.</summary>
    public double[] OnBasis(ReadOnlySpan<double> weights)
    {
        var onBasis = new double[Columns];
        for (var b = 0; b < Columns; b++)
        {
            for (var a = 0; a <= b; a++)
            {
                onBasis[b] += _inverseT[b][a] * weights[a];
            }
        }
        return onBasis;
    }

    private void Turn(SamplingCorrelations correlations)
    {
        for (var s = 0; s < Samples; s++)
        {
            var (from, m) = (Starts[s], Starts[s + 1] - Starts[s]);
            if (m == 1)
            {
                continue;
            }
            var (v, q) = (correlations.Covariance(Order.AsSpan(from, m), S.AsSpan(from, m)), new double[m * m]);
            SymmetricMatrix.Eigen(v, m, q);
            var turned = new double[m * Width];
            for (var c = 0; c < m; c++)
            {
                CancellationScope.ThrowIfCancelled();
                if (!(v[c * m + c] > 0))
                {
                    throw new StatisticsException("correlationsContradict", "The assumed correlations of sampling errors contradict each other.");
                }
                (V[from + c], S[from + c]) = (v[c * m + c], Math.Sqrt(v[c * m + c]));
                for (var i = 0; i < m; i++)
                {
                    for (var a = 0; a < Width; a++)
                    {
                        turned[c * Width + a] += q[i * m + c] * Rows[(from + i) * Width + a];
                    }
                }
            }
            turned.CopyTo(Rows, from * Width);
            _turns.Add(s, q);
        }
    }

    private static (double[] Coefficients, double LogDeterminant) SubtractLeastSquares(double[][] basis, double[] y)
    {
        var p = basis.Length;
        var (u, r, g, log) = (new double[p][], new double[p][], new double[p], 0.0);
        for (var j = 0; j < p; j++)
        {
            (u[j], r[j]) = ([.. basis[j]], new double[p]);
            log += 2 * Math.Log(Statistics.VectorMath.Orthogonalise(u[j], u, j, r[j]));
        }
        Statistics.VectorMath.Project(y, u, p, g);
        var inverse = TriangularMatrix.Invert(r);
        var gamma = new double[p];
        for (var a = 0; a < p; a++)
        {
            for (var b = a; b < p; b++)
            {
                gamma[a] += inverse[b][a] * g[b];
            }
        }
        return (gamma, log);
    }

    private static (int[] Order, int[] Starts, int[] ClusterStarts) Sort(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, IReadOnlyList<int>? clusters)
    {
        var keys = new (int Sample, double V, double Y)[samples.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = (samples[i], -variances[i], estimates[i]);
        }
        int[] order = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(keys, order);
        var members = new List<(double V, double Y, int From, int To)>();
        for (var from = 0; from < order.Length;)
        {
            var to = from + 1;
            while (to < order.Length && keys[to].Sample == keys[from].Sample)
            {
                to++;
            }
            members.Add((keys[to - 1].V, keys[to - 1].Y, from, to));
            from = to;
        }
        members.Sort();
        int[] clusterStarts = clusters is null ? [.. Enumerable.Range(0, members.Count + 1)] : SortByCluster(members, order, clusters);
        var (sorted, starts) = (new List<int>(order.Length), new List<int>(members.Count + 1) { 0 });
        foreach (var (_, _, from, to) in members)
        {
            sorted.AddRange(order.AsSpan(from, to - from));
            starts.Add(sorted.Count);
        }
        return ([.. sorted], [.. starts], clusterStarts);
    }

    /// <summary>Puts samples of one cluster together, clusters in the order of their first sample.</summary>
    private static int[] SortByCluster(List<(double V, double Y, int From, int To)> members, int[] order, IReadOnlyList<int> clusters)
    {
        var (byCluster, numbers) = (new List<List<(double V, double Y, int From, int To)>>(), new Dictionary<int, int>());
        foreach (var sample in members)
        {
            var cluster = clusters[order[sample.From]];
            if (Enumerable.Range(sample.From, sample.To - sample.From).Any(i => clusters[order[i]] != cluster))
            {
                throw new ArgumentException("The effects of a sample are of one cluster.", nameof(clusters));
            }
            if (numbers.TryAdd(cluster, byCluster.Count))
            {
                byCluster.Add([]);
            }
            byCluster[numbers[cluster]].Add(sample);
        }
        members.Clear();
        var starts = new List<int>(byCluster.Count + 1) { 0 };
        foreach (var cluster in byCluster)
        {
            members.AddRange(cluster);
            starts.Add(members.Count);
        }
        return [.. starts];
    }
}
