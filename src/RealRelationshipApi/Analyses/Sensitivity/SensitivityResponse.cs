using System.Text.Json.Serialization;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;

namespace RealRelationshipApi.Analyses.Sensitivity;

/// <summary>Response of <c>/meta/sensitivity</c>. If effects are aggregated or nested, items are samples.</summary>
internal sealed record SensitivityResponse : AnalysisResponse
{
    /// <summary>Pooled effect without effects of lower quality, by kind; empty for effects in the body.</summary>
    public required IReadOnlyList<SubsetResponse> Subsets { get; init; }

    /// <summary>The pooled effect without each effect or sample.</summary>
    public required IReadOnlyList<LeaveOneOutResponse> LeaveOneOut { get; init; }

    /// <summary>Influence diagnostics (Viechtbauer and Cheung 2010), of one composite effect per sample if effects are nested.</summary>
    public required IReadOnlyList<InfluenceResponse> Influence { get; init; }

    /// <summary>Cumulative analysis by year of publication, or in the given order for effects in the body; with <c>sequential</c> stored effects are in the
    /// order of their first entry.</summary>
    public required IReadOnlyList<CumulativeResponse> Cumulative { get; init; }

    /// <summary>Best linear unbiased predictions, of one composite effect per sample if effects are nested.</summary>
    public required IReadOnlyList<ShrunkenEffectResponse> Shrunken { get; init; }

    /// <summary>The pooled effect by each estimator of tau².</summary>
    public required IReadOnlyList<EstimatorResponse> Estimators { get; init; }

    /// <summary>Results for other correlations of sampling errors; empty if the model does not use one.</summary>
    public required IReadOnlyList<RhoResponse> Rho { get; init; }
}

/// <param name="Name">withoutConverted, withoutAdjusted, withoutUnpublished, withoutSynthetic, withoutRetrospective or withoutSingleSource;
/// withinClientByClients, if the number of sessions of a within-client effect is unknown: all of them with v = 1/(n − 3), n clients.</param>
/// <param name="Pooled">Null if no effect is left.</param>
/// <param name="Counts">Numbers of remaining effects, samples, studies and participants.</param>
internal sealed record SubsetResponse(string Name, PooledEffectResponse? Pooled, CountsResponse Counts);

/// <param name="Id">Id of the effect or sample left out.</param>
/// <param name="Effect">Pooled effect without it.</param>
/// <param name="StandardError">Standard error of the pooled effect.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
/// <param name="Q">Q of the remaining effects.</param>
/// <param name="Tau2">τ² of the remaining effects.</param>
/// <param name="I2">I² of the remaining effects, in percent.</param>
internal sealed record LeaveOneOutResponse(string Id, double Effect, double? StandardError, double? Lower, double? Upper, double Q, double? Tau2, double? I2)
{
    /// <inheritdoc cref="EstimateResponse.WarningCodes"/>
    public IReadOnlyList<string> WarningCodes { get; init; } = [];
}

/// <param name="Id">Id of the effect or sample.</param>
/// <param name="StudentizedResidual">Externally studentized residual.</param>
/// <param name="Dffits">Standard errors by which its own fitted value moves without it.</param>
/// <param name="CooksDistance">Cook's distance.</param>
/// <param name="CovarianceRatio">Variance of the pooled effect without it, divided by that with it.</param>
/// <param name="Tau2Deleted">tau² without it.</param>
/// <param name="QDeleted">Q without it.</param>
/// <param name="Hat">Its leverage.</param>
/// <param name="Weight">Its weight in percent.</param>
/// <param name="Dfbeta">Standard errors by which the pooled effect moves without it.</param>
/// <param name="Influential">Whether one of the limits of Viechtbauer and Cheung (2010) is exceeded.</param>
internal sealed record InfluenceResponse(string Id, double? StudentizedResidual, double? Dffits, double? CooksDistance, double? CovarianceRatio,
    double? Tau2Deleted, double QDeleted,
    double Hat, double Weight, double? Dfbeta, bool Influential);

/// <param name="Id">Id of the effect or sample added.</param>
/// <param name="Effect">Pooled effect so far.</param>
/// <param name="StandardError">Standard error of the pooled effect.</param>
/// <param name="Tau2">τ² so far; 0 in the first item.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
internal sealed record CumulativeResponse(string Id, double Effect, double? StandardError, double? Tau2, double? Lower, double? Upper)
{
    /// <summary>Lower limit of the confidence sequence so far; present if requested by <c>sequential</c>, unless it cannot be computed
    /// (warning <c>sequenceNotComputable</c>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SequenceLower { get; init; }

    /// <summary>Upper limit of the confidence sequence so far.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SequenceUpper { get; init; }

    /// <inheritdoc cref="EstimateResponse.WarningCodes"/>
    public IReadOnlyList<string> WarningCodes { get; init; } = [];
}

/// <param name="Id">Id of the effect or sample.</param>
/// <param name="Effect">Its true effect as predicted from all effects.</param>
/// <param name="StandardError">Standard error of the prediction.</param>
/// <param name="Lower">Lower prediction limit.</param>
/// <param name="Upper">Upper prediction limit.</param>
internal sealed record ShrunkenEffectResponse(string Id, double Effect, double StandardError, double Lower, double Upper);

/// <param name="Estimator">Estimator of tau².</param>
/// <param name="Effect">Pooled effect on the scale of analysis.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
/// <param name="Tau2">Variance between effects by this estimator.</param>
internal sealed record EstimatorResponse(Estimator Estimator, double Effect, double? StandardError, double? Lower, double? Upper, double? Tau2)
{
    /// <inheritdoc cref="EstimateResponse.WarningCodes"/>
    public IReadOnlyList<string> WarningCodes { get; init; } = [];
}

/// <param name="Rho">Assumed correlation of sampling errors within a sample.</param>
/// <param name="Effect">Pooled effect with it.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
internal sealed record RhoResponse(double Rho, double Effect, double? StandardError, double? Lower, double? Upper)
{
    /// <inheritdoc cref="EstimateResponse.WarningCodes"/>
    public IReadOnlyList<string> WarningCodes { get; init; } = [];
}
