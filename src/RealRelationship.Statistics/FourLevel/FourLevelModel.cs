namespace RealRelationship.Statistics;

/// <summary>Effects in samples in studies, each with a random intercept: yᵢⱼₗ = xᵢⱼₗ′β + sᵢ + bᵢⱼ + wᵢⱼₗ + eᵢⱼₗ. Agrees with metafor's
/// <c>rma.mv(yi, V, mods=, random = ~ 1 | study/sample/effect)</c>.</summary>
internal static class FourLevelModel
{
    public static MultilevelFit ToFit(NestedLikelihood nested, IReadOnlyList<string> names, MultilevelOptions options)
    {
        var (data, likelihood) = (nested.Data, new FourLevelLikelihood(nested));
        var estimate = FourLevelComponents.Maximise(likelihood);
        var (point, fitted) = (estimate.Point, FittedVariances.Of(estimate));
        var (variances, units) = (point.Variances, data.Clusters);
        var support = data.Columns > 1 ? new OneSampleSupport(data) : null; // a mean of several studies never rests on one
        var profile = options.ProfileIntervals ? new FourLevelProfile(likelihood, estimate, options.Alpha) : null;
        var intervals = Enumerable.Range(0, RandomVariances.Count).Select(i => profile?.Of(i)).ToArray();
        var inference = MultilevelModel.Inference(nested, fitted, support, options, [.. intervals.SelectMany(interval => interval?.AtBounds ?? [])]);
        var coefficients = names.Select((name, j) => inference.ToCoefficient(name, MultilevelModel.Unit(names.Count, j))).ToArray();
        var fixedOnly = likelihood.At(default);
        var typical = data.DegreesOfFreedom / fixedOnly.TraceP;
        var total = variances.Total + (data.DegreesOfFreedom > 0 ? typical : 1);
        Guard.FiniteResult(point.LogLikelihood, variances.Total, fixedOnly.Solution.Q, total);
        return new MultilevelFit
        {
            Effects = data.Effects,
            Samples = data.Samples,
            Studies = units,
            Coefficients = coefficients,
            Covariance = inference.Covariance(),
            Prediction = Predict(fitted.TotalRange, variances.Total),
            SampleMeanPredictionInterval = Predict(fitted.RangeOf(v => v.Study + v.Between), variances.Study + variances.Between)?.Interval,
            StudyMeanPredictionInterval = Predict(fitted.RangeOfPart(0), variances.Study)?.Interval,
            Q = fixedOnly.Solution.Q,
            QDegreesOfFreedom = data.DegreesOfFreedom,
            QPValue = data.DegreesOfFreedom > 0 ? ChiSquared.UpperTail(fixedOnly.Solution.Q, data.DegreesOfFreedom) : 1,
            StudyVariance = variances.Study,
            StudyRange = fitted.RangeOfPart(0),
            StudyInterval = intervals[0]?.Interval,
            BetweenVariance = variances.Between,
            BetweenRange = fitted.RangeOfPart(1),
            BetweenInterval = intervals[1]?.Interval,
            WithinVariance = variances.Within,
            WithinRange = fitted.RangeOfPart(2),
            WithinInterval = intervals[2]?.Interval,
            TauSquaredRange = fitted.TotalRange,
            ISquaredStudy = 100 * variances.Study / total,
            ISquaredBetween = 100 * variances.Between / total,
            ISquaredWithin = 100 * variances.Within / total,
            TypicalVariance = data.DegreesOfFreedom > 0 ? typical : 0,
            LogLikelihood = point.LogLikelihood,
            Iterations = estimate.Iterations,
            Converged = estimate.Converged,
            SeveralModes = estimate.SeveralModes,
            Weights = likelihood.Weights(variances),
            Omnibus = inference.Omnibus(),
            OmnibusOverSamples = inference.OmnibusOverSamples(),
            RobustOmnibus = inference.RobustOmnibus(),
            Notes = [.. MultilevelModel.Notes(data.DegreesOfFreedom, data.Samples, IsIdentified(estimate, fitted), estimate.SeveralModes, coefficients, options,
                data.Columns > 1 && Collinearity.IsNearlyAliased(data), units)],
            Options = options,
            Inference = inference,
        };

        Prediction? Predict(Interval? range, double variance) => names.Count > 1 || range is not null ? null
            : MultilevelModel.Predict(coefficients[0], variance, units - 1, options);
    }

    private static bool IsIdentified(FourLevelEstimate estimate, FittedVariances fitted) => Array.TrueForAll(estimate.Free, isFree => isFree)
        && Enumerable.Range(0, RandomVariances.Count).All(i => fitted.RangeOfPart(i) is null);
}
