using System.Text.Json.Serialization;

using RealRelationshipApi.Analyses.Models;

namespace RealRelationshipApi.Analyses.Pool;

/// <summary>The answer of <c>/meta/pool</c>.</summary>
internal sealed record PoolResponse : AnalysisResponse
{
    public required PooledEffectResponse Pooled { get; init; }

    /// <summary>The pooled effect as a correlation; null with measure raw.</summary>
    public required CorrelationResponse? Correlation { get; init; }

    /// <summary>The pooled effect as a standardised mean difference; null with measure raw.</summary>
    public required CohensDResponse? CohensD { get; init; }

    public required HeterogeneityResponse Heterogeneity { get; init; }

    /// <summary>Two one-sided tests against the margin that was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EquivalenceResponse? Equivalence { get; init; }

    /// <summary>The Hunter–Schmidt analysis that was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HunterSchmidtResponse? Artifacts { get; init; }

    /// <summary>One row an effect, or a sample where effects were aggregated.</summary>
    public required IReadOnlyList<WeightedEffect> Studies { get; init; }
}

/// <summary>The pooled effect on the scale of analysis.</summary>
/// <param name="Scale">fisherZ or raw.</param>
/// <param name="Effect">The estimate.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Statistic">Estimate by standard error.</param>
/// <param name="StatisticName">z or t.</param>
/// <param name="Df">Degrees of freedom of t; null for z.</param>
/// <param name="P">Two-sided p-value of no effect.</param>
/// <param name="Lower">Lower end of the confidence interval.</param>
/// <param name="Upper">Upper end of the confidence interval.</param>
/// <param name="PredictionLower">Lower end of the prediction interval; null for the common-effect model and for one effect.
/// From 10 effects or fewer it holds less than it promises: in simulations 80 to 91 % of new true effects where 95 % was promised.</param>
/// <param name="PredictionUpper">Upper end of the prediction interval.</param>
internal sealed record PooledEffectResponse(string Scale, double Effect, double? StandardError, double? Statistic, string StatisticName, double? Df, double? P,
    double? Lower, double? Upper, double? PredictionLower, double? PredictionUpper)
{
    /// <summary>Lower end of the interval for the mean of a new sample, where effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SamplePredictionLower { get; init; }

    /// <summary>Upper end of the interval for the mean of a new sample, where effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SamplePredictionUpper { get; init; }
}

/// <summary>The pooled effect as r. <c>R</c> is the median of the distribution of true correlations, <c>Mean</c> its mean.</summary>
internal sealed record CorrelationResponse(double R, double? Lower, double? Upper, double? PredictionLower, double? PredictionUpper, double? Mean);

/// <summary>The pooled effect as Cohen's d = 2r/√(1 − r²).</summary>
internal sealed record CohensDResponse(double? D, double? Lower, double? Upper);

/// <summary>How much effects differ beyond sampling error. I² is in percent.</summary>
internal sealed record HeterogeneityResponse
{
    public required double Q { get; init; }

    public required int Df { get; init; }

    public required double? P { get; init; }

    public required double? Tau2 { get; init; }

    public required double? Tau2StandardError { get; init; }

    public required double? Tau2Lower { get; init; }

    public required double? Tau2Upper { get; init; }

    public required double? Tau { get; init; }

    public required double? I2 { get; init; }

    public required double? I2Lower { get; init; }

    public required double? I2Upper { get; init; }

    public required double? H2 { get; init; }

    public required double? H2Lower { get; init; }

    public required double? H2Upper { get; init; }

    /// <summary>How many true effects lie above a threshold; null for the common-effect model and for one effect.</summary>
    public required ProbabilityAboveResponse? ProbabilityAbove { get; init; }

    // The parts of a model with effects nested in samples; null in the models that have none.

    public double? BetweenVariance { get; init; }

    public double? BetweenLower { get; init; }

    public double? BetweenUpper { get; init; }

    public double? WithinVariance { get; init; }

    public double? WithinLower { get; init; }

    public double? WithinUpper { get; init; }

    public double? I2Between { get; init; }

    public double? I2Within { get; init; }
}

