using RealRelationshipApi.Analyses.Models;

namespace RealRelationshipApi.Analyses.Bias;

/// <summary>On which effects a part of an answer rests.</summary>
internal enum EffectBasis
{
    /// <summary>On the effects themselves.</summary>
    Effects,

    /// <summary>On one composite effect a sample.</summary>
    Aggregated,

    /// <summary>On the effects, with CR2 by samples.</summary>
    ClusterRobust,
}

/// <summary>The answer of <c>/meta/bias</c>. A part that cannot be estimated is null, and a warning says why.</summary>
internal sealed record BiasResponse : AnalysisResponse
{
    /// <summary>Egger's test: weighted regression on the predictor.</summary>
    public required SmallStudyResponse? Egger { get; init; }

    /// <summary>Egger's test in its mixed-effects form, by the model's estimator; null where effects are nested, since <c>egger</c> is mixed there.</summary>
    public required SmallStudyResponse? EggerMixed { get; init; }

    /// <summary>Weighted regression on the sampling variance.</summary>
    public required SmallStudyResponse? Peese { get; init; }

    /// <summary>PEESE's limit where PET finds an effect (one-sided p below .05), else PET's.</summary>
    public required PetPeeseResponse? PetPeese { get; init; }

    public required RankCorrelationResponse? RankCorrelation { get; init; }

    public required TrimAndFillResponse? TrimAndFill { get; init; }

    public required FailSafeNResponse? FailSafeN { get; init; }

    public required SelectionModelResponse? Selection { get; init; }

    public required HenmiCopasResponse? HenmiCopas { get; init; }

    public required ExcessSignificanceResponse? ExcessSignificance { get; init; }

    /// <summary>How severe a selection would leave nothing of the mean, where effects are nested in samples; null where they are not.</summary>
    public required SelectionSensitivityResponse? SelectionSensitivity { get; init; }
}

/// <param name="Statistic">Of the slope.</param>
/// <param name="Df">Degrees of freedom; null for z.</param>
/// <param name="P">Two-sided.</param>
/// <param name="Limit">The effect of an infinitely large study: the intercept.</param>
/// <param name="LimitLower">Lower end of its interval.</param>
/// <param name="LimitUpper">Upper end of its interval.</param>
/// <param name="Basis">On which effects it rests.</param>
internal sealed record SmallStudyResponse(double? Statistic, double? Df, double? P, double? Limit, double? LimitLower, double? LimitUpper, EffectBasis Basis);

/// <param name="Uses">pet or peese.</param>
/// <param name="PetP">One-sided p of PET's limit.</param>
/// <param name="Limit">The chosen limit.</param>
/// <param name="LimitLower">Lower end of its interval.</param>
/// <param name="LimitUpper">Upper end of its interval.</param>
/// <param name="Basis">On which effects it rests.</param>
internal sealed record PetPeeseResponse(string Uses, double? PetP, double? Limit, double? LimitLower, double? LimitUpper, EffectBasis Basis);

/// <summary>Begg and Mazumdar (1994): Kendall's tau of effects and variances, normal approximation, ties corrected.</summary>
internal sealed record RankCorrelationResponse(double? Tau, double? P, EffectBasis Basis);

/// <summary>Duval and Tweedie (2000): the pooled effect with its funnel made symmetric.</summary>
internal sealed record TrimAndFillResponse(TrimAndFillChoice Estimator, FunnelSideChoice Side, int Missing, double Effect, double StandardError, double? Lower,
    double? Upper, double? Tau2,
    IReadOnlyList<FilledEffect> Filled, EffectBasis Basis);

internal sealed record FilledEffect(double Effect, double StandardError);

/// <summary>How many unseen null results it would take.</summary>
/// <param name="Rosenthal">To lose significance (Rosenthal 1979).</param>
/// <param name="Orwin">To bring the unweighted mean down to the target (Orwin 1983).</param>
/// <param name="OrwinTarget">That target.</param>
/// <param name="Rosenberg">To lose significance, weighted (Rosenberg 2005).</param>
/// <param name="Basis">On which effects it rests.</param>
internal sealed record FailSafeNResponse(double Rosenthal, double? Orwin, double OrwinTarget, double Rosenberg, EffectBasis Basis);

/// <summary>Vevea and Hedges (1995): a step function of the one-sided p-value, by maximum likelihood; the first interval's weight is 1.</summary>
internal sealed record SelectionModelResponse(IReadOnlyList<double> Steps, SelectionDirectionChoice Direction, double? Effect, double? StandardError,
    double? Lower, double? Upper, double? Tau2,
    IReadOnlyList<double?> Weights, double? LikelihoodRatio, int Df, double? P, EffectBasis Basis);

/// <summary>Henmi and Copas (2010): an interval that holds up under publication bias; always on DerSimonian and Laird.</summary>
internal sealed record HenmiCopasResponse(double Effect, double Lower, double Upper, double Tau2, EffectBasis Basis);

/// <summary>Ioannidis and Trikalinos (2007): significant effects observed and expected.</summary>
internal sealed record ExcessSignificanceResponse(int Observed, double Expected, double? P, EffectBasis Basis);

/// <summary>Mathur and VanderWeele (2020): the mean, were affirmative effects (significant in the direction) so many times likelier to be seen than the
/// others; cluster-robust.</summary>
/// <param name="Ratio">So many times.</param>
/// <param name="Direction">Of the effects that selection favours.</param>
/// <param name="Affirmative">How many effects are affirmative.</param>
/// <param name="Nonaffirmative">How many are not.</param>
/// <param name="Effect">The mean, corrected for a selection of that ratio.</param>
/// <param name="StandardError">Its CR2 standard error.</param>
/// <param name="Df">Degrees of freedom by Satterthwaite.</param>
/// <param name="P">Two-sided.</param>
/// <param name="Lower">Lower end of its interval.</param>
/// <param name="Upper">Upper end of its interval.</param>
/// <param name="SValue">The ratio at which the mean is zero; null with a warning when none leads there.</param>
/// <param name="SValueOfLimit">The ratio at which the end of the interval on the side of zero reaches it; null with a warning when none leads there.</param>
/// <param name="WorstCase">The mean of the nonaffirmative effects alone.</param>
/// <param name="WorstCaseLower">Lower end of its interval.</param>
/// <param name="WorstCaseUpper">Upper end of its interval.</param>
/// <param name="Basis">On which effects it rests.</param>
internal sealed record SelectionSensitivityResponse(double Ratio, SelectionDirectionChoice Direction, int Affirmative, int Nonaffirmative, double Effect,
    double StandardError, double? Df, double? P,
    double? Lower, double? Upper, double? SValue, double? SValueOfLimit, double? WorstCase, double? WorstCaseLower, double? WorstCaseUpper, EffectBasis Basis);
