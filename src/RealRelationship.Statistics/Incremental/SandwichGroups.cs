using System.Runtime.CompilerServices;

namespace RealRelationship.Statistics;

/// <summary>A sample of several sampling variances for <see cref="SandwichTerms"/>: of the effects that share one, only their number and mean count
/// (<see cref="SandwichEstimator"/>).</summary>
internal sealed class SandwichGroups
{
    private const int MaximumOnStack = 12;
    private const double SmallDeterminant = 1e-9; // relative: below it directions may have to be left out

    private readonly double[] _v;
    private readonly double[] _x; // √n
    private readonly double[] _e; // √n times the mean residual
    private readonly double _rho;

    private SandwichGroups(double[] v, double[] x, double[] e, double rho) => (_v, _x, _e, _rho) = (v, x, e, rho);

    /// <summary>Groups effects.</summary>
    /// <param name="residuals">Residuals.</param>
    /// <param name="variances">Sampling variances, sorted.</param>
    /// <param name="rho">Correlation of sampling errors.</param>
    public static SandwichGroups Of(ReadOnlySpan<double> residuals, ReadOnlySpan<double> variances, double rho)
    {
        var (v, x, e) = (new List<double>(), new List<double>(), new List<double>());
        for (int from = 0, to; from < variances.Length; from = to)
        {
            var sum = 0.0;
            for (to = from; to < variances.Length && variances[to] == variances[from]; to++)
            {
                sum += residuals[to];
            }
            v.Add(variances[from]);
            x.Add(Math.Sqrt(to - from));
            e.Add(sum / x[^1]);
        }
        return new([.. v], [.. x], [.. e], rho);
    }

    /// <inheritdoc cref="NestedSample.SandwichAt"/>
    public SandwichTerms At(double between, double within, double covariance) =>
        _v.Length == 2 && OfTwo(between, within, covariance) is { } terms ? terms : OfSeveral(between, within, covariance);

    private double Covariance(int i, int j, double between, double within) =>
        (i == j ? (1 - _rho) * _v[i] + within : 0) + (between + _rho * Math.Sqrt(_v[i] * _v[j])) * _x[i] * _x[j];

