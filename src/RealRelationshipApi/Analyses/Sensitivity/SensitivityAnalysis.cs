using RealRelationship.Statistics;

using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Sensitivity;

/// <summary>Shows what a pooled estimate hangs on: from a question's effects to the answer of <c>/meta/sensitivity</c>.</summary>
internal static class SensitivityAnalysis
{
    private static readonly double[] s_rhoGrid = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

    public static (SensitivityResponse? Answer, Problem? Problem) Run(EffectSet effects, SensitivityRequest request, ErrorLocation location)
    {
        var (model, problem) = ResolvedModel.Resolve(request.Model, effects, location);
        if (model is null)
        {
            return (null, problem);
        }

        var all = Enumerable.Range(0, effects.Count).ToArray();
        var frame = ModelFrame.Create(effects, all, model);
        var flat = ModelFrame.Create(effects, all, model.Flattened);
        var options = model.Flattened.RandomEffectsOptions;
        return (new SensitivityResponse
        {
            Subsets = [.. effects.SensitivityExclusions.Select(kind => Subset(effects, kind, model))],
            LeaveOneOut = model.IsNested ? NestedSensitivity.LeaveOneOut(frame, model) : LeaveOneOutIndependent(flat, options),
            Influence = [.. Influence.Run(flat.Estimates, flat.Variances, options).Select((row, i) => new InfluenceResponse(
                flat.IdOf(i), row.StudentizedResidual, row.Dffits, row.CooksDistance, row.CovarianceRatio, row.TauSquaredDeleted, row.QDeleted, row.Hat,
                row.Weight,
                row.Dfbeta, row.Influential))],
            Cumulative = Cumulate(frame, model),
            Shrunken = [.. Shrinkage.Run(flat.Estimates, flat.Variances, options).Select((row, i) => new ShrunkenEffectResponse(
                flat.IdOf(i), row.Effect, row.StandardError, row.Lower, row.Upper))],
            Estimators = model.IsNested ? NestedSensitivity.Estimators(frame, model) : Estimators(flat, options),
            Rho = model.UsesRho && effects.HasDependentEffects ? [.. s_rhoGrid.Select(rho => Rho(effects, all, model with { Rho = rho }))] : [],
            Counts = frame.Counts(),
            Model = ResponseMapper.Model(model),
            Given = effects.Given,
            Used = effects.Count,
            Data = ResponseMapper.Data(effects),
            Excluded = effects.Excluded,
            Suppressed = effects.Suppressed,
            Warnings = [.. effects.Warnings, .. frame.Warnings(model), .. flat.Count == 1 ? [FitWarnings.Of("oneEffect")] : Array.Empty<Warning>()],
        }, null);
    }

    private static SubsetResponse Subset(EffectSet effects, SensitivityExclusion kind, ResolvedModel model)
    {
        int[] left = [.. Enumerable.Range(0, effects.Count).Where(i => !kind.Excludes(i))];
        if (left.Length == 0)
        {
            return new(kind.SubsetName, null, new(0, 0, 0, 0, 0));
        }

        var (mean, prediction) = Mean(effects, left, model);
        return new(kind.SubsetName, ResponseMapper.Pooled(mean, prediction, model), ModelFrame.Create(effects, left, model).Counts());
    }

    private static RhoResponse Rho(EffectSet effects, int[] all, ResolvedModel model)
    {
        var (mean, _) = Mean(effects, all, model);
        return new(model.Rho, mean.Estimate, mean.StandardError, mean.Lower, mean.Upper);
    }

    /// <summary>The mean of some of the effects. Those that do not carry a nested model, such as those of one sample alone,
    /// are pooled as one composite a sample.</summary>
    internal static (Coefficient Mean, Interval? Prediction) Mean(EffectSet effects, IReadOnlyList<int> chosen, ResolvedModel model)
    {
        if (model.IsNested && NestedSensitivity.TryFit(ModelFrame.Create(effects, chosen, model), model) is { } nested)
        {
            return (nested.Mean, nested.PredictionInterval);
        }
        var flat = ModelFrame.Create(effects, chosen, model.Flattened);
        var fit = AnalysisMetrics.TimeFit(model.Flattened, () => RandomEffectsModel.Fit(flat.Estimates, flat.Variances, model.Flattened.RandomEffectsOptions));
        return (fit.Mean, fit.PredictionInterval);
    }

    private static IReadOnlyList<LeaveOneOutResponse> LeaveOneOutIndependent(ModelFrame flat, ModelOptions options) =>
        [.. LeaveOneOut.Run(flat.Estimates, flat.Variances, options).Select((row, i) => new LeaveOneOutResponse(
            flat.IdOf(i), row.Estimate, row.StandardError, row.Lower, row.Upper, row.Q, row.TauSquared, row.ISquared))];

    /// <summary>The pooled effect after each row of a question.</summary>
    internal static IReadOnlyList<CumulativeResponse> Cumulate(ModelFrame frame, ResolvedModel model) =>
        model.IsNested ? NestedSensitivity.Cumulative(frame, model) : CumulateIndependent(frame, model.RandomEffectsOptions);

    private static IReadOnlyList<CumulativeResponse> CumulateIndependent(ModelFrame flat, ModelOptions options)
    {
        var order = flat.RowsByYear();
        var rows = Cumulative.Run([.. order.Select(i => flat.Estimates[i])], [.. order.Select(i => flat.Variances[i])], options);
        return [.. rows.Select((row, i) => new CumulativeResponse(flat.IdOf(order[i]), row.Effect, row.StandardError, row.TauSquared, row.Lower, row.Upper))];
    }

    private static IReadOnlyList<EstimatorResponse> Estimators(ModelFrame flat, ModelOptions options) =>
        [.. EstimatorComparison.Run(flat.Estimates, flat.Variances, options).Select(row => new EstimatorResponse(
            ModelChoices.FromStatistics(row.Estimator), row.Effect, row.StandardError, row.Lower, row.Upper, row.TauSquared))];
}
