using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RealRelationship.Statistics;

/// <summary>Effects of one sample, for its <see cref="NestedTerms"/> at any two variances, as in <see cref="NestedLikelihood"/>. If all have the same
/// sampling variance, only their number, mean and sum of squares count.</summary>
internal sealed class NestedSample
{
    private readonly double[] _v = [];
    private readonly double[] _s = [];
    private readonly double[] _r = [];
    private readonly SandwichGroups? _groups;
    private readonly double _variance;
    private readonly double _mean;
    private readonly double _squares;
    private readonly double _rho;

    /// <summary>A sample.</summary>
    /// <param name="residuals">Distances of its effects from a value that is the same for all samples.</param>
    /// <param name="variances">Their sampling variances, sorted.</param>
    /// <param name="rho">Correlation of sampling errors.</param>
    public NestedSample(ReadOnlySpan<double> residuals, ReadOnlySpan<double> variances, double rho)
    {
        (Effects, _rho, _variance) = (residuals.Length, rho, variances[0]);
        foreach (var r in residuals)
        {
            _mean += r / Effects;
        }
        foreach (var r in residuals)
        {
            _squares += (r - _mean) * (r - _mean);
        }
        if (variances.ContainsAnyExcept(_variance))
        {
            _groups = SandwichGroups.Of(residuals, variances, rho);
            (_v, _r, _s) = (variances.ToArray(), residuals.ToArray(), new double[Effects]);
            for (var i = 0; i < Effects; i++)
            {
                _s[i] = Math.Sqrt(_v[i]);
            }
        }
    }

    public int Effects { get; }

    /// <summary>Whether all effects have the same sampling variance.</summary>
    public bool HasEqualVariances => _v.Length == 0;

    /// <summary>Terms at σ_b² and σ_w².</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public NestedTerms At(double between, double within)
    {
        if (!HasEqualVariances)
        {
            return AtUnequal(between, within);
        }
        double n = Effects;
        var inside = (1 - _rho) * _variance + within; // M = inside·I + (…)·11′
        var x = 1 / (inside + n * (_rho * _variance + between));
        var (nx, nxr) = (n * x, n * x * _mean);
        if (Effects == 1)
        {
            return NestedTerms.Of(nx, nxr, nxr * _mean, -Math.Log(x), nx * x, nxr * x, nxr * _mean * x, nx, nx * x, nx * x * x, nxr * x * x,
                nxr * _mean * x * x);
        }
        var y = 1 / inside;
        var rest = _squares * y;
        return NestedTerms.Of(nx, nxr, rest + nxr * _mean, (n - 1) * Math.Log(inside) - Math.Log(x), nx * x, nxr * x, rest * y + nxr * _mean * x,
            (n - 1) * y + x, (n - 1) * y * y + x * x, nx * x * x, nxr * x * x, rest * y * y + nxr * _mean * x * x);
    }

    /// <summary><see cref="NestedTerms.First"/> alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Vector256<double> LikelihoodAt(double between, double within)
    {
        if (HasEqualVariances)
        {
            var inside = (1 - _rho) * _variance + within;
            var x = 1 / (inside + Effects * (_rho * _variance + between));
            var (nx, rest, log) = (Effects * x, 0.0, -Math.Log(x));
            if (Effects > 1)
            {
                (rest, log) = (_squares / inside, log + (Effects - 1) * Math.Log(inside));
            }
            return Vector256.Create(nx, nx * _mean, rest + nx * _mean * _mean, log);
        }
        var n = Effects;
        Span<double> work = n <= 32 ? stackalloc double[3 * 32] : new double[3 * n];
        Span<double> w = work[..n], c = work.Slice(n, n), h = work.Slice(2 * n, n);
        var condensed = Condense(within, w, c);
        var inverse = condensed.Invert(between, _rho);
        var (mean, slope, squares) = Project(_r, w, c, 1 / condensed.SumW, condensed.SumC > 0 ? 1 / condensed.SumC : 0, h);
        var (left, right) = (inverse.A * mean + inverse.B * slope, inverse.B * mean + inverse.C * slope);
        return Vector256.Create(inverse.A, left, squares + mean * left + slope * right, condensed.LogD + Math.Log(condensed.Determinant(between, _rho)));
    }

    /// <summary>Adds <see cref="LikelihoodAt"/> at one σ_w² and several σ_b², with the determinants as products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddLikelihoods(double within, ReadOnlySpan<double> between, Span<Vector256<double>> sums, Span<double> products)
    {
        if (!HasEqualVariances)
        {
            for (var i = 0; i < between.Length; i++)
            {
                sums[i] += LikelihoodAt(between[i], within);
            }
            return;
        }
        var inside = (1 - _rho) * _variance + within;
        var (rest, log) = Effects > 1 ? (_squares / inside, (Effects - 1) * Math.Log(inside)) : (0, 0);
        for (var i = 0; i < between.Length; i++)
        {
            var outside = inside + Effects * (_rho * _variance + between[i]);
            var nx = Effects / outside;
            sums[i] += Vector256.Create(nx, nx * _mean, rest + nx * _mean * _mean, log);
            products[i] *= outside;
            if (products[i] is < 1e-140 or > 1e140)
            {
                sums[i] += Vector256.Create(0, 0, 0, Math.Log(products[i]));
                products[i] = 1;
            }
        }
    }

