using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;

namespace RealRelationshipApi.Analyses.Sensitivity;

/// <summary>The answer of <c>/meta/sensitivity</c>. Where effects are aggregated or nested, rows are samples.</summary>
internal sealed record SensitivityResponse : AnalysisResponse
{
    /// <summary>The pooled effect without effects that a cautious reader might leave out; empty for effects of the body.</summary>
    public required IReadOnlyList<SubsetResponse> Subsets { get; init; }

    public required IReadOnlyList<LeaveOneOutResponse> LeaveOneOut { get; init; }

    /// <summary>Viechtbauer and Cheung (2010); on one composite effect a sample where effects are nested.</summary>
    public required IReadOnlyList<InfluenceResponse> Influence { get; init; }

    /// <summary>By year of publication over the store; in the given order for effects of the body.</summary>
    public required IReadOnlyList<CumulativeResponse> Cumulative { get; init; }

    /// <summary>Best linear unbiased predictions; on one composite effect a sample where effects are nested.</summary>
    public required IReadOnlyList<ShrunkenEffectResponse> Shrunken { get; init; }

    public required IReadOnlyList<EstimatorResponse> Estimators { get; init; }

    /// <summary>Over the correlation of sampling errors; empty where the model does not use it.</summary>
    public required IReadOnlyList<RhoResponse> Rho { get; init; }
}

/// <param name="Name">withoutConverted, withoutAdjusted, withoutUnpublished, withoutSynthetic, withoutRetrospective or withoutSingleSource.</param>
/// <param name="Pooled">Null when nothing is left.</param>
/// <param name="Counts">What is left.</param>
internal sealed record SubsetResponse(string Name, PooledEffectResponse? Pooled, CountsResponse Counts);

/// <param name="Id">The effect or sample that is left out.</param>
/// <param name="Effect">The pooled effect without it.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Lower">Lower end of its interval.</param>
/// <param name="Upper">Upper end of its interval.</param>
/// <param name="Q">Heterogeneity of the rest.</param>
/// <param name="Tau2">τ² of the rest.</param>
/// <param name="I2">I² of the rest, percent.</param>
internal sealed record LeaveOneOutResponse(string Id, double Effect, double? StandardError, double? Lower, double? Upper, double Q, double? Tau2, double? I2);

internal sealed record InfluenceResponse(string Id, double? StudentizedResidual, double? Dffits, double? CooksDistance, double? CovarianceRatio,
    double? Tau2Deleted, double QDeleted,
    double Hat, double Weight, double? Dfbeta, bool Influential);

/// <param name="Id">The effect or sample that was added.</param>
/// <param name="Effect">The pooled effect so far.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Tau2">τ² so far; 0 in the first row.</param>
/// <param name="Lower">Lower end of its interval.</param>
/// <param name="Upper">Upper end of its interval.</param>
internal sealed record CumulativeResponse(string Id, double Effect, double? StandardError, double? Tau2, double? Lower, double? Upper);

internal sealed record ShrunkenEffectResponse(string Id, double Effect, double StandardError, double Lower, double Upper);

internal sealed record EstimatorResponse(Estimator Estimator, double Effect, double? StandardError, double? Lower, double? Upper, double? Tau2);

internal sealed record RhoResponse(double Rho, double Effect, double? StandardError, double? Lower, double? Upper);
