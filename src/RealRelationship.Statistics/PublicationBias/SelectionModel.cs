namespace RealRelationship.Statistics;

/// <summary>A step-function selection model.</summary>
/// <param name="Steps">Cut points of the one-sided p-value, rising, without the last, 1.</param>
/// <param name="Direction">The given direction.</param>
/// <param name="Effect">The mean before selection; null when it cannot be estimated.</param>
/// <param name="StandardError">From the observed information of the parameters that are not at a boundary.</param>
/// <param name="Lower">Lower confidence bound.</param>
/// <param name="Upper">Upper confidence bound.</param>
/// <param name="TauSquared">Between-study variance before selection.</param>
/// <param name="Weights">Relative probability of being seen, one an interval of p; the first is 1.</param>
/// <param name="LikelihoodRatio">Twice the log-likelihood gained over the model without selection.</param>
/// <param name="DegreesOfFreedom">Number of weights estimated.</param>
/// <param name="PValue">Upper tail of χ².</param>
/// <param name="LogLikelihood">At the estimates.</param>
/// <param name="Iterations">Steps taken from the start that won.</param>
/// <param name="Notes">Stable codes: <c>weightsNotIdentified</c> (no effect in the first interval: nothing is estimated),
/// <c>atBoundary</c> (τ² or a weight is exactly 0), <c>severalModes</c> (the likelihood has several local maxima),
/// <c>notConverged</c> (it has none within reach: nothing is estimated), <c>tooFewEffects</c> (below 3: nothing is estimated).</param>
public sealed record SelectionModelFit(
    IReadOnlyList<double> Steps, SelectionDirection Direction, double? Effect, double? StandardError, double? Lower, double? Upper, double? TauSquared,
    IReadOnlyList<double?> Weights, double? LikelihoodRatio, int DegreesOfFreedom, double? PValue, double? LogLikelihood, int Iterations,
    IReadOnlyList<string> Notes);

/// <summary>Effects seen with a probability that depends on their p-value; Vevea and Hedges 1995, Psychometrika 60.</summary>
public static class SelectionModel
{
    /// <summary>Fits the model by maximum likelihood. Agrees with metafor's <c>selmodel(type = "stepfun")</c> on an ML fit.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="steps">Cut points of the one-sided p-value, strictly between 0 and 1, in any order; a final 1 is optional.</param>
    /// <param name="direction">Which effects are favoured.</param>
    /// <param name="confidence">Coverage, strictly between 0 and 1.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance that is not positive,
    /// steps that are none or not between 0 and 1.</exception>
    /// <exception cref="StatisticsException"><c>outOfRange</c>: the numbers overflow.</exception>
    public static SelectionModelFit Fit(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, ReadOnlySpan<double> steps,
        SelectionDirection direction = SelectionDirection.Greater, double confidence = 0.95)
    {
        var fit = WeightFunctionModel.Fit(
            estimates, variances, new WeightFunctionOptions { Steps = steps.ToArray(), Direction = direction, Confidence = confidence });
        var mean = fit.Coefficients.Count > 0 ? fit.Coefficients[0] : null;
        return new SelectionModelFit(
            fit.Steps, direction, mean?.Estimate, mean?.StandardError, mean?.Lower, mean?.Upper, fit.TauSquared, [1, .. fit.Deltas], fit.LikelihoodRatio,
            fit.DegreesOfFreedom, fit.PValue, fit.LogLikelihood, fit.Iterations, fit.Notes);
    }
}