    /// <summary>Terms of the cluster-robust variance of the mean, adjusted by CR2.</summary>
    /// <param name="between">σ_b².</param>
    /// <param name="within">σ_w².</param>
    /// <param name="covariance">The variance of the mean under the model; 0 for no adjustment.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public SandwichTerms SandwichAt(double between, double within, double covariance)
    {
        if (_groups is not null)
        {
            return _groups.At(between, within, covariance);
        }
        var weight = Effects / ((1 - _rho) * _variance + within + Effects * (_rho * _variance + between));
        var left = 1 - covariance * weight;
        return left <= SandwichTerms.SingularityTolerance ? default
            : SandwichTerms.Of(weight * _mean / Math.Sqrt(left), weight / Math.Sqrt(left), weight / left);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private NestedTerms AtUnequal(double between, double within)
    {
        var n = Effects;
        Span<double> work = n <= 32 ? stackalloc double[4 * 32] : new double[4 * n];
        Span<double> w = work[..n], c = work.Slice(n, n), g = work.Slice(2 * n, n), h = work.Slice(3 * n, n);
        var condensed = Condense(within, w, c);
        var inverse = condensed.Invert(between, _rho);
        var (x, y) = (1 / condensed.SumW, condensed.SumC > 0 ? 1 / condensed.SumC : 0);
        var (mean, slope, squares) = Project(_r, w, c, x, y, h);
        var (left, right) = (inverse.A * mean + inverse.B * slope, inverse.B * mean + inverse.C * slope);
        var (trace, traceOfSquare) = condensed.Traces(inverse, w, c);
        double gg = 0, gh = 0, hh = 0;
        for (var i = 0; i < n; i++)
        {
            var ci = y * c[i];
            g[i] = w[i] * (inverse.A * x + inverse.B * ci); // M⁻¹1
            h[i] = w[i] * (h[i] + left * x + right * ci); // M⁻¹r
            (gg, gh, hh) = (gg + g[i] * g[i], gh + g[i] * h[i], hh + h[i] * h[i]);
        }
        var log = condensed.LogD + Math.Log(condensed.Determinant(between, _rho));
        var cubed = Cube(g, h, w, c, x, y, inverse);
        return NestedTerms.Of(inverse.A, left, squares + mean * left + slope * right, log, gg, gh, hh, trace, traceOfSquare,
            cubed.A, cubed.B, cubed.C);
    }

    private CondensedSample Condense(double within, Span<double> w, Span<double> c)
    {
        double sumW = 0, sumS = 0, logD = 0, sumC = 0;
        for (var i = 0; i < w.Length; i++)
        {
            var d = (1 - _rho) * _v[i] + within;
            w[i] = 1 / d;
            logD += Math.Log(d);
            sumW += w[i];
            sumS += w[i] * _s[i];
        }
        var mean = sumS / sumW;
        for (var i = 0; i < w.Length; i++)
        {
            c[i] = _rho > 0 ? _s[i] - mean : 0;
            sumC += w[i] * c[i] * c[i];
        }
        return new CondensedSample(w.Length, sumW, mean, sumC > 1e-24 * sumW * mean * mean ? sumC : 0, logD);
    }

    /// <summary>Weighted mean, slope on c, and the weighted squares of what they leave over.</summary>
    private static (double Mean, double Slope, double Squares) Project(
        ReadOnlySpan<double> a, ReadOnlySpan<double> w, ReadOnlySpan<double> c, double x, double y, Span<double> remainder)
    {
        double mean = 0, slope = 0, squares = 0;
        for (var i = 0; i < a.Length; i++)
        {
            mean += w[i] * a[i];
        }
        mean *= x;
        for (var i = 0; i < a.Length; i++)
        {
            remainder[i] = a[i] - mean;
            slope += w[i] * c[i] * remainder[i];
        }
        slope *= y;
        for (var i = 0; i < a.Length; i++)
        {
            remainder[i] -= slope * (y > 0 ? c[i] : 0);
            squares += w[i] * remainder[i] * remainder[i];
        }
        return (mean, slope, squares);
    }

    /// <summary>g′M⁻¹g, g′M⁻¹h and h′M⁻¹h; g and h are overwritten.</summary>
    private static Symmetric2x2 Cube(Span<double> g, Span<double> h, ReadOnlySpan<double> w, ReadOnlySpan<double> c, double x, double y, in Symmetric2x2 n)
    {
        var (mg, sg, gg) = Project(g, w, c, x, y, g);
        var (mh, sh, hh) = Project(h, w, c, x, y, h);
        var gh = 0.0;
        for (var i = 0; i < g.Length; i++)
        {
            gh += w[i] * g[i] * h[i];
        }
        var (lg, rg, lh, rh) = (n.A * mg + n.B * sg, n.B * mg + n.C * sg, n.A * mh + n.B * sh, n.B * mh + n.C * sh);
        return new(gg + mg * lg + sg * rg, gh + mg * lh + sg * rh, hh + mh * lh + sh * rh);
    }
}
