using RealRelationship.Statistics;

using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Pool;

/// <summary>Pools effects: from a question's effects to the answer of <c>/meta/pool</c>.</summary>
internal static class PoolAnalysis
{
    private const int FewEffects = 3;

    public static (PoolResponse? Answer, Problem? Problem) Run(EffectSet effects, PoolRequest request, ErrorLocation location)
    {
        var (model, problem) = ResolvedModel.Resolve(request.Model, effects, location);
        return model is null ? (null, problem) : (Run(effects, model), null);
    }

    /// <summary>Pools effects under a model that is settled already.</summary>
    /// <exception cref="StatisticsException">The effects do not carry the model.</exception>
    public static PoolResponse Run(EffectSet effects, ResolvedModel model) => model.IsNested ? NestedPoolAnalysis.Run(effects, model)
        : RunIndependent(effects, model);

    private static PoolResponse RunIndependent(EffectSet effects, ResolvedModel model)
    {
        var frame = ModelFrame.Create(effects, [.. Enumerable.Range(0, effects.Count)], model);
        var fit = AnalysisMetrics.TimeFit(model, () => RandomEffectsModel.Fit(frame.Estimates, frame.Variances, model.RandomEffectsOptions));
        var (artifacts, artifactWarnings) = HunterSchmidtAnalysis.Run(effects, model);
        return new PoolResponse
        {
            Pooled = ResponseMapper.Pooled(fit.Mean, fit.PredictionInterval, model),
            Correlation = ResponseMapper.Correlation(fit.Mean, fit.PredictionInterval, fit.Heterogeneity.TauSquared, model),
            CohensD = ResponseMapper.CohensD(fit.Mean, model),
            Heterogeneity = ResponseMapper.Heterogeneity(fit.Heterogeneity, ResponseMapper.ProbabilityAbove(fit, model)),
            Counts = frame.Counts(),
            Model = ResponseMapper.Model(model) with { LogLikelihood = fit.LogLikelihood, Iterations = fit.Iterations, Converged = fit.Converged },
            Equivalence = model.Equivalence is { } margin && Equivalence.TestCorrelation(fit, margin) is var test
                ? new(test.Margin, test.PValue, test.Equivalent)
                : null,
            Artifacts = artifacts,
            Studies = ResponseMapper.StudyRows(frame, fit.Weights, model),
            Given = effects.Given,
            Used = effects.Count,
            Data = ResponseMapper.Data(effects),
            Excluded = effects.Excluded,
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. frame.Warnings(model), .. Warnings(fit), .. artifactWarnings],
        };
    }

    private static IEnumerable<Warning> Warnings(RandomEffectsFit fit)
    {
        if (fit.Effects == 1)
        {
            yield return FitWarnings.Of("oneEffect");
        }
        else if (fit.Effects < FewEffects)
        {
            yield return new("fewEffects", $"{fit.Effects} effects say very little about how much effects differ."
                + (fit.PredictionInterval is null ? ""
                    : " The prediction interval, which rests on that, is not to be relied on: from 10 effects or fewer it holds less than it promises."));
        }

        if (fit.FloorApplied)
        {
            yield return FitWarnings.Of("floorApplied");
        }

        if (fit.SeveralModes)
        {
            yield return FitWarnings.Of("severalModes");
        }
    }
}
