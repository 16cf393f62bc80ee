namespace RealRelationship.Statistics;

/// <summary>Small symmetric matrices, stored row by row.</summary>
internal static class SymmetricMatrix
{
    private const int MaximumSweeps = 60;
    private const int LargeSize = 24; // from here on reduction to tridiagonal form is faster than rotations

    /// <summary>Replaces a positive definite matrix by its Cholesky factor, lower triangular; false when it is not positive definite.</summary>
    public static bool Cholesky(Span<double> a, int n)
    {
        for (var j = 0; j < n; j++)
        {
            CancellationScope.ThrowIfCancelled();
            for (var i = j; i < n; i++)
            {
                var sum = a[i * n + j];
                for (var l = 0; l < j; l++)
                {
                    sum -= a[i * n + l] * a[j * n + l];
                }
                if (i > j)
                {
                    a[i * n + j] = sum / a[j * n + j];
                    a[j * n + i] = 0;
                }
                else if (sum > 0 && double.IsFinite(sum))
                {
                    a[j * n + j] = Math.Sqrt(sum);
                }
                else
                {
                    return false;
                }
            }
        }
        return true;
    }

    /// <summary>The inverse and the logarithm of the determinant of a positive definite matrix; null when it is not.</summary>
    public static (double[] Inverse, double LogDeterminant)? Invert(ReadOnlySpan<double> a, int n)
    {
        double[] l = [.. a];
        if (!Cholesky(l, n))
        {
            return null;
        }
        var (inverse, column, log) = (new double[n * n], new double[n], 0.0);
        for (var c = 0; c < n; c++)
        {
            CancellationScope.ThrowIfCancelled();
            log += 2 * Math.Log(l[c * n + c]);
            Array.Clear(column);
            column[c] = 1;
            SolveLower(l, n, column, 1);
            SolveUpper(l, n, column, 1);
            for (var i = 0; i < n; i++)
            {
                inverse[i * n + c] = column[i];
            }
        }
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
            {
                inverse[i * n + j] = inverse[j * n + i] = (inverse[i * n + j] + inverse[j * n + i]) / 2;
            }
        }
        return (inverse, log);
    }

    /// <summary>x′A⁻¹x; null when A is not positive definite. Both are overwritten.</summary>
    public static double? InverseForm(Span<double> a, Span<double> x)
    {
        if (!Cholesky(a, x.Length))
        {
            return null;
        }
        SolveLower(a, x.Length, x, 1);
        var form = VectorMath.Dot(x, x);
        return double.IsFinite(form) ? form : null;
    }

    /// <summary>Replaces B, with the given number of columns, by L⁻¹B.</summary>
    public static void SolveLower(ReadOnlySpan<double> l, int n, Span<double> b, int columns)
    {
        for (var i = 0; i < n; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            for (var c = 0; c < columns; c++)
            {
                var sum = b[i * columns + c];
                for (var j = 0; j < i; j++)
                {
                    sum -= l[i * n + j] * b[j * columns + c];
                }
                b[i * columns + c] = sum / l[i * n + i];
            }
        }
    }

    /// <summary>L⁻ᵀB in place of B.</summary>
    public static void SolveUpper(ReadOnlySpan<double> l, int n, Span<double> b, int columns)
    {
        for (var i = n - 1; i >= 0; i--)
        {
            CancellationScope.ThrowIfCancelled(i);
            for (var c = 0; c < columns; c++)
            {
                var sum = b[i * columns + c];
                for (var j = i + 1; j < n; j++)
                {
                    sum -= l[j * n + i] * b[j * columns + c];
                }
                b[i * columns + c] = sum / l[i * n + i];
            }
        }
    }

    /// <summary>Eigenvalues, left on the diagonal of <paramref name="a"/>, and eigenvectors, the columns of <paramref name="vectors"/>, by Jacobi's rotations
    /// (Golub and Van Loan 2013, Matrix Computations, 8.5).</summary>
    public static void Eigen(Span<double> a, int n, Span<double> vectors)
    {
        if (n > LargeSize)
        {
            TridiagonalEigen.Decompose(a, n, vectors);
            return;
        }
        vectors[..(n * n)].Clear();
        for (var i = 0; i < n; i++)
        {
            vectors[i * n + i] = 1;
        }
        for (var sweep = 0; sweep < MaximumSweeps; sweep++)
        {
            var rotated = false;
            for (var i = 0; i < n - 1; i++)
            {
                CancellationScope.ThrowIfCancelled();
                for (var j = i + 1; j < n; j++)
                {
                    rotated |= Rotate(a, n, vectors, i, j);
                }
            }
            if (!rotated)
            {
                return;
            }
        }
    }

    private static bool Rotate(Span<double> a, int n, Span<double> vectors, int i, int j)
    {
        var (ii, jj, ij) = (a[i * n + i], a[j * n + j], a[i * n + j]);
        if (Math.Abs(ij) <= 1e-16 * Math.Sqrt(Math.Abs(ii)) * Math.Sqrt(Math.Abs(jj)) || Math.Abs(ij) < 1e-300)
        {
            return false;
        }
        var theta = (jj - ii) / (2 * ij);
        var t = Math.CopySign(1 / (Math.Abs(theta) + double.Hypot(theta, 1)), theta);
        var c = 1 / double.Hypot(t, 1);
        var s = t * c;
        for (var l = 0; l < n; l++)
        {
            if (l != i && l != j)
            {
                var (li, lj) = (a[l * n + i], a[l * n + j]);
                a[i * n + l] = a[l * n + i] = c * li - s * lj;
                a[j * n + l] = a[l * n + j] = s * li + c * lj;
            }
            var (vi, vj) = (vectors[l * n + i], vectors[l * n + j]);
            vectors[l * n + i] = c * vi - s * vj;
            vectors[l * n + j] = s * vi + c * vj;
        }
        a[i * n + i] = ii - t * ij;
        a[j * n + j] = jj + t * ij;
        a[i * n + j] = a[j * n + i] = 0;
        return true;
    }
}
