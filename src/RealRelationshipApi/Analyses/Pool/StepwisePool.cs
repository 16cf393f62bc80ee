using RealRelationship.Statistics;

namespace RealRelationshipApi.Meta;

/// <summary>A pool to which the changes between two selections are applied one after the other.</summary>
internal sealed class StepwisePool
{
    private readonly EffectSet _both;
    private readonly int _firstOfTo;
    private readonly bool[] _enters;
    private readonly Model _model;

    /// <summary>Starts with the earlier selection.</summary>
    /// <param name="from">The earlier selection.</param>
    /// <param name="to">The later selection.</param>
    /// <param name="model">The model of every fit.</param>
    public StepwisePool(EffectSet from, EffectSet to, Model model)
    {
        _both = Joined(from, to);
        _firstOfTo = from.Count;
        _enters = [.. Enumerable.Range(0, _both.Count).Select(row => row < _firstOfTo)];
        _model = model;
    }

    /// <summary>Whether at some step all effects were of one sample.</summary>
    public bool HadOneSample { get; private set; }

    /// <summary>One sample alone carries no nested model: its effects become one composite, as <c>dependence=auto</c> has it.</summary>
    public static Model Carried(Model model, bool hasSeveralSamples) => hasSeveralSamples ? model : model.Flattened;

    /// <summary>Applies a change.</summary>
    /// <returns>The pooled effect after it; null where no effect is left, or those that are left do not carry the model.</returns>
    public double? After(EffectChange change)
    {
        if (change.Before is { } before)
        {
            _enters[before] = false;
        }

        if (change.After is { } after)
        {
            _enters[_firstOfTo + after] = true;
        }

        int[] chosen = [.. Enumerable.Range(0, _enters.Length).Where(row => _enters[row])];
        return chosen.Length == 0 ? null : Fit(chosen);
    }

    private double? Fit(int[] chosen)
    {
        var hasSeveralSamples = Array.Exists(chosen, row => _both.Samples[row] != _both.Samples[chosen[0]]);
        HadOneSample |= !hasSeveralSamples;
        var model = Carried(_model, hasSeveralSamples);
        try
        {
            var entering = Entering.Of(_both, chosen, model);
            // Of the fit only the estimate is wanted, which rests on no interval and on no robust variance.
            return model.IsNested
                ? MultilevelModel.Fit(entering.Estimates, entering.Variances, entering.SampleCodes(),
                    model.NestedOptions with { ProfileIntervals = false, Robust = RobustVariance.None }).Mean.Estimate
                : RandomEffectsModel.Fit(entering.Estimates, entering.Variances, model.Options).Mean.Estimate;
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    private static EffectSet Joined(EffectSet from, EffectSet to) => new()
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
        Moderator = _ => null,
    };
}
