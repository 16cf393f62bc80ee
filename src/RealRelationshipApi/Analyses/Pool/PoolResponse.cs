using System.Text.Json.Serialization;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Sequential;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses.Pool;

/// <summary>Response of <c>/meta/pool</c>.</summary>
internal sealed record PoolResponse : AnalysisResponse
{
    public required PooledEffectResponse Pooled { get; init; }

    /// <summary>The pooled effect as a correlation; null unless the measure is fisherZ.</summary>
    public required CorrelationResponse? Correlation { get; init; }

    /// <summary>The pooled effect as a standardised mean difference; null unless the measure is fisherZ.</summary>
    public required CohensDResponse? CohensD { get; init; }

    public required HeterogeneityResponse Heterogeneity { get; init; }

    /// <summary>Two one-sided tests against the equivalence margin; present if requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EquivalenceResponse? Equivalence { get; init; }

    /// <summary>The pooled effect without the hypothetical effects of <c>add</c>; present with <c>add</c>, if the stored effects can be pooled.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WithoutAddedResponse? WithoutAdded { get; init; }

    /// <summary>Hunter–Schmidt analysis; present if requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HunterSchmidtResponse? Artifacts { get; init; }

    /// <summary>Inference that holds at every look; present if requested by <c>sequential</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AnytimeResponse? Anytime { get; init; }

    /// <summary>One item per effect, or per sample if effects were aggregated.</summary>
    public required IReadOnlyList<WeightedEffect> Studies { get; init; }
}

/// <summary>What every estimate says of itself behind its numbers.</summary>
internal abstract record EstimateResponse
{
    /// <summary>What standard error, test and interval rest on: the fitted model, or a cluster-robust variance.</summary>
    [JsonPropertyOrder(1)]
    public required StandardErrorBasis Basis { get; init; }

    /// <summary>True where the estimate is not estimable without the effects of one sample: its interval is the model's, with t on samples minus
    /// coefficients, and it is no part of tests and verdict.</summary>
    [JsonPropertyOrder(1)]
    public required bool OneSampleLevel { get; init; }

