using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;

namespace RealRelationshipApi.Analyses.Bias;

/// <summary>Effects that a result is computed from.</summary>
internal enum EffectBasis
{
    /// <summary>The effects themselves.</summary>
    Effects,

    /// <summary>One composite effect per sample.</summary>
    Aggregated,

    /// <summary>The effects themselves, with CR2 variances clustered by sample.</summary>
    ClusterRobust,
}

/// <summary>Response of <c>/meta/bias</c>. A result that cannot be estimated is null, and a warning gives the reason.</summary>
internal sealed record BiasResponse : AnalysisResponse
{
    /// <summary>Egger's test: weighted regression on the predictor.</summary>
    public required SmallStudyResponse? Egger { get; init; }

    /// <summary>Egger's test as a mixed-effects regression with the model's estimator; null if effects are nested, where <c>egger</c> is mixed.</summary>
    public required SmallStudyResponse? EggerMixed { get; init; }

    /// <summary>PEESE: weighted regression on the sampling variance.</summary>
    public required SmallStudyResponse? Peese { get; init; }

    /// <summary>Limit estimate of PEESE if PET finds an effect (one-sided p below .05), otherwise that of PET.</summary>
    public required PetPeeseResponse? PetPeese { get; init; }

    public required RankCorrelationResponse? RankCorrelation { get; init; }

    public required TrimAndFillResponse? TrimAndFill { get; init; }

    public required FailSafeNResponse? FailSafeN { get; init; }

    public required SelectionModelResponse? Selection { get; init; }

    public required HenmiCopasResponse? HenmiCopas { get; init; }

    public required ExcessSignificanceResponse? ExcessSignificance { get; init; }

    /// <summary>Selection severity that would explain away the mean, if effects are nested in samples; otherwise null.</summary>
    public required SelectionSensitivityResponse? SelectionSensitivity { get; init; }

    /// <summary>Unrestricted weighted least squares; null for one effect.</summary>
    public required UnrestrictedMeanResponse? Uwls { get; init; }

    /// <summary>UWLS of correlations with three degrees of freedom more, on the scale of r; null for one effect and for <c>measure: raw</c>.</summary>
    public required UnrestrictedMeanResponse? UwlsPlus3 { get; init; }

    /// <summary>UWLS of the adequately powered effects; null for one effect.</summary>
    public required PoweredMeanResponse? Waap { get; init; }

    /// <summary>Selection models with other weight functions, in the order of <c>selectionModels</c>; null unless requested.</summary>
    public required IReadOnlyList<SelectionFunctionResponse>? SelectionModels { get; init; }

    /// <summary>p-uniform*; null unless requested by <c>selectionModels</c>.</summary>
    public required PUniformStarResponse? PUniformStar { get; init; }

    /// <summary>Directions reported by pooled and by registered samples.</summary>
    public required HarvestResponse Harvest { get; init; }
}

/// <param name="Statistic">Test statistic of the slope.</param>
/// <param name="Df">Degrees of freedom; null for z.</param>
/// <param name="P">Two-sided p-value.</param>
/// <param name="Limit">Effect of an infinitely large study: the intercept.</param>
/// <param name="LimitLower">Lower confidence limit.</param>
/// <param name="LimitUpper">Upper confidence limit.</param>
/// <param name="Basis">Effects that it is computed from.</param>
internal sealed record SmallStudyResponse(double? Statistic, double? Df, double? P, double? Limit, double? LimitLower, double? LimitUpper, EffectBasis Basis);

/// <param name="Uses">pet or peese.</param>
/// <param name="PetP">One-sided p-value of the limit of PET.</param>
/// <param name="Limit">The chosen limit.</param>
/// <param name="LimitLower">Lower confidence limit.</param>
/// <param name="LimitUpper">Upper confidence limit.</param>
/// <param name="Basis">Effects that it is computed from.</param>
internal sealed record PetPeeseResponse(string Uses, double? PetP, double? Limit, double? LimitLower, double? LimitUpper, EffectBasis Basis);

/// <summary>Begg and Mazumdar (1994): Kendall's tau of effects and variances; normal approximation, corrected for ties.</summary>
/// <param name="Tau">Kendall's tau of standardised effects and variances.</param>
/// <param name="P">Two-sided p-value.</param>
/// <param name="Basis">Effects that it is computed from.</param>
internal sealed record RankCorrelationResponse(double? Tau, double? P, EffectBasis Basis);

/// <summary>Duval and Tweedie (2000): the pooled effect after filling in missing effects to make the funnel symmetric.</summary>
/// <param name="Estimator">L0 or R0, the estimator of the number of missing effects.</param>
/// <param name="Side">Side of the funnel on which effects are missing.</param>
/// <param name="Missing">Number of missing effects.</param>
/// <param name="Effect">Pooled effect with those filled in.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
/// <param name="Tau2">Variance between effects with those filled in.</param>
/// <param name="Filled">The effects filled in.</param>
/// <param name="Basis">Effects that it is computed from.</param>
internal sealed record TrimAndFillResponse(TrimAndFillChoice Estimator, FunnelSideChoice Side, int Missing, double Effect, double StandardError, double? Lower,
    double? Upper, double? Tau2,
    IReadOnlyList<FilledEffect> Filled, EffectBasis Basis);

