namespace RealRelationship.Statistics;

/// <summary>How effects of one sample belong together. Both have a random intercept for the sample and one for the effect.</summary>
public enum DependenceModel
{
    /// <summary>Independent sampling errors; Konstantopoulos 2011, Research Synthesis Methods 2.</summary>
    ThreeLevel,
    /// <summary>Sampling errors correlate by ρ inside a sample, vᵢⱼ = ρ√(vᵢvⱼ); Pustejovsky and Tipton 2022, Prevention Science 23.</summary>
    CorrelatedHierarchical,
}

/// <summary>Cluster-robust variances of coefficients, by sample, with the fitted model as working model; Pustejovsky and Tipton 2018, Journal of Business
/// &amp; Economic Statistics 36.</summary>
public enum RobustVariance
{
    /// <summary>The model's own.</summary>
    None,
    /// <summary>Sandwich estimator without small-sample correction.</summary>
    CR0,
    /// <summary>CR0 times m/(m − 1), m samples.</summary>
    CR1,
    /// <summary>Bias-reduced linearisation: unbiased if the working model is true.</summary>
    CR2,
}

/// <summary>Options of a model of dependent effects. The default is the correlated hierarchical model with ρ = 0.6, REML,
/// CR2 and 95 % intervals.</summary>
public sealed record MultilevelOptions
{
    private readonly double _rho = 0.6;
    private readonly double _confidence = 0.95;
    private readonly PredictionDistribution _prediction = PredictionDistribution.SameAsTest;
    private readonly CoefficientTest _test = CoefficientTest.StudentT;

    /// <summary>The model; correlated hierarchical unless set.</summary>
    public DependenceModel Model { get; init; } = DependenceModel.CorrelatedHierarchical;

    /// <summary>Correlation of the sampling errors inside a sample, at least 0 and below 1; 0.6 unless set. The three-level model does not use it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not in [0, 1).</exception>
    public double Rho
    {
        get => _rho;
        init => _rho = Guard.InRange(value is >= 0 and < 1, value, nameof(value), "The correlation is at least 0 and below 1.");
    }

    /// <summary>REML, the default, or ML.</summary>
    public bool Restricted { get; init; } = true;

    /// <summary>The variance of coefficients; CR2 unless set.</summary>
    public RobustVariance Robust { get; init; } = RobustVariance.CR2;

    /// <summary>Normal, or t with effects − p degrees of freedom, the default.
    /// With a robust variance t has Satterthwaite degrees of freedom whatever is set here.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A test of Knapp and Hartung's.</exception>
    public CoefficientTest Test
    {
        get => _test;
        init => _test = value is CoefficientTest.Normal or CoefficientTest.StudentT
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Dependent effects are tested by the normal or the t distribution.");
    }

    /// <summary>The distribution of prediction intervals; that of the test unless set. Riley's has samples − p − 1 degrees of freedom.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The confidence distribution, which is for independent effects.</exception>
    public PredictionDistribution Prediction
    {
        get => _prediction;
        init => _prediction = value is PredictionDistribution.SameAsTest or PredictionDistribution.Riley
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Dependent effects are predicted by the distribution of the test or by Riley's.");
    }

    /// <summary>Test of coefficients identified by a single sample; by default the working model.</summary>
    public OneSampleInference OneSample { get; init; } = OneSampleInference.WorkingModel;

    /// <summary>Coverage of every interval, strictly between 0 and 1; 0.95 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not strictly between 0 and 1.</exception>
    public double Confidence
    {
        get => _confidence;
        init => _confidence = Guard.InRange(value is > 0 and < 1, value, nameof(value), "Confidence lies strictly between 0 and 1.");
    }

    /// <summary>Whether to give profile-likelihood intervals of the variances; true unless set.</summary>
    public bool ProfileIntervals { get; init; } = true;

    internal double Alpha => 1 - Confidence;

    /// <summary>The correlation that the model uses.</summary>
    internal double Correlation => Model == DependenceModel.ThreeLevel ? 0 : Rho;
}
