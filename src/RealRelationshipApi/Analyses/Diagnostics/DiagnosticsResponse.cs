using RealRelationshipApi.Analyses.Bias;

namespace RealRelationshipApi.Analyses.Diagnostics;

/// <summary>Response of <c>/meta/diagnostics</c>. Rows are effects, or one composite per sample if effects are dependent.</summary>
internal sealed record DiagnosticsResponse : AnalysisResponse
{
    /// <summary>Effects that it is computed from.</summary>
    public required EffectBasis Basis { get; init; }

    /// <summary>Baujat plot: contribution of each row to heterogeneity, and influence on the pooled effect.</summary>
    public required IReadOnlyList<BaujatResponse> Baujat { get; init; }

    /// <summary>Radial plot.</summary>
    public required RadialResponse Radial { get; init; }

    /// <summary>Profile of the likelihood of τ², restricted unless <c>estimator=ml</c>; null for one row.</summary>
    public required ProfileResponse? Profile { get; init; }

    /// <summary>The model fitted to all subsets of the rows, or to a sample of them (GOSH); null for one row.</summary>
    public required GoshResponse? Gosh { get; init; }
}

/// <param name="Id">Effect, or sample if rows are composites.</param>
/// <param name="Heterogeneity">Squared standardised residual: the contribution to Q, for <c>estimator=common</c>.</param>
/// <param name="Influence">Squared change of the pooled effect without the row, in standard errors without it.</param>
internal sealed record BaujatResponse(string Id, double Heterogeneity, double Influence);

/// <param name="Slope">The pooled effect: the slope of the line through the origin.</param>
/// <param name="Tau2">Variance between effects.</param>
/// <param name="Points">Points in the order of the rows.</param>
internal sealed record RadialResponse(double Slope, double Tau2, IReadOnlyList<RadialPointResponse> Points);

/// <param name="Id">Effect, or sample if rows are composites.</param>
/// <param name="Precision">1/√(v + τ²).</param>
/// <param name="Standardised">Effect times precision.</param>
internal sealed record RadialPointResponse(string Id, double Precision, double Standardised);

/// <param name="Tau2">Maximum of the likelihood.</param>
/// <param name="Lower">Lower confidence limit by the likelihood ratio.</param>
/// <param name="Upper">Upper confidence limit; null if the likelihood never falls far enough.</param>
/// <param name="LogLikelihood">Log-likelihood at the maximum.</param>
/// <param name="Cut">Log-likelihood at the limits.</param>
/// <param name="SeveralModes">Whether the likelihood has several local maxima; the limits enclose every τ² above the cut.</param>
/// <param name="Restricted">Whether it is the restricted likelihood.</param>
/// <param name="Points">The profile from 0 to beyond the upper limit.</param>
internal sealed record ProfileResponse(double Tau2, double Lower, double? Upper, double LogLikelihood, double Cut, bool SeveralModes, bool Restricted,
    IReadOnlyList<ProfilePointResponse> Points);

/// <param name="Tau2">Variance between effects.</param>
/// <param name="LogLikelihood">Log-likelihood there.</param>
internal sealed record ProfilePointResponse(double Tau2, double LogLikelihood);

/// <summary>Olkin, Dahabreh and Trikalinos (2012): subsets of at least two rows.</summary>
/// <param name="Subsets">Number of subsets fitted, single rows included.</param>
/// <param name="Exhaustive">Whether these are all subsets.</param>
/// <param name="Seed">Seed of the draws; null if exhaustive.</param>
/// <param name="Estimator">Estimator of τ²: that of the model.</param>
/// <param name="MeanEffect">Mean of the pooled effects of subsets of at least two rows; null without one.</param>
/// <param name="MeanI2">Mean of their I², percent.</param>
/// <param name="Quantiles">Quantiles over subsets of at least two rows (R's type 7).</param>
/// <param name="Members">What subsets with and without each row say.</param>
/// <param name="Csv">URL of all subsets as CSV; null for a request with a body.</param>
internal sealed record GoshResponse(int Subsets, bool Exhaustive, long? Seed, Models.Estimator Estimator, double? MeanEffect, double? MeanI2,
    IReadOnlyList<GoshQuantileResponse> Quantiles, IReadOnlyList<GoshMemberResponse> Members, string? Csv);

/// <param name="Probability">Share of subsets at or below.</param>
/// <param name="Effect">Quantile of the pooled effect.</param>
/// <param name="I2">Quantile of I², percent.</param>
/// <param name="Tau2">Quantile of τ².</param>
internal sealed record GoshQuantileResponse(double Probability, double Effect, double I2, double Tau2);

/// <param name="Id">Effect, or sample if rows are composites.</param>
/// <param name="EffectWith">Mean of the pooled effects of subsets with the row; null without such a subset.</param>
/// <param name="EffectWithout">The same of subsets without it.</param>
/// <param name="I2With">Mean of I² of subsets with the row, percent.</param>
/// <param name="I2Without">The same of subsets without it.</param>
internal sealed record GoshMemberResponse(string Id, double? EffectWith, double? EffectWithout, double? I2With, double? I2Without);
