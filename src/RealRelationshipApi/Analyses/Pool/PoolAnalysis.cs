using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Sequential;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Pool;

/// <summary><c>/meta/pool</c>: pools effects.</summary>
internal static class PoolAnalysis
{
    public static (PoolResponse? Answer, Problem? Problem) Run(EffectSet effects, PoolRequest request, ErrorLocation location)
    {
        var (model, problem) = ResolvedModel.Resolve(request.Model, effects, location);
        return model is null ? (null, problem) : (Run(effects, model) with { WithoutAdded = WithoutAddedResponse.Of(effects, request.Model) }, null);
    }

    /// <summary>Pools effects under a resolved model.</summary>
    /// <exception cref="StatisticsException">The model cannot be fitted to the effects.</exception>
    public static PoolResponse Run(EffectSet effects, ResolvedModel model)
    {
        var fit = Fit(effects, model);
        var (artifacts, artifactWarnings) = HunterSchmidtAnalysis.Run(effects, model);
        var anytime = AnytimeAnalysis.Create(effects, model);
        return new PoolResponse
        {
            Pooled = ResponseMapper.Pooled(fit),
            Correlation = ResponseMapper.Correlation(fit),
            CohensD = ResponseMapper.CohensD(fit.Mean, model),
            Heterogeneity = ResponseMapper.Heterogeneity(fit),
            Counts = fit.Frame.Counts(),
            Model = ResponseMapper.Model(fit),
            Equivalence = model.Equivalence is { } margin && Equivalence.TestCorrelation(fit.Mean, model.Confidence, margin) is var test
                ? new(test.Margin, test.PValue, test.Equivalent)
                : null,
            Artifacts = artifacts,
            Anytime = anytime?.Pool(),
            Studies = ResponseMapper.StudyRows(fit.Frame, fit.Weights, model),
            Given = effects.Given,
            Used = effects.Count,
            Data = ResponseMapper.Data(effects),
            Excluded = effects.Excluded,
            Suppressed = effects.Suppressed,
            Warnings =
            [
                .. effects.Warnings,
                .. fit.Warnings,
                .. fit.Prediction is { Interval: null } ? [FitWarnings.Of("predictionOutOfRange")] : Array.Empty<Warning>(),
                .. artifactWarnings,
                .. RepeatedLooks.Of(effects, model.IsAnytime ? SequenceOffer.Shown : SequenceOffer.Available),
                .. anytime?.Warnings() ?? [],
            ],
        };
    }

    /// <summary>Fits the model without mapping the fit to a response.</summary>
    /// <exception cref="StatisticsException">The model cannot be fitted to the effects.</exception>
    public static ModelFit Fit(EffectSet effects, ResolvedModel model)
    {
        var frame = ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], model);
        return AnalysisMetrics.TimeFit(model, () => ModelFit.Pool(frame, model));
    }
}