    /// <summary>The root of a 2 × 2 matrix T in closed form: T^(−½) = τ(T + δI)⁻¹ with δ = √|T| and τ = √(tr T + 2δ). Null if T is nearly singular.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private SandwichTerms? OfTwo(double between, double within, double covariance)
    {
        var (x1, x2) = (_x[0], _x[1]);
        var l11 = Math.Sqrt(Covariance(0, 0, between, within));
        var l21 = Covariance(0, 1, between, within) / l11;
        var l22 = Math.Sqrt(Covariance(1, 1, between, within) - l21 * l21);
        var (u1, u2) = (x1 / l11, (x2 - l21 * x1 / l11) / l22); // L⁻¹x
        var (s11, s12, s22) = (l11 * l11 + l21 * l21, l21 * l22, l22 * l22); // L′L
        var (p1, p2) = (l11 * x1 + l21 * x2, l22 * x2); // L′x
        var t11 = s11 * s11 + s12 * s12 - covariance * p1 * p1;
        var t12 = s12 * (s11 + s22) - covariance * p1 * p2;
        var t22 = s12 * s12 + s22 * s22 - covariance * p2 * p2;
        var left = 1 - covariance * (u1 * u1 + u2 * u2); // |T| = |L′L|² left
        var root = l11 * l11 * l22 * l22 * Math.Sqrt(Math.Max(0, left));
        if (!(root * root > SmallDeterminant * (t11 + t22) * (t11 + t22)))
        {
            return null;
        }
        var scale = 1 / (root * Math.Sqrt(t11 + t22 + 2 * root));
        var (n1, n2) = (scale * ((t22 + root) * u1 - t12 * u2), scale * ((t11 + root) * u2 - t12 * u1));
        var (f1, f2) = (l11 * n1, l21 * n1 + l22 * n2); // F
        var (q1, q2) = (l11 * f1 + l21 * f2, l22 * f2); // L′F
        return SandwichTerms.Of(f1 * _e[0] + f2 * _e[1], f1 * x1 + f2 * x2, q1 * q1 + q2 * q2);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private SandwichTerms OfSeveral(double between, double within, double covariance)
    {
        var n = _v.Length;
        Span<double> work = n <= MaximumOnStack ? stackalloc double[3 * MaximumOnStack * MaximumOnStack + 3 * MaximumOnStack] : new double[3 * n * (n + 1)];
        Span<double> l = work[..(n * n)], t = work.Slice(n * n, n * n), vectors = work.Slice(2 * n * n, n * n);
        Span<double> u = work.Slice(3 * n * n, n), p = work.Slice(3 * n * n + n, n), f = work.Slice(3 * n * n + 2 * n, n);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                l[i * n + j] = Covariance(i, j, between, within);
            }
        }
        if (!SymmetricMatrix.Cholesky(l, n))
        {
            throw new StatisticsException("outOfRange", "The numbers are too large or too small for double precision.");
        }
        _x.CopyTo(u);
        SymmetricMatrix.SolveLower(l, n, u, 1);
        MultiplyTransposed(l, _x, p);
        var largest = Squares(l, n, vectors, t);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                t[i * n + j] -= covariance * p[i] * p[j];
            }
        }
        SymmetricMatrix.Eigen(t, n, vectors);
        InverseRoot(t, vectors, SandwichTerms.SingularityTolerance * largest, u, p);
        for (var i = 0; i < n; i++)
        {
            f[i] = VectorMath.Dot(l.Slice(i * n, i + 1), p[..(i + 1)]);
        }
        MultiplyTransposed(l, f, p);
        return SandwichTerms.Of(VectorMath.Dot(f, _e), VectorMath.Dot(f, _x), VectorMath.Dot(p, p));
    }

    /// <summary>(L′L)², and its largest diagonal element.</summary>
    private static double Squares(ReadOnlySpan<double> l, int n, Span<double> product, Span<double> squares)
    {
        for (var i = 0; i < n; i++)
        {
            CancellationScope.ThrowIfCancelled();
            for (var j = 0; j < n; j++)
            {
                product[i * n + j] = 0;
                for (var c = Math.Max(i, j); c < n; c++)
                {
                    product[i * n + j] += l[c * n + i] * l[c * n + j];
                }
            }
        }
        var largest = 0.0;
        for (var i = 0; i < n; i++)
        {
            CancellationScope.ThrowIfCancelled();
            for (var j = 0; j < n; j++)
            {
                squares[i * n + j] = VectorMath.Dot(product.Slice(i * n, n), product.Slice(j * n, n));
            }
            largest = Math.Max(largest, squares[i * n + i]);
        }
        return largest;
    }

    /// <summary>T^(−½)u from eigenvalues and eigenvectors, without the directions of the smallest.</summary>
    private static void InverseRoot(ReadOnlySpan<double> values, ReadOnlySpan<double> vectors, double smallest, ReadOnlySpan<double> u, Span<double> product)
    {
        var n = u.Length;
        product.Clear();
        for (var c = 0; c < n; c++)
        {
            if (values[c * n + c] <= smallest)
            {
                continue;
            }
            var amount = 0.0;
            for (var i = 0; i < n; i++)
            {
                amount += vectors[i * n + c] * u[i];
            }
            amount /= Math.Sqrt(values[c * n + c]);
            for (var i = 0; i < n; i++)
            {
                product[i] += amount * vectors[i * n + c];
            }
        }
    }

    private static void MultiplyTransposed(ReadOnlySpan<double> l, ReadOnlySpan<double> x, Span<double> product)
    {
        var n = x.Length;
        for (var i = 0; i < n; i++)
        {
            product[i] = 0;
            for (var j = i; j < n; j++)
            {
                product[i] += l[j * n + i] * x[j];
            }
        }
    }
}
