namespace RealRelationship.Statistics;

/// <summary>The direction in which effects are favoured.</summary>
public enum SelectionDirection
{
    /// <summary>p-values are one-sided for positive effects.</summary>
    Greater,
    /// <summary>p-values are one-sided for negative effects.</summary>
    Less,
}

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
    private const int MinEffects = 3;

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
        Guard.ValidEffects(estimates, variances);
        var alpha = new ModelOptions { Confidence = confidence }.Alpha;
        var cuts = CutPoints(steps);
        var sign = direction == SelectionDirection.Less ? -1 : 1;
        var model = new LinearModel(estimates, variances);
        var y = new double[estimates.Length];
        for (var i = 0; i < y.Length; i++)
        {
            y[i] = sign * estimates[i];
        }
        var likelihood = new StepFunctionLikelihood(y, variances.ToArray(), cuts);
        if (y.Length < MinEffects || likelihood.Counts[0] == 0)
        {
            return NotEstimated(cuts, direction, y.Length < MinEffects ? "tooFewEffects" : "weightsNotIdentified");
        }
        var tau2 = MeanModel.EstimateTauSquared(model, TauSquaredEstimator.MaximumLikelihood);
        var modes = Modes(likelihood, sign * model.Solve(tau2).Coefficients[0], tau2, model);
        if (modes.Count == 0)
        {
            return NotEstimated(cuts, direction, "notConverged");
        }
        var best = modes.MaxBy(mode => mode.LogLikelihood)!;
        var (effect, se) = (sign * best.Parameters[0], Math.Sqrt(best.Variance));
        var half = Normal.UpperQuantile(alpha / 2) * se;
        Guard.FiniteResult(effect, half, best.LogLikelihood);
        double?[] weights = [.. cuts.Select((_, j) => (double?)likelihood.Weight(j, best.Parameters)), likelihood.Weight(cuts.Length, best.Parameters)];
        var ratio = Math.Max(0, 2 * (best.LogLikelihood - model.LogLikelihood(tau2, restricted: false)));
        return new SelectionModelFit(
            cuts, direction, effect, se, effect - half, effect + half, best.Parameters[1], weights, ratio, cuts.Length,
            ChiSquared.UpperTail(ratio, cuts.Length),
            best.LogLikelihood, best.Iterations, Notes(best, modes.Count > 1, weights));
    }

    /// <summary>Every local maximum that is found from a grid of starts around the fit without selection.</summary>
    private static List<LikelihoodMode> Modes(StepFunctionLikelihood likelihood, double mean, double tau2, LinearModel model)
    {
        var typical = model.Effects / model.At(0).SumW;
        var sd = Math.Sqrt(tau2 + typical);
        var reach = Math.Abs(mean) + 100 * sd;
        var modes = new List<LikelihoodMode>();
        foreach (var shift in (ReadOnlySpan<double>)[0, -0.75, 0.75, -2])
        {
            foreach (var spread in (ReadOnlySpan<double>)[1, 0.1, 4])
            {
                var start = likelihood.Start(mean + shift * sd, spread * (tau2 + typical / 10));
                if (likelihood.MaximiseFrom(start, reach) is { } mode && modes.TrueForAll(other => !IsSameMode(mode, other)))
                {
                    modes.Add(mode);
                }
            }
        }
        return modes;
    }

    private static bool IsSameMode(LikelihoodMode a, LikelihoodMode b) => Math.Abs(a.LogLikelihood - b.LogLikelihood) < 1e-6
        && Math.Abs(a.Parameters[0] - b.Parameters[0]) < 1e-3 * Math.Sqrt(Math.Max(a.Variance, b.Variance));

    private static string[] Notes(LikelihoodMode best, bool several, double?[] weights)
    {
        var boundary = best.Parameters[1] == 0 || weights.Contains(0);
        return [.. boundary ? ["atBoundary"] : Array.Empty<string>(), .. several ? ["severalModes"] : Array.Empty<string>()];
    }

    private static SelectionModelFit NotEstimated(double[] cuts, SelectionDirection direction, string note) =>
        new(cuts, direction, null, null, null, null, null, [1, .. cuts.Select(_ => (double?)null)], null, cuts.Length, null, null, 0, [note]);

    private static double[] CutPoints(ReadOnlySpan<double> steps)
    {
        double[] cuts = [.. steps.ToArray().Where(step => step != 1).Distinct().Order()];
        if (cuts.Length == 0)
        {
            throw new ArgumentException("There are no steps.", nameof(steps));
        }
        foreach (var cut in cuts)
        {
            Guard.InRange(cut is > 0 and < 1, cut, nameof(steps), "Steps lie strictly between 0 and 1.");
        }
        return cuts;
    }
}
