using System.Text.Json.Serialization;

using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Models;

namespace RealRelationshipApi.Analyses.Bayes;

/// <summary>Response of <c>/meta/bayes</c>. Rows are effects, or one composite per sample if effects are dependent. Intervals have the posterior probability
/// <c>model.confidence</c>.</summary>
internal sealed record BayesResponse : AnalysisResponse
{
    /// <summary>The priors.</summary>
    public required PriorResponse Prior { get; init; }

    /// <summary>Mean of the true effects in the random-effects model.</summary>
    public required PosteriorResponse Mean { get; init; }

    /// <summary>Standard deviation of the true effects in the random-effects model.</summary>
    public required PosteriorResponse Tau { get; init; }

    /// <summary>True effect of a new study, or the composite of a new sample if effects are aggregated.</summary>
    public required PosteriorResponse Prediction { get; init; }

    /// <summary>Mean of the true effects over the two models with an effect, by their posterior probabilities.</summary>
    public required PosteriorResponse MeanGivenEffect { get; init; }

    /// <summary>Mean of the true effects over all four models, 0 in those without an effect.</summary>
    public required AveragedMeanResponse Averaged { get; init; }

    /// <summary>The four models: with or without an effect, with or without heterogeneity.</summary>
    public required IReadOnlyList<BayesModelResponse> Models { get; init; }

    /// <summary>Bayes factors of an effect and of heterogeneity: models with it against models without.</summary>
    public required IReadOnlyList<InclusionResponse> Inclusion { get; init; }

    /// <summary>Each row with its true effect in the random-effects model.</summary>
    public required IReadOnlyList<ShrunkenStudyResponse> Studies { get; init; }

    /// <summary>The same under other priors, the chosen ones first; null unless requested.</summary>
    public required IReadOnlyList<PriorSensitivityResponse>? PriorSensitivity { get; init; }
}

/// <param name="MuMean">Centre of the normal prior of the mean.</param>
/// <param name="MuSd">Its standard deviation.</param>
/// <param name="Tau">Family of the prior of tau.</param>
/// <param name="TauScale">Its scale.</param>
internal sealed record PriorResponse(double MuMean, double MuSd, TauPriorChoice Tau, double TauScale);

/// <summary>A posterior distribution, on the scale of analysis.</summary>
/// <param name="Median">Median.</param>
/// <param name="Mean">Expected value; null if it does not exist (warning <c>noMoments</c>).</param>
/// <param name="StandardDeviation">Standard deviation; null if it does not exist.</param>
/// <param name="Lower">Lower limit of the interval with equal probabilities outside at both ends.</param>
/// <param name="Upper">Its upper limit.</param>
/// <param name="ShortestLower">Lower limit of the shortest interval.</param>
/// <param name="ShortestUpper">Its upper limit.</param>
/// <param name="ProbabilityAboveZero">Posterior probability of a value above 0.</param>
/// <param name="Basis">Effects that it is computed from.</param>
internal sealed record PosteriorResponse(double Median, double? Mean, double? StandardDeviation, double Lower, double Upper, double ShortestLower,
    double ShortestUpper, double ProbabilityAboveZero, EffectBasis Basis)
{
    /// <summary>Median and limits as correlations; absent for tau, and for <c>measure: raw</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PosteriorCorrelationResponse? R { get; init; }
}

/// <param name="Median">Median correlation.</param>
/// <param name="Lower">Lower limit of the interval with equal probabilities outside at both ends.</param>
/// <param name="Upper">Its upper limit.</param>
internal sealed record PosteriorCorrelationResponse(double Median, double Lower, double Upper);

/// <param name="Mean">Expected value.</param>
/// <param name="Lower">Lower limit of the interval with equal probabilities outside at both ends; 0 inside the probability of no effect.</param>
/// <param name="Upper">Its upper limit.</param>
/// <param name="R">Limits as correlations; null for <c>measure: raw</c>.</param>
/// <param name="Basis">Effects that it is computed from.</param>
internal sealed record AveragedMeanResponse(double Mean, double Lower, double Upper, Pool.RangeResponse? R, EffectBasis Basis);

internal enum BayesModel
{
    /// <summary>μ = 0, τ = 0.</summary>
    FixedNull,

    /// <summary>μ from its prior, τ = 0.</summary>
    FixedEffect,

