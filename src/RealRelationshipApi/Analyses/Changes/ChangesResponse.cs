using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Changes;

/// <summary>Response of <c>/meta/changes</c>. Members shared by all analyses (counts, model, data, excluded) refer to <c>to</c>.</summary>
internal sealed record ChangesResponse : AnalysisResponse
{
    public required PoolAtRevisionResponse From { get; init; }

    public required PoolAtRevisionResponse To { get; init; }

    /// <summary>Change of the pooled effect, <c>to</c> − <c>from</c>; null if one of them has none.</summary>
    public required PooledShiftResponse? Moved { get; init; }

    /// <summary>Net difference between the two selections: one item per study and revision, sorted by revision and key.</summary>
    public required IReadOnlyList<StudyChangeResponse> Changes { get; init; }
}

/// <summary>The pooled effect at one revision, equal to that of <c>/meta/pool</c> with <c>asOf</c> and the same model.</summary>
/// <param name="Revision">Evidence revision.</param>
/// <param name="RecordedAt">When the revision was recorded; null for revision 0.</param>
/// <param name="Pooled">Null if there is nothing to pool.</param>
/// <param name="Reason">Why there is no pooled effect; null if there is one.</param>
/// <param name="Correlation">The pooled effect as a correlation; null unless the measure is fisherZ.</param>
/// <param name="Heterogeneity">Null if there is nothing to pool.</param>
/// <param name="Counts">Numbers of effects, samples, studies and participants.</param>
internal sealed record PoolAtRevisionResponse(long Revision, DateTimeOffset? RecordedAt, PooledEffectResponse? Pooled, Warning? Reason,
    CorrelationResponse? Correlation,
    HeterogeneityResponse? Heterogeneity, CountsResponse Counts);

/// <param name="Effect">Difference of the pooled effects on the scale of analysis (<c>measure</c>).</param>
/// <param name="R">Difference of the pooled correlations; null unless the measure is fisherZ.</param>
internal sealed record PooledShiftResponse(double Effect, double? R);

/// <summary>The change of a study at a revision, and its share in the change of the pooled effect.</summary>
/// <param name="Study">Key of the study; null for <c>several</c>.</param>
/// <param name="Change">new, replaced or retracted; <c>several</c> for a block of more studies than can be told apart.</param>
/// <param name="Effects">Effects that are in only one of the two selections, or in both with other numbers or another sample, sorted by id.</param>
/// <param name="Revision">Evidence revision since which the effects have been as they are at <c>to</c>.</param>
/// <param name="RecordedAt">When that revision was recorded.</param>
/// <param name="First">True if there was nothing to pool before it; then there is no shift.</param>
/// <param name="Shift">Change of the pooled effect when this change was applied after those of earlier revisions; the Shapley value within a revision. The
/// shifts add up to <c>moved.effect</c>. Null if no model could be fitted before or after it.</param>
/// <param name="ShiftR">Shift on r; the shifts add up to <c>moved.r</c>. Null unless the measure is fisherZ.</param>
/// <param name="ShiftStandardError">Monte-Carlo standard error of the shift; null unless orders were sampled.</param>
internal sealed record StudyChangeResponse(string? Study, StudyChangeKind Change, IReadOnlyList<EffectChangeResponse> Effects, long Revision,
    DateTimeOffset RecordedAt, bool First, double? Shift, double? ShiftR, double? ShiftStandardError);

internal enum StudyChangeKind { New, Replaced, Retracted, Several, Excluded }

/// <summary>An effect that is in only one of the two selections, or in both with other numbers or another sample.</summary>
/// <param name="Id">Id of the effect.</param>
/// <param name="Change">added, removed or changed.</param>
/// <param name="Reason">Reason of removal: retracted, pending or the filter that excludes it, as in <c>excluded</c>; <c>dropped</c> if its study no longer
/// reports it.</param>
/// <param name="Before">The effect at <c>from</c>; null for added effects.</param>
/// <param name="After">The effect at <c>to</c>; null for removed effects.</param>
internal sealed record EffectChangeResponse(string Id, EffectChangeKind Change, string? Reason, EffectStateResponse? Before, EffectStateResponse? After);

/// <summary>An effect as it is pooled.</summary>
/// <param name="Effect">Fisher z.</param>
/// <param name="StandardError">Standard error of the effect.</param>
/// <param name="N">Number of participants; null if unknown.</param>
/// <param name="Sample">Name of the sample. Effects of the same sample are dependent.</param>
internal sealed record EffectStateResponse(double Effect, double StandardError, double? N, string Sample);
