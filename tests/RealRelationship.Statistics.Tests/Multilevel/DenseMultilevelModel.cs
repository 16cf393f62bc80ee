using MathNet.Numerics.LinearAlgebra;

namespace RealRelationship.Statistics.Tests;

/// <summary>Nested effects with k × k matrices, straight from the definitions.</summary>
internal sealed class DenseMultilevelModel
{
    private readonly Vector<double> _y;
    private readonly Matrix<double> _x;
    private readonly int[] _clusters;
    private readonly Matrix<double> _m;
    private readonly Matrix<double> _w;
    private readonly Matrix<double> _bread;

    public DenseMultilevelModel(NestedEffects effects, DesignMatrix design, double rho, double between, double within, int[]? clusters = null)
    {
        var k = effects.Y.Length;
        (_y, _clusters) = (Vector<double>.Build.Dense(effects.Y), clusters ?? effects.Samples);
        _x = Matrix<double>.Build.Dense(k, design.Columns, (i, j) => design[i, j]);
        _m = Matrix<double>.Build.Dense(k, k, (i, j) => effects.Samples[i] != effects.Samples[j] ? 0
            : i == j ? effects.V[i] + between + within : rho * Math.Sqrt(effects.V[i] * effects.V[j]) + between);
        _w = _m.Inverse();
        _bread = (_x.Transpose() * _w * _x).Inverse();
    }

    public Vector<double> Coefficients => _bread * _x.Transpose() * _w * _y;

    public Matrix<double> Covariance => _bread;

    public Matrix<double> Weights => _w;

    public double Q => (_y - _x * Coefficients) * (_w * (_y - _x * Coefficients));

    public double TraceP => (_w - _w * _x * _bread * _x.Transpose() * _w).Trace();

    public double LogLikelihood(bool restricted)
    {
        var logM = 2 * _m.Cholesky().Factor.Diagonal().PointwiseLog().Sum();
        double k = _y.Count, p = _x.ColumnCount;
        return restricted
            ? -0.5 * ((k - p) * Math.Log(2 * Math.PI) + logM - Math.Log(_bread.Determinant()) - Math.Log((_x.Transpose() * _x).Determinant()) + Q)
            : -0.5 * (k * Math.Log(2 * Math.PI) + logM + Q);
    }

    /// <summary>The robust covariance of contrasts, one a row.</summary>
    public Matrix<double> Robust(Matrix<double> contrasts, RobustVariance kind)
    {
        var residual = (_y - _x * Coefficients).ToColumnMatrix();
        var sum = Matrix<double>.Build.Dense(contrasts.RowCount, contrasts.RowCount);
        foreach (var cluster in _clusters.Distinct())
        {
            var score = contrasts * _bread * Factor(cluster, kind).Transpose() * Rows(residual, cluster);
            sum += score * score.Transpose();
        }
        var m = _clusters.Distinct().Count();
        return kind == RobustVariance.CR1 ? sum * m / (m - 1.0) : sum;
    }

    /// <summary>η of Hotelling's T²; of one contrast the degrees of freedom of Satterthwaite.</summary>
    public double DegreesOfFreedom(Matrix<double> contrasts, RobustVariance kind)
    {
        var q = contrasts.RowCount;
        var distinct = _clusters.Distinct().ToArray();
        var rest = Matrix<double>.Build.DenseIdentity(_y.Count) - _x * _bread * _x.Transpose() * _w;
        var p = distinct.Select(cluster => Rows(rest, cluster).Transpose() * Factor(cluster, kind) * _bread * contrasts.Transpose()).ToArray(); // k × q
        var omega = p.Aggregate(Matrix<double>.Build.Dense(q, q), (sum, pi) => sum + pi.Transpose() * _m * pi);
        var root = Power(omega, -0.5);
        var total = 0.0;
        foreach (var pi in p)
        {
            foreach (var pj in p)
            {
                var b = root * pi.Transpose() * _m * pj * root;
                total += b.Trace() * b.Trace() + (b * b).Trace();
            }
        }
        return q * (q + 1) / total;
    }

    /// <summary>AΦ⁻¹X of one cluster.</summary>
    private Matrix<double> Factor(int cluster, RobustVariance kind)
    {
        var x = Rows(_x, cluster);
        var phi = Rows(Rows(_m, cluster).Transpose(), cluster);
        var root = Power(phi, 0.5);
        var a = kind == RobustVariance.CR2
            ? root * Power(root * (phi - x * _bread * x.Transpose()) * root, -0.5) * root
            : Matrix<double>.Build.DenseIdentity(x.RowCount);
        return a * phi.Inverse() * x;
    }

    private Matrix<double> Rows(Matrix<double> matrix, int cluster) =>
        Matrix<double>.Build.DenseOfRowVectors(Enumerable.Range(0, _clusters.Length).Where(i => _clusters[i] == cluster).Select(matrix.Row));

    private static Matrix<double> Power(Matrix<double> symmetric, double power)
    {
        var evd = ((symmetric + symmetric.Transpose()) / 2).Evd(Symmetricity.Symmetric);
        var largest = evd.EigenValues.Max(value => value.Real);
        var values = evd.EigenValues.Map(value => value.Real > 1e-12 * largest ? Math.Pow(value.Real, power) : 0);
        return evd.EigenVectors * Matrix<double>.Build.DenseOfDiagonalVector(values) * evd.EigenVectors.Transpose();
    }
}