    /// <summary>Where the likelihood does not tell the estimate: every value between is as likely as the others.</summary>
    [JsonPropertyOrder(1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RangeResponse? Range { get; init; }

    /// <summary>The same of the standard error.</summary>
    [JsonPropertyOrder(1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RangeResponse? StandardErrorRange { get; init; }

    /// <summary>Codes of what deprives these numbers of trust; <c>warnings</c> has their words.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<string> WarningCodes { get; init; }
}

/// <summary>The pooled effect on the scale of analysis.</summary>
/// <param name="Scale">The measure: fisherZ, raw or correlation.</param>
/// <param name="Effect">The estimate; null if it is not identified (see <c>range</c>).</param>
/// <param name="StandardError">Its standard error; null if it is not identified.</param>
/// <param name="Statistic">Estimate divided by its standard error.</param>
/// <param name="StatisticName">z or t.</param>
/// <param name="Df">Degrees of freedom of t; null for z.</param>
/// <param name="P">Two-sided p-value of the test of no effect.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
/// <param name="PredictionLower">Lower prediction limit; <c>model.definitions</c> has its distribution. Null for the common-effect model and for a single
/// effect.</param>
/// <param name="PredictionUpper">Upper prediction limit.</param>
internal sealed record PooledEffectResponse(string Scale, double? Effect, double? StandardError, double? Statistic, string StatisticName, double? Df, double? P,
    double? Lower, double? Upper, double? PredictionLower, double? PredictionUpper) : EstimateResponse
{
    /// <summary>Lower prediction limit of the mean of a new sample; present if effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SamplePredictionLower { get; init; }

    /// <summary>Upper prediction limit of the mean of a new sample; present if effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SamplePredictionUpper { get; init; }

    /// <summary>Lower prediction limit of the mean of a new study; present if studies have random effects.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StudyPredictionLower { get; init; }

    /// <summary>Upper prediction limit of the mean of a new study; present if studies have random effects.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StudyPredictionUpper { get; init; }
}

/// <summary>Range of a number that the likelihood does not identify.</summary>
/// <param name="Lower">Lower end.</param>
/// <param name="Upper">Upper end.</param>
internal sealed record RangeResponse(double Lower, double Upper);

/// <summary>The pooled effect as a correlation. <c>r</c> is the median of the distribution of true correlations, <c>mean</c> its mean.</summary>
/// <param name="R">The median correlation: tanh of the pooled Fisher z. Half of the true correlations are above it; <c>mean</c> is their mean.</param>
/// <param name="Lower">Lower confidence limit of r.</param>
/// <param name="Upper">Upper confidence limit of r.</param>
/// <param name="PredictionLower">Lower prediction limit, as a correlation.</param>
/// <param name="PredictionUpper">Upper prediction limit, as a correlation.</param>
/// <param name="Mean">The mean correlation: expected value of tanh z over the distribution of true effects, which depends on tau². It is nearer to 0 than
/// the median <c>r</c>; null without tau².</param>
internal sealed record CorrelationResponse(double? R, double? Lower, double? Upper, double? PredictionLower, double? PredictionUpper, double? Mean)
{
    /// <summary>Range of r if the likelihood does not identify it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RangeResponse? Range { get; init; }
}

/// <summary>The pooled effect as Cohen's d = 2r/√(1 − r²).</summary>
/// <param name="D">The pooled effect as Cohen's d.</param>
/// <param name="Lower">Lower confidence limit, as d.</param>
/// <param name="Upper">Upper confidence limit, as d.</param>
internal sealed record CohensDResponse(double? D, double? Lower, double? Upper);

/// <param name="Effects">Number of effects analysed.</param>
/// <param name="Samples">Number of their samples.</param>
/// <param name="Studies">Number of their studies.</param>
/// <param name="Participants">Sum over samples of the largest known number of participants.</param>
/// <param name="ParticipantsUnknown">Number of samples whose number of participants is unknown.</param>
internal sealed record CountsResponse(int Effects, int Samples, int Studies, double Participants, int ParticipantsUnknown)
{
    /// <summary>Number of eligible studies without a usable coefficient beside them, of stored evidence as a whole. Filters of effects do not apply to
    /// them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Registered { get; init; }

    /// <summary>Number of hypothetical effects among the effects analysed, which are no evidence; present with <c>add</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Hypothetical { get; init; }
}

/// <summary>The fitted model, with all <c>auto</c> options resolved.</summary>
internal sealed record ModelResponse
{
    /// <summary>Scale of analysis.</summary>
    public required EffectMeasure Measure { get; init; }

    /// <summary>How effects of the same sample are treated.</summary>
    public required Dependence Dependence { get; init; }

    /// <summary>Correlation of sampling errors within a sample; null if effects are independent.</summary>
    public required double? Rho { get; init; }

    /// <summary>Correlation of sampling errors of pairs of one sample of the same outcomeType; absent if it is rho.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RhoSameOutcome { get; init; }

    /// <summary>Correlation of sampling errors of pairs of one sample of the same raters; absent if it is rho.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RhoSameRater { get; init; }

    /// <summary>Correlation of sampling errors of pairs of one sample of the same relationshipMeasure; absent if it is rho.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RhoSameForm { get; init; }

    /// <summary>Cluster of robust variances; absent if it is the sample.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClusterChoice? Cluster { get; init; }

    /// <summary>How effects of a sample are aggregated; absent if they are not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AggregationChoice? Aggregation { get; init; }

    /// <summary>Estimator of tau².</summary>
    public required Estimator Estimator { get; init; }

    /// <summary>Test and interval of coefficients.</summary>
    public required TestChoice Test { get; init; }

    /// <summary>Cluster-robust variance; <c>none</c> for that of the model.</summary>
    public required RobustVarianceChoice Robust { get; init; }

    /// <summary>Confidence level of all intervals.</summary>
    public required double Confidence { get; init; }

    /// <summary>anytime if inference that holds at every look was requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SequentialChoice? Sequential { get; init; }

    public required DefinitionsResponse Definitions { get; init; }

    /// <summary>Log-likelihood at the optimum, restricted for REML; null for estimators without one.</summary>
    public double? LogLikelihood { get; init; }

    /// <summary>Iterations of the tau² estimator until convergence to machine precision.</summary>
    public int? Iterations { get; init; }

    /// <summary>Whether the iterations converged.</summary>
    public bool? Converged { get; init; }
}

/// <summary>Definitions of the reported numbers.</summary>
/// <param name="I2">tau2Based (typical variance of Higgins and Thompson), or qBased for the common-effect model.</param>
/// <param name="Prediction">Distribution of the prediction interval: confidenceDistribution, normal, tKMinusP, tSatterthwaite, tKMinusPMinus1,
/// tSamplesMinusPMinus1 or posteriorPredictive; null if there is none.</param>
/// <param name="Predicts">What the prediction interval is of: newEffect, or newSampleComposite for aggregated effects; null if there is none.</param>
/// <param name="BackTransform">Meaning of the correlation: tanh of the pooled Fisher z is the median correlation; null unless the measure is fisherZ.</param>
internal sealed record DefinitionsResponse(string I2, string? Prediction, string? Predicts, string? BackTransform);

/// <param name="Margin">The margin on r.</param>
/// <param name="P">The larger p-value of the two one-sided tests.</param>
/// <param name="Equivalent">Whether p is below 1 − confidence: the pooled correlation is within ± the margin.</param>
internal sealed record EquivalenceResponse(double Margin, double P, bool Equivalent);

/// <summary>An effect, or the composite of a sample, with its weight. <c>lower</c> and <c>upper</c> are correlations, or on the raw scale.</summary>
/// <param name="Id">Id of the effect, or name of the sample.</param>
/// <param name="Study">Key of the study.</param>
/// <param name="Sample">Name of the sample.</param>
/// <param name="Effect">The effect on the scale of analysis.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="R">The effect as a correlation; null with measure raw.</param>
/// <param name="Lower">Lower confidence limit of the effect alone, as a correlation or on the raw scale.</param>
/// <param name="Upper">Upper confidence limit of the effect alone.</param>
/// <param name="N">Number of participants; null if unknown.</param>
/// <param name="Weight">Weight in the pooled effect, in percent.</param>
internal sealed record WeightedEffect(string Id, string Study, string Sample, double Effect, double StandardError, double? R, double Lower, double Upper,
    double? N, double Weight)
{
    /// <summary>Codes of the notes on the conversion of the effect, or of all effects in the composite, as in <c>/effects</c>.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>True for a hypothetical effect, or a composite with one; otherwise absent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Hypothetical { get; init; }
}

/// <summary>Provenance of the results.</summary>
/// <param name="Revision">Evidence revision; null for effects in the body.</param>
/// <param name="AsOf">When that revision was recorded.</param>
/// <param name="Fingerprint">SHA-256 over the effects analysed, without hypothetical ones.</param>
/// <param name="Version">Software version.</param>
internal sealed record DataProvenanceResponse(long? Revision, DateTimeOffset? AsOf, string Fingerprint, string Version)
{
    /// <summary>Whether synthetic effects were selected, with <c>auto</c> resolved; absent for effects in the body.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SyntheticChoice? Synthetic { get; init; }
}
