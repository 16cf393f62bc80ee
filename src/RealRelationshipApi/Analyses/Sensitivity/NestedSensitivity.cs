using RealRelationship.Statistics;

namespace RealRelationshipApi.Meta;

/// <summary>The parts of <see cref="SensitivityAnalysis"/> that refit a model of effects nested in samples; rows are samples.</summary>
internal static class NestedSensitivity
{
    public static IReadOnlyList<LeaveOneOutAnswer> LeaveOneOut(Entering entering, Model model)
    {
        var codes = entering.SampleCodes();
        return [.. codes.Distinct().Select(left =>
        {
            var rest = Enumerable.Range(0, entering.Count).Where(row => codes[row] != left).ToList();
            var id = entering.Effects.Samples[entering.Members[Array.IndexOf(codes, left)][0]];
            return TryFit(Entering.Of(entering.Effects, [.. rest.Select(row => entering.Members[row][0])], model), model) is { } fit
                ? new LeaveOneOutAnswer(id, fit.Mean.Estimate, fit.Mean.StandardError, fit.Mean.Lower, fit.Mean.Upper, fit.Q, fit.TauSquared, fit.ISquared)
                : null;
        }).OfType<LeaveOneOutAnswer>()];
    }

    /// <summary>From the second sample on: one alone cannot tell variance between samples.</summary>
    public static IReadOnlyList<CumulativeAnswer> Cumulative(Entering entering, Model model)
    {
        var codes = entering.SampleCodes();
        var rows = new List<CumulativeAnswer>();
        var taken = new List<int>();
        foreach (var code in entering.InOrderOfYears().Select(row => codes[row]).Distinct())
        {
            var members = Enumerable.Range(0, entering.Count).Where(row => codes[row] == code).Select(row => entering.Members[row][0]).ToList();
            taken.AddRange(members);
            var id = entering.Effects.Samples[members[0]];
            var soFar = Entering.Of(entering.Effects, taken, model);
            rows.Add(TryFit(soFar, model) is { } fit
                ? new(id, fit.Mean.Estimate, fit.Mean.StandardError, fit.TauSquared, fit.Mean.Lower, fit.Mean.Upper)
                : First(id, Entering.Of(entering.Effects, taken, model.Flattened), model));
        }
        return rows;
    }

    public static IReadOnlyList<EstimatorAnswer> Estimators(Entering entering, Model model) =>
        [.. new[] { Estimator.Reml, Estimator.Ml }.Select(estimator => (estimator, Fit: TryFit(entering, model with { Estimator = estimator })))
            .Where(pair => pair.Fit is not null)
            .Select(pair => new EstimatorAnswer(pair.estimator, pair.Fit!.Mean.Estimate, pair.Fit.Mean.StandardError, pair.Fit.Mean.Lower, pair.Fit.Mean.Upper, pair.Fit.TauSquared))];

    /// <summary>The fit without its costly profile intervals; null where these effects do not carry the model, such as one sample alone.</summary>
    public static MultilevelFit? TryFit(Entering entering, Model model)
    {
        if (entering.Count == 0)
        {
            return null;
        }
        try
        {
            return MetaMeter.Fit(model, () => MultilevelModel.Fit(entering.Estimates, entering.Variances, entering.SampleCodes(), model.NestedOptions with { ProfileIntervals = false }));
        }
        catch (StatisticsException)
        {
            return null;
        }
    }

    private static CumulativeAnswer First(string id, Entering composite, Model model)
    {
        var mean = RandomEffectsModel.Fit(composite.Estimates, composite.Variances, model.Flattened.Options with { Test = CoefficientTest.Normal }).Mean;
        return new(id, mean.Estimate, mean.StandardError, 0, mean.Lower, mean.Upper);
    }
}
