using RealRelationship.Statistics;

namespace RealRelationshipApi.Analyses.Sensitivity;

/// <summary>The parts of <see cref="SensitivityAnalysis"/> that refit a model of effects nested in samples; rows are samples.</summary>
internal static class NestedSensitivity
{
    public static IReadOnlyList<LeaveOneOutResponse> LeaveOneOut(ModelFrame frame, ResolvedModel model)
    {
        var codes = frame.SampleCodes();
        return [.. codes.Distinct().Select(left =>
        {
            var rest = Enumerable.Range(0, frame.Count).Where(row => codes[row] != left).ToList();
            var id = frame.Effects.Samples[frame.Members[Array.IndexOf(codes, left)][0]];
            return TryFit(ModelFrame.Create(frame.Effects, [.. rest.Select(row => frame.Members[row][0])], model), model) is { } fit
                ? new LeaveOneOutResponse(id, fit.Mean.Estimate, fit.Mean.StandardError, fit.Mean.Lower, fit.Mean.Upper, fit.Q, fit.TauSquared, fit.ISquared)
                : null;
        }).OfType<LeaveOneOutResponse>()];
    }

    /// <summary>From the second sample on: one alone cannot tell variance between samples.</summary>
    public static IReadOnlyList<CumulativeResponse> Cumulative(ModelFrame frame, ResolvedModel model)
    {
        var codes = frame.SampleCodes();
        var rows = new List<CumulativeResponse>();
        var taken = new List<int>();
        foreach (var code in frame.RowsByYear().Select(row => codes[row]).Distinct())
        {
            var members = Enumerable.Range(0, frame.Count).Where(row => codes[row] == code).Select(row => frame.Members[row][0]).ToList();
            taken.AddRange(members);
            var id = frame.Effects.Samples[members[0]];
            var soFar = ModelFrame.Create(frame.Effects, taken, model);
            rows.Add(TryFit(soFar, model) is { } fit
                ? new(id, fit.Mean.Estimate, fit.Mean.StandardError, fit.TauSquared, fit.Mean.Lower, fit.Mean.Upper)
                : FirstRow(id, ModelFrame.Create(frame.Effects, taken, model.Flattened), model));
        }
        return rows;
    }

    public static IReadOnlyList<EstimatorResponse> Estimators(ModelFrame frame, ResolvedModel model) =>
        [.. new[] { Estimator.Reml, Estimator.Ml }.Select(estimator => (estimator, Fit: TryFit(frame, model with { Estimator = estimator })))
            .Where(pair => pair.Fit is not null)
            .Select(
                pair =>
                    new EstimatorResponse(pair.estimator, pair.Fit!.Mean.Estimate, pair.Fit.Mean.StandardError, pair.Fit.Mean.Lower, pair.Fit.Mean.Upper,
                        pair.Fit.TauSquared))];

    /// <summary>The fit without its costly profile intervals; null where these effects do not carry the model, such as one sample alone.</summary>
    public static MultilevelFit? TryFit(ModelFrame frame, ResolvedModel model)
    {
        if (frame.Count == 0)
        {
            return null;
        }
        try
        {
            return AnalysisMetrics.TimeFit(model,
                () => MultilevelModel.Fit(frame.Estimates, frame.Variances, frame.SampleCodes(), model.MultilevelOptions with { ProfileIntervals = false }));
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    private static CumulativeResponse FirstRow(string id, ModelFrame composite, ResolvedModel model)
    {
        var mean = RandomEffectsModel.Fit(composite.Estimates, composite.Variances,
            model.Flattened.RandomEffectsOptions with { Test = CoefficientTest.Normal }).Mean;
        return new(id, mean.Estimate, mean.StandardError, 0, mean.Lower, mean.Upper);
    }
}
