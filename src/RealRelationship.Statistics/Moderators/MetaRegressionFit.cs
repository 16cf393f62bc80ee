namespace RealRelationship.Statistics;

/// <summary>A meta-regression: the result of <see cref="MetaRegression.Fit"/>.</summary>
public sealed partial record MetaRegressionFit
{
    /// <summary>Number of effects k.</summary>
    public required int Effects { get; init; }

    /// <summary>Number of samples; by default that of effects.</summary>
    public required int Samples { get; init; }

    /// <summary>One a column of the design, <c>intercept</c> first.</summary>
    public required IReadOnlyList<Coefficient> Coefficients { get; init; }

    /// <summary>Covariance matrix of the coefficients, Knapp–Hartung multiplier included.</summary>
    public required double[,] Covariance { get; init; }

    /// <summary>The factor on the covariance that the Knapp–Hartung tests put there; 1 for the others.</summary>
    public required double VarianceMultiplier { get; init; }

    /// <summary>Residual heterogeneity: QE, τ², I², H².</summary>
    public required Heterogeneity Residual { get; init; }

    /// <summary>Test that all coefficients but the intercept, or all their combinations identified by more than one sample
    /// (<see cref="ModelOptions.OneSample"/>), are zero. Null if there is only the intercept, or no residual degree of freedom for F.</summary>
    public required WaldTest? Omnibus { get; init; }

    /// <summary>Percentage of heterogeneity explained: 100·max(0, (τ²₀ − τ²)/τ²₀), with τ²₀ by the same estimator without moderators.
    /// Null if τ²₀ = 0, for the common-effect model, and if τ² cannot be estimated.</summary>
    public required double? RSquared { get; init; }

    /// <summary>True if terms are nearly collinear, so that their coefficients are meaningless: the condition number of the weighted, centred and scaled
    /// design is above 100 (Belsley, Kuh and Welsch 1980, Regression Diagnostics, chapter 3), or a term hardly varies relative to its size.</summary>
    public required bool NearlyAliased { get; init; }

    /// <summary>metafor's <c>logLik</c>, see <see cref="RandomEffectsFit.LogLikelihood"/>.</summary>
    public required double? LogLikelihood { get; init; }

    /// <summary>Steps of the iteration for τ².</summary>
    public required int Iterations { get; init; }

    /// <summary>True when the iteration for τ² ended at machine precision.</summary>
    public required bool Converged { get; init; }

    /// <summary>True when the ad hoc test raised the Knapp–Hartung multiplier to 1.</summary>
    public required bool FloorApplied { get; init; }

    /// <summary>True when the (restricted) likelihood has more than one local maximum; the highest was taken.</summary>
    public required bool SeveralModes { get; init; }

    /// <summary>Inverse variances 1/(vᵢ + τ²) as percent of their sum, in the order of the effects.</summary>
    public required IReadOnlyList<double> Weights { get; init; }

    /// <summary>Options of the fit.</summary>
    public required ModelOptions Options { get; init; }
}
