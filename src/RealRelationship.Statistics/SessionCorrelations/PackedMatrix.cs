namespace RealRelationship.Statistics.SessionCorrelations;

/// <summary>Symmetric matrices stored as their upper triangle, row by row.</summary>
internal static class PackedMatrix
{
    public static int Length(int size) => size * (size + 1) / 2;

    public static int Index(int size, int row, int column) =>
        row <= column ? row * (2 * size - row - 1) / 2 + column : Index(size, column, row);

    /// <summary>The number of variables of a packed matrix.</summary>
    /// <exception cref="ArgumentException">No matrix has a triangle of that length.</exception>
    public static int Size(int length, string parameter)
    {
        var size = (int)Math.Round((Math.Sqrt(8.0 * length + 1) - 1) / 2);
        return Length(size) == length ? size : throw new ArgumentException($"An upper triangle does not have {length} elements.", parameter);
    }

    /// <summary>a′Mb.</summary>
    public static double BilinearForm(ReadOnlySpan<double> a, ReadOnlySpan<double> m, ReadOnlySpan<double> b)
    {
        var (sum, n) = (0.0, a.Length);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                sum += a[i] * m[Index(n, i, j)] * b[j];
            }
        }
        return sum;
    }

    /// <summary>Coefficients of a′Mb as a linear form in the elements of packed M.</summary>
    public static double[] BilinearCoefficients(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var n = a.Length;
        var form = new double[Length(n)];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                form[Index(n, i, j)] += a[i] * b[j];
            }
        }
        return form;
    }
}
