using System.Runtime.CompilerServices;

namespace RealRelationship.Statistics;

/// <summary>The covariances B[s,t]ᵢⱼ = pₛᵢ′Φpₜⱼ = [i = j] aₛₜᵢ − lₛᵢ′Clₜⱼ of combinations s and t in samples i and j,
/// summed without a matrix of samples.</summary>
internal sealed class SandwichMoments
{
    private readonly int _p;
    private readonly int _q;
    private readonly int _samples;
    private readonly double[] _square; // a, sample by sample, q × q
    private readonly double[] _inner; // lₛᵢ′Clₜᵢ, the same
    private readonly double[][] _left; // Σᵢ lₛᵢ (Clₜᵢ)′ for every s and t

    /// <summary>Sums over samples.</summary>
    /// <param name="sandwich">Of the fit.</param>
    /// <param name="covariance">C.</param>
    /// <param name="combinations">Every combination's g.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public SandwichMoments(SandwichEstimator sandwich, double[] covariance, double[][] combinations)
    {
        (_p, _q, _samples) = (combinations[0].Length, combinations.Length, sandwich.Clusters);
        (_square, _inner) = (new double[_samples * _q * _q], new double[_samples * _q * _q]);
        _left = [.. Enumerable.Range(0, _q * _q).Select(_ => new double[_p * _p])];
        var (l, cl, tg) = (new double[_q * _p], new double[_q * _p], new double[_p]);
        for (var i = 0; i < _samples; i++)
        {
            for (var s = 0; s < _q; s++)
            {
                CancellationScope.ThrowIfCancelled();
                Multiply(sandwich.Projection(i), combinations[s], l.AsSpan(s * _p, _p));
                Multiply(covariance, l.AsSpan(s * _p, _p), cl.AsSpan(s * _p, _p));
            }
            for (var s = 0; s < _q; s++)
            {
                CancellationScope.ThrowIfCancelled();
                Multiply(sandwich.Square(i), combinations[s], tg);
                for (var t = 0; t < _q; t++)
                {
                    var at = (i * _q + s) * _q + t;
                    _square[at] = VectorMath.Dot(tg, combinations[t]);
                    _inner[at] = VectorMath.Dot(l.AsSpan(s * _p, _p), cl.AsSpan(t * _p, _p));
                    Outer(l.AsSpan(s * _p, _p), cl.AsSpan(t * _p, _p), _left[s * _q + t]);
                }
            }
        }
    }

    /// <summary>Σᵢ B[s,t]ᵢᵢ: what the working model expects of the robust covariance.</summary>
    public double Mean(int s, int t)
    {
        var sum = 0.0;
        for (var i = 0; i < _samples; i++)
        {
            sum += _square[(i * _q + s) * _q + t] - _inner[(i * _q + s) * _q + t];
        }
        return sum;
    }

    /// <summary>Σᵢⱼ B[s,t]ᵢⱼ B[u,v]ᵢⱼ. Off the diagonal it is Σᵢⱼ (lₛᵢ′Clₜⱼ)(lᵤᵢ′Clᵥⱼ) = tr (Σᵢ lₛᵢlᵤᵢ′C)(Σⱼ Clᵥⱼlₜⱼ′)′.</summary>
    public double Products(int s, int t, int u, int v)
    {
        CancellationScope.ThrowIfCancelled();
        var sum = 0.0;
        for (var i = 0; i < _samples; i++)
        {
            int at = (i * _q + s) * _q + t, other = (i * _q + u) * _q + v;
            sum += _square[at] * _square[other] - _square[at] * _inner[other] - _inner[at] * _square[other];
        }
        // Σᵢ lₛᵢ(Clᵤᵢ)′ = ΣᵢlₛᵢlᵤᵢʹC and Σⱼ lᵥⱼ(Clₜⱼ)′: the trace of their product
        double[] left = _left[s * _q + u], right = _left[v * _q + t];
        for (var a = 0; a < _p; a++)
        {
            for (var b = 0; b < _p; b++)
            {
                sum += left[a * _p + b] * right[b * _p + a];
            }
        }
        return sum;
    }

    private static void Multiply(ReadOnlySpan<double> matrix, ReadOnlySpan<double> x, Span<double> product)
    {
        for (var a = 0; a < x.Length; a++)
        {
            product[a] = VectorMath.Dot(matrix.Slice(a * x.Length, x.Length), x);
        }
    }

    private static void Outer(ReadOnlySpan<double> a, ReadOnlySpan<double> b, double[] sum)
    {
        for (var i = 0; i < a.Length; i++)
        {
            for (var j = 0; j < b.Length; j++)
            {
                sum[i * b.Length + j] += a[i] * b[j];
            }
        }
    }
}
