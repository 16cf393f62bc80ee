namespace RealRelationship.Statistics;

/// <summary>A linear model with its τ² estimated: what the mean and the regression have in common.</summary>
internal sealed class LinearModelFit
{
    private readonly Moments _atZero;
    private readonly Moments _atTau2;

    public LinearModelFit(LinearModel model, ModelOptions options)
    {
        (Model, Options) = (model, options);
        Estimable = model.DegreesOfFreedom >= 1;
        TauSquared = Estimable ? Statistics.TauSquared.Estimate(model, options.Estimator) : new TauSquaredEstimate(0, null);
        Guard.FiniteResult(TauSquared.Value);
        _atZero = model.At(0);
        _atTau2 = model.At(TauSquared.Value);
        Distribution = ReferenceDistribution.Of(options.Test, model.DegreesOfFreedom);
        (Multiplier, FloorApplied) = VarianceMultiplier();
    }

    public LinearModel Model { get; }

    public ModelOptions Options { get; }

    /// <summary>True when there are residual degrees of freedom, without which τ² is unknown and taken as 0.</summary>
    public bool Estimable { get; }

    public TauSquaredEstimate TauSquared { get; }

    /// <summary>Null when the test is t-based and there are no residual degrees of freedom.</summary>
    public ReferenceDistribution? Distribution { get; }

    /// <summary>On variances of coefficients: the weighted residual mean square under Knapp and Hartung's tests, else 1.</summary>
    public double Multiplier { get; }

    public bool FloorApplied { get; }

    private bool Common => Options.Estimator == TauSquaredEstimator.CommonEffect;

    public double? LogLikelihood()
    {
        var restricted = Options.Estimator == TauSquaredEstimator.RestrictedMaximumLikelihood;
        return restricted && !Estimable ? null : FiniteOrNull(Model.LogLikelihood(TauSquared.Value, restricted));
    }

    /// <summary>Prediction for a mean; null for the common-effect model and without degrees of freedom.</summary>
    public Prediction? Prediction(Coefficient mean) =>
        Prediction(mean, Distribution, () => new PredictiveDistribution(new TauSquaredConfidence(Model), Model.MeanAt));

    /// <summary>Prediction for a combination of coefficients, with what it is referred to.</summary>
    public Prediction? Prediction(Coefficient mean, ReferenceDistribution? distribution, Func<PredictiveDistribution> predictive)
    {
        if (Common || !Estimable)
        {
            return null;
        }
        var df = Model.DegreesOfFreedom;
        return Options.Prediction switch
        {
            PredictionDistribution.ConfidenceDistribution => new Prediction(mean, Options.Alpha, predictive),
            PredictionDistribution.Riley => df > 1 ? new Prediction(mean, Options.Alpha, TauSquared.Value, new ReferenceDistribution(df - 1)) : null,
            _ => distribution is null ? null : new Prediction(mean, Options.Alpha, TauSquared.Value, distribution),
        };
    }

    public Heterogeneity Heterogeneity()
    {
        var df = Model.DegreesOfFreedom;
        if (!Estimable)
        {
            return new Heterogeneity(0, 0, null, null, null, null, null, null, null, null);
        }
        var p = ChiSquared.UpperTail(_atZero.Q, df);
        if (Common)
        {
            var i2 = _atZero.Q > 0 ? 100 * Math.Max(0, (_atZero.Q - df) / _atZero.Q) : 0;
            return new Heterogeneity(RequireFinite(_atZero.Q), df, p, 0, null, null, i2, null, _atZero.Q / df, null);
        }
        var typical = RequireFinite(df / _atZero.TraceP);
        var tau2 = TauSquared.Value;
        var interval = TauSquaredInterval();
        return new Heterogeneity(
            RequireFinite(_atZero.Q), df, p, tau2, FiniteOrNull(TauSquared.StandardError), interval, I2(tau2), Map(interval, I2), H2(tau2), Map(interval, H2))
        {
            IntervalIsEmpty = interval is null,
        };

        double I2(double t) => 100 * t / (t + typical);
        double H2(double t) => t / typical + 1;
    }

    /// <summary>Q-profile: the values of τ² at which Q(τ²) is neither too large nor too small for χ² (Viechtbauer 2007); null when even Q(0) is too
    /// small.</summary>
    private Interval? TauSquaredInterval()
    {
        var df = Model.DegreesOfFreedom;
        var half = Options.Alpha / 2;
        return _atZero.Q < ChiSquared.Quantile(half, df) ? null : new Interval(
            Statistics.TauSquared.SolveForQ(Model, ChiSquared.UpperQuantile(half, df), _atZero).Value,
            Statistics.TauSquared.SolveForQ(Model, ChiSquared.Quantile(half, df), _atZero).Value);
    }

    private (double Multiplier, bool FloorApplied) VarianceMultiplier()
    {
        if (!Estimable || Options.Test is CoefficientTest.Normal or CoefficientTest.StudentT)
        {
            return (1, false);
        }
        var meanSquare = _atTau2.Q / Model.DegreesOfFreedom;
        return Options.Test == CoefficientTest.KnappHartungAdHoc && meanSquare < 1 ? (1, true) : (meanSquare, false);
    }

    private static Interval? Map(Interval? interval, Func<double, double> scale) => interval is { } bounds
        ? new Interval(scale(bounds.Lower), scale(bounds.Upper))
        : null;

    private static double? FiniteOrNull(double? value) => value is { } x && double.IsFinite(x) ? x : null;

    private static double RequireFinite(double value)
    {
        Guard.FiniteResult(value);
        return value;
    }
}
