namespace RealRelationship.Statistics;

/// <content>Predicted values, tests of terms, and variance inflation.</content>
public sealed partial record MetaRegressionFit
{
    private TauSquaredConfidence? _confidence;
    private WhitenedModel? _whitened;
    private Dictionary<double, WhitenedModel>? _nodes; // of the predictive distribution, the same for every row

    internal LinearModelFit Estimation { get; init; } = null!;

    internal OneSampleSupport? Support { get; init; }

    private double Tau2 => Estimation.TauSquared.Value;

    private WhitenedModel Whitened => _whitened ??= Estimation.Model.Whiten(Tau2);

    /// <summary>The mean x′β at a row of the design, with its interval and the prediction interval for a new study. Agrees with metafor's <c>predict</c> if
    /// <see cref="ModelOptions.Prediction"/> is that of the test.</summary>
    /// <param name="name">Name of the mean.</param>
    /// <param name="row">One finite number per coefficient, 1 for the intercept; see <see cref="RegressionDesign.Row"/>.</param>
    /// <exception cref="ArgumentException">The length differs from the number of coefficients, or a number is not finite.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the mean overflows.</exception>
    public RegressionPrediction Predict(string name, ReadOnlySpan<double> row)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (row.Length != Coefficients.Count || !row.AllFinite())
        {
            throw new ArgumentException($"There are {Coefficients.Count} coefficients, which take as many finite numbers.", nameof(row));
        }
        var (estimate, variance) = Whitened.Combine(row);
        var rests = Support?.RestsOnOneSample(row) ?? false;
        var distribution = MetaRegression.DistributionOf(Estimation, rests, Samples);
        var mean = ReferenceDistribution.ToCoefficient(distribution, name, estimate, Math.Sqrt(variance * VarianceMultiplier), Options.Alpha) with
        {
            RestsOnOneSample = rests,
        };
        double[] x = [.. row];
        return new RegressionPrediction(mean, Estimation.Prediction(mean, distribution,
            () => new PredictiveDistribution(_confidence ??= new TauSquaredConfidence(Estimation.Model), tau2 => WhitenedAt(tau2).Combine(x))));
    }

    private WhitenedModel WhitenedAt(double tau2)
    {
        _nodes ??= [];
        return _nodes.TryGetValue(tau2, out var known) ? known : _nodes[tau2] = Estimation.Model.Whiten(tau2);
    }

    /// <summary>Test that the coefficients of a term are zero. Those identified by a single sample are no part of it
    /// (<see cref="ModelOptions.OneSample"/>).</summary>
    /// <param name="columns">Numbers of the coefficients, not 0, each once.</param>
    /// <returns>Null if none is left, or without residual degrees of freedom for F.</returns>
    /// <exception cref="ArgumentException">A number is not one of a coefficient after the intercept, or is there twice.</exception>
    public WaldTest? TestOf(IReadOnlyList<int> columns)
    {
        CheckColumns(columns);
        int[] tested = [.. columns.Where(j => Options.OneSample == OneSampleInference.AsRequested || !Coefficients[j].RestsOnOneSample)];
        return MetaRegression.Omnibus(tested.Length == 0 ? 0 : Whitened.Wald(tested), tested.Length, Estimation);
    }

    /// <summary>Generalised variance-inflation factor of some coefficients beside all others after the intercept, from their correlations; the ordinary one
    /// (VIF) of a single coefficient. Fox and Monette 1992, Journal of the American Statistical Association 87; metafor's <c>vif</c>.</summary>
    /// <param name="columns">As of <see cref="TestOf"/>; not empty.</param>
    /// <returns>At least 1; null beyond double precision.</returns>
    /// <inheritdoc cref="TestOf" path="/exception"/>
    public double? InflationOf(params IReadOnlyList<int> columns)
    {
        CheckColumns(columns);
        var factor = Whitened.InflationOf(columns);
        return double.IsFinite(factor) ? Math.Max(1, factor) : null;
    }

    /// <summary>Interval of the residual τ² by the profile likelihood: every τ² whose log-likelihood, restricted for REML, lies at most χ²₁(1 − α)/2 below the
    /// maximum; the outermost of them if they are no interval. Hardy and Thompson 1996, Statistics in Medicine 15; metafor's
    /// <c>confint(type = "PL")</c>.</summary>
    /// <returns>Null for estimators other than ML and REML, and without residual degrees of freedom.</returns>
    public Interval? ProfileTauSquaredInterval() => Residual.TauSquared is null ? null : Options.Estimator switch
    {
        TauSquaredEstimator.MaximumLikelihood => Likelihood.ProfileInterval(Estimation.Model, restricted: false, Tau2, Options.Alpha),
        TauSquaredEstimator.RestrictedMaximumLikelihood => Likelihood.ProfileInterval(Estimation.Model, restricted: true, Tau2, Options.Alpha),
        _ => null,
    };

    private void CheckColumns(IReadOnlyList<int> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Any(j => j < 1 || j >= Coefficients.Count) || columns.Distinct().Count() < columns.Count)
        {
            throw new ArgumentException($"Coefficients after the intercept are numbered from 1 to {Coefficients.Count - 1}.", nameof(columns));
        }
    }
}
