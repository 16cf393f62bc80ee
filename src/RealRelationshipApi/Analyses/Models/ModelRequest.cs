namespace RealRelationshipApi.Analyses.Models;

/// <summary>How effects are to be pooled; whatever is absent has its default.</summary>
internal sealed record ModelRequest
{
    /// <summary>fisherZ when absent.</summary>
    public EffectMeasure? Measure { get; init; }

    /// <summary>auto when absent.</summary>
    public Dependence? Dependence { get; init; }

    /// <summary>Correlation of sampling errors inside a sample, in [0, 1); 0.6 when absent.</summary>
    public double? Rho { get; init; }

    /// <summary>inverseVariance when absent; simple takes the plain mean of a sample's effects.</summary>
    public AggregationChoice? Aggregation { get; init; }

    /// <summary>reml when absent.</summary>
    public Estimator? Estimator { get; init; }

    /// <summary>auto when absent.</summary>
    public TestChoice? Test { get; init; }

    /// <summary>auto when absent.</summary>
    public RobustVarianceChoice? Robust { get; init; }

    /// <summary>auto when absent.</summary>
    public PredictionIntervalChoice? Prediction { get; init; }

    /// <summary>none when absent; else adds a Hunter–Schmidt analysis of r.</summary>
    public ArtifactCorrection? Artifacts { get; init; }

    /// <summary>A margin on r: adds two one-sided tests of equivalence.</summary>
    public double? Equivalence { get; init; }

    /// <summary>In (0.5, 1); 0.95 when absent.</summary>
    public double? Confidence { get; init; }
}
