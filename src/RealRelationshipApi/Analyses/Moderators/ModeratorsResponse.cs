using System.Text.Json.Serialization;

using RealRelationshipApi.Analyses.Pool;

namespace RealRelationshipApi.Analyses.Moderators;

/// <summary>The answer of <c>/meta/moderators</c>.</summary>
internal sealed record ModeratorsResponse : AnalysisResponse
{
    public required IReadOnlyList<ModeratorResponse> Moderators { get; init; }
}

/// <summary>What a moderator makes of the effect.</summary>
internal sealed record ModeratorResponse
{
    public required string Name { get; init; }

    /// <summary>categorical or continuous.</summary>
    public required string Kind { get; init; }

    /// <summary>In ordinal order; empty for a continuous moderator.</summary>
    public required IReadOnlyList<ModeratorLevelResponse> Levels { get; init; }

    public required IReadOnlyList<CoefficientResponse> Coefficients { get; init; }

    /// <summary>The omnibus test of the moderator; null where it cannot be made.</summary>
    public required OmnibusTestResponse? Test { get; init; }

    public required ResidualHeterogeneityResponse Residual { get; init; }

    /// <summary>Percent of tau² that the moderator accounts for.</summary>
    public required double? R2 { get; init; }

    public required IReadOnlyList<ContrastResponse> Contrasts { get; init; }

    /// <summary>The largest difference on Fisher z that any contrast needs to be found with 80 % power; for a continuous moderator,
    /// per standard deviation.</summary>
    public required double? MinimumDetectableDifference { get; init; }

    /// <summary>differ, equivalent or cannotTell.</summary>
    public required string Verdict { get; init; }

    /// <summary>Whether levels that differ still do so inside the margin.</summary>
    public required bool WithinMargin { get; init; }

    /// <summary>Differences inside ± this margin count as none.</summary>
    public required double EquivalenceMargin { get; init; }

    /// <summary>Where effects are nested and the moderator varies inside samples: its coefficients inside samples,
    /// free of whatever differs between them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WithinSampleResponse? WithinSample { get; init; }
}

/// <summary>The comparison inside samples.</summary>
/// <param name="Coefficients">Of the deviations from the sample's mean.</param>
/// <param name="Samples">Samples in which the moderator varies.</param>
/// <param name="Effects">Their effects.</param>
internal sealed record WithinSampleResponse(IReadOnlyList<CoefficientResponse> Coefficients, int Samples, int Effects);

internal sealed record ModeratorLevelResponse(string Level, CountsResponse Counts, PooledEffectResponse Pooled, CorrelationResponse? Correlation,
    HeterogeneityResponse Heterogeneity);

internal sealed record CoefficientResponse(string Name, double Estimate, double? StandardError, double? Statistic, double? Df, double? P, double? Lower,
    double? Upper);

/// <param name="Statistic">QM is chi-square, F is F distributed.</param>
/// <param name="Name">QM or F.</param>
/// <param name="Df1">Numerator degrees of freedom.</param>
/// <param name="Df2">Denominator degrees of freedom; null for QM.</param>
/// <param name="P">p-value.</param>
internal sealed record OmnibusTestResponse(double Statistic, string Name, int Df1, double? Df2, double P);

internal sealed record ResidualHeterogeneityResponse(double Q, int Df, double? P, double? Tau2, double? I2);

/// <summary>The difference a − b of two levels on the scale of analysis; <c>PAdjusted</c> is Holm's.</summary>
internal sealed record ContrastResponse(string A, string B, double Difference, double? StandardError, double? Lower, double? Upper, double? P,
    double? PAdjusted, double? MinimumDetectableDifference);
