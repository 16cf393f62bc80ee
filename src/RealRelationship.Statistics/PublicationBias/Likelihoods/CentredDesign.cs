namespace RealRelationship.Statistics;

/// <summary>Columns of a design with the mean taken from all but the intercept, so that the intercept is nearly independent of slopes.</summary>
internal sealed class CentredDesign
{
    private readonly double[] _means; // 0 of the intercept

    public CentredDesign(DesignMatrix design)
    {
        _means = new double[design.Columns];
        Columns = new double[design.Columns][];
        for (var c = 0; c < Columns.Length; c++)
        {
            var column = design.Column(c).ToArray();
            _means[c] = c == 0 ? 0 : column.Average();
            Columns[c] = [.. column.Select(value => value - _means[c])];
        }
    }

    public double[][] Columns { get; }

    public double[] ToCentred(double[] beta) => [beta[0] + VectorMath.Dot(beta, _means), .. beta.Skip(1)];

    /// <summary>Coefficients of the design as given and their covariance, from a longer vector that starts with those of the centred one.</summary>
    public (double[] Beta, double[,] Covariance) FromCentred(double[] parameters, double[,] covariance)
    {
        var p = _means.Length;
        double[] beta = [.. parameters.Take(p)];
        beta[0] -= VectorMath.Dot(beta.AsSpan(1), _means.AsSpan(1));
        var own = new double[p, p];
        for (var a = 0; a < p; a++)
        {
            for (var b = 0; b < p; b++)
            {
                own[a, b] = covariance[a, b];
            }
        }
        for (var a = 1; a < p; a++) // row 0 less the weighted rows, then columns
        {
            for (var b = 0; b < p; b++)
            {
                own[0, b] -= _means[a] * covariance[a, b];
            }
        }
        for (var b = 1; b < p; b++)
        {
            own[b, 0] = own[0, b];
            own[0, 0] -= _means[b] * own[0, b];
        }
        return (beta, own);
    }
}
