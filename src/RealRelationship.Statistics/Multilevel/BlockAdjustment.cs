using System.Runtime.CompilerServices;

namespace RealRelationship.Statistics;

/// <summary>The CR2 adjustment of a cluster of many samples, in time and memory linear in its rows.</summary>
/// <remarks>
/// The working covariance Φ of a cluster is diagonal on the eigenvectors of its samples, Φ = Λ. There A = Λ^½(Λ² − ZZ′)^(−½)Λ^½ with Z = Λ^½XR, RR′ =
/// (X′Φ⁻¹X)⁻¹: a diagonal matrix less one of rank p. With M = Λ² − ZZ′ and t = exp s, M^(−½) = (2/π)∫ exp(s)(M + exp(2s)I)⁻¹ds (Higham 2008, Functions
/// of Matrices, section 6.2), and each (M + t²I)⁻¹ is a diagonal matrix and one of rank p (Woodbury). For an eigenvalue λ of M the integrand is
/// sech(s − ln(λ)/2)/(2√λ), analytic where |Im s| &lt; π/2, so that the error of the trapezoidal rule with step h is about 2exp(−π²/h), relative to
/// 1/√λ (Trefethen and Weideman 2014, theorem 5.1): at h = 1/4 it is below the precision of a double. Eigenvalues that are 0, whose directions CR2 excludes,
/// have no such integral.
/// </remarks>
internal static class BlockAdjustment
{
    /// <summary>Number of points of the trapezoidal rule.</summary>
    public const int Points = 328;

    private const double Step = 0.25;
    private const double LowestPoint = -46; // 10⁻¹⁰ of the largest eigenvalue, and 15 digits
    private const double SmallestEigenvalue = 1e-10;

    /// <summary>Turns the rows of each sample by the eigenvectors of its Φ = diagonal + between·11′ + rho·ss′, whose eigenvalues are left on the diagonal
    /// with 1 and s set to 0.</summary>
    /// <param name="samples">The sample of each row; those of one sample are together.</param>
    /// <param name="diagonal">Variances of the rows.</param>
    /// <param name="one">1 on the rows.</param>
    /// <param name="s">Standard errors on the rows.</param>
    /// <param name="between">Variance between samples.</param>
    /// <param name="rho">Correlation of sampling errors.</param>
    /// <param name="x">X, row by row.</param>
    /// <param name="e">Residuals.</param>
    public static void Diagonalise(ReadOnlySpan<int> samples, double[] diagonal, double[] one, double[] s, double between, double rho, double[] x, double[] e)
    {
        var p = x.Length / e.Length;
        for (int from = 0, to; from < samples.Length; from = to)
        {
            to = from + 1;
            while (to < samples.Length && samples[to] == samples[from])
            {
                to++;
            }
            var m = to - from;
            var (phi, q) = (new double[m * m], new double[m * m]);
            for (var i = 0; i < m; i++)
            {
                CancellationScope.ThrowIfCancelled();
                for (var j = 0; j < m; j++)
                {
                    phi[i * m + j] = (i == j ? diagonal[from + i] : 0) + between * one[from + i] * one[from + j] + rho * s[from + i] * s[from + j];
                }
            }
            SymmetricMatrix.Eigen(phi, m, q);
            Turn(q, m, x.AsSpan(from * p, m * p), p);
            Turn(q, m, e.AsSpan(from, m), 1);
            for (var i = 0; i < m; i++)
            {
                diagonal[from + i] = phi[i * m + i];
            }
        }
        one.AsSpan(0, samples.Length).Clear();
        s.AsSpan(0, samples.Length).Clear();
    }

