namespace RealRelationship.Statistics;

/// <summary>An e-value and a confidence sequence at one look: the result of <see cref="AnytimeInference"/>.</summary>
public sealed record AnytimeFit
{
    /// <summary>Number of effects at this look.</summary>
    public required int Effects { get; init; }

    /// <summary>ln E(0): evidence against a mean, or a difference, of 0.</summary>
    public required double LogEValue { get; init; }

    /// <summary>E(0); null where it exceeds double precision (see <see cref="LogEValue"/>).</summary>
    public double? EValue => MeanModel.FiniteOrNull(Math.Exp(LogEValue));

    /// <summary>ln m(y), the likelihood averaged over the priors.</summary>
    public required double LogMarginalLikelihood { get; init; }

    /// <summary>ln of the largest likelihood under the value 0.</summary>
    public required double LogNullLikelihood { get; init; }

    /// <summary>The τ² at which the likelihood under the value 0 is largest.</summary>
    public required double NullTauSquared { get; init; }

    /// <summary>Lower limit of the confidence sequence: the smallest value with E = q/α.</summary>
    public required double Lower { get; init; }

    /// <summary>Upper limit: the largest value with E = q/α.</summary>
    public required double Upper { get; init; }

    /// <summary>False where the confidence sequence has a hole between its limits, which very unequal variances can make.</summary>
    public required bool IsInterval { get; init; }

    /// <summary>The options of the fit.</summary>
    public required AnytimeOptions Options { get; init; }

    /// <summary>Whether 0 is excluded: E(0) is at least q/α.</summary>
    public bool ExcludesZero => LogEValue >= Options.LogThreshold;
}
