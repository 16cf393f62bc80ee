using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Pool;

/// <summary>The pool at one end of a comparison: an answer, or the reason why there is none.</summary>
internal sealed record PoolAtRevision(EffectSet Effects, PoolResponse? Pool, Warning? Reason)
{
    public double? Estimate => Pool?.Pooled.Effect;

    public IReadOnlyList<Warning> Warnings => Pool?.Warnings ?? Effects.Warnings;

    public static PoolAtRevision Of(EffectSet effects, ResolvedModel model)
    {
        if (effects.Count == 0)
        {
            return new(effects, null, new("noEffects", effects.EmptyReason));
        }

        try
        {
            return new(effects, PoolAnalysis.Run(effects, StepwisePool.FittableModel(model, effects.HasSeveralSamples)), null);
        }
        catch (StatisticsException error)
        {
            return new(effects, null, new(error.Code, error.Message));
        }
    }

    public PoolAtRevisionResponse ToResponse(ResolvedModel model)
    {
        var counts = ModelFrame.Create(Effects, [.. Enumerable.Range(0, Effects.Count)], model with { Dependence = Dependence.Independent }).Counts();
        return new(Effects.Revision!.Value, Effects.RecordedAt, Pool?.Pooled, Reason, Pool?.Correlation, Pool?.Heterogeneity, counts);
    }
}
