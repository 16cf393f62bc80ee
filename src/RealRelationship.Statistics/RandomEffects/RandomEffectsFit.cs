namespace RealRelationship.Statistics;

/// <summary>A pooled effect: the result of <see cref="RandomEffectsModel.Fit"/>, on the scale of the effects.</summary>
public sealed record RandomEffectsFit
{
    /// <summary>Number of effects k, at least 1.</summary>
    public required int Effects { get; init; }

    /// <summary>The pooled effect μ, named <c>intercept</c>.</summary>
    public required Coefficient Mean { get; init; }

    /// <summary>Where the true effect of a new study is expected. Null for the common-effect model, for one effect, and without degrees of freedom.</summary>
    public required Prediction? Prediction { get; init; }

    /// <summary>Where the true effect of a new study is expected: quantiles of the confidence distribution, or μ ± q √(τ² + SE²). Null for the common-effect
    /// model, for one effect, and without degrees of freedom. It is computed when it is first read.</summary>
    public Interval? PredictionInterval => Prediction?.Interval;

    /// <summary>Q, τ², I² and H² with their intervals.</summary>
    public required Heterogeneity Heterogeneity { get; init; }

    /// <summary>metafor's <c>logLik</c> for the estimator: restricted for REML, with −(k−p)/2·ln 2π + ½ ln|X′X|, else full.
    /// Null for one effect under REML.</summary>
    public required double? LogLikelihood { get; init; }

    /// <summary>Steps of the iteration for τ²; 0 for estimators in closed form.</summary>
    public required int Iterations { get; init; }

    /// <summary>True when the iteration for τ² ended at machine precision.</summary>
    public required bool Converged { get; init; }

    /// <summary>Weight of each effect in <see cref="Mean"/>, percent, in the order of the effects.</summary>
    public required IReadOnlyList<double> Weights { get; init; }

    /// <summary>The factor on SE² that the Knapp–Hartung tests put there; 1 for the others.</summary>
    public required double VarianceMultiplier { get; init; }

    /// <summary>True when the ad hoc test raised the Knapp–Hartung multiplier to 1.</summary>
    public required bool FloorApplied { get; init; }

    /// <summary>True when the (restricted) likelihood has more than one local maximum; the highest was taken.</summary>
    public required bool SeveralModes { get; init; }

    /// <summary>Options of the fit.</summary>
    public required ModelOptions Options { get; init; }

    /// <summary>Probability that the true effect of a new study exceeds a threshold: of the confidence distribution, with limits of the share of true effects
    /// above it; or P(T &gt; (threshold − μ)/√(τ² + SE²)), T as <see cref="PredictionInterval"/> has it, without limits.</summary>
    /// <param name="threshold">On the scale of the effects.</param>
    /// <returns>Null if there is no prediction interval.</returns>
    public ExceedanceProbability? ProbabilityAbove(double threshold) => Prediction?.ProbabilityAbove(threshold);
}
