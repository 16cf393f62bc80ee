using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Changes;

/// <summary><c>/meta/changes</c>: attributes the change of a pooled effect between two revisions to the changed effects.</summary>
/// <remarks>
/// The changes are applied one after the other, and the model is fitted after each:
/// <code>
/// from ─► change 1 ─► change 2 ─► … ─► change m = to
///  ẑ₀        ẑ₁          ẑ₂               ẑₘ          shift i = ẑᵢ − ẑᵢ₋₁, so that the shifts add up to ẑₘ − ẑ₀
/// </code>
/// All fits use the model of <c>to</c>, so that shifts are due to evidence and never to a change of model.
/// </remarks>
internal static class ChangesAnalysis
{
    public static (ChangesResponse? Answer, Problem? Problem) Run(EvidenceDiff changes, ChangesRequest request, ErrorLocation location,
        CancellationToken cancellationToken)
    {
        var (from, to) = (changes.From, changes.To);
        // If no effect is left at `to`, the effects at `from` determine the model.
        var (resolved, problem) = ResolvedModel.Resolve(request.Model, to.Count > 0 ? to : from, location);
        if (resolved is null)
        {
            return (null, problem);
        }

        var model = resolved with { Artifacts = ArtifactCorrection.None, Equivalence = null };
        var (before, after) = (PoolAtRevision.Of(from, model), PoolAtRevision.Of(to, model));
        if (before.Fit is null && after.Reason is { } reason)
        {
            return (null, Problem.NotComputable(reason.Code, reason.Detail));
        }

        var steps = new StepwisePool(from, to, model);
        var rows = Rows(changes, steps, before.Estimate, after.Estimate, model, cancellationToken);
        var (start, end) = (before.ToResponse(model), after.ToResponse(model));
        return (new ChangesResponse
        {
            From = start,
            To = end,
            Moved = after.Estimate - before.Estimate is { } moved ? new(moved, CorrelationShift(before.Estimate, after.Estimate, model)) : null,
            Changes = rows,
            Counts = end.Counts,
            Model = ResponseMapper.Model(model),
            Given = to.Given,
            Used = to.Count,
            Data = ResponseMapper.Data(to),
            Excluded = to.Excluded,
            Suppressed = to.Suppressed,
            Warnings =
            [
                .. after.Warnings,
                .. before.Warnings.Except(after.Warnings).Select(w => w with { Detail = $"from: {w.Detail}" }),
                .. ModelWarnings(request, model, from, to, steps, location),
                .. ShiftWarnings(rows),
            ],
        }, null);
    }

    private static List<EffectChangeResponse> Rows(EvidenceDiff changes, StepwisePool steps, double? start, double? end, ResolvedModel model,
        CancellationToken cancellationToken)
    {
        var rows = new List<EffectChangeResponse>();
        var last = start;
        foreach (var change in changes.Changes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // After the last change the effects are those of `to`, which have been fitted already.
            var estimate = rows.Count + 1 < changes.Changes.Count ? steps.Apply(change) : end;
            rows.Add(new(change.Id, change.Study, change.Kind, change.Reason, change.Revision, change.RecordedAt,
                EffectState(changes.From, change.Before), EffectState(changes.To, change.After), estimate - last, CorrelationShift(last, estimate, model)));
            last = estimate ?? last;
        }
        return rows;
    }

    private static EffectStateResponse? EffectState(EffectSet effects, int? row) =>
        row is { } i ? new(effects.Estimates[i], Math.Sqrt(effects.Variances[i]), effects.Participants[i], effects.Samples[i]) : null;

    private static double? CorrelationShift(double? before, double? after, ResolvedModel model) =>
        model.Measure != EffectMeasure.Raw && before is { } a && after is { } b ? FisherZ.ToCorrelation(b) - FisherZ.ToCorrelation(a) : null;

    private static IEnumerable<Warning> ModelWarnings(ChangesRequest request, ResolvedModel model, EffectSet from, EffectSet to, StepwisePool steps,
        ErrorLocation location)
    {
        if (from.Count > 0 && to.Count > 0)
        {
            var (alone, _) = ResolvedModel.Resolve(request.Model, from, location);
            if (alone?.Dependence != model.Dependence)
            {
                yield return new("otherModelAtFrom", $"{(alone is null ? "With these options the pool at from alone would have been refused"
                    : $"The pool at from alone would have been answered with dependence {EnumNames<Dependence>.Of(alone.Dependence)}")}; "
                    + $"here both are answered with that of to, {EnumNames<Dependence>.Of(model.Dependence)}, so that only evidence moves the estimate.");
            }
        }

        if (model.IsNested && (steps.HadOneSample || from is { Count: > 0, HasSeveralSamples: false } || to is { Count: > 0, HasSeveralSamples: false }))
        {
            yield return new("oneSample",
                "Where all effects are of one sample, they are pooled as one composite: nothing can be said of the variance between samples.");
        }
    }

    private static IEnumerable<Warning> ShiftWarnings(IReadOnlyList<EffectChangeResponse> rows)
    {
        if (rows.Count(row => row.Shift is null) is > 0 and var unknown)
        {
            yield return new("noShift",
                $"{unknown} of {rows.Count} changes {(unknown == 1 ? "has" : "have")} no shift, because nothing could be fitted before or after "
                + $"{(unknown == 1 ? "it" : "them")}; a shift after such a change is from the last estimate that there was.");
        }
    }
}
