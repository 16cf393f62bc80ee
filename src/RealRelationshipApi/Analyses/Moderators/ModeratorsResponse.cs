using System.Text.Json.Serialization;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.Sequential;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Moderators;

/// <summary>Response of <c>/meta/moderators</c>.</summary>
internal sealed record ModeratorsResponse : AnalysisResponse
{
    /// <summary>One item per moderator, in the order of the request.</summary>
    public required IReadOnlyList<ModeratorResponse> Moderators { get; init; }

    /// <summary>The warnings of one breakdown, whose details begin with its name.</summary>
    internal IEnumerable<Warning> WarningsOf(string moderator) => Warnings.Where(w => w.Detail.StartsWith($"{moderator}: ", StringComparison.Ordinal));
}

/// <summary>Analysis of one moderator.</summary>
internal sealed record ModeratorResponse
{
    /// <summary>Name of the moderator.</summary>
    public required string Name { get; init; }

    /// <summary>categorical or continuous.</summary>
    public required string Kind { get; init; }

    /// <summary>Levels in ordinal order; empty for a continuous moderator.</summary>
    public required IReadOnlyList<ModeratorLevelResponse> Levels { get; init; }

    /// <summary>Coefficients of the regression on the moderator.</summary>
    public required IReadOnlyList<CoefficientResponse> Coefficients { get; init; }

    /// <summary>Omnibus test of the moderator; null if it cannot be computed.</summary>
    public required OmnibusTestResponse? Test { get; init; }

    /// <summary>Heterogeneity that the moderator leaves.</summary>
    public required ResidualHeterogeneityResponse Residual { get; init; }

    /// <summary>Percentage of tau² explained by the moderator.</summary>
    public required double? R2 { get; init; }

    /// <summary>Differences of all pairs of levels; empty for a continuous moderator.</summary>
    public required IReadOnlyList<ContrastResponse> Contrasts { get; init; }

    /// <summary>Minimum detectable difference on Fisher z with 80 % power, the largest over all contrasts; for a continuous moderator per standard
    /// deviation.</summary>
    public required double? MinimumDetectableDifference { get; init; }

    /// <summary>Where effects are nested: the model's own F on samples minus coefficients, with which <c>test</c> has to agree before levels are said
    /// to differ.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OmnibusTestResponse? ConfirmingTest { get; init; }

    /// <summary>differ, equivalent or cannotTell. <c>differ</c> holds for all moderators of the question together, <c>equivalent</c> is of each
    /// alone.</summary>
    public required string Verdict { get; init; }

    /// <summary>All reasons for cannotTell, the most serious first: varianceNotIdentified, varianceWeaklyIdentified, testsDisagree, multiplicity,
    /// oneSampleLevel, fewDegreesOfFreedom or power. Empty for other verdicts, and where there is nothing to compare.</summary>
    public required IReadOnlyList<string> CannotTellBecause { get; init; }

    /// <summary>Whether levels differ, but only within the margin.</summary>
    public required bool WithinMargin { get; init; }

    /// <summary>Differences within ± this margin are negligible.</summary>
    public required double EquivalenceMargin { get; init; }

    /// <summary>Coefficients within samples, free of differences between samples; present if effects are nested and the moderator varies within
    /// samples.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WithinSampleResponse? WithinSample { get; init; }

    /// <summary>Codes of what deprives numbers of this breakdown of trust; <c>warnings</c> has their words.</summary>
    public required IReadOnlyList<string> WarningCodes { get; init; }
}

/// <summary>Comparison within samples.</summary>
/// <param name="Coefficients">Coefficients of the deviations from the sample means.</param>
/// <param name="Samples">Number of samples in which the moderator varies.</param>
/// <param name="Effects">Number of their effects.</param>
internal sealed record WithinSampleResponse(IReadOnlyList<CoefficientResponse> Coefficients, int Samples, int Effects);

/// <param name="Level">The value of the moderator.</param>
/// <param name="Counts">Numbers of effects, samples, studies and participants at this level.</param>
/// <param name="Pooled">Pooled effect of the level on the scale of analysis.</param>
/// <param name="Correlation">The same as a correlation; null unless the measure is fisherZ.</param>
/// <param name="Heterogeneity">Heterogeneity at this level.</param>
internal sealed record ModeratorLevelResponse(string Level, CountsResponse Counts, PooledEffectResponse Pooled, CorrelationResponse? Correlation,
    HeterogeneityResponse Heterogeneity)
{
    /// <summary>Inference that holds at every look, from the effects of this level alone; present if requested by <c>sequential</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AnytimeResponse? Anytime { get; init; }
}

