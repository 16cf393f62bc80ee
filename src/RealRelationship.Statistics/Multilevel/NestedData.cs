namespace RealRelationship.Statistics;

/// <summary>Effects by sample, with their design, made ready for <see cref="NestedLikelihood"/>.</summary>
/// <remarks>
/// Samples are sorted by falling smallest variance and their effects by falling variance, ties by estimate, so that results do not depend on the given
/// order. Estimates are replaced by the residuals of ordinary least squares, whose coefficients are added back at the end, to avoid cancellation.
/// </remarks>
internal sealed class NestedData
{
    private readonly double[] _leastSquares; // γ, on the basis
    private readonly double[][] _inverseT;
    private readonly double _centre;
    private readonly DesignMatrix _design;

    public NestedData(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples, DesignMatrix design)
    {
        (Effects, Columns, _design) = (estimates.Length, design.Columns, design);
        (Order, Starts) = Sort(estimates, variances, samples);
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
    }

    public int Effects { get; }

    public int Samples => Starts.Length - 1;

    /// <summary>p.</summary>
    public int Columns { get; }

    public int DegreesOfFreedom => Effects - Columns;

    /// <summary>p + 1.</summary>
    public int Width { get; }

    /// <summary>Row by row the basis, of which the first column is the intercept, and the residual.</summary>
    public double[] Rows { get; }

    public double[] V { get; }

    /// <summary>√V.</summary>
    public double[] S { get; }

    /// <summary>Given indices in the inner order.</summary>
    public int[] Order { get; }

    /// <summary>Where each sample begins, and the end.</summary>
    public int[] Starts { get; }

    /// <summary>ln|X′X|.</summary>
    public double LogUnweighted { get; }

    public double ResidualSumOfSquares { get; }

    public double LargestResidual { get; }

    /// <summary>A cell of the design, rows in the inner order.</summary>
    public double Design(int row, int column) => _design[Order[row], column];

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

    private static (int[] Order, int[] Starts) Sort(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<int> samples)
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
        var (sorted, starts) = (new List<int>(order.Length), new List<int>(members.Count + 1) { 0 });
        foreach (var (_, _, from, to) in members)
        {
            sorted.AddRange(order.AsSpan(from, to - from));
            starts.Add(sorted.Count);
        }
        return ([.. sorted], [.. starts]);
    }
}
