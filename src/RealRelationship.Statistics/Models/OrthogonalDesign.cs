namespace RealRelationship.Statistics;

/// <summary>Weighted least squares on several columns, by elimination followed by Gram–Schmidt with reorthogonalisation
/// (Peters and Wilkinson 1970, Computer Journal 13; Björck 1996, Numerical Methods for Least Squares Problems).</summary>
/// <remarks>
/// 1. Once, unweighted: the columns are made orthonormal to find linear dependence, whatever their scales.
/// 2. Once: X = BT, T unit upper triangular. Each column is taken out of the later ones where weight makes it count most; so the intercept centres every moderator
///    on the most precise effect, and rows of huge weight no longer repeat themselves in several columns.
/// 3. At each τ²: W^½B = UR with U orthonormal. Then P = W^½(I − UU′)W^½, and every trace is a sum over rows and a p × p matrix.
/// The normal equations are never formed: weights may span many orders of magnitude.
/// </remarks>
internal sealed class OrthogonalDesign
{
    private const double RankTolerance = 1e-10;

    private readonly int k;
    private readonly int p;
    private readonly double[] y;
    private readonly double[] v;
    private readonly double[][] basis; // B
    private readonly double[][] t; // upper triangular, by columns, as r
    private readonly double[][] u;
    private readonly double[][] r;
    private readonly double[] g; // U′W^½y
    private readonly double[] e; // (I − UU′)W^½y
    private readonly double[] w;
    private readonly double logUnweighted;

    public OrthogonalDesign(DesignMatrix columns, int[] order, double[] y, double[] v)
    {
        (k, p) = (columns.Rows, columns.Columns);
        (this.y, this.v) = (y, v);
        (g, e, w) = (new double[p], new double[k], new double[k]);
        (basis, t, u, r) = (new double[p][], new double[p][], new double[p][], new double[p][]);
        for (var j = 0; j < p; j++)
        {
            (basis[j], t[j], u[j], r[j]) = (new double[k], new double[p], new double[k], new double[p]);
            for (var i = 0; i < k; i++)
            {
                basis[j][i] = columns[order[i], j];
            }
            t[j][j] = 1;
        }
        RequireIndependence(columns.Names);
        Eliminate();
        Array.Fill(w, 1.0);
        Decompose();
        ResidualSumOfSquares = Columns.Dot(e, e);
        logUnweighted = LogDeterminant();
    }

    public double ResidualSumOfSquares { get; }

    public Moments At(double tau2)
    {
        Weigh(tau2);
        double sumW = 0, sumW2 = 0, q = 0, yppy = 0, yppp = 0, traceP = 0, tracePP = 0;
        for (var i = 0; i < k; i++)
        {
            var h = 0.0;
            for (var j = 0; j < p; j++)
            {
                h += u[j][i] * u[j][i];
            }
            var free = Math.Max(0, 1 - h);
            var (wi, wi2) = (w[i], w[i] * w[i]);
            sumW += wi;
            sumW2 += wi2;
            q += e[i] * e[i];
            yppy += wi * e[i] * e[i];
            yppp += wi2 * e[i] * e[i];
            traceP += wi * free;
            tracePP += wi2 * (free - h);
        }
        for (var a = 0; a < p; a++)
        {
            yppp -= Columns.Square(Columns.Dot(w, u[a], e));
            for (var b = 0; b < p; b++)
            {
                tracePP += Columns.Square(Columns.Dot(w, u[a], u[b]));
            }
        }
        return new Moments(tau2, sumW, sumW2, q, yppy, Math.Max(0, yppp), traceP, Math.Max(0, tracePP));
    }

    /// <summary>β = (RT)⁻¹U′W^½y and (X′WX)⁻¹ = (RT)⁻¹(RT)⁻ᵀ. The first column is the intercept: the rest of U′W^½y is what the others explain.</summary>
    public Solution Solve(double tau2)
    {
        Weigh(tau2);
        var inverse = Triangular.Multiply(Triangular.Invert(t), Triangular.Invert(r));
        var beta = new double[p];
        var covariance = new double[p, p];
        for (var a = 0; a < p; a++)
        {
            for (var b = 0; b < p; b++)
            {
                beta[a] += inverse[b][a] * g[b];
                for (var c = 0; c < p; c++)
                {
                    covariance[a, b] += inverse[c][a] * inverse[c][b];
                }
            }
        }
        return new Solution(beta, covariance, Columns.Dot(g.AsSpan(1), g.AsSpan(1)));
    }

    /// <summary>ln(|X′WX|/|X′X|), of which |T| = 1 is no part.</summary>
    public double LogInformation(double tau2)
    {
        Weigh(tau2);
        return LogDeterminant() - logUnweighted;
    }

    public (double TracePV, double TracePVPV) UnweightedTraces()
    {
        Array.Fill(w, 1.0);
        Decompose();
        double pv = 0, pvpv = 0;
        for (var i = 0; i < k; i++)
        {
            var h = 0.0;
            for (var j = 0; j < p; j++)
            {
                h += u[j][i] * u[j][i];
            }
            pv += v[i] * (1 - h);
            pvpv += v[i] * v[i] * (1 - 2 * h);
            w[i] = v[i];
        }
        for (var a = 0; a < p; a++)
        {
            for (var b = 0; b < p; b++)
            {
                pvpv += Columns.Square(Columns.Dot(w, u[a], u[b]));
            }
        }
        return (pv, pvpv);
    }

    private void Weigh(double tau2)
    {
        for (var i = 0; i < k; i++)
        {
            w[i] = 1 / (v[i] + tau2);
        }
        Decompose();
    }

    private void Decompose()
    {
        for (var i = 0; i < k; i++)
        {
            e[i] = Math.Sqrt(w[i]);
        }
        for (var j = 0; j < p; j++)
        {
            for (var i = 0; i < k; i++)
            {
                u[j][i] = e[i] * basis[j][i];
            }
            Columns.Orthogonalise(u[j], u, j, r[j]);
        }
        for (var i = 0; i < k; i++)
        {
            e[i] *= y[i];
        }
        Array.Clear(g);
        Columns.Project(e, u, p, g);
    }

    private double LogDeterminant()
    {
        var sum = 0.0;
        for (var j = 0; j < p; j++)
        {
            sum += 2 * Math.Log(r[j][j]);
        }
        return sum;
    }

    private void RequireIndependence(IReadOnlyList<string> names)
    {
        for (var j = 0; j < p; j++)
        {
            basis[j].CopyTo(u[j], 0);
            var length = Columns.Norm(u[j]);
            var left = Columns.Orthogonalise(u[j], u, j, r[j]);
            if (j >= k || !(left > RankTolerance * length))
            {
                throw new StatisticsException("rankDeficient", $"'{names[j]}' is a linear combination of the terms before it.");
            }
        }
    }

    private void Eliminate()
    {
        for (var j = 0; j < p - 1; j++)
        {
            var pivot = 0;
            for (var i = 1; i < k; i++)
            {
                if (Math.Abs(basis[j][i]) / Math.Sqrt(v[i]) >= Math.Abs(basis[j][pivot]) / Math.Sqrt(v[pivot]))
                {
                    pivot = i;
                }
            }
            for (var c = j + 1; c < p; c++)
            {
                t[c][j] = basis[c][pivot] / basis[j][pivot];
                Columns.Subtract(basis[c], t[c][j], basis[j]);
                basis[c][pivot] = 0;
            }
        }
    }
}