    /// <summary>F = AΦ⁻¹X and Φ^½F.</summary>
    /// <param name="eigenvalues">Λ, one for each row.</param>
    /// <param name="x">X on the eigenvectors, row by row.</param>
    /// <param name="covariance">(X′Φ⁻¹X)⁻¹ of all clusters.</param>
    /// <param name="f">Receives F.</param>
    /// <param name="lf">Receives Φ^½F.</param>
    /// <returns>False if an eigenvalue of M is 0, or nearly so.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryAdjust(ReadOnlySpan<double> eigenvalues, ReadOnlySpan<double> x, double[] covariance, Span<double> f, Span<double> lf)
    {
        var r = eigenvalues.Length;
        var p = x.Length / r;
        double[] root = [.. covariance];
        if (!SymmetricMatrix.Cholesky(root, p))
        {
            return false;
        }
        var largest = 0.0;
        foreach (var eigenvalue in eigenvalues)
        {
            largest = Math.Max(largest, eigenvalue);
        }
        // Scaled, so that the largest eigenvalue is 1.
        var (d, z, w) = (new double[r], new double[r * p], new double[r * p]);
        for (var i = 0; i < r; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            var scaled = eigenvalues[i] / largest;
            d[i] = scaled * scaled;
            for (var a = 0; a < p; a++)
            {
                w[i * p + a] = x[i * p + a] / Math.Sqrt(eigenvalues[i]);
                for (var b = a; b < p; b++)
                {
                    z[i * p + a] += x[i * p + b] * root[b * p + a];
                }
                z[i * p + a] *= Math.Sqrt(eigenvalues[i]) / largest;
            }
        }
        var (inner, product) = (new double[p * p], new double[p * p]);
        if (!TryCapacitance(d, z, w, -SmallestEigenvalue, inner, product))
        {
            return false;
        }
        f[..(r * p)].Clear();
        for (var point = 0; point < Points; point++)
        {
            CancellationScope.ThrowIfCancelled();
            var t = Math.Exp(LowestPoint + (point * Step));
            if (!TryCapacitance(d, z, w, t * t, inner, product))
            {
                return false;
            }
            SymmetricMatrix.SolveLower(inner, p, product, p);
            SymmetricMatrix.SolveUpper(inner, p, product, p);
            AddResolvent(d, z, w, t, product, f);
        }
        for (var i = 0; i < r; i++)
        {
            var scale = Step * 2 / Math.PI / largest * Math.Sqrt(eigenvalues[i]);
            for (var a = 0; a < p; a++)
            {
                f[i * p + a] *= scale;
                lf[i * p + a] = f[i * p + a] * Math.Sqrt(eigenvalues[i]);
            }
        }
        return true;
    }

    /// <summary>The Cholesky factor of I − Z′(Λ² + shift)⁻¹Z, and Z′(Λ² + shift)⁻¹W; false if M + shift is not positive definite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryCapacitance(double[] d, double[] z, double[] w, double shift, double[] inner, double[] product)
    {
        var p = z.Length / d.Length;
        Array.Clear(inner);
        Array.Clear(product);
        for (var i = 0; i < d.Length; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            var divisor = d[i] + shift;
            if (!(divisor > 0))
            {
                return false;
            }
            Span<double> zi = z.AsSpan(i * p, p), wi = w.AsSpan(i * p, p);
            for (var a = 0; a < p; a++)
            {
                var share = zi[a] / divisor;
                for (var b = 0; b < p; b++)
                {
                    inner[a * p + b] -= share * zi[b];
                    product[a * p + b] += share * wi[b];
                }
            }
        }
        for (var a = 0; a < p; a++)
        {
            inner[a * p + a]++;
        }
        return SymmetricMatrix.Cholesky(inner, p);
    }

    /// <summary>Adds t(M + t²I)⁻¹W = t(Λ² + t²)⁻¹(W + ZY).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddResolvent(double[] d, double[] z, double[] w, double t, double[] y, Span<double> sum)
    {
        var p = z.Length / d.Length;
        for (var i = 0; i < d.Length; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            var share = t / (d[i] + (t * t));
            for (var a = 0; a < p; a++)
            {
                var value = w[i * p + a];
                for (var b = 0; b < p; b++)
                {
                    value += z[i * p + b] * y[b * p + a];
                }
                sum[i * p + a] += share * value;
            }
        }
    }

    /// <summary>Q′B in place of B.</summary>
    private static void Turn(double[] q, int m, Span<double> b, int columns)
    {
        double[] given = [.. b];
        for (var c = 0; c < m; c++)
        {
            CancellationScope.ThrowIfCancelled();
            for (var a = 0; a < columns; a++)
            {
                var sum = 0.0;
                for (var i = 0; i < m; i++)
                {
                    sum += q[i * m + c] * given[i * columns + a];
                }
                b[c * columns + a] = sum;
            }
        }
    }
}
