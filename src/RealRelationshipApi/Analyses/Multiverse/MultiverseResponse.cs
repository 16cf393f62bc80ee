using RealRelationshipApi.Analyses.Models;

namespace RealRelationshipApi.Analyses.Multiverse;

/// <summary>Response of <c>/meta/multiverse</c>: every combination of the declared choices. <c>model</c> has the options that all share.</summary>
internal sealed record MultiverseResponse : AnalysisResponse
{
    /// <summary>Specifications that have an estimate, by ascending effect.</summary>
    public required IReadOnlyList<SpecificationResponse> Specifications { get; init; }

    /// <summary>Specifications without an estimate, by reason.</summary>
    public required IReadOnlyList<LeftOutResponse> LeftOut { get; init; }

    /// <summary>Distribution of the estimates.</summary>
    public required CurveResponse Curve { get; init; }

    /// <summary>Median of the estimates by each choice.</summary>
    public required IReadOnlyList<ChoiceResponse> Choices { get; init; }
}

/// <param name="Estimator">Estimator of τ².</param>
/// <param name="Dependence">Treatment of dependent effects.</param>
/// <param name="Rho">Correlation of sampling errors in a sample; null if it does not apply.</param>
/// <param name="Selection">Levels of the moderators <c>by</c>, in their order; null for all effects.</param>
/// <param name="Effect">Pooled effect, on the scale of analysis.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
/// <param name="P">Two-sided p-value.</param>
/// <param name="Tau2">Variance between effects.</param>
/// <param name="R">Pooled effect as a correlation; null for <c>measure: raw</c>.</param>
/// <param name="Effects">Number of effects.</param>
/// <param name="Samples">Number of samples.</param>
/// <param name="WarningCodes">Codes of warnings about it.</param>
internal sealed record SpecificationResponse(Estimator Estimator, Dependence Dependence, double? Rho, IReadOnlyList<string?> Selection, double Effect,
    double StandardError, double? Lower, double? Upper, double? P, double? Tau2, double? R, int Effects, int Samples, IReadOnlyList<string> WarningCodes);

/// <param name="Reason">noEffects (no effect has these levels), notAvailable (the model does not take the estimator), or the code of the failure.</param>
/// <param name="Count">Number of specifications.</param>
internal sealed record LeftOutResponse(string Reason, int Count);

/// <param name="Count">Number of specifications with an estimate.</param>
/// <param name="Minimum">Smallest effect.</param>
/// <param name="LowerQuartile">First quartile.</param>
/// <param name="Median">Median effect.</param>
/// <param name="UpperQuartile">Third quartile.</param>
/// <param name="Maximum">Largest effect.</param>
/// <param name="MedianR">Median as a correlation; null for <c>measure: raw</c>.</param>
/// <param name="SharePositive">Share of specifications with an effect above 0.</param>
/// <param name="ShareSignificantPositive">Share whose confidence interval is above 0.</param>
/// <param name="ShareSignificantNegative">Share whose confidence interval is below 0.</param>
/// <param name="Test">Test that the median is 0.</param>
internal sealed record CurveResponse(int Count, double Minimum, double LowerQuartile, double Median, double UpperQuartile, double Maximum, double? MedianR,
    double SharePositive, double ShareSignificantPositive, double ShareSignificantNegative, CurveTestResponse Test);

/// <summary>Under the null hypothesis the effects of each sample are as likely as their negatives; each specification keeps its weights.</summary>
/// <param name="P">Two-sided p-value.</param>
/// <param name="Permutations">Number of sign changes.</param>
/// <param name="Exact">Whether these are all sign changes.</param>
/// <param name="Seed">Seed of the draws; null if exact.</param>
internal sealed record CurveTestResponse(double P, int Permutations, bool Exact, long? Seed);

/// <param name="Dimension">estimator, dependence, rho, or the name of a moderator.</param>
/// <param name="Value">The choice; null for all effects.</param>
/// <param name="Count">Number of specifications with it.</param>
/// <param name="Median">Median of their effects.</param>
internal sealed record ChoiceResponse(string Dimension, string? Value, int Count, double Median);
