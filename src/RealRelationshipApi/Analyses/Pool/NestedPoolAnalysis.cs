using RealRelationship.Statistics;

using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses.Pool;

/// <summary>Pools effects that are nested in samples; the part of <see cref="PoolAnalysis"/> for threeLevel and correlatedHierarchical.</summary>
internal static class NestedPoolAnalysis
{
    public static PoolResponse Run(EffectSet effects, ResolvedModel model)
    {
        var frame = ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], model);
        var fit = AnalysisMetrics.TimeFit(model, () => MultilevelModel.Fit(frame.Estimates, frame.Variances, frame.SampleCodes(), model.MultilevelOptions));
        var (artifacts, artifactWarnings) = HunterSchmidtAnalysis.Run(effects, model);
        return new PoolResponse
        {
            Pooled = ResponseMapper.Pooled(fit.Mean, fit.PredictionInterval, model) with
            {
                SamplePredictionLower = fit.SampleMeanPredictionInterval?.Lower,
                SamplePredictionUpper = fit.SampleMeanPredictionInterval?.Upper,
            },
            Correlation = ResponseMapper.Correlation(fit.Mean, fit.PredictionInterval, fit.TauSquared, model),
            CohensD = ResponseMapper.CohensD(fit.Mean, model),
            Heterogeneity = ResponseMapper.Heterogeneity(fit, model),
            Counts = frame.Counts(),
            Model = ResponseMapper.Model(model) with { LogLikelihood = fit.LogLikelihood, Iterations = fit.Iterations, Converged = fit.Converged },
            Equivalence = model.Equivalence is { } margin && Equivalence.TestCorrelation(fit.Mean, model.Confidence, margin) is var test
                ? new(test.Margin, test.PValue, test.Equivalent)
                : null,
            Artifacts = artifacts,
            Studies = ResponseMapper.StudyRows(frame, fit.Weights, model),
            Given = effects.Given,
            Used = effects.Count,
            Data = ResponseMapper.Data(effects),
            Excluded = effects.Excluded,
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. fit.Notes.Select(FitWarnings.Of), .. artifactWarnings],
        };
    }
}
