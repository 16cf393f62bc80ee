using RealRelationship.Statistics;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>Pools effects: from a question's effects to the answer of <c>/meta/pool</c>.</summary>
internal static class PoolAnalysis
{
    private const int Few = 3;

    public static (PoolAnswer? Answer, Problem? Problem) Run(EffectSet effects, PoolRequest request, Asked asked)
    {
        var (model, problem) = Model.Resolve(request.Model, effects, asked);
        return model is null ? (null, problem) : (Run(effects, model), null);
    }

    /// <summary>Pools effects under a model that is settled already.</summary>
    /// <exception cref="StatisticsException">The effects do not carry the model.</exception>
    public static PoolAnswer Run(EffectSet effects, Model model) => model.IsNested ? NestedPoolAnalysis.Run(effects, model) : OfIndependent(effects, model);

    private static PoolAnswer OfIndependent(EffectSet effects, Model model)
    {
        var entering = Entering.Of(effects, [.. Enumerable.Range(0, effects.Count)], model);
        var fit = MetaMeter.Fit(model, () => RandomEffectsModel.Fit(entering.Estimates, entering.Variances, model.Options));
        var (artifacts, artifactWarnings) = ArtifactsAnalysis.Run(effects, model);
        return new PoolAnswer
        {
            Pooled = AnswerParts.Pooled(fit.Mean, fit.Prediction, model),
            Correlation = AnswerParts.Correlation(fit.Mean, fit.Prediction, fit.Heterogeneity.TauSquared, model),
            CohensD = AnswerParts.CohensD(fit.Mean, model),
            Heterogeneity = AnswerParts.Heterogeneity(fit.Heterogeneity, AnswerParts.ProbabilityAbove(fit, model)),
            Counts = entering.Counts(),
            Model = AnswerParts.Model(model) with { LogLikelihood = fit.LogLikelihood, Iterations = fit.Iterations, Converged = fit.Converged },
            Equivalence = model.Equivalence is { } margin && Equivalence.OfCorrelation(fit, margin) is var test
                ? new(test.Margin, test.PValue, test.Equivalent)
                : null,
            Artifacts = artifacts,
            Studies = AnswerParts.StudyRows(entering, fit.Weights, model),
            Given = effects.Given,
            Used = effects.Count,
            Data = AnswerParts.Data(effects),
            Excluded = effects.Excluded,
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. entering.Warnings(model), .. Warnings(fit), .. artifactWarnings],
        };
    }

    private static IEnumerable<Warning> Warnings(RandomEffectsFit fit)
    {
        if (fit.Effects == 1)
        {
            yield return FitWarnings.Of("oneEffect");
        }
        else if (fit.Effects < Few)
        {
            yield return new("fewEffects", $"{fit.Effects} effects say very little about how much effects differ."
                + (fit.Prediction is null ? "" : " The prediction interval, which rests on that, is not to be relied on: from 10 effects or fewer it holds less than it promises."));
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
