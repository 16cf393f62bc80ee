using RealRelationship.Statistics;

namespace RealRelationshipApi.Meta;

/// <summary>Pools effects that are nested in samples; the part of <see cref="PoolAnalysis"/> for threeLevel and correlatedHierarchical.</summary>
internal static class NestedPoolAnalysis
{
    public static PoolAnswer Run(EffectSet effects, Model model)
    {
        var entering = Entering.Of(effects, [.. Enumerable.Range(0, effects.Count)], model);
        var fit = MetaMeter.Fit(model, () => MultilevelModel.Fit(entering.Estimates, entering.Variances, entering.SampleCodes(), model.NestedOptions));
        var (artifacts, artifactWarnings) = ArtifactsAnalysis.Run(effects, model);
        return new PoolAnswer
        {
            Pooled = AnswerParts.Pooled(fit.Mean, fit.Prediction, model) with
            {
                SamplePredictionLower = fit.PredictionOfSampleMean?.Lower,
                SamplePredictionUpper = fit.PredictionOfSampleMean?.Upper,
            },
            Correlation = AnswerParts.Correlation(fit.Mean, fit.Prediction, fit.TauSquared, model),
            CohensD = AnswerParts.CohensD(fit.Mean, model),
            Heterogeneity = AnswerParts.Heterogeneity(fit, model),
            Counts = entering.Counts(),
            Model = AnswerParts.Model(model) with { LogLikelihood = fit.LogLikelihood, Iterations = fit.Iterations, Converged = fit.Converged },
            Equivalence = model.Equivalence is { } margin && Equivalence.OfCorrelation(fit.Mean, model.Confidence, margin) is var test
                ? new(test.Margin, test.PValue, test.Equivalent)
                : null,
            Artifacts = artifacts,
            Studies = AnswerParts.StudyRows(entering, fit.Weights, model),
            Given = effects.Given,
            Used = effects.Count,
            Data = AnswerParts.Data(effects),
            Excluded = effects.Excluded,
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. fit.Notes.Select(FitWarnings.Of), .. artifactWarnings],
        };
    }
}
