namespace RealRelationship.Statistics;

/// <summary>A fitted selection model: see <see cref="WeightFunctionModel.Fit"/>.</summary>
public sealed record WeightFunctionFit
{
    /// <summary>Options of the fit.</summary>
    public required WeightFunctionOptions Options { get; init; }

    /// <summary>Cut points of a step function, ascending, without the last, 1; empty for other functions.</summary>
    public required IReadOnlyList<double> Steps { get; init; }

    /// <summary>Coefficients before selection, <c>intercept</c> first, with z tests; empty when nothing is estimated. Without standard error, test and interval
    /// when a parameter of a continuous function is at a bound.</summary>
    public required IReadOnlyList<SelectionCoefficient> Coefficients { get; init; }

    /// <summary>Wald χ² test that all coefficients after the intercept are 0; null without moderators or standard errors.</summary>
    public required WaldTest? Moderators { get; init; }

    /// <summary>Between-study variance before selection; null when nothing is estimated.</summary>
    public required double? TauSquared { get; init; }

    /// <summary>Its standard error from the observed information; null at 0, and where coefficients have none.</summary>
    public required double? TauSquaredStandardError { get; init; }

    /// <summary>Parameters δ: the weight of each interval after the first of a step function, relative to the first, or the parameters of another
    /// function (0 is no selection; of beta 1 and 1).</summary>
    public required IReadOnlyList<double?> Deltas { get; init; }

    /// <summary>Their standard errors; null where assumed or at a bound.</summary>
    public required IReadOnlyList<double?> DeltaStandardErrors { get; init; }

    /// <summary>At the estimates.</summary>
    public required double? LogLikelihood { get; init; }

    /// <summary>Twice the log-likelihood gained over the maximum-likelihood model without selection; null when a parameter is assumed.</summary>
    public required double? LikelihoodRatio { get; init; }

    /// <summary>Number of parameters δ; 0 when any is assumed.</summary>
    public required int DegreesOfFreedom { get; init; }

    /// <summary>Upper tail of χ² at <see cref="LikelihoodRatio"/>.</summary>
    public required double? PValue { get; init; }

    /// <summary>Steps taken from the start that won.</summary>
    public required int Iterations { get; init; }

    /// <summary>Stable codes: <c>weightsNotIdentified</c> (no effect in the first interval: nothing is estimated), <c>atBoundary</c> (τ², a weight or a
    /// parameter is at its bound), <c>severalModes</c> (the likelihood has several local maxima), <c>notConverged</c> (it has none within reach: nothing is
    /// estimated), <c>tooFewEffects</c> (fewer than coefficients + 2: nothing is estimated).</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>A coefficient of a selection model.</summary>
/// <param name="Name"><c>intercept</c>, the name of a continuous term, or <c>term:level</c>.</param>
/// <param name="Estimate">Before selection.</param>
/// <param name="StandardError">From the observed information of the parameters that are not at a bound; null when a parameter of a
/// continuous function is.</param>
/// <param name="Statistic">z.</param>
/// <param name="PValue">Two-sided.</param>
/// <param name="Lower">Lower confidence bound.</param>
/// <param name="Upper">Upper confidence bound.</param>
public sealed record SelectionCoefficient(
    string Name, double Estimate, double? StandardError, double? Statistic, double? PValue, double? Lower, double? Upper);
