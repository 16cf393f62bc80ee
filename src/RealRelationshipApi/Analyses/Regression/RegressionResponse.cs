using System.Text.Json.Serialization;

using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Regression;

/// <param name="P">p-value of the omnibus test.</param>
/// <param name="Exact">Whether all permutations were enumerated.</param>
/// <param name="Permutations">Number of permutations.</param>
internal sealed record PermutationTestResponse(double P, bool Exact, int Permutations);

/// <summary>Test of one term, with its generalised variance inflation.</summary>
/// <param name="Term">The term.</param>
/// <param name="Coefficients">Names of its coefficients.</param>
/// <param name="Test">Test that they are zero; null if it cannot be computed.</param>
/// <param name="Gvif">Generalised variance-inflation factor (Fox and Monette 1992); null if other terms explain it to the last digit.</param>
/// <param name="Gsif">Its 2·df-th root, comparable between terms.</param>
internal sealed record TermTestResponse(string Term, IReadOnlyList<string> Coefficients, OmnibusTestResponse? Test, double? Gvif, double? Gsif)
{
    /// <summary>Robust test (HTZ); present if effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RobustTestResponse? RobustTest { get; init; }
}

/// <summary>A predicted value: a mean of true effects, and where the true effect of a new study is expected.</summary>
/// <param name="At">Values of moderators; others are at their means, or have equal weights for their levels.</param>
/// <param name="Effect">The mean on the scale of analysis; null if it is not identified (see <c>range</c>).</param>
/// <param name="StandardError">Its standard error; null if it is not identified.</param>
/// <param name="Df">Degrees of freedom of t; null for z.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
/// <param name="PredictionLower">Lower prediction limit; <c>model.definitions</c> has its distribution.</param>
/// <param name="PredictionUpper">Upper prediction limit.</param>
/// <param name="Correlation">The same as correlations; null unless the measure is fisherZ.</param>
internal sealed record PredictedValueResponse(IReadOnlyDictionary<string, ModeratorValue> At, double? Effect, double? StandardError, double? Df, double? Lower,
    double? Upper, double? PredictionLower, double? PredictionUpper, CorrelationResponse? Correlation) : EstimateResponse;

/// <summary>Information criteria of the model refitted by maximum likelihood, as only such likelihoods can be compared between different terms.</summary>
/// <param name="LogLikelihood">The maximum of the log-likelihood.</param>
/// <param name="Parameters">Number of coefficients and estimated variances.</param>
/// <param name="Aic">Akaike's criterion; smaller is better.</param>
/// <param name="Aicc">AIC corrected for few effects.</param>
/// <param name="Bic">Schwarz's criterion.</param>
internal sealed record InformationResponse(double LogLikelihood, int Parameters, double Aic, double Aicc, double Bic);

/// <summary>Likelihood-ratio test against the model without some terms, both refitted by maximum likelihood.</summary>
/// <param name="Estimator">ml, whatever the estimator of the regression.</param>
/// <param name="Dropped">The terms left out.</param>
/// <param name="Statistic">Twice the difference of the log-likelihoods.</param>
/// <param name="Df">Number of coefficients left out.</param>
/// <param name="P">p-value of chi-square.</param>
/// <param name="Full">Criteria of the regression.</param>
/// <param name="Reduced">Criteria of the model without these terms.</param>
internal sealed record LikelihoodRatioResponse(string Estimator, IReadOnlyList<string> Dropped, double Statistic, int Df, double P, InformationResponse Full,
    InformationResponse Reduced);

/// <summary>Test against one tau² for all effects, by the likelihood of the estimator.</summary>
/// <param name="Statistic">Twice the difference of the log-likelihoods.</param>
/// <param name="Df">Number of coefficients of the scale but the intercept.</param>
/// <param name="P">p-value of chi-square.</param>
internal sealed record HomogeneityTestResponse(double Statistic, int Df, double P);

