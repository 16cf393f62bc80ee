namespace RealRelationship.Statistics;

/// <summary>A weighted regression in coordinates in which the coefficients are independent with variance 1: W^½X = UM, U orthonormal.</summary>
/// <remarks>A combination x′β is z′g with M′z = x, and its variance z′z: by substitution, without the covariance matrix, whose elements cancel where terms
/// are nearly collinear, as powers are.</remarks>
/// <param name="M">Upper triangular, by columns.</param>
/// <param name="G">U′W^½y, of effects from which <see cref="Centre"/> was taken.</param>
internal sealed record WhitenedModel(double[][] M, double[] G)
{
    /// <summary>Part of the intercept.</summary>
    public double Centre { get; init; }

    /// <summary>z.</summary>
    public double[] Coordinates(ReadOnlySpan<double> x)
    {
        var z = new double[M.Length];
        for (var j = 0; j < z.Length; j++)
        {
            var sum = x[j];
            for (var a = 0; a < j; a++)
            {
                sum -= M[j][a] * z[a];
            }
            z[j] = sum / M[j][j];
        }
        return z;
    }

    /// <summary>x′β and its variance, without multiplier.</summary>
    public (double Estimate, double Variance) Combine(ReadOnlySpan<double> x)
    {
        var z = Coordinates(x);
        return (VectorMath.Dot(z, G) + Centre * x[0], VectorMath.Dot(z, z));
    }

    /// <summary>The Wald statistic of the hypothesis that some coefficients are zero, without multiplier: the part of g in the span of their z.</summary>
    public double Wald(IReadOnlyList<int> columns)
    {
        var basis = Orthonormal([.. columns.Select(j => Coordinates(Unit(j)))]).Basis;
        return basis.Sum(q => VectorMath.Square(VectorMath.Dot(q, G)));
    }

    /// <summary>Generalised variance-inflation factor of some columns after the first: |C||S| with C their block of (X′WX)⁻¹ and S their weighted, centred
    /// cross-products.</summary>
    public double InflationOf(IReadOnlyList<int> columns)
    {
        var inverse = Orthonormal([.. columns.Select(j => Coordinates(Unit(j)))]).LogDeterminant;
        var centred = Orthonormal([.. columns.Select(j => (double[])[.. M[j].Skip(1)])]).LogDeterminant;
        return Math.Exp(inverse + centred);
    }

    private double[] Unit(int j)
    {
        var unit = new double[M.Length];
        unit[j] = 1;
        return unit;
    }

    /// <summary>Gram–Schmidt, with ln|V′V| of the columns V.</summary>
    private static (double[][] Basis, double LogDeterminant) Orthonormal(double[][] columns)
    {
        var (r, log) = (new double[columns.Length], 0.0);
        for (var j = 0; j < columns.Length; j++)
        {
            log += 2 * Math.Log(VectorMath.Orthogonalise(columns[j], columns, j, r));
        }
        return (columns, log);
    }
}
