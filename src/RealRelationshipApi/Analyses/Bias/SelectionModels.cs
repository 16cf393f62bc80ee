using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;

namespace RealRelationshipApi.Analyses.Bias;

/// <summary>Selection models and the least-squares family, mapped to their responses; with notes of the fit.</summary>
internal static class SelectionModels
{
    // v = 1/(n − 3), also of a composite or a converted effect, whose n it stands for.
    private const double FisherZDegrees = 3;

    public static (SelectionModelResponse Response, IReadOnlyList<string> Notes) FitSteps(ModelFrame frame, IReadOnlyList<ModeratorColumn> terms,
        IReadOnlyList<double> steps, IReadOnlyList<double>? weights, SelectionDirection direction, double confidence, EffectBasis basis)
    {
        var design = terms.Count == 0 ? null : ModeratorColumn.ToDesign(terms, frame);
        var fit = WeightFunctionModel.Fit(frame.Estimates, frame.Variances, new WeightFunctionOptions
        {
            Steps = steps, Fixed = [.. (weights ?? []).Select(weight => (double?)weight)], Direction = direction, Confidence = confidence,
        }, design);
        var mean = fit.Coefficients is [var first, ..] ? first : null;
        return (new(fit.Steps, ToChoice(direction), mean?.Estimate, mean?.StandardError, mean?.Lower, mean?.Upper, fit.TauSquared, [1, .. fit.Deltas],
            fit.LikelihoodRatio, fit.DegreesOfFreedom, fit.PValue, basis, weights is not null, [null, .. fit.DeltaStandardErrors],
            design is null ? null : [.. fit.Coefficients.Select(c =>
                new SelectionCoefficientResponse(c.Name, c.Estimate, c.StandardError, c.Statistic, c.PValue, c.Lower, c.Upper))],
            ResponseMapper.Omnibus(fit.Moderators)), fit.Notes);
    }

    public static (SelectionFunctionResponse Response, IReadOnlyList<string> Notes) FitFunction(SelectionModelChoice choice, double[] y, double[] v,
        SelectionDirection direction, double confidence, EffectBasis basis)
    {
        var fit = WeightFunctionModel.Fit(y, v, new WeightFunctionOptions
        {
            Function = choice switch
            {
                SelectionModelChoice.HalfNormal => SelectionFunction.HalfNormal,
                SelectionModelChoice.NegativeExponential => SelectionFunction.NegativeExponential,
                SelectionModelChoice.Logistic => SelectionFunction.Logistic,
                SelectionModelChoice.Power => SelectionFunction.Power,
                SelectionModelChoice.Beta => SelectionFunction.Beta,
                _ => throw new ArgumentOutOfRangeException(nameof(choice), choice, "p-uniform* has no weight function"),
            },
            Direction = direction,
            Confidence = confidence,
        });
        var mean = fit.Coefficients is [var first, ..] ? first : null;
        return (new(choice, ToChoice(direction), mean?.Estimate, mean?.StandardError, mean?.Lower, mean?.Upper, fit.TauSquared, fit.Deltas,
            fit.DeltaStandardErrors, fit.LogLikelihood, fit.LikelihoodRatio, fit.DegreesOfFreedom, fit.PValue, fit.Notes.Contains("atBoundary"),
            mean is not null, basis), fit.Notes);
    }

    public static (PUniformStarResponse Response, IReadOnlyList<string> Notes) FitPUniformStar(double[] y, double[] v, SelectionDirection direction,
        double confidence, EffectBasis basis)
    {
        var fit = PUniformStar.Fit(y, v, direction, confidence);
        return (new(ToChoice(direction), fit.Significant, fit.Effect, fit.Lower, fit.Upper, fit.TauSquared, fit.LikelihoodRatio, fit.PValue,
            fit.TauSquaredLikelihoodRatio, fit.TauSquaredPValue, fit.LogLikelihood, fit.Effect is not null, basis), fit.Notes);
    }

    public static UnrestrictedMeanResponse? FitUwlsPlus3(ModelFrame frame, ResolvedModel model, EffectBasis basis) =>
        model.Measure != EffectMeasure.FisherZ ? null : ToResponse(UnrestrictedLeastSquares.OfCorrelations(
            [.. frame.Estimates.Select(Math.Tanh)], [.. frame.Variances.Select(v => (1 / v) + FisherZDegrees)], model.Confidence), basis);

    public static PoweredMeanResponse? FitWaap(double[] y, double[] v, double confidence, EffectBasis basis) =>
        UnrestrictedLeastSquares.Powered(y, v, confidence) is { } waap
            ? new(waap.Powered, waap.LargestStandardError, waap.UsesPowered, ToResponse(waap.Mean, basis)!) : null;

    public static UnrestrictedMeanResponse? ToResponse(UnrestrictedMean? mean, EffectBasis basis) => mean is null ? null
        : new(mean.Effects, mean.Estimate, mean.StandardError, mean.Statistic, mean.DegreesOfFreedom, mean.PValue, mean.Lower, mean.Upper,
            mean.VarianceRatio, basis);

    private static SelectionDirectionChoice ToChoice(SelectionDirection direction) =>
        direction == SelectionDirection.Less ? SelectionDirectionChoice.Less : SelectionDirectionChoice.Greater;
}