/// <param name="Name"><c>intercept</c>, the name of a continuous term, or <c>term:level</c> of a categorical one.</param>
/// <param name="Estimate">The coefficient on the scale of analysis; null if it is not identified (see <c>range</c>).</param>
/// <param name="StandardError">Its standard error; null if it is not identified.</param>
/// <param name="Statistic">Estimate divided by its standard error.</param>
/// <param name="Df">Degrees of freedom of t; null for z.</param>
/// <param name="P">Two-sided p-value of the test of no association.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
internal sealed record CoefficientResponse(string Name, double? Estimate, double? StandardError, double? Statistic, double? Df, double? P, double? Lower,
    double? Upper) : EstimateResponse
{
    /// <summary>Variance-inflation factor beside all other coefficients; in a regression with several.</summary>
    [JsonPropertyOrder(2), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Vif { get; init; }

    /// <summary>p-value of the permutation test of this coefficient; present if requested by <c>permutations</c>.</summary>
    [JsonPropertyOrder(2), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PermutationP { get; init; }
}

/// <param name="Statistic">Test statistic: QM has a chi-square distribution, F an F distribution.</param>
/// <param name="Name">QM or F.</param>
/// <param name="Df1">Numerator degrees of freedom.</param>
/// <param name="Df2">Denominator degrees of freedom; null for QM.</param>
/// <param name="P">p-value.</param>
internal sealed record OmnibusTestResponse(double Statistic, string Name, int Df1, double? Df2, double P)
{
    /// <summary>Holm's, over the distinct tests of the moderators of one question.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PHolm { get; init; }
}

/// <param name="Q">Weighted residual sum of squares with common-effect weights.</param>
/// <param name="Df">Its degrees of freedom.</param>
/// <param name="P">p-value of Q under homogeneity; null without degrees of freedom.</param>
/// <param name="Tau2">Variance of true effects that is left; null if it is not identified.</param>
/// <param name="I2">Percentage of the remaining variance that is not sampling error.</param>
internal sealed record ResidualHeterogeneityResponse(double Q, int Df, double? P, double? Tau2, double? I2)
{
    /// <summary>Intervals of what is left; in a regression.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ResidualIntervalsResponse? Intervals { get; init; }
}

/// <summary>Intervals of the residual heterogeneity.</summary>
/// <param name="Tau2Lower">Lower limit of tau² by the Q-profile (Viechtbauer 2007); null if effects are nested, and with <c>tau2Upper</c> null if no tau²
/// fits.</param>
/// <param name="Tau2Upper">Its upper limit.</param>
/// <param name="I2Lower">The lower limit on the scale of I².</param>
/// <param name="I2Upper">The upper limit on the scale of I².</param>
/// <param name="ProfileLower">Lower limit of tau² by the profile likelihood (Hardy and Thompson 1996), for the estimators ml and reml.</param>
/// <param name="ProfileUpper">Its upper limit.</param>
/// <param name="BetweenLower">If effects are nested, lower limit of the variance between samples by the profile likelihood.</param>
/// <param name="BetweenUpper">Its upper limit.</param>
/// <param name="WithinLower">The same of the variance within samples.</param>
/// <param name="WithinUpper">Its upper limit.</param>
internal sealed record ResidualIntervalsResponse(double? Tau2Lower, double? Tau2Upper, double? I2Lower, double? I2Upper, double? ProfileLower,
    double? ProfileUpper, double? BetweenLower, double? BetweenUpper, double? WithinLower, double? WithinUpper)
{
    /// <summary>Lower limit of the variance between studies, if they have random effects.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StudyLower { get; init; }

    /// <summary>Its upper limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? StudyUpper { get; init; }
}

/// <summary>Difference a − b of two levels on the scale of analysis. <c>pAdjusted</c> is adjusted by Holm's method.</summary>
/// <param name="A">The one level.</param>
/// <param name="B">The other level.</param>
/// <param name="Difference">Pooled effect of a minus that of b on the scale of analysis; null if it is not identified.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
/// <param name="P">Two-sided p-value, not adjusted.</param>
/// <param name="PAdjusted">p-value adjusted for all contrasts of the moderator by Holm's method.</param>
/// <param name="MinimumDetectableDifference">Difference that would be found with 80 % power, on Fisher z.</param>
internal sealed record ContrastResponse(string A, string B, double? Difference, double? StandardError, double? Lower, double? Upper, double? P,
    double? PAdjusted, double? MinimumDetectableDifference) : EstimateResponse
{
    /// <summary>Inference that holds at every look, with one tau² for both levels and the threshold of all contrasts of the question; present if requested by
    /// <c>sequential</c>.</summary>
    [JsonPropertyOrder(2), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AnytimeResponse? Anytime { get; init; }
}
