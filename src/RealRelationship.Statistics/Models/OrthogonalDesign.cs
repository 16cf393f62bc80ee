namespace RealRelationship.Statistics;

/// <summary>Weighted least squares on several columns, by Gram–Schmidt with reorthogonalisation (Björck 1996, Numerical Methods for Least Squares Problems).</summary>
/// <remarks>
/// The columns are made orthonormal once, X = Q₀R₀, which also finds linear dependence whatever their scales. At each τ² then W^½Q₀ = UR₁ with U orthonormal; so
/// P = W^½(I − UU′)W^½ and every trace is a sum over rows and a p × p matrix. The normal equations are never formed: weights may span many orders of magnitude.
/// </remarks>
internal sealed class OrthogonalDesign
{
    private const double RankTolerance = 1e-10;

    private readonly int k;
    private readonly int p;
    private readonly double[] y;
    private readonly double[] v;
    private readonly double[][] basis; // Q₀
    private readonly double[][] r0; // upper triangular, by columns
    private readonly double[][] u;
    private readonly double[][] r1;
    private readonly double[] g; // U′W^½y
    private readonly double[] e; // (I − UU′)W^½y
    private readonly double[] w;

    public OrthogonalDesign(DesignMatrix columns, int[] order, double[] y, double[] v)
    {
        (k, p) = (columns.Rows, columns.Columns);
        (this.y, this.v) = (y, v);
        (g, e, w) = (new double[p], new double[k], new double[k]);
        (basis, u, r0, r1) = (new double[p][], new double[p][], new double[p][], new double[p][]);
        for (var j = 0; j < p; j++)
        {
            (basis[j], u[j], r0[j], r1[j]) = (new double[k], new double[k], new double[p], new double[p]);
            for (var i = 0; i < k; i++)
            {
                basis[j][i] = columns[order[i], j];
            }
            var length = Columns.Norm(basis[j]);
            var left = Columns.Orthogonalise(basis[j], basis, j, r0[j]);
            if (j >= k || !(left > RankTolerance * length))
            {
                throw new StatisticsException("rankDeficient", $"'{columns.Names[j]}' is a linear combination of the terms before it.");
            }
        }
        Array.Fill(w, 1.0);
        Decompose();
        ResidualSumOfSquares = Columns.Dot(e, e);
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

    /// <summary>β = R⁻¹U′W^½y and (X′WX)⁻¹ = R⁻¹R⁻ᵀ with R = R₁R₀. The first column is the intercept: the rest of U′W^½y is what the others explain.</summary>
    public Solution Solve(double tau2)
    {
        Weigh(tau2);
        var inverse = Triangular.Multiply(Triangular.Invert(r0), Triangular.Invert(r1));
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

    /// <summary>ln(|X′WX|/|X′X|) = 2 Σ ln R₁ⱼⱼ.</summary>
    public double LogInformation(double tau2)
    {
        Weigh(tau2);
        var sum = 0.0;
        for (var j = 0; j < p; j++)
        {
            sum += 2 * Math.Log(r1[j][j]);
        }
        return sum;
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
            Columns.Orthogonalise(u[j], u, j, r1[j]);
        }
        for (var i = 0; i < k; i++)
        {
            e[i] *= y[i];
        }
        Array.Clear(g);
        Columns.Project(e, u, p, g);
    }
}
