using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Changes;

/// <summary>Pools effects while the changes between two selections are applied one after the other.</summary>
internal sealed class StepwisePool
{
    private readonly EffectSet _combined;
    private readonly int _laterOffset;
    private readonly bool[] _isIncluded;
    private readonly ResolvedModel _model;
    private readonly IncrementalMean? _nested;

    /// <summary>Starts with the earlier selection.</summary>
    /// <param name="from">The earlier selection.</param>
    /// <param name="to">The later selection.</param>
    /// <param name="model">The model of every fit.</param>
    public StepwisePool(EffectSet from, EffectSet to, ResolvedModel model)
    {
        _combined = Concat(from, to);
        _laterOffset = from.Count;
        _isIncluded = [.. Enumerable.Range(0, _combined.Count).Select(row => row < _laterOffset)];
        _model = model;
        if (model.IsNested && model.Dependence != Dependence.FourLevel && _combined.Count > 0 && !PairCorrelations.Given(model).Any())
        {
            var frame = ModelFrame.Create(_combined, [.. Enumerable.Range(0, _combined.Count)], model);
            _nested = new(frame.Estimates, frame.Variances, frame.SampleCodes(), model.MultilevelOptions);
            _nested.Propose(Enumerable.Range(0, _laterOffset).Select(row => new EffectInclusion(row, true)));
            _nested.Apply();
        }
    }

    /// <summary>Whether at some step all effects were of one sample.</summary>
    public bool HadOneSample { get; private set; }

    /// <summary>Applies changes permanently.</summary>
    public void Apply(IEnumerable<EffectChange> changes)
    {
        foreach (var (row, isIncluded) in Inclusions(changes))
        {
            _isIncluded[row] = isIncluded;
        }

        _nested?.Propose(Inclusions(changes));
        _nested?.Apply();
    }

    /// <summary>The pooled effect after the applied changes and some more.</summary>
    /// <returns>Null if no effect is left or the model cannot be fitted to the rest.</returns>
    public double? EstimateWith(IEnumerable<EffectChange> changes)
    {
        if (_nested is not null)
        {
            _nested.Propose(Inclusions(changes));
            if (_nested.Samples > 1)
            {
                return FitNested(_nested);
            }
        }

        bool[] included = [.. _isIncluded];
        foreach (var (row, isIncluded) in Inclusions(changes))
        {
            included[row] = isIncluded;
        }

        int[] chosen = [.. Enumerable.Range(0, included.Length).Where(row => included[row])];
        return chosen.Length == 0 ? null : Fit(chosen);
    }

    private IEnumerable<EffectInclusion> Inclusions(IEnumerable<EffectChange> changes)
    {
        foreach (var change in changes)
        {
            if (change.Before is { } before)
            {
                yield return new(before, false);
            }

            if (change.After is { } after)
            {
                yield return new(_laterOffset + after, true);
            }
        }
    }

    private double? FitNested(IncrementalMean pool)
    {
        try
        {
            return AnalysisMetrics.TimeFit(_model, pool.Estimate);
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    private double? Fit(int[] chosen)
    {
        var hasSeveralSamples = Array.Exists(chosen, row => _combined.Samples[row] != _combined.Samples[chosen[0]]);
        HadOneSample |= !hasSeveralSamples;
        // Only the estimate is used, which does not depend on the robust variance.
        var model = _model.FittableTo(hasSeveralSamples, () => StudyClusters.AreSeveral(_combined, chosen)) with
        {
            Robust = RobustVarianceChoice.None,
        };
        model = model.Dependence == Dependence.FourLevel ? model : model with { Cluster = ClusterChoice.Sample };
        try
        {
            var mean = ModelFit.Pool(ModelFrame.Create(_combined, chosen, model), model, profileIntervals: false).Mean;
            return mean.Range is null ? mean.Estimate : null;
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    private static EffectSet Concat(EffectSet from, EffectSet to) => new()
    {
        Ids = [.. from.Ids, .. to.Ids],
        Studies = [.. from.Studies, .. to.Studies],
        Samples = [.. from.Samples, .. to.Samples],
        Estimates = [.. from.Estimates, .. to.Estimates],
        Variances = [.. from.Variances, .. to.Variances],
        Participants = [.. from.Participants, .. to.Participants],
        RelationshipReliabilities = [.. from.RelationshipReliabilities, .. to.RelationshipReliabilities],
        OutcomeReliabilities = [.. from.OutcomeReliabilities, .. to.OutcomeReliabilities],
        Years = [.. from.Years, .. to.Years],
        Given = from.Count + to.Count,
        ModeratorValues = name => (from.ModeratorValues(name), to.ModeratorValues(name)) is var (before, after) && (before ?? after) is not null
            ? [.. before ?? new ModeratorValue?[from.Count], .. after ?? new ModeratorValue?[to.Count]] : null,
    };
}
