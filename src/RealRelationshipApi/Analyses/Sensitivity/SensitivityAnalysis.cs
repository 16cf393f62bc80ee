using RealRelationship.Statistics;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>Shows what a pooled estimate hangs on: from a question's effects to the answer of <c>/meta/sensitivity</c>.</summary>
internal static class SensitivityAnalysis
{
    private static readonly double[] s_rho = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

    public static (SensitivityAnswer? Answer, Problem? Problem) Run(EffectSet effects, SensitivityRequest request, Asked asked)
    {
        var (model, problem) = Model.Resolve(request.Model, effects, asked);
        if (model is null)
        {
            return (null, problem);
        }

        var all = Enumerable.Range(0, effects.Count).ToArray();
        var entering = Entering.Of(effects, all, model);
        var flat = Entering.Of(effects, all, model.Flattened);
        var options = model.Flattened.Options;
        return (new SensitivityAnswer
        {
            Subsets = [.. effects.Doubtful.Select(kind => Subset(effects, kind, model))],
            LeaveOneOut = model.IsNested ? NestedSensitivity.LeaveOneOut(entering, model) : Flat(flat, options),
            Influence = [.. Influence.Run(flat.Estimates, flat.Variances, options).Select((row, i) => new InfluenceAnswer(
                flat.IdOf(i), row.StudentizedResidual, row.Dffits, row.CooksDistance, row.CovarianceRatio, row.TauSquaredDeleted, row.QDeleted, row.Hat, row.Weight,
                row.Dfbeta, row.Influential))],
            Cumulative = Cumulate(entering, model),
            Shrunken = [.. Shrinkage.Run(flat.Estimates, flat.Variances, options).Select((row, i) => new ShrunkenAnswer(
                flat.IdOf(i), row.Effect, row.StandardError, row.Lower, row.Upper))],
            Estimators = model.IsNested ? NestedSensitivity.Estimators(entering, model) : Estimators(flat, options),
            Rho = model.UsesRho && effects.HasSeveralEffectsInASample ? [.. s_rho.Select(rho => Rho(effects, all, model with { Rho = rho }))] : [],
            Counts = entering.Counts(),
            Model = AnswerParts.Model(model),
            Given = effects.Given,
            Used = effects.Count,
            Data = AnswerParts.Data(effects),
            Excluded = effects.Excluded,
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. entering.Warnings(model), .. flat.Count == 1 ? [FitWarnings.Of("oneEffect")] : Array.Empty<Warning>()],
        }, null);
    }

    private static SubsetRow Subset(EffectSet effects, DoubtfulKind kind, Model model)
    {
        int[] left = [.. Enumerable.Range(0, effects.Count).Where(i => !kind.Includes(i))];
        if (left.Length == 0)
        {
            return new(kind.Without, null, new(0, 0, 0, 0, 0));
        }

        var (mean, prediction) = Mean(effects, left, model);
        return new(kind.Without, AnswerParts.Pooled(mean, prediction, model), Entering.Of(effects, left, model).Counts());
    }

    private static RhoAnswer Rho(EffectSet effects, int[] all, Model model)
    {
        var (mean, _) = Mean(effects, all, model);
        return new(model.Rho, mean.Estimate, mean.StandardError, mean.Lower, mean.Upper);
    }

    /// <summary>The mean of some of the effects. Those that do not carry a nested model, such as those of one sample alone, are pooled as one composite a sample.</summary>
    internal static (Coefficient Mean, Interval? Prediction) Mean(EffectSet effects, IReadOnlyList<int> chosen, Model model)
    {
        if (model.IsNested && NestedSensitivity.TryFit(Entering.Of(effects, chosen, model), model) is { } nested)
        {
            return (nested.Mean, nested.Prediction);
        }
        var flat = Entering.Of(effects, chosen, model.Flattened);
        var fit = MetaMeter.Fit(model.Flattened, () => RandomEffectsModel.Fit(flat.Estimates, flat.Variances, model.Flattened.Options));
        return (fit.Mean, fit.Prediction);
    }

    private static IReadOnlyList<LeaveOneOutAnswer> Flat(Entering flat, ModelOptions options) =>
        [.. LeaveOneOut.Run(flat.Estimates, flat.Variances, options).Select((row, i) => new LeaveOneOutAnswer(
            flat.IdOf(i), row.Estimate, row.StandardError, row.Lower, row.Upper, row.Q, row.TauSquared, row.ISquared))];

    /// <summary>The pooled effect after each row of a question.</summary>
    internal static IReadOnlyList<CumulativeAnswer> Cumulate(Entering entering, Model model) =>
        model.IsNested ? NestedSensitivity.Cumulative(entering, model) : CumulativeOf(entering, model.Options);

    private static IReadOnlyList<CumulativeAnswer> CumulativeOf(Entering flat, ModelOptions options)
    {
        var order = flat.InOrderOfYears();
        var rows = Cumulative.Run([.. order.Select(i => flat.Estimates[i])], [.. order.Select(i => flat.Variances[i])], options);
        return [.. rows.Select((row, i) => new CumulativeAnswer(flat.IdOf(order[i]), row.Effect, row.StandardError, row.TauSquared, row.Lower, row.Upper))];
    }

    private static IReadOnlyList<EstimatorAnswer> Estimators(Entering flat, ModelOptions options) =>
        [.. EstimatorComparison.Run(flat.Estimates, flat.Variances, options).Select(row => new EstimatorAnswer(
            Choices.FromStatistics(row.Estimator), row.Effect, row.StandardError, row.Lower, row.Upper, row.TauSquared))];
}
