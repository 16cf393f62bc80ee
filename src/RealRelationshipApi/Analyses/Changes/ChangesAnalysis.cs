using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Changes;

/// <summary><c>/meta/changes</c>: attributes the change of a pooled effect between two revisions to studies.</summary>
/// <remarks>All fits use the model of <c>to</c>, so that shifts are due to evidence and never to a change of model.</remarks>
internal static class ChangesAnalysis
{
    public static (ChangesResponse? Answer, Problem? Problem) Run(EvidenceDiff changes, ChangesRequest request, ErrorLocation location)
    {
        var (from, to) = (changes.From, changes.To);
        // If no effect is left at `to`, the effects at `from` determine the model.
        var (resolved, problem) = ResolvedModel.Resolve(request.Model, to.Count > 0 ? to : from, location);
        if (resolved is null)
        {
            return (null, problem);
        }

        var (model, after, notIdentified) = PoolAtTo(to, resolved with { Artifacts = ArtifactCorrection.None, Equivalence = null });
        var before = PoolAtRevision.Of(from, model);
        if (before.Fit is null && after.Reason is { } reason)
        {
            return (null, Problem.NotComputable(reason.Code, reason.Detail));
        }

        var steps = new StepwisePool(from, to, model);
        var studies = new StudyChanges(changes, steps, model);
        var rows = studies.Attribute(before.Estimate, after.Estimate);
        var (start, end) = (before.ToResponse(model), after.ToResponse(model));
        return (new ChangesResponse
        {
            From = start,
            To = end,
            Moved = after.Estimate - before.Estimate is { } moved
                ? new(moved, StudyChanges.CorrelationShift(before.Estimate, after.Estimate, model)) : null,
            Changes = rows,
            Counts = end.Counts,
            Model = ResponseMapper.Model(model),
            Given = to.Given,
            Used = to.Count,
            Data = ResponseMapper.Data(to),
            Excluded = to.Excluded,
            Suppressed = to.Suppressed,
            // One warning per code: those of `from` only if `to` has none.
            Warnings =
            [
                .. after.Warnings.Concat(notIdentified)
                    .Concat(before.Warnings.Select(w => w with { Detail = $"from: {w.Detail}", Finding = $"from: {w.Finding}" }))
                    .Concat(ModelWarnings(request, model, from, to, steps, location))
                    .Concat(studies.Warnings())
                    .DistinctBy(w => w.Code),
            ],
        }, null);
    }

    // Falls back to independent effects if the variance components of a nested model are not identified.
    private static (ResolvedModel Model, PoolAtRevision Pool, IReadOnlyList<Warning> Warnings) PoolAtTo(EffectSet to, ResolvedModel model)
    {
        var pool = PoolAtRevision.Of(to, model);
        if (pool.Fit?.Mean.Range is null)
        {
            return (model, pool, []);
        }

        var independent = model with { Dependence = Dependence.Independent, Test = TestChoice.KnappHartungAdHoc, Robust = RobustVarianceChoice.None };
        return (independent, PoolAtRevision.Of(to, independent),
        [
            new("varianceNotIdentified",
                "The variances between and within samples are not identified at to, and the pooled effect depends on them. Both ends are pooled as if all "
                    + "effects were independent."),
        ]);
    }

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
}
