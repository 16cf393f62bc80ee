using RealRelationship.Statistics;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>Says which effects moved a pooled estimate, and by how much: from the changes between two selections to the answer of <c>/meta/changes</c>.</summary>
/// <remarks>
/// The changes are applied one after the other, and the pool is fitted after each:
/// <code>
/// from ─► change 1 ─► change 2 ─► … ─► change m = to
///  ẑ₀        ẑ₁          ẑ₂               ẑₘ          shift i = ẑᵢ − ẑᵢ₋₁, so that the shifts add up to ẑₘ − ẑ₀
/// </code>
/// All fits are of one model, that of <c>to</c>, so that what moves the estimate is evidence and never a change of model.
/// </remarks>
internal static class ChangesAnalysis
{
    public static (ChangesAnswer? Answer, Problem? Problem) Run(EvidenceChanges changes, ChangesRequest request, Asked asked, CancellationToken cancellationToken)
    {
        var (from, to) = (changes.From, changes.To);
        // Where nothing is left at `to`, what there was tells the model.
        var (resolved, problem) = Model.Resolve(request.Model, to.Count > 0 ? to : from, asked);
        if (resolved is null)
        {
            return (null, problem);
        }

        var model = resolved with { Artifacts = Artifacts.None, Equivalence = null };
        var (before, after) = (PoolAt.Of(from, model), PoolAt.Of(to, model));
        if (before.Pool is null && after.Reason is { } reason)
        {
            return (null, Problem.NotComputable(reason.Code, reason.Detail));
        }

        var steps = new StepwisePool(from, to, model);
        var rows = Rows(changes, steps, before.Estimate, after.Estimate, model, cancellationToken);
        var (start, end) = (before.ToAnswer(model), after.ToAnswer(model));
        return (new ChangesAnswer
        {
            From = start,
            To = end,
            Moved = after.Estimate - before.Estimate is { } moved ? new(moved, ShiftOfR(before.Estimate, after.Estimate, model)) : null,
            Changes = rows,
            Counts = end.Counts,
            Model = AnswerParts.Model(model),
            Given = to.Given,
            Used = to.Count,
            Data = AnswerParts.Data(to),
            Excluded = to.Excluded,
            Suppressed = to.Suppressed,
            Warnings =
            [
                .. after.Warnings,
                .. before.Warnings.Except(after.Warnings).Select(w => w with { Detail = $"from: {w.Detail}" }),
                .. WarningsOfModel(request, model, from, to, steps, asked),
                .. WarningsOfShifts(rows),
            ],
        }, null);
    }

    private static List<ChangeRow> Rows(EvidenceChanges changes, StepwisePool steps, double? start, double? end, Model model, CancellationToken cancellationToken)
    {
        var rows = new List<ChangeRow>();
        var last = start;
        foreach (var change in changes.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // After the last change the pool is that of `to`, which is fitted already.
            var estimate = rows.Count + 1 < changes.All.Count ? steps.After(change) : end;
            rows.Add(new(change.Id, change.Study, change.Kind, change.Reason, change.Revision, change.RecordedAt,
                Entered(changes.From, change.Before), Entered(changes.To, change.After), estimate - last, ShiftOfR(last, estimate, model)));
            last = estimate ?? last;
        }
        return rows;
    }

    private static EnteredAnswer? Entered(EffectSet effects, int? row) =>
        row is { } i ? new(effects.Estimates[i], Math.Sqrt(effects.Variances[i]), effects.Participants[i], effects.Samples[i]) : null;

    private static double? ShiftOfR(double? before, double? after, Model model) =>
        model.Measure != Measure.Raw && before is { } a && after is { } b ? FisherZ.ToCorrelation(b) - FisherZ.ToCorrelation(a) : null;

    private static IEnumerable<Warning> WarningsOfModel(ChangesRequest request, Model model, EffectSet from, EffectSet to, StepwisePool steps, Asked asked)
    {
        if (from.Count > 0 && to.Count > 0)
        {
            var (alone, _) = Model.Resolve(request.Model, from, asked);
            if (alone?.Dependence != model.Dependence)
            {
                yield return new("otherModelAtFrom", $"{(alone is null ? "With these options the pool at from alone would have been refused"
                    : $"The pool at from alone would have been answered with dependence {EnumNames<Dependence>.Of(alone.Dependence)}")}; "
                    + $"here both are answered with that of to, {EnumNames<Dependence>.Of(model.Dependence)}, so that only evidence moves the estimate.");
            }
        }

        if (model.IsNested && (steps.HadOneSample || from is { Count: > 0, HasSeveralSamples: false } || to is { Count: > 0, HasSeveralSamples: false }))
        {
            yield return new("oneSample", "Where all effects are of one sample, they are pooled as one composite: nothing can be said of the variance between samples.");
        }
    }

    private static IEnumerable<Warning> WarningsOfShifts(IReadOnlyList<ChangeRow> rows)
    {
        if (rows.Count(row => row.Shift is null) is > 0 and var unknown)
        {
            yield return new("noShift", $"{unknown} of {rows.Count} changes {(unknown == 1 ? "has" : "have")} no shift, because nothing could be fitted before or after "
                + $"{(unknown == 1 ? "it" : "them")}; a shift after such a change is from the last estimate that there was.");
        }
    }
}
