namespace RealRelationship.Statistics;

/// <summary>How effects of one sample belong together. All have a random intercept for the sample and one for the effect.</summary>
public enum DependenceModel
{
    /// <summary>Independent sampling errors; Konstantopoulos 2011, Research Synthesis Methods 2.</summary>
    ThreeLevel,
    /// <summary>Sampling errors correlate by ρ inside a sample, vᵢⱼ = ρ√(vᵢvⱼ); Pustejovsky and Tipton 2022, Prevention Science 23.</summary>
    CorrelatedHierarchical,
    /// <summary>A random intercept for the study, too, above samples, with sampling errors as in the correlated hierarchical model (independent with ρ = 0).
    /// Studies are <see cref="MultilevelOptions.Clusters"/>, and robust variances are by study.</summary>
    FourLevel,
}

/// <summary>Cluster-robust variances of coefficients, by sample or by the clusters given, with the fitted model as working model;
/// Pustejovsky and Tipton 2018, Journal of Business &amp; Economic Statistics 36.</summary>
public enum RobustVariance
{
    /// <summary>The model's own.</summary>
    None,
    /// <summary>Sandwich estimator without small-sample correction.</summary>
    CR0,
    /// <summary>CR0 times m/(m − 1), m samples or clusters.</summary>
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

    /// <summary>Correlations of sampling errors by kind of pair, one row per effect of the fit, in place of <see cref="Rho"/>; null unless set. The three-level
    /// model does not use them.</summary>
    public SamplingCorrelations? Correlations { get; init; }

    /// <summary>Cluster of each effect of the fit for robust variances, such as its study; samples unless set. All effects of a sample have one cluster. Random
    /// effects remain those of samples, so that clusters protect against what the samples of a study have in common beyond the model. In the four-level
    /// model, which needs them, they are the studies that have random effects.</summary>
    public IReadOnlyList<int>? Clusters { get; init; }

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

    /// <summary>The correlation that the model uses; 0 where there are <see cref="PairCorrelations"/>.</summary>
    internal double Correlation => Model == DependenceModel.ThreeLevel || Correlations is not null ? 0 : Rho;

    /// <summary><see cref="Correlations"/>, if the model uses them.</summary>
    internal SamplingCorrelations? PairCorrelations => Model == DependenceModel.ThreeLevel ? null : Correlations;

    /// <summary>Whether sums over samples do not suffice.</summary>
    internal bool NeedsRefits => PairCorrelations is not null || Model == DependenceModel.FourLevel || (Clusters is not null && Robust != RobustVariance.None);

    /// <summary>The options for some of the effects.</summary>
    internal MultilevelOptions Select(int[] rows) => Correlations is null && Clusters is null
        ? this
        : this with { Correlations = Correlations?.Select(rows), Clusters = Clusters is null ? null : [.. rows.Select(i => Clusters[i])] };
}
