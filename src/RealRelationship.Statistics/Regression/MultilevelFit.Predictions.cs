namespace RealRelationship.Statistics;

/// <content>Predicted values, tests of terms, and variance inflation.</content>
public sealed partial record MultilevelFit
{
    /// <summary>The mean x′β at a row of the design, and where the true effect of a new sample with these values is expected.</summary>
    /// <param name="name">Name of the mean.</param>
    /// <param name="row">One finite number per coefficient, 1 for the intercept; see <see cref="RegressionDesign.Row"/>.</param>
    /// <exception cref="ArgumentException">The length differs from the number of coefficients, or a number is not finite.</exception>
    public RegressionPrediction Predict(string name, params ReadOnlySpan<double> row)
    {
        var mean = LinearCombination(name, row);
        return new RegressionPrediction(mean, TauSquaredRange is not null ? null
            : MultilevelModel.Predict(mean, TauSquared, Units - Coefficients.Count, Options));
    }

    /// <summary>The model's test that the coefficients of a term are zero, and the robust one (HTZ); each null as <see cref="Omnibus"/> and
    /// <see cref="RobustOmnibus"/>. Coefficients identified by a single sample are no part of them (<see cref="MultilevelOptions.OneSample"/>).</summary>
    /// <param name="columns">Numbers of the coefficients, not 0, each once.</param>
    public (WaldTest? Model, RobustWaldTest? Robust) TestOf(IReadOnlyList<int> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var inference = Inference.Of(columns);
        return (inference.Omnibus(), inference.RobustOmnibus());
    }

    /// <summary>Generalised variance-inflation factor as <see cref="MetaRegressionFit.InflationOf"/>, from the covariance that the model expects.</summary>
    /// <param name="columns">Numbers of the coefficients, not 0, each once.</param>
    /// <returns>At least 1; null beyond double precision.</returns>
    public double? InflationOf(params IReadOnlyList<int> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var covariance = Inference.ModelCovariance();
        int[] all = [.. Enumerable.Range(1, Coefficients.Count - 1)];
        var factor = Math.Exp(LogDeterminant(columns) + LogDeterminant([.. all.Except(columns)]) - LogDeterminant(all));
        return double.IsFinite(factor) ? Math.Max(1, factor) : null;

        double LogDeterminant(IReadOnlyList<int> some)
        {
            double[] correlations = [.. some.SelectMany(a => some.Select(b => covariance[a, b] / Math.Sqrt(covariance[a, a] * covariance[b, b])))];
            return SymmetricMatrix.Invert(correlations, some.Count)?.LogDeterminant ?? double.NegativeInfinity;
        }
    }
}
