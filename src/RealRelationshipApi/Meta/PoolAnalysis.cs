using RealRelationship.Statistics;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>Pools effects: from a question's effects to the answer of <c>/meta/pool</c>.</summary>
internal static class PoolAnalysis
{
    private const int Few = 3;

    public static PoolAnswer Run(EffectSet effects, ModelRequest? request)
    {
        var model = Model.Resolve(request, effects);
        var entering = Entering.Of(effects, [.. Enumerable.Range(0, effects.Count)], model);
        var fit = RandomEffectsModel.Fit(entering.Estimates, entering.Variances, model.Options);
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
            Studies = [.. Enumerable.Range(0, entering.Count).Select(row => Row(entering, row, fit, model))],
            Given = effects.Given,
            Used = effects.Count,
            Data = AnswerParts.Data(effects),
            Excluded = effects.Excluded,
            Warnings = [.. effects.Warnings, .. entering.Warnings(model), .. Warnings(fit)],
        };
    }

    private static StudyRow Row(Entering entering, int row, RandomEffectsFit fit, Model model)
    {
        var first = entering.Members[row][0];
        var (y, se) = (entering.Estimates[row], Math.Sqrt(entering.Variances[row]));
        var reach = Normal.UpperQuantile((1 - model.Confidence) / 2) * se;
        var isRaw = model.Measure == Measure.Raw;
        return new StudyRow(
            model.Dependence == Dependence.Aggregate ? entering.Effects.Samples[first] : entering.Effects.Ids[first],
            string.Join(", ", entering.Members[row].Select(i => entering.Effects.Studies[i]).Distinct(StringComparer.Ordinal)),
            entering.Effects.Samples[first],
            y, se,
            isRaw ? null : FisherZ.ToCorrelation(y),
            isRaw ? y - reach : FisherZ.ToCorrelation(y - reach),
            isRaw ? y + reach : FisherZ.ToCorrelation(y + reach),
            entering.Members[row].Max(i => entering.Effects.Participants[i]),
            fit.Weights[row]);
    }

    private static IEnumerable<Warning> Warnings(RandomEffectsFit fit)
    {
        if (fit.Effects == 1)
            yield return new("oneEffect", "One effect is not a meta-analysis: heterogeneity and prediction cannot be estimated, and the interval is that of the effect itself (z).");
        else if (fit.Effects < Few)
            yield return new("fewEffects", $"{fit.Effects} effects say very little about how much effects differ.");
        if (fit.FloorApplied)
            yield return FitWarnings.FloorApplied;
        if (fit.SeveralModes)
            yield return FitWarnings.SeveralModes;
    }
}
