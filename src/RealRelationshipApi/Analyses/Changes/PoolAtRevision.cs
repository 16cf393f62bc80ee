using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Changes;

/// <summary>The fit at one revision of a comparison, or the reason why there is none.</summary>
internal sealed record PoolAtRevision(EffectSet Effects, ModelFit? Fit, Warning? Reason)
{
    public double? Estimate => Fit is { Mean: { Range: null } mean } ? mean.Estimate : null;

    public IReadOnlyList<Warning> Warnings => [.. Effects.Warnings, .. Fit?.Warnings ?? []];

    public static PoolAtRevision Of(EffectSet effects, ResolvedModel model)
    {
        if (effects.Count == 0)
        {
            return new(effects, null, new("noEffects", effects.EmptyReason));
        }

        try
        {
            var fittable = model.FittableTo(effects.HasSeveralSamples, () => StudyClusters.AreSeveral(effects, [.. Enumerable.Range(0, effects.Count)]));
            return new(effects, PoolAnalysis.Fit(effects, fittable), null);
        }
        catch (StatisticsException error)
        {
            return new(effects, null, new(error.Code, error.Message));
        }
    }

    public PoolAtRevisionResponse ToResponse(ResolvedModel model)
    {
        var counts = ModelFrame.Create(Effects, [.. Enumerable.Range(0, Effects.Count)], model with { Dependence = Dependence.Independent }).Counts();
        return new(Effects.Revision!.Value, Effects.RecordedAt, Fit is null ? null : ResponseMapper.Pooled(Fit), Reason,
            Fit is null ? null : ResponseMapper.Correlation(Fit), Fit is null ? null : ResponseMapper.Heterogeneity(Fit), counts);
    }
}
