namespace RealRelationship.Statistics;

/// <summary>Weighted least squares on several columns, by elimination followed by Gram–Schmidt with reorthogonalisation
/// (Peters and Wilkinson 1970, Computer Journal 13; Björck 1996, Numerical Methods for Least Squares Problems).</summary>
/// <remarks>
/// 1. Once, unweighted: the columns are made orthonormal to find linear dependence, whatever their scales.
/// 2. Once: X = BT, see <see cref="ColumnElimination"/>.
/// 3. At each τ²: W^½B = UR with U orthonormal. Then P = W^½(I − UU′)W^½, and every trace is a sum over rows and a p × p matrix.
/// The normal equations are never formed: weights may span many orders of magnitude.
/// </remarks>
internal sealed class WeightedLeastSquares
{
    private readonly int _k;
    private readonly int _p;
    private readonly double[] _y;
    private readonly double[] _v;
    private readonly double[][] _basis; // B
    private readonly double[][] _t; // upper triangular, by columns, as r
    private readonly double[][] _u;
    private readonly double[][] _r;
    private readonly double[] _g; // U′W^½y
    private readonly double[] _e; // (I − UU′)W^½y
    private readonly double[] _w;
    private readonly double _logUnweighted;

    public WeightedLeastSquares(DesignMatrix columns, int[] order, double[] y, double[] v)
    {
        (_k, _p) = (columns.Rows, columns.Columns);
        (_y, _v) = (y, v);
        (_g, _e, _w) = (new double[_p], new double[_k], new double[_k]);
        var eliminated = new ColumnElimination(columns, order, v);
        (_basis, _t, _u, _r) = (eliminated.Basis, eliminated.T, new double[_p][], new double[_p][]);
        for (var j = 0; j < _p; j++)
        {
            (_u[j], _r[j]) = (new double[_k], new double[_p]);
        }
        Array.Fill(_w, 1.0);
        Decompose();
        ResidualSumOfSquares = VectorMath.Dot(_e, _e);
        _logUnweighted = LogDeterminant();
    }

    public double ResidualSumOfSquares { get; }

    public Moments At(double tau2)
    {
        Weigh(tau2);
        double sumW = 0, sumW2 = 0, q = 0, yppy = 0, yppp = 0, traceP = 0, tracePP = 0;
        for (var i = 0; i < _k; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            var h = 0.0;
            for (var j = 0; j < _p; j++)
            {
                h += _u[j][i] * _u[j][i];
            }
            var free = Math.Max(0, 1 - h);
            var (wi, wi2) = (_w[i], _w[i] * _w[i]);
            sumW += wi;
            sumW2 += wi2;
            q += _e[i] * _e[i];
            yppy += wi * _e[i] * _e[i];
            yppp += wi2 * _e[i] * _e[i];
            traceP += wi * free;
            tracePP += wi2 * (free - h);
        }
        for (var a = 0; a < _p; a++)
        {
            yppp -= VectorMath.Square(VectorMath.Dot(_w, _u[a], _e));
            for (var b = 0; b < _p; b++)
            {
                CancellationScope.ThrowIfCancelled();
                tracePP += VectorMath.Square(VectorMath.Dot(_w, _u[a], _u[b]));
            }
        }
        return new Moments(tau2, sumW, sumW2, q, yppy, Math.Max(0, yppp), traceP, Math.Max(0, tracePP));
    }

    /// <summary>β = (RT)⁻¹U′W^½y and (X′WX)⁻¹ = (RT)⁻¹(RT)⁻ᵀ. The first column is the intercept: the rest of U′W^½y is what the others explain.</summary>
    public LeastSquaresSolution Solve(double tau2)
    {
        Weigh(tau2);
        var inverse = TriangularMatrix.Multiply(TriangularMatrix.Invert(_t), TriangularMatrix.Invert(_r));
        var beta = new double[_p];
        var covariance = new double[_p, _p];
        for (var a = 0; a < _p; a++)
        {
            CancellationScope.ThrowIfCancelled();
            for (var b = 0; b < _p; b++)
            {
                beta[a] += inverse[b][a] * _g[b];
                for (var c = 0; c < _p; c++)
                {
                    covariance[a, b] += inverse[c][a] * inverse[c][b];
                }
            }
        }
        return new LeastSquaresSolution(beta, covariance, VectorMath.Dot(_g.AsSpan(1), _g.AsSpan(1)));
    }

    /// <summary>W^½X = UM with M = RT, and U′W^½y, at one τ².</summary>
    public WhitenedModel Whiten(double tau2)
    {
        Weigh(tau2);
        return new WhitenedModel(TriangularMatrix.Multiply(_r, _t), [.. _g]);
    }

    /// <summary>ln(|X′WX|/|X′X|), of which |T| = 1 is no part.</summary>
    public double LogInformation(double tau2)
    {
        Weigh(tau2);
        return LogDeterminant() - _logUnweighted;
    }

    public (double TracePV, double TracePVPV) UnweightedTraces()
    {
        Array.Fill(_w, 1.0);
        Decompose();
        double pv = 0, pvpv = 0;
        for (var i = 0; i < _k; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            var h = 0.0;
            for (var j = 0; j < _p; j++)
            {
                h += _u[j][i] * _u[j][i];
            }
            pv += _v[i] * (1 - h);
            pvpv += _v[i] * _v[i] * (1 - 2 * h);
            _w[i] = _v[i];
        }
        for (var a = 0; a < _p; a++)
        {
            for (var b = 0; b < _p; b++)
            {
                CancellationScope.ThrowIfCancelled();
                pvpv += VectorMath.Square(VectorMath.Dot(_w, _u[a], _u[b]));
            }
        }
        return (pv, pvpv);
    }

    private void Weigh(double tau2)
    {
        for (var i = 0; i < _k; i++)
        {
            _w[i] = 1 / (_v[i] + tau2);
        }
        Decompose();
    }

    private void Decompose()
    {
        for (var i = 0; i < _k; i++)
        {
            _e[i] = Math.Sqrt(_w[i]);
        }
        for (var j = 0; j < _p; j++)
        {
            for (var i = 0; i < _k; i++)
            {
                _u[j][i] = _e[i] * _basis[j][i];
            }
            VectorMath.Orthogonalise(_u[j], _u, j, _r[j]);
        }
        for (var i = 0; i < _k; i++)
        {
            _e[i] *= _y[i];
        }
        Array.Clear(_g);
        VectorMath.Project(_e, _u, _p, _g);
    }

    private double LogDeterminant()
    {
        var sum = 0.0;
        for (var j = 0; j < _p; j++)
        {
            sum += 2 * Math.Log(_r[j][j]);
        }
        return sum;
    }
}
