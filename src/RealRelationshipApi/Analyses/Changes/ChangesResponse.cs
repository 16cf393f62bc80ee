using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Changes;

/// <summary>The answer of <c>/meta/changes</c>. What every analysis says of itself – counts, model, data, excluded – is said of <c>to</c>.</summary>
internal sealed record ChangesResponse : AnalysisResponse
{
    public required PoolAtRevisionResponse From { get; init; }

    public required PoolAtRevisionResponse To { get; init; }

    /// <summary>By how much the pooled effect moved: <c>to</c> − <c>from</c>; null where one of them has no pooled effect.</summary>
    public required PooledShiftResponse? Moved { get; init; }

    /// <summary>The net difference between the two selections: one row an effect, in the order of revision, then id.</summary>
    public required IReadOnlyList<EffectChangeResponse> Changes { get; init; }
}

/// <summary>The pool at one end, as <c>/meta/pool</c> with <c>asOf</c> answers it under the same model.</summary>
/// <param name="Revision">Evidence revision.</param>
/// <param name="RecordedAt">When it came about; null for revision 0.</param>
/// <param name="Pooled">Null where there is nothing to pool.</param>
/// <param name="Reason">Why there is no pooled effect; null where there is one.</param>
/// <param name="Correlation">The pooled effect as a correlation; null with measure raw.</param>
/// <param name="Heterogeneity">Null where there is nothing to pool.</param>
/// <param name="Counts">What entered.</param>
internal sealed record PoolAtRevisionResponse(long Revision, DateTimeOffset? RecordedAt, PooledEffectResponse? Pooled, Warning? Reason,
    CorrelationResponse? Correlation,
    HeterogeneityResponse? Heterogeneity, CountsResponse Counts);

/// <param name="Effect">Difference of the pooled effects on the scale of analysis (Fisher z unless raw).</param>
/// <param name="R">Difference of the pooled correlations; null with measure raw.</param>
internal sealed record PooledShiftResponse(double Effect, double? R);

/// <summary>An effect that is in one of the two selections only, or in both with other numbers or another sample.</summary>
/// <param name="Id">The effect.</param>
/// <param name="Study">Its study.</param>
/// <param name="Change">added, removed or changed.</param>
/// <param name="Reason">Of removed effects: retracted, pending or the filter that leaves it out, as <c>excluded</c> names them;
/// <c>dropped</c> when its study no longer reports it.</param>
/// <param name="Revision">The evidence revision since which it has been as it is at <c>to</c>.</param>
/// <param name="RecordedAt">When that revision came about.</param>
/// <param name="Before">How it entered at <c>from</c>; null for added effects.</param>
/// <param name="After">How it enters at <c>to</c>; null for removed effects.</param>
/// <param name="Shift">By how much the pooled effect moved when this change was applied after those before it, adding up to <c>moved.effect</c>; null where
/// nothing could be fitted before or after it.</param>
/// <param name="ShiftR">The same on r, adding up to <c>moved.r</c>; null with measure raw.</param>
internal sealed record EffectChangeResponse(string Id, string Study, EffectChangeKind Change, string? Reason, long Revision, DateTimeOffset RecordedAt,
    EffectStateResponse? Before,
    EffectStateResponse? After, double? Shift, double? ShiftR);

/// <summary>An effect as it enters a pool.</summary>
/// <param name="Effect">On Fisher z.</param>
/// <param name="StandardError">Of the effect alone.</param>
/// <param name="N">Participants; null where they are not known.</param>
/// <param name="Sample">Effects of one sample are dependent.</param>
internal sealed record EffectStateResponse(double Effect, double StandardError, double? N, string Sample);
