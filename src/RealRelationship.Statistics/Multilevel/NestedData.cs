using System.Runtime.InteropServices;

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
        var (order, groups) = GroupBySample(samples);
        var keys = new (double V, double Y)[order.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = (-variances[order[i]], estimates[order[i]]);
        }
        for (var s = 0; s + 1 < groups.Length; s++)
        {
            if (groups[s + 1] - groups[s] > 1)
            {
                keys.AsSpan(groups[s]..groups[s + 1]).Sort(order.AsSpan(groups[s]..groups[s + 1]));
            }
        }
        var members = SortSamples(keys, groups);
        int[] clusterStarts = clusters is null ? [.. Enumerable.Range(0, members.Length + 1)] : SortByCluster(members, groups, order, clusters);
        var (sorted, starts) = (new int[order.Length], new int[members.Length + 1]);
        for (var s = 0; s < members.Length; s++)
        {
            var (from, to) = (groups[members[s]], groups[members[s] + 1]);
            order.AsSpan(from..to).CopyTo(sorted.AsSpan(starts[s]));
            starts[s + 1] = starts[s] + to - from;
        }
        return (sorted, starts, clusterStarts);
    }

    /// <summary>Samples by their last row.</summary>
    private static int[] SortSamples((double V, double Y)[] keys, int[] groups)
    {
        var (variances, members) = (new double[groups.Length - 1], new int[groups.Length - 1]);
        for (var s = 0; s < members.Length; s++)
        {
            (variances[s], members[s]) = (keys[groups[s + 1] - 1].V, s);
        }
        Array.Sort(variances, members);
        for (var from = 0; from < members.Length;)
        {
            var to = from + 1;
            while (to < members.Length && variances[to] == variances[from])
            {
                to++;
            }
            if (to - from > 1)
            {
                var ties = Array.ConvertAll(members[from..to], sample => (keys[groups[sample + 1] - 1].Y, sample));
                ties.AsSpan().Sort(members.AsSpan(from..to));
            }
            from = to;
        }
        return members;
    }

    /// <summary>Rows by sample, samples in the order of their first row, and where each begins.</summary>
    private static (int[] Order, int[] Starts) GroupBySample(ReadOnlySpan<int> samples)
    {
        var (numbers, codes) = (new Dictionary<int, int>(samples.Length), new int[samples.Length]);
        for (var i = 0; i < codes.Length; i++)
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, samples[i], out var isKnown);
            number = codes[i] = isKnown ? number : numbers.Count - 1;
        }
        var starts = new int[numbers.Count + 1];
        foreach (var code in codes)
        {
            starts[code + 1]++;
        }
        for (var s = 1; s < starts.Length; s++)
        {
            starts[s] += starts[s - 1];
        }
        var (order, next) = (new int[codes.Length], starts.ToArray());
        for (var i = 0; i < codes.Length; i++)
        {
            order[next[codes[i]]++] = i;
        }
        return (order, starts);
    }

    /// <summary>Puts samples of one cluster together, clusters in the order of their first sample.</summary>
    private static int[] SortByCluster(int[] members, int[] groups, int[] order, IReadOnlyList<int> clusters)
    {
        var (byCluster, numbers) = (new List<List<int>>(), new Dictionary<int, int>());
        foreach (var sample in members)
        {
            var cluster = clusters[order[groups[sample]]];
            if (order[groups[sample]..groups[sample + 1]].Any(row => clusters[row] != cluster))
            {
                throw new ArgumentException("The effects of a sample are of one cluster.", nameof(clusters));
            }
            if (numbers.TryAdd(cluster, byCluster.Count))
            {
                byCluster.Add([]);
            }
            byCluster[numbers[cluster]].Add(sample);
        }
        var (starts, next) = (new List<int>(byCluster.Count + 1) { 0 }, 0);
        foreach (var cluster in byCluster)
        {
            cluster.CopyTo(members, next);
            starts.Add(next += cluster.Count);
        }
        return [.. starts];
    }
}
