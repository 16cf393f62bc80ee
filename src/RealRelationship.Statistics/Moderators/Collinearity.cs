namespace RealRelationship.Statistics;

/// <summary>How nearly the terms of a design depend on each other: the condition number of its columns, weighted by 1/v, centred and scaled to length 1, which
/// for a single term is 1 whatever its unit and origin (Belsley, Kuh and Welsch 1980, Regression Diagnostics, chapter 3).</summary>
internal static class Collinearity
{
    private const double LargestConditionNumber = 100;
    private const double SmallestVariation = 1e-6; // of a column beside its size

    public static bool IsNearlyAliased(NestedData data)
    {
        var (p, r, columns) = (data.Columns, new double[data.Columns], new double[data.Columns][]);
        for (var j = 0; j < p; j++)
        {
            columns[j] = [.. Enumerable.Range(0, data.Effects).Select(i => data.Design(i, j) / data.S[i])];
            var length = VectorMath.Norm(columns[j]);
            VectorMath.Orthogonalise(columns[j], columns, Math.Min(j, 1), r);
            if (j > 0 && r[1] < SmallestVariation * length)
            {
                return true;
            }
        }
        var q = p - 1;
        var (gram, vectors) = (new double[q * q], new double[q * q]);
        for (var a = 0; a < q; a++)
        {
            for (var b = 0; b < q; b++)
            {
                gram[a * q + b] = VectorMath.Dot(columns[a + 1], columns[b + 1]);
            }
        }
        SymmetricMatrix.Eigen(gram, q, vectors);
        var (smallest, largest) = (double.PositiveInfinity, 0.0);
        for (var a = 0; a < q; a++)
        {
            (smallest, largest) = (Math.Min(smallest, gram[a * q + a]), Math.Max(largest, gram[a * q + a]));
        }
        return !(Math.Sqrt(largest) <= LargestConditionNumber * Math.Sqrt(Math.Max(0, smallest)));
    }
}