/// <param name="Effect">The filled effect on the scale of analysis.</param>
/// <param name="StandardError">Its standard error, that of the effect that it mirrors.</param>
internal sealed record FilledEffect(double Effect, double StandardError);

/// <summary>Number of unpublished null results that would change the conclusion.</summary>
/// <param name="Rosenthal">Number that makes the mean non-significant (Rosenthal 1979).</param>
/// <param name="Orwin">Number that reduces the unweighted mean to the target (Orwin 1983).</param>
/// <param name="OrwinTarget">The target mean.</param>
/// <param name="Rosenberg">Number that makes the weighted mean non-significant (Rosenberg 2005).</param>
/// <param name="Basis">Effects that it is computed from.</param>
internal sealed record FailSafeNResponse(double Rosenthal, double? Orwin, double OrwinTarget, double Rosenberg, EffectBasis Basis);

/// <summary>Vevea and Hedges (1995): selection as a step function of the one-sided p-value, fitted by maximum likelihood. The first weight is 1.</summary>
/// <param name="Steps">Upper ends of the intervals of the one-sided p-value.</param>
/// <param name="Direction">Direction of effects that are favoured.</param>
/// <param name="Effect">Pooled effect corrected for selection; null with a warning if it is not identified.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
/// <param name="Tau2">Variance between effects, corrected for selection.</param>
/// <param name="Weights">Relative probability of publication in each interval, 1 in the first; null if they are not identified.</param>
/// <param name="LikelihoodRatio">Likelihood-ratio statistic of the test of no selection.</param>
/// <param name="Df">Its degrees of freedom; 0 with assumed weights, which have no such test.</param>
/// <param name="P">Its p-value.</param>
/// <param name="Basis">Effects that it is computed from.</param>
/// <param name="WeightsAssumed">Whether the weights are those of the request (Vevea and Woods 2005) rather than estimates.</param>
/// <param name="WeightStandardErrors">Standard errors of the weights; null for the first, for assumed ones and for a weight of 0.</param>
/// <param name="Coefficients">Coefficients of <c>terms</c> before selection, <c>intercept</c> first; null without terms. <c>effect</c> is then the
/// intercept.</param>
/// <param name="Test">Test of all terms; null without terms.</param>
internal sealed record SelectionModelResponse(IReadOnlyList<double> Steps, SelectionDirectionChoice Direction, double? Effect, double? StandardError,
    double? Lower, double? Upper, double? Tau2,
    IReadOnlyList<double?> Weights, double? LikelihoodRatio, int Df, double? P, EffectBasis Basis, bool WeightsAssumed,
    IReadOnlyList<double?> WeightStandardErrors, IReadOnlyList<SelectionCoefficientResponse>? Coefficients, OmnibusTestResponse? Test);

/// <summary>Henmi and Copas (2010): an interval that is robust to publication bias, always with the DerSimonian–Laird estimator.</summary>
/// <param name="Effect">Pooled effect with common-effect weights.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
/// <param name="Tau2">Variance between effects by DerSimonian and Laird.</param>
/// <param name="Basis">Effects that it is computed from.</param>
internal sealed record HenmiCopasResponse(double Effect, double Lower, double Upper, double Tau2, EffectBasis Basis);

/// <summary>Ioannidis and Trikalinos (2007): observed and expected numbers of significant effects.</summary>
/// <param name="Observed">Number of effects with p below .05.</param>
/// <param name="Expected">Number expected from their power at the pooled effect.</param>
/// <param name="P">p-value of the excess.</param>
/// <param name="Basis">Effects that it is computed from.</param>
internal sealed record ExcessSignificanceResponse(int Observed, double Expected, double? P, EffectBasis Basis);

/// <summary>Mathur and VanderWeele (2020): the mean if affirmative effects (significant in the direction) were <c>ratio</c> times more likely to be
/// published than others; cluster-robust.</summary>
/// <param name="Ratio">Selection ratio.</param>
/// <param name="Direction">Direction of the effects favoured by selection.</param>
/// <param name="Affirmative">Number of affirmative effects.</param>
/// <param name="Nonaffirmative">Number of nonaffirmative effects.</param>
/// <param name="Effect">Mean, corrected for that selection.</param>
/// <param name="StandardError">CR2 standard error of the mean.</param>
/// <param name="Df">Satterthwaite degrees of freedom.</param>
/// <param name="P">Two-sided p-value.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
/// <param name="SValue">Ratio at which the mean is zero; null with a warning if there is none.</param>
/// <param name="SValueOfLimit">Ratio at which the confidence limit nearer to zero reaches it; null with a warning if there is none.</param>
/// <param name="WorstCase">Mean of the nonaffirmative effects alone.</param>
/// <param name="WorstCaseLower">Lower confidence limit.</param>
/// <param name="WorstCaseUpper">Upper confidence limit.</param>
/// <param name="Basis">Effects that it is computed from.</param>
internal sealed record SelectionSensitivityResponse(double Ratio, SelectionDirectionChoice Direction, int Affirmative, int Nonaffirmative, double Effect,
    double StandardError, double? Df, double? P,
    double? Lower, double? Upper, double? SValue, double? SValueOfLimit, double? WorstCase, double? WorstCaseLower, double? WorstCaseUpper, EffectBasis Basis);
