using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Changes;

/// <summary>Attributes the change of a pooled effect to studies: across revisions in their order, within one by <see cref="ShapleyAttribution"/>.</summary>
/// <remarks>
/// <code>
/// from ─► revision 1 ─► revision 2 ─► … ─► revision m = to
///  ẑ₀         ẑ₁            ẑ₂                 ẑₘ          the shares of revision i add up to ẑᵢ − ẑᵢ₋₁, and so all to ẑₘ − ẑ₀
/// </code>
/// </remarks>
internal sealed class StudyChanges(EvidenceDiff diff, StepwisePool steps, ResolvedModel model)
{
    /// <summary>Limit of fits over all revisions at which several studies changed; lower for large selections (<see cref="MaxFittedEffects"/>).</summary>
    private const int MaxFits = 20_000;

    private const int MaxFittedEffects = 2_000_000;

    private const ulong Seed = 1953;

    private readonly List<StudyChangeResponse> _rows = [];
    private double _ordersLeftOut;
    private double _ordersSampled;
    private int _sampledStudies;
    private int _sampledRevisions;
    private bool _hasBlock;

    /// <summary>Number of fits of <see cref="Attribute"/>, one per revision and those of Shapley values, and of changed effects over all fits.</summary>
    public static (long Fits, double ChangedEffects) CountFits(EvidenceDiff diff)
    {
        (int Studies, int Effects)[] revisions = [.. diff.Changes.GroupBy(change => change.Revision)
            .Select(revision => (revision.DistinctBy(change => change.Study).Count(), revision.Count()))];
        var budget = FitsPerRevision(diff, revisions.Count(revision => revision.Studies > 1));
        // In the mean over orders, half of the changes are applied.
        return revisions.Aggregate((Fits: 0L, ChangedEffects: 0.0), (sum, revision) =>
            revision.Studies is > 1 and <= ShapleyAttribution.MaxSampled && ShapleyAttribution.CountEvaluations(revision.Studies, budget) is var fits
                ? (sum.Fits + 1 + fits, sum.ChangedEffects + (revision.Effects * (1 + (fits / 2.0))))
                : (sum.Fits + 1, sum.ChangedEffects + revision.Effects));
    }

    private static int FitsPerRevision(EvidenceDiff diff, int revisions) =>
        Math.Min(MaxFits, MaxFittedEffects / Math.Max(1, diff.From.Count + diff.To.Count)) / Math.Max(1, revisions);

    /// <summary>One row per study and revision.</summary>
    /// <param name="start">The estimate at <c>from</c>; null if there is none.</param>
    /// <param name="end">The estimate at <c>to</c>.</param>
    public IReadOnlyList<StudyChangeResponse> Attribute(double? start, double? end)
    {
        var revisions = diff.Changes.GroupBy(change => change.Revision).Select(
            revision => revision.GroupBy(change => change.Study).Select(study => study.ToArray()).ToArray()).ToArray();
        var budget = FitsPerRevision(diff, revisions.Count(studies => studies.Length > 1));
        var last = start;
        foreach (var (i, studies) in revisions.Index())
        {
            // After the last change the effects are those of `to`, which have been fitted already.
            var estimate = i + 1 < revisions.Length ? steps.EstimateWith(studies.SelectMany(changes => changes)) : end;
            AddRows(studies, last, estimate, budget);
            steps.Apply(studies.SelectMany(changes => changes));
            last = estimate ?? last;
        }

        return _rows;
    }

