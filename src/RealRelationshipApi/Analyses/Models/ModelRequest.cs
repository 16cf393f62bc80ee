namespace RealRelationshipApi.Analyses.Models;

/// <summary>Options of the model; absent ones have their defaults.</summary>
internal sealed record ModelRequest
{
    /// <summary>Scale of analysis; default fisherZ. correlation pools r itself, which is biased.</summary>
    public EffectMeasure? Measure { get; init; }

    /// <summary>Treatment of dependent effects; default auto.</summary>
    public Dependence? Dependence { get; init; }

    /// <summary>Correlation of sampling errors within a sample, in [0, 1); default 0.6.</summary>
    public double? Rho { get; init; }

    /// <summary>Correlation of sampling errors of pairs of one sample of the same outcomeType, from rho to below 1; default rho.</summary>
    public double? RhoSameOutcome { get; init; }

    /// <summary>Correlation of sampling errors of pairs of one sample of the same relationshipRater and outcomeRater, from rho to below 1;
    /// default rho.</summary>
    public double? RhoSameRater { get; init; }

    /// <summary>Correlation of sampling errors of pairs of one sample of the same relationshipMeasure, from rho to below 1; default rho.</summary>
    public double? RhoSameForm { get; init; }

    /// <summary>Cluster of robust variances; default sample.</summary>
    public ClusterChoice? Cluster { get; init; }

    /// <summary>How the effects of a sample are aggregated; default inverseVariance. simple takes their unweighted mean.</summary>
    public AggregationChoice? Aggregation { get; init; }

    /// <summary>Estimator of tau²; default reml.</summary>
    public Estimator? Estimator { get; init; }

    /// <summary>Test and interval of the pooled effect; default auto.</summary>
    public TestChoice? Test { get; init; }

    /// <summary>Cluster-robust variance; default auto.</summary>
    public RobustVarianceChoice? Robust { get; init; }

    /// <summary>Distribution of the prediction interval; default auto.</summary>
    public PredictionIntervalChoice? Prediction { get; init; }

    /// <summary>Adds a Hunter–Schmidt analysis of r; default none.</summary>
    public ArtifactCorrection? Artifacts { get; init; }

    /// <summary>Restriction of the range of the relationship measure, corrected with artifacts reliability; default none. Needs uRatio.</summary>
    public RangeRestrictionChoice? RangeRestriction { get; init; }

    /// <summary>Standard deviation of the relationship measure in the samples over that in the population, above 0, at most 10.</summary>
    public double? URatio { get; init; }

    /// <summary>Equivalence margin on r; adds two one-sided tests.</summary>
    public double? Equivalence { get; init; }

    /// <summary>Confidence level of all intervals, in (0.5, 1); default 0.95.</summary>
    public double? Confidence { get; init; }

    /// <summary>Adds inference that holds at every look: an e-value and a confidence sequence; default none.</summary>
    public SequentialChoice? Sequential { get; init; }

    /// <summary>Centre of the normal prior of the mean, on the scale of analysis, −2 to 2; default 0. For <c>/meta/bayes</c>.</summary>
    public double? PriorMuMean { get; init; }

    /// <summary>Standard deviation of the normal prior of the mean, on the scale of analysis, 0.1 to 2; default 0.5. For <c>sequential</c> and
    /// <c>/meta/bayes</c>.</summary>
    public double? PriorMuSd { get; init; }

    /// <summary>Family of the prior of tau; default halfNormal. For <c>/meta/bayes</c>; that of <c>sequential</c> is half-normal.</summary>
    public TauPriorChoice? PriorTau { get; init; }

    /// <summary>Scale of the prior of tau, 0.05 to 1; default 0.3, or 1 for <c>priorTau: uniform</c>. For <c>sequential</c> and <c>/meta/bayes</c>.</summary>
    public double? PriorTauScale { get; init; }
}