/// <summary>Location–scale model (Viechtbauer and López-López 2022): the mean depends on <c>terms</c> and ln tau² on <c>scaleTerms</c>.</summary>
/// <param name="Location">Coefficients of the mean, with z or t tests.</param>
/// <param name="Scale">Coefficients of ln tau².</param>
/// <param name="ScaleTest">Wald test of all coefficients of ln tau² but the intercept.</param>
/// <param name="Homogeneity">Likelihood-ratio test against one tau² for all.</param>
/// <param name="Tau2Lowest">The smallest tau² of an effect.</param>
/// <param name="Tau2Highest">The largest tau² of an effect.</param>
/// <param name="LogLikelihood">The (restricted) log-likelihood.</param>
internal sealed record LocationScaleResponse(IReadOnlyList<CoefficientResponse> Location, IReadOnlyList<CoefficientResponse> Scale,
    OmnibusTestResponse? ScaleTest, HomogeneityTestResponse? Homogeneity, double Tau2Lowest, double Tau2Highest, double LogLikelihood);

/// <param name="Name">The moderator.</param>
/// <param name="Mean">Its mean over the effects.</param>
internal sealed record CentreResponse(string Name, double Mean);

/// <param name="F">Test statistic of the data.</param>
/// <param name="P">p-value of the omnibus test.</param>
/// <param name="Replicates">Number of replicates that could be computed.</param>
internal sealed record WildBootstrapResponse(double F, double P, int Replicates);

/// <param name="F">Test statistic.</param>
/// <param name="Df1">Numerator degrees of freedom.</param>
/// <param name="Df2">Denominator degrees of freedom; null if below 1.</param>
/// <param name="P">p-value.</param>
internal sealed record RobustTestResponse(double F, int Df1, double? Df2, double? P);

/// <summary>Response of <c>/meta/regression</c>.</summary>
internal sealed record RegressionResponse : AnalysisResponse
{
    /// <summary>Coefficients, <c>intercept</c> first. A categorical term has one per level after the first in ordinal order, named <c>term:level</c>;
    /// those of an interaction have the names of their parts with a colon between.</summary>
    public required IReadOnlyList<CoefficientResponse> Coefficients { get; init; }

    /// <summary>Omnibus test of all coefficients but the intercept; null if it cannot be computed.</summary>
    public required OmnibusTestResponse? Test { get; init; }

    /// <summary>Heterogeneity that the terms leave.</summary>
    public required ResidualHeterogeneityResponse Residual { get; init; }

    /// <summary>Percentage of tau² explained by the terms.</summary>
    public required double? R2 { get; init; }

    /// <summary>Percentage of the variance between samples explained by the terms; present if effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? R2Between { get; init; }

    /// <summary>Percentage of the variance within samples explained by the terms; present if effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? R2Within { get; init; }

    /// <summary>Test of each term.</summary>
    public required IReadOnlyList<TermTestResponse> TermTests { get; init; }

    /// <summary>Predicted values at the points of <c>at</c>; present if requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PredictedValueResponse>? Predicted { get; init; }

    /// <summary>Means of the levels of categorical moderators; present if requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PredictedValueResponse>? MarginalMeans { get; init; }

    /// <summary>What was taken from numbers; present if requested by <c>centred</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CentreResponse>? Centres { get; init; }

    /// <summary>Likelihood-ratio test of the terms of <c>drop</c>, or of all; null without residual degrees of freedom, and if there is nothing to leave
    /// out.</summary>
    public required LikelihoodRatioResponse? LikelihoodRatio { get; init; }

    /// <summary>Location–scale model; present if requested, and if it has an estimate.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LocationScaleResponse? LocationScale { get; init; }

    /// <summary>Permutation test of all terms; present if requested, and if a term has two levels or more.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PermutationTestResponse? PermutationTest { get; init; }

    /// <summary>Cluster wild bootstrap test (Joshi, Pustejovsky and Beretvas 2022); present if requested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WildBootstrapResponse? WildBootstrap { get; init; }

    /// <summary>Robust omnibus test, approximate Hotelling T² (Tipton and Pustejovsky 2015); present if effects are nested.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RobustTestResponse? RobustTest { get; init; }
}
