using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses.Changes;

/// <summary>Pools effects while the changes between two selections are applied one after the other.</summary>
internal sealed class StepwisePool
{
    private readonly EffectSet _combined;
    private readonly int _laterOffset;
    private readonly bool[] _isIncluded;
    private readonly ResolvedModel _model;

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
    }

    /// <summary>Whether at some step all effects were of one sample.</summary>
    public bool HadOneSample { get; private set; }

    /// <summary>Applies changes permanently.</summary>
    public void Apply(IEnumerable<EffectChange> changes)
    {
        foreach (var change in changes)
        {
            Include(_isIncluded, change);
        }
    }

    /// <summary>The pooled effect after the applied changes and some more.</summary>
    /// <returns>Null if no effect is left or the model cannot be fitted to the rest.</returns>
    public double? EstimateWith(IEnumerable<EffectChange> changes)
    {
        bool[] included = [.. _isIncluded];
        foreach (var change in changes)
        {
            Include(included, change);
        }

        int[] chosen = [.. Enumerable.Range(0, included.Length).Where(row => included[row])];
        return chosen.Length == 0 ? null : Fit(chosen);
    }

    private void Include(bool[] included, EffectChange change)
    {
        if (change.Before is { } before)
        {
            included[before] = false;
        }

        if (change.After is { } after)
        {
            included[_laterOffset + after] = true;
        }
    }

    private double? Fit(int[] chosen)
    {
        var hasSeveralSamples = Array.Exists(chosen, row => _combined.Samples[row] != _combined.Samples[chosen[0]]);
        HadOneSample |= !hasSeveralSamples;
        // Only the estimate is used, which does not depend on the robust variance.
        var model = _model.FittableTo(hasSeveralSamples) with { Robust = RobustVarianceChoice.None };
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
        ModeratorValues = _ => null,
    };
}
