namespace RealRelationship.Statistics;

/// <summary>A design as X = BT, T unit upper triangular: each column is taken out of the later ones where weight makes it count most. So the intercept,
/// which stays as it is, centres every moderator on the most precise effect, and rows of huge weight no longer repeat themselves in several columns.</summary>
internal sealed class ColumnElimination
{
    public const double RankTolerance = 1e-10;

    /// <summary>Eliminates, in the order of rows given.</summary>
    /// <exception cref="StatisticsException"><c>rankDeficient</c>: a column depends linearly on those before it, whatever their scales.</exception>
    public ColumnElimination(DesignMatrix columns, int[] order, ReadOnlySpan<double> variances)
    {
        var p = columns.Columns;
        (Basis, T) = (new double[p][], new double[p][]);
        for (var j = 0; j < p; j++)
        {
            CancellationScope.ThrowIfCancelled();
            (Basis[j], T[j]) = (new double[columns.Rows], new double[p]);
            for (var i = 0; i < columns.Rows; i++)
            {
                Basis[j][i] = columns[order[i], j];
            }
            T[j][j] = 1;
        }
        RequireIndependence(columns.Names);
        Eliminate(variances);
    }

    /// <summary>B, by columns.</summary>
    public double[][] Basis { get; }

    /// <summary>T, by columns.</summary>
    public double[][] T { get; }

    private void RequireIndependence(IReadOnlyList<string> names)
    {
        var (k, p) = (Basis[0].Length, Basis.Length);
        var (u, r) = (new double[p][], new double[p]);
        for (var j = 0; j < p; j++)
        {
            u[j] = [.. Basis[j]];
            var length = VectorMath.Norm(u[j]);
            var left = VectorMath.Orthogonalise(u[j], u, j, r);
            if (j >= k || !(left > RankTolerance * length))
            {
                throw new StatisticsException("rankDeficient", $"'{names[j]}' is a linear combination of the terms before it.");
            }
        }
    }

    private void Eliminate(ReadOnlySpan<double> v)
    {
        for (var j = 0; j < Basis.Length - 1; j++)
        {
            var pivot = 0;
            for (var i = 1; i < v.Length; i++)
            {
                if (Math.Abs(Basis[j][i]) / Math.Sqrt(v[i]) >= Math.Abs(Basis[j][pivot]) / Math.Sqrt(v[pivot]))
                {
                    pivot = i;
                }
            }
            for (var c = j + 1; c < Basis.Length; c++)
            {
                CancellationScope.ThrowIfCancelled();
                T[c][j] = Basis[c][pivot] / Basis[j][pivot];
                VectorMath.Subtract(Basis[c], T[c][j], Basis[j]);
                Basis[c][pivot] = 0;
            }
        }
    }
}
