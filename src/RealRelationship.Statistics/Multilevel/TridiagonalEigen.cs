namespace RealRelationship.Statistics;

/// <summary>Eigenvalues and eigenvectors of a symmetric matrix by Householder's reduction to tridiagonal form and implicit QL steps.</summary>
/// <remarks>The procedures tred2 and tql2 (Bowdler, Martin, Reinsch and Wilkinson 1968, Numerische Mathematik 11), with the token looked at in every row.
/// O(n³) time.</remarks>
internal static class TridiagonalEigen
{
    private const int MaxSteps = 60;
    private const double Epsilon = 2.220446049250313e-16;

    /// <summary>Leaves the eigenvalues on the diagonal of <paramref name="a"/> and the eigenvectors in the columns of <paramref name="vectors"/>.</summary>
    /// <param name="a">The matrix, n × n, row by row.</param>
    /// <param name="n">Number of rows.</param>
    /// <param name="vectors">n × n, row by row.</param>
    public static void Decompose(Span<double> a, int n, Span<double> vectors)
    {
        var (d, e, rows) = (new double[n], new double[n], new double[n][]);
        for (var i = 0; i < n; i++)
        {
            rows[i] = a.Slice(i * n, n).ToArray();
        }
        Reduce(rows, d, e);
        Array.Copy(e, 1, e, 0, n - 1);
        e[n - 1] = 0;
        Diagonalise(rows, d, e);
        for (var i = 0; i < n; i++)
        {
            a[i * n + i] = d[i];
            rows[i].CopyTo(vectors[(i * n)..]);
        }
    }

    /// <summary>V′AV tridiagonal, with diagonal d and subdiagonal e[1..].</summary>
    private static void Reduce(double[][] v, double[] d, double[] e)
    {
        var n = d.Length;
        v[n - 1].CopyTo(d, 0);
        for (var i = n - 1; i > 0; i--)
        {
            CancellationScope.ThrowIfCancelled();
            var (scale, h) = (0.0, 0.0);
            for (var k = 0; k < i; k++)
            {
                scale += Math.Abs(d[k]);
            }
            if (scale == 0)
            {
                e[i] = d[i - 1];
                for (var j = 0; j < i; j++)
                {
                    d[j] = v[i - 1][j];
                    v[i][j] = v[j][i] = 0;
                }
            }
            else
            {
                h = Reflect(v, d, e, i, scale);
            }
            d[i] = h;
        }
        Accumulate(v, d);
        e[0] = 0;
    }

    private static double Reflect(double[][] v, double[] d, double[] e, int i, double scale)
    {
        var h = 0.0;
        for (var k = 0; k < i; k++)
        {
            d[k] /= scale;
            h += d[k] * d[k];
        }
        var f = d[i - 1];
        var g = f > 0 ? -Math.Sqrt(h) : Math.Sqrt(h);
        e[i] = scale * g;
        h -= f * g;
        d[i - 1] = f - g;
        Array.Clear(e, 0, i);
        for (var j = 0; j < i; j++)
        {
            CancellationScope.ThrowIfCancelled(j);
            f = d[j];
            v[j][i] = f;
            g = e[j] + v[j][j] * f;
            for (var k = j + 1; k < i; k++)
            {
                g += v[k][j] * d[k];
                e[k] += v[k][j] * f;
            }
            e[j] = g;
        }
        f = 0;
        for (var j = 0; j < i; j++)
        {
            e[j] /= h;
            f += e[j] * d[j];
        }
        var hh = f / (h + h);
        for (var j = 0; j < i; j++)
        {
            e[j] -= hh * d[j];
        }
        for (var j = 0; j < i; j++)
        {
            CancellationScope.ThrowIfCancelled(j);
            (f, g) = (d[j], e[j]);
            for (var k = j; k < i; k++)
            {
                v[k][j] -= f * e[k] + g * d[k];
            }
            d[j] = v[i - 1][j];
            v[i][j] = 0;
        }
        return h;
    }

    private static void Accumulate(double[][] v, double[] d)
    {
        var n = d.Length;
        for (var i = 0; i < n - 1; i++)
        {
            v[n - 1][i] = v[i][i];
            v[i][i] = 1;
            var h = d[i + 1];
            if (h != 0)
            {
                for (var k = 0; k <= i; k++)
                {
                    d[k] = v[k][i + 1] / h;
                }
                for (var j = 0; j <= i; j++)
                {
                    CancellationScope.ThrowIfCancelled(j);
                    var g = 0.0;
                    for (var k = 0; k <= i; k++)
                    {
                        g += v[k][i + 1] * v[k][j];
                    }
                    for (var k = 0; k <= i; k++)
                    {
                        v[k][j] -= g * d[k];
                    }
                }
            }
            for (var k = 0; k <= i; k++)
            {
                v[k][i + 1] = 0;
            }
        }
        for (var j = 0; j < n; j++)
        {
            d[j] = v[n - 1][j];
            v[n - 1][j] = 0;
        }
        v[n - 1][n - 1] = 1;
    }

    /// <summary>Leaves the eigenvalues of a tridiagonal matrix on its diagonal, and turns rows by its eigenvectors.</summary>
    /// <param name="v">Rows, each as long as the diagonal: those of the identity become those of the eigenvectors.</param>
    /// <param name="d">The diagonal.</param>
    /// <param name="e">What is below it, and a 0; overwritten.</param>
    public static void Diagonalise(double[][] v, double[] d, double[] e)
    {
        var n = d.Length;
        var (f, largest) = (0.0, 0.0);
        for (var l = 0; l < n; l++)
        {
            largest = Math.Max(largest, Math.Abs(d[l]) + Math.Abs(e[l]));
            var m = l;
            while (m < n - 1 && Math.Abs(e[m]) > Epsilon * largest)
            {
                m++;
            }
            for (var steps = 0; m > l && steps < MaxSteps; steps++)
            {
                f += Step(v, d, e, l, m);
                if (Math.Abs(e[l]) <= Epsilon * largest)
                {
                    break;
                }
            }
            d[l] += f;
            e[l] = 0;
        }
    }

    /// <summary>One QL step on rows l to m; returns the shift.</summary>
    private static double Step(double[][] v, double[] d, double[] e, int l, int m)
    {
        var g = d[l];
        var p = (d[l + 1] - g) / (2 * e[l]);
        var r = p < 0 ? -double.Hypot(p, 1) : double.Hypot(p, 1);
        d[l] = e[l] / (p + r);
        d[l + 1] = e[l] * (p + r);
        var next = d[l + 1];
        var shift = g - d[l];
        for (var i = l + 2; i < d.Length; i++)
        {
            d[i] -= shift;
        }
        p = d[m];
        double c = 1, c2 = 1, c3 = 1, s = 0, s2 = 0;
        var el1 = e[l + 1];
        for (var i = m - 1; i >= l; i--)
        {
            CancellationScope.ThrowIfCancelled(i);
            (c3, c2, s2) = (c2, c, s);
            g = c * e[i];
            var h = c * p;
            r = double.Hypot(p, e[i]);
            e[i + 1] = s * r;
            s = e[i] / r;
            c = p / r;
            p = c * d[i] - s * g;
            d[i + 1] = h + s * (c * g + s * d[i]);
            for (var k = 0; k < v.Length; k++)
            {
                h = v[k][i + 1];
                v[k][i + 1] = s * v[k][i] + c * h;
                v[k][i] = c * v[k][i] - s * h;
            }
        }
        p = -s * s2 * c3 * el1 * e[l] / next;
        e[l] = s * p;
        d[l] = c * p;
        return shift;
    }
}
