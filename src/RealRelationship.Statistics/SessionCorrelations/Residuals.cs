namespace RealRelationship.Statistics.SessionCorrelations;

/// <summary>x and y with the variables after them partialled out.</summary>
/// <param name="XX">Residual sum of squares of x, positive.</param>
/// <param name="XY">Residual cross-products.</param>
/// <param name="YY">Residual sum of squares of y, positive.</param>
/// <param name="X">The residual of x as a combination of all variables: 1, 0, minus the slopes.</param>
/// <param name="Y">The residual of y.</param>
internal sealed record Residuals(double XX, double XY, double YY, double[] X, double[] Y)
{
    private const double Rounding = 1e-12; // what is left of a sum of squares below this share of it is rounding

    public double R => XY / Math.Sqrt(XX) / Math.Sqrt(YY);

    /// <summary>By Gaussian elimination, the last variable first.</summary>
    /// <param name="crossProducts">Packed, centred.</param>
    /// <param name="scale">Of each variable, the sum of squares its rounding is measured by: before centring, if it was centred by subtraction.</param>
    /// <returns>Null when a variable has no variance left.</returns>
    public static Residuals? Of(ReadOnlySpan<double> crossProducts, ReadOnlySpan<double> scale)
    {
        var p = scale.Length;
        var s = new double[p, p];
        var combination = new double[p][];
        for (var i = 0; i < p; i++)
        {
            combination[i] = new double[p];
            combination[i][i] = 1;
            for (var j = 0; j < p; j++)
            {
                s[i, j] = crossProducts[PackedMatrix.Index(p, i, j)];
            }
        }
        for (var t = p - 1; t >= 0; t--)
        {
            if (!(s[t, t] > Rounding * scale[t]))
            {
                return null;
            }
            if (t >= 2)
            {
                Eliminate(s, combination, t);
            }
        }
        return new Residuals(s[0, 0], s[0, 1], s[1, 1], combination[0], combination[1]);
    }

    private static void Eliminate(double[,] s, double[][] combination, int t)
    {
        for (var i = 0; i < t; i++)
        {
            var slope = s[i, t] / s[t, t];
            for (var j = 0; j < t; j++)
            {
                s[i, j] -= slope * s[t, j];
            }
            for (var j = 0; j < combination[i].Length; j++)
            {
                combination[i][j] -= slope * combination[t][j];
            }
        }
    }
}