    public IEnumerable<Warning> Warnings()
    {
        if (_rows.Count(row => row is { Shift: null, First: false }) is > 0 and var unknown)
        {
            yield return new("noShift",
                $"{unknown} of {_rows.Count} changes {(unknown == 1 ? "has" : "have")} no shift, because no model could be fitted before or after "
                + $"{(unknown == 1 ? "it" : "them")}. The shift after such a change is relative to the last estimate.");
        }

        if (_ordersSampled > 0)
        {
            yield return new("ordersSampled",
                (_sampledRevisions == 1 ? $"{_sampledStudies} studies changed at one revision" : $"{_sampledStudies} studies changed at {_sampledRevisions} "
                    + "revisions, several at each")
                    + $", in more orders than can be fitted. Their shifts are means over {_ordersSampled:0} sampled orders; see shiftStandardError.");
        }

        if (_ordersLeftOut > 0)
        {
            yield return new("ordersLeftOut",
                $"{_ordersLeftOut:0} orders of changes within a revision lead through a state without an estimate. The shifts are means over the others.");
        }

        if (_hasBlock)
        {
            yield return new("tooManyChanges",
                $"More than {ShapleyAttribution.MaxSampled} studies changed at one revision. They share one item and one shift.");
        }
    }

    private void AddRows(EffectChange[][] studies, double? last, double? estimate, int budget)
    {
        if (last is null || estimate is null || studies.Length == 1)
        {
            foreach (var changes in studies)
            {
                _rows.Add(Row(changes, isFirst: last is null && estimate is not null, last, studies.Length == 1 ? estimate : null));
            }
        }
        else if (studies.Length > ShapleyAttribution.MaxSampled)
        {
            _hasBlock = true;
            EffectChange[] all = [.. studies.SelectMany(changes => changes)];
            _rows.Add(Row(all, isFirst: false, last, estimate) with { Study = null, Change = StudyChangeKind.Several });
        }
        else
        {
            AddShares(studies, last.Value, estimate.Value, budget);
        }
    }

    private void AddShares(EffectChange[][] studies, double last, double estimate, int budget)
    {
        var shares = ShapleyAttribution.Run(studies.Length,
            applied => applied.AsSpan().IndexOf(true) < 0 ? last : applied.AsSpan().IndexOf(false) < 0 ? estimate
                : steps.EstimateWith(studies.Where((_, i) => applied[i]).SelectMany(changes => changes)),
            budget, Seed, z => z, FisherZ.ToCorrelation);
        foreach (var (i, changes) in studies.Index())
        {
            _rows.Add(Row(changes, isFirst: false, null, null) with
            {
                Shift = shares?.Shares[0][i],
                ShiftR = model.Measure == EffectMeasure.FisherZ ? shares?.Shares[1][i] : null,
                ShiftStandardError = shares?.StandardErrors?[i],
            });
        }

        _ordersLeftOut += shares?.OrdersLeftOut ?? 0;
        if (shares?.StandardErrors is not null)
        {
            _ordersSampled += shares.Orders;
            _sampledStudies += studies.Length;
            _sampledRevisions++;
        }
    }

    private StudyChangeResponse Row(EffectChange[] changes, bool isFirst, double? before, double? after) => new(
        changes[0].Study, KindOf(changes),
        [.. changes.Select(change => new EffectChangeResponse(change.Id, change.Kind, change.Reason,
            State(diff.From, change.Before), State(diff.To, change.After)))],
        changes[0].Revision, changes[0].RecordedAt, isFirst, after - before, CorrelationShift(before, after, model), null);

    private StudyChangeKind KindOf(EffectChange[] changes) =>
        Array.TrueForAll(changes, change => change.Kind == EffectChangeKind.Added) && !diff.From.Studies.Contains(changes[0].Study) ? StudyChangeKind.New
        : Array.TrueForAll(changes, change => change.Reason == EffectChange.Retracted) ? StudyChangeKind.Retracted
        : Array.TrueForAll(changes, change => change.FollowsOthers) ? StudyChangeKind.Excluded
        : StudyChangeKind.Replaced;

    private static EffectStateResponse? State(EffectSet effects, int? row) =>
        row is { } i ? new(effects.Estimates[i], Math.Sqrt(effects.Variances[i]), effects.Participants[i], effects.Samples[i]) : null;

    /// <summary>The difference of two pooled effects on r; null unless the measure is fisherZ.</summary>
    public static double? CorrelationShift(double? before, double? after, ResolvedModel model) =>
        model.Measure == EffectMeasure.FisherZ && before is { } a && after is { } b ? FisherZ.ToCorrelation(b) - FisherZ.ToCorrelation(a) : null;
}