    /// <summary>μ = 0, τ from its prior.</summary>
    RandomNull,

    /// <summary>Both from their priors.</summary>
    RandomEffect,
}

/// <param name="Model">The model.</param>
/// <param name="PriorProbability">Its probability before the data.</param>
/// <param name="Probability">Its posterior probability.</param>
/// <param name="LogMarginalLikelihood">Natural logarithm of its marginal likelihood.</param>
internal sealed record BayesModelResponse(BayesModel Model, double PriorProbability, double Probability, double LogMarginalLikelihood);

internal enum BayesComponent
{
    /// <summary>A mean that is not 0.</summary>
    Effect,

    /// <summary>True effects that differ.</summary>
    Heterogeneity,
}

/// <param name="Component">What is in two of the four models.</param>
/// <param name="PriorProbability">Probability of the two models before the data.</param>
/// <param name="Probability">Their posterior probability.</param>
/// <param name="BayesFactor">Posterior odds of the two models divided by their prior odds: above 1 it is evidence for the component, below 1 against it.
/// Null beyond double precision.</param>
/// <param name="LogBayesFactor">Natural logarithm of the Bayes factor.</param>
internal sealed record InclusionResponse(BayesComponent Component, double PriorProbability, double Probability, double? BayesFactor, double LogBayesFactor);

/// <summary>An effect, or the composite of a sample, and its true effect, drawn towards the mean.</summary>
/// <param name="Id">Id of the effect, or name of the sample.</param>
/// <param name="Study">Key of the study.</param>
/// <param name="Sample">Name of the sample.</param>
/// <param name="Effect">The effect on the scale of analysis.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Mean">Expected true effect.</param>
/// <param name="StandardDeviation">Posterior standard deviation of the true effect.</param>
/// <param name="Lower">Lower limit of the interval of the true effect with equal probabilities outside at both ends.</param>
/// <param name="Upper">Its upper limit.</param>
/// <param name="R">The expected true effect and its limits as correlations; null for <c>measure: raw</c>.</param>
internal sealed record ShrunkenStudyResponse(string Id, string Study, string Sample, double Effect, double StandardError, double Mean,
    double StandardDeviation, double Lower, double Upper, ShrunkenCorrelationResponse? R)
{
    /// <summary>True for a hypothetical effect, or a composite with one; otherwise absent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Hypothetical { get; init; }
}

/// <param name="Effect">The effect as sent.</param>
/// <param name="Mean">tanh of the expected true effect.</param>
/// <param name="Lower">Lower limit.</param>
/// <param name="Upper">Upper limit.</param>
internal sealed record ShrunkenCorrelationResponse(double Effect, double Mean, double Lower, double Upper);

/// <summary>Results under one prior.</summary>
/// <param name="Prior">The priors.</param>
/// <param name="Chosen">Whether they are those of the request.</param>
/// <param name="Median">Median of the mean in the random-effects model.</param>
/// <param name="Lower">Lower limit of the mean.</param>
/// <param name="Upper">Upper limit of the mean.</param>
/// <param name="R">The same as correlations; null for <c>measure: raw</c>.</param>
/// <param name="TauMedian">Median of tau.</param>
/// <param name="TauLower">Lower limit of tau.</param>
/// <param name="TauUpper">Upper limit of tau.</param>
/// <param name="PredictionLower">Lower limit of the true effect of a new study.</param>
/// <param name="PredictionUpper">Upper limit of the true effect of a new study.</param>
/// <param name="AveragedMean">Expected mean over all four models.</param>
/// <param name="BayesFactorEffect">Bayes factor of an effect; null beyond double precision.</param>
/// <param name="LogBayesFactorEffect">Its natural logarithm.</param>
/// <param name="BayesFactorHeterogeneity">Bayes factor of heterogeneity; null beyond double precision.</param>
/// <param name="LogBayesFactorHeterogeneity">Its natural logarithm.</param>
internal sealed record PriorSensitivityResponse(PriorResponse Prior, bool Chosen, double Median, double Lower, double Upper,
    PosteriorCorrelationResponse? R, double TauMedian, double TauLower, double TauUpper, double PredictionLower, double PredictionUpper,
    double AveragedMean, double? BayesFactorEffect, double LogBayesFactorEffect, double? BayesFactorHeterogeneity, double LogBayesFactorHeterogeneity);
