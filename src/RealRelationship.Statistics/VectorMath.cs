namespace RealRelationship.Statistics;

/// <summary>Arithmetic on columns of equal length.</summary>
internal static class VectorMath
{
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }
        return sum;
    }

    public static double Dot(ReadOnlySpan<double> w, ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += w[i] * a[i] * b[i];
        }
        return sum;
    }

    public static double Norm(ReadOnlySpan<double> a) => Math.Sqrt(Dot(a, a));

    public static double Square(double x) => x * x;

    /// <summary>Orthogonalises a column against the first ones, normalises it and returns its former length. Coefficients go to <paramref name="r"/>.</summary>
    public static double Orthogonalise(Span<double> column, double[][] columns, int count, Span<double> r)
    {
        r.Clear();
        Project(column, columns, count, r);
        var length = Norm(column);
        r[count] = length;
        foreach (ref var x in column)
        {
            x /= length;
        }
        return length;
    }

    /// <summary>Takes orthonormal columns out of one, and adds the amounts. Twice is enough:
    /// the second pass takes out what rounding left of the first.</summary>
    public static void Project(Span<double> column, double[][] columns, int count, Span<double> amounts)
    {
        for (var pass = 0; pass < 2; pass++)
        {
            for (var j = 0; j < count; j++)
            {
                CancellationScope.ThrowIfCancelled();
                var amount = Dot(columns[j], column);
                amounts[j] += amount;
                Subtract(column, amount, columns[j]);
            }
        }
    }

    public static void Subtract(Span<double> column, double amount, ReadOnlySpan<double> other)
    {
        for (var i = 0; i < column.Length; i++)
        {
            column[i] -= amount * other[i];
        }
    }
}

/// <summary>Upper triangular matrices, stored by columns.</summary>
internal static class TriangularMatrix
{
    public static double[][] Invert(double[][] r)
    {
        var inverse = new double[r.Length][];
        for (var b = 0; b < r.Length; b++)
        {
            CancellationScope.ThrowIfCancelled();
            inverse[b] = new double[r.Length];
            inverse[b][b] = 1 / r[b][b];
            for (var a = b - 1; a >= 0; a--)
            {
                var sum = 0.0;
                for (var c = a + 1; c <= b; c++)
                {
                    sum += r[c][a] * inverse[b][c];
                }
                inverse[b][a] = -sum / r[a][a];
            }
        }
        return inverse;
    }

    public static double[][] Multiply(double[][] x, double[][] z)
    {
        var product = new double[x.Length][];
        for (var b = 0; b < x.Length; b++)
        {
            CancellationScope.ThrowIfCancelled();
            product[b] = new double[x.Length];
            for (var c = 0; c <= b; c++)
            {
                for (var a = 0; a <= c; a++)
                {
                    product[b][a] += x[c][a] * z[b][c];
                }
            }
        }
        return product;
    }
}