/// <summary>The share of true effects above a threshold: a correlation, or a value of the raw scale.</summary>
internal sealed record ProbabilityAboveResponse(double Threshold, double P);

/// <param name="Effects">Effects that entered.</param>
/// <param name="Samples">Samples they come from.</param>
/// <param name="Studies">Studies they come from.</param>
/// <param name="Participants">Over samples, the largest number of participants known of each.</param>
/// <param name="ParticipantsUnknown">Samples of which no number is known.</param>
internal sealed record CountsResponse(int Effects, int Samples, int Studies, double Participants, int ParticipantsUnknown);

/// <summary>The model that was fitted, with nothing left open.</summary>
internal sealed record ModelResponse
{
    public required EffectMeasure Measure { get; init; }

    public required Dependence Dependence { get; init; }

    /// <summary>Null where effects are independent.</summary>
    public required double? Rho { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AggregationChoice? Aggregation { get; init; }

    public required Estimator Estimator { get; init; }

    public required TestChoice Test { get; init; }

    public required RobustVarianceChoice Robust { get; init; }

    public required double Confidence { get; init; }

    public required DefinitionsResponse Definitions { get; init; }

    public double? LogLikelihood { get; init; }

    /// <summary>Steps that the estimator of tau² took to converge to machine precision.</summary>
    public int? Iterations { get; init; }

    public bool? Converged { get; init; }
}

/// <summary>Which definition each number follows.</summary>
/// <param name="I2">tau2Based (Higgins and Thompson's typical variance), or qBased for the common-effect model.</param>
/// <param name="Prediction">The distribution of the prediction interval: normal, tKMinusP tSatterthwaite, tKMinusPMinus1 or tSamplesMinusPMinus1;
/// null where there is none.</param>
/// <param name="BackTransform">tanh of the pooled Fisher z is the median correlation; null with measure raw.</param>
internal sealed record DefinitionsResponse(string I2, string? Prediction, string? BackTransform);

/// <summary>Hunter and Schmidt's analysis of r (Schmidt and Hunter 2015): how much of the observed variance is artefact.</summary>
/// <param name="Method">bareBones or reliability.</param>
/// <param name="Effects">Effects that entered; dependent ones count once a sample.</param>
/// <param name="LeftOut">Effects without number of participants, or without both reliabilities.</param>
/// <param name="MeanR">Mean correlation, weighted by n (reliability: by n times the squared attenuation, and corrected).</param>
/// <param name="ObservedVariance">Variance of the correlations, weighted likewise.</param>
/// <param name="ErrorVariance">What sampling error explains of it.</param>
/// <param name="ResidualVariance">What is left.</param>
/// <param name="StandardError">Of the mean.</param>
/// <param name="CredibilityLower">Lower end of the 80 % credibility interval.</param>
/// <param name="CredibilityUpper">Upper end of the 80 % credibility interval.</param>
/// <param name="PercentOfVariance">Percent of the observed variance that artefacts explain.</param>
internal sealed record HunterSchmidtResponse(ArtifactCorrection Method, int Effects, int LeftOut, double MeanR, double ObservedVariance, double ErrorVariance,
    double ResidualVariance,
    double StandardError, double CredibilityLower, double CredibilityUpper, double? PercentOfVariance);

internal sealed record EquivalenceResponse(double Margin, double P, bool Equivalent);

/// <summary>One effect, or one sample's composite, as it entered. <c>Lower</c> and <c>Upper</c> are on r, or on the raw scale.</summary>
internal sealed record WeightedEffect(string Id, string Study, string Sample, double Effect, double StandardError, double? R, double Lower, double Upper,
    double? N, double Weight);

/// <summary>What the answer rests on.</summary>
/// <param name="Revision">Evidence revision; null for effects of the body.</param>
/// <param name="AsOf">When that revision came about.</param>
/// <param name="Fingerprint">SHA-256 over the effects that entered.</param>
/// <param name="Version">Version of the software.</param>
internal sealed record DataProvenanceResponse(long? Revision, DateTimeOffset? AsOf, string Fingerprint, string Version);
