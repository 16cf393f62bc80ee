namespace RealRelationship.Statistics;

/// <summary>The (restricted) log-likelihood of ln τᵢ² = zᵢ′α, profiled over β, with gradient and Hessian.</summary>
/// <remarks>
/// With P = W − WX(X′WX)⁻¹X′W = W^½(I − UU′)W^½, e = Py and tᵢ = τᵢ²: ∂/∂tᵢ is −½(Pᵢᵢ − eᵢ²), or −½(wᵢ − eᵢ²) for ML, and ∂²/∂tᵢ∂tⱼ is ½Pᵢⱼ² − eᵢPᵢⱼeⱼ, or
/// ½wᵢ²[i = j] − eᵢPᵢⱼeⱼ (Viechtbauer and López-López 2022, Research Synthesis Methods 13). Sums over pairs of effects are sums over effects and pairs of
/// columns, so that time is O(k (p² + q²) + k p² q).
/// </remarks>
internal sealed class LocationScaleLikelihood
{
    private readonly double[] _y;
    private readonly double[] _v;
    private readonly double[][] _x; // orthonormal
    private readonly double[][] _z;
    private readonly bool _restricted;
    private readonly int _k;
    private readonly int _p;
    private readonly int _q;

    /// <summary>The likelihood.</summary>
    /// <param name="y">The effects.</param>
    /// <param name="v">Their sampling variances.</param>
    /// <param name="x">Orthonormal columns of the mean.</param>
    /// <param name="z">Columns of ln τ².</param>
    /// <param name="restricted">REML, or ML.</param>
    public LocationScaleLikelihood(double[] y, double[] v, double[][] x, double[][] z, bool restricted) =>
        (_y, _v, _x, _z, _restricted, _k, _p, _q) = (y, v, x, z, restricted, y.Length, x.Length, z.Length);

    /// <summary>τᵢ².</summary>
    public double[] TauSquared(ReadOnlySpan<double> alpha)
    {
        var log = new double[_k];
        for (var c = 0; c < _q; c++)
        {
            VectorMath.Subtract(log, -alpha[c], _z[c]);
        }
        return Array.ConvertAll(log, Math.Exp);
    }

    /// <summary>The value alone; not a number beyond double precision.</summary>
    public double Value(ReadOnlySpan<double> alpha) => Decompose(TauSquared(alpha)).LogLikelihood;

    /// <summary>Value, gradient, and the negative Hessian and expected information as q × q matrices.</summary>
    public (double Value, double[] Gradient, double[] Observed, double[] Expected) Derivatives(ReadOnlySpan<double> alpha)
    {
        var tau2 = TauSquared(alpha);
        var (value, u, root, residual) = Decompose(tau2);
        var (gradient, observed, expected) = (new double[_q], new double[_q * _q], new double[_q * _q]);
        var (moments, cross) = (new double[_q][], new double[_q][]); // U′diag(wt z)U and U′(w^½ t z e)
        for (var a = 0; a < _q; a++)
        {
            (moments[a], cross[a]) = (new double[_p * _p], new double[_p]);
        }
        for (var i = 0; i < _k; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            var h = 0.0;
            for (var a = 0; a < _p; a++)
            {
                h += u[a][i] * u[a][i];
            }
            var w = root[i] * root[i];
            var e = root[i] * residual[i];
            var wt = w * tau2[i];
            var slope = -0.5 * tau2[i] * ((_restricted ? w * (1 - h) : w) - e * e);
            var share = 0.5 * wt * wt * (_restricted ? 1 - 2 * h : 1);
            for (var a = 0; a < _q; a++)
            {
                var za = _z[a][i];
                gradient[a] += slope * za;
                for (var b = 0; b <= a; b++)
                {
                    var zz = za * _z[b][i];
                    expected[a * _q + b] += share * zz;
                    observed[a * _q + b] += (tau2[i] * tau2[i] * e * e * w - share - slope) * zz;
                }
                for (var c = 0; c < _p; c++)
                {
                    cross[a][c] += root[i] * tau2[i] * za * e * u[c][i];
                    for (var d = 0; d < _p && _restricted; d++)
                    {
                        moments[a][c * _p + d] += wt * za * u[c][i] * u[d][i];
                    }
                }
            }
        }
        for (var a = 0; a < _q; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var pairs = 0.5 * VectorMath.Dot(moments[a], moments[b]);
                expected[a * _q + b] += pairs;
                observed[a * _q + b] -= pairs + VectorMath.Dot(cross[a], cross[b]);
                (expected[b * _q + a], observed[b * _q + a]) = (expected[a * _q + b], observed[a * _q + b]);
            }
        }
        return (value, gradient, observed, expected);
    }

    /// <summary>U, W^½ and (I − UU′)W^½y.</summary>
    private (double LogLikelihood, double[][] U, double[] Root, double[] Residual) Decompose(double[] tau2)
    {
        var (u, root, residual, r, log) = (new double[_p][], new double[_k], new double[_k], new double[_p], 0.0);
        for (var i = 0; i < _k; i++)
        {
            log += Math.Log(_v[i] + tau2[i]);
            root[i] = 1 / Math.Sqrt(_v[i] + tau2[i]);
            residual[i] = root[i] * _y[i];
        }
        var information = 0.0;
        for (var a = 0; a < _p; a++)
        {
            u[a] = new double[_k];
            for (var i = 0; i < _k; i++)
            {
                u[a][i] = root[i] * _x[a][i];
            }
            information += 2 * Math.Log(VectorMath.Orthogonalise(u[a], u, a, r));
        }
        VectorMath.Project(residual, u, _p, r = new double[_p]);
        var q = VectorMath.Dot(residual, residual);
        var value = _restricted
            ? -0.5 * ((_k - _p) * Math.Log(2 * Math.PI) + log + information + q)
            : -0.5 * (_k * Math.Log(2 * Math.PI) + log + q);
        return (value, u, root, residual);
    }
}
