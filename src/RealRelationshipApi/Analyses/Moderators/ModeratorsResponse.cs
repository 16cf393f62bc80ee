using System.Text.Json.Serialization;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Moderators;

/// <summary>Response of <c>/meta/moderators</c>.</summary>
internal sealed record ModeratorsResponse : AnalysisResponse
{
    public required IReadOnlyList<ModeratorResponse> Moderators { get; init; }

    /// <summary>The warnings of one breakdown, whose details begin with its name.</summary>
    internal IEnumerable<Warning> WarningsOf(string moderator) => Warnings.Where(w => w.Detail.StartsWith($"{moderator}: ", StringComparison.Ordinal));
}

/// <summary>Analysis of one moderator.</summary>
internal sealed record ModeratorResponse
{
    public required string Name { get; init; }

    /// <summary>categorical or continuous.</summary>
    public required string Kind { get; init; }

    /// <summary>Levels in ordinal order; empty for a continuous moderator.</summary>
    public required IReadOnlyList<ModeratorLevelResponse> Levels { get; init; }

    public required IReadOnlyList<CoefficientResponse> Coefficients { get; init; }

    /// <summary>Omnibus test of the moderator; null if it cannot be computed.</summary>
    public required OmnibusTestResponse? Test { get; init; }

    public required ResidualHeterogeneityResponse Residual { get; init; }

    /// <summary>Percentage of tau² explained by the moderator.</summary>
    public required double? R2 { get; init; }

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

internal sealed record ModeratorLevelResponse(string Level, CountsResponse Counts, PooledEffectResponse Pooled, CorrelationResponse? Correlation,
    HeterogeneityResponse Heterogeneity);

internal sealed record CoefficientResponse(string Name, double? Estimate, double? StandardError, double? Statistic, double? Df, double? P, double? Lower,
    double? Upper) : EstimateResponse;

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

internal sealed record ResidualHeterogeneityResponse(double Q, int Df, double? P, double? Tau2, double? I2);

/// <summary>Difference a − b of two levels on the scale of analysis. <c>pAdjusted</c> is adjusted by Holm's method.</summary>
internal sealed record ContrastResponse(string A, string B, double? Difference, double? StandardError, double? Lower, double? Upper, double? P,
    double? PAdjusted, double? MinimumDetectableDifference) : EstimateResponse;
