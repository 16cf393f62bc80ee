using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses.WhatIf;

/// <summary>The pooled effect of the stored effects alone, beside the one with hypothetical effects.</summary>
/// <param name="Pooled">On the scale of analysis.</param>
/// <param name="Correlation">As a correlation; null unless the measure is fisherZ.</param>
/// <param name="CohensD">As a standardised mean difference; null unless the measure is fisherZ.</param>
/// <param name="Heterogeneity">Variation of the stored effects beyond sampling error.</param>
/// <param name="Counts">Counts of the stored effects.</param>
internal sealed record WithoutAddedResponse(PooledEffectResponse Pooled, CorrelationResponse? Correlation, CohensDResponse? CohensD,
    HeterogeneityResponse Heterogeneity, CountsResponse Counts)
{
    /// <summary>Pools the stored effects as if nothing had been added.</summary>
    /// <returns>Null if nothing was added, or the stored effects cannot be pooled alone.</returns>
    public static WithoutAddedResponse? Of(EffectSet effects, ModelRequest? request)
    {
        if (effects.WithoutHypothetical is not { Count: > 0 } stored
            || ResolvedModel.Resolve(request, stored, ErrorLocation.InBody).Model is not { } model)
        {
            return null;
        }

        try
        {
            var fit = PoolAnalysis.Fit(stored, model);
            return new(ResponseMapper.Pooled(fit), ResponseMapper.Correlation(fit), ResponseMapper.CohensD(fit.Mean, model),
                ResponseMapper.Heterogeneity(fit), fit.Frame.Counts());
        }
        catch (StatisticsException)
        {
            return null;
        }
    }
}
