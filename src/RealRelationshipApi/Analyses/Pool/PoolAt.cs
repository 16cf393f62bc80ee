using RealRelationship.Statistics;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>The pool at one end of a comparison: an answer, or the reason why there is none.</summary>
internal sealed record PoolAt(EffectSet Effects, PoolAnswer? Pool, Warning? Reason)
{
    public double? Estimate => Pool?.Pooled.Effect;

    public IReadOnlyList<Warning> Warnings => Pool?.Warnings ?? Effects.Warnings;

    public static PoolAt Of(EffectSet effects, Model model)
    {
        if (effects.Count == 0)
        {
            return new(effects, null, new("noEffects", effects.WhyEmpty));
        }

        try
        {
            return new(effects, PoolAnalysis.Run(effects, StepwisePool.Carried(model, effects.HasSeveralSamples)), null);
        }
        catch (StatisticsException error)
        {
            return new(effects, null, new(error.Code, error.Message));
        }
    }

    public PoolAtAnswer ToAnswer(Model model)
    {
        var counts = Entering.Of(Effects, [.. Enumerable.Range(0, Effects.Count)], model with { Dependence = Dependence.Independent }).Counts();
        return new(Effects.Revision!.Value, Effects.RecordedAt, Pool?.Pooled, Reason, Pool?.Correlation, Pool?.Heterogeneity, counts);
    }
}
