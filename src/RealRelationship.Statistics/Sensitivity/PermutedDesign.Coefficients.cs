namespace RealRelationship.Statistics;

/// <content>t² of each coefficient, and what counts as equal to the data's own statistics.</content>
internal sealed partial class PermutedDesign
{
    private readonly double[][] _combinations; // each coefficient in terms of those of the orthonormal columns

    /// <summary>Number of statistics: that of the omnibus test, then one per coefficient.</summary>
    public int Count => 1 + _p;

    /// <summary>The smallest statistics that are the data's own but for rounding.</summary>
    /// <remarks>Sums of squares explained are known to some digits of the total T. Divided by a residual mean square they are F,
    /// and what is known of F is known of its share F/(F + df) of T: when next to nothing is left over, F itself has hardly a digit.</remarks>
    public double[] ObservedThresholds()
    {
        var observed = new double[Count];
        Compute([.. Enumerable.Range(0, _y.Length)], observed);
        var estimation = new LinearModelFit(new LinearModel(_y, _v, _design), _options);
        var (tau2, df) = (estimation.TauSquared.Value, estimation.Model.DegreesOfFreedom);
        var total = estimation.Model.Solve(tau2).Explained + estimation.Model.At(tau2).Q;
        return Array.ConvertAll(observed, Threshold);

        double Threshold(double statistic)
        {
            var tolerance = Math.Max(Math.Max(Rounding, RelativeRounding * statistic), RoundingOfSums * total / Math.Max(1, estimation.Multiplier));
            var threshold = double.IsFinite(statistic) ? statistic - tolerance : double.PositiveInfinity;
            if (estimation.Multiplier == 1)
            {
                return threshold;
            }
            var left = 1 / (1 + statistic / df) + RoundingOfSums; // 1 less the share
            return Math.Min(threshold, df * Math.Max(0, 1 - left) / left);
        }
    }

    /// <summary>With z = L⁻¹c, c a combination of the orthonormal columns, the coefficient is z′g and its variance z′z.</summary>
    private void Coefficients(double multiplier, Span<double> squares)
    {
        for (var j = 0; j < _p; j++)
        {
            var (estimate, variance) = (j == 0 ? _mean : 0.0, 0.0);
            for (var a = 0; a < _p; a++)
            {
                var z = _combinations[j][a];
                for (var c = 0; c < a; c++)
                {
                    z -= _a[a, c] * _beta[c];
                }
                _beta[a] = z / _a[a, a];
                estimate += _beta[a] * _g[a];
                variance += _beta[a] * _beta[a];
            }
            squares[j] = Ratio(estimate * estimate / variance, multiplier);
        }
    }

    private void Refit(ReadOnlySpan<int> rows, Span<double> statistics)
    {
        var permuted = DesignMatrix.WithIntercept(rows.Length);
        for (var j = 1; j < _p; j++)
        {
            var column = new double[rows.Length];
            for (var i = 0; i < column.Length; i++)
            {
                column[i] = _design[rows[i], j];
            }
            permuted = permuted.Add(new ContinuousTerm(_design.Names[j], column));
        }
        var estimation = new LinearModelFit(new LinearModel(_y, _v, permuted), _options);
        var (beta, covariance, explained) = estimation.Model.Solve(estimation.TauSquared.Value);
        statistics[0] = Ratio(explained, estimation.Multiplier);
        for (var j = 0; j < _p; j++)
        {
            statistics[1 + j] = Ratio(beta[j] * beta[j] / covariance[j, j], estimation.Multiplier);
        }
    }

    private static double Ratio(double explained, double multiplier) => multiplier > 0 ? explained / multiplier : explained > 0 ? double.PositiveInfinity : 0;
}
