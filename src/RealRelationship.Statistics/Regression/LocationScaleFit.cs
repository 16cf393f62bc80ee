namespace RealRelationship.Statistics;

/// <summary>A location–scale model: the result of <see cref="LocationScaleModel.Fit"/>.</summary>
public sealed record LocationScaleFit
{
    /// <summary>Coefficients of the mean, <c>intercept</c> first, tested by t on k − p degrees of freedom, or by z if
    /// <see cref="ModelOptions.Test"/> is normal.</summary>
    public required IReadOnlyList<Coefficient> Location { get; init; }

    /// <summary>Coefficients of ln τ², <c>intercept</c> first, with t on k − q degrees of freedom, or z.</summary>
    public required IReadOnlyList<Coefficient> Scale { get; init; }

    /// <summary>τᵢ², one per effect.</summary>
    public required IReadOnlyList<double> TauSquared { get; init; }

    /// <summary>Wald test that all coefficients of ln τ² but the intercept are zero; null if there is only the intercept.</summary>
    public required WaldTest? ScaleTest { get; init; }

    /// <summary>Likelihood-ratio test against one τ² for all effects, by the estimator of the model: both have the same coefficients of the mean. Null if the
    /// scale is an intercept.</summary>
    public required LikelihoodRatioTest? Homogeneity { get; init; }

    /// <summary>metafor's <c>logLik</c>, see <see cref="RandomEffectsFit.LogLikelihood"/>.</summary>
    public required double LogLikelihood { get; init; }

    /// <summary>Newton steps that led to the maximum.</summary>
    public required int Iterations { get; init; }

    /// <summary>True when several starts ended at different local maxima; the highest was taken.</summary>
    public required bool SeveralModes { get; init; }

    /// <summary>Options of the fit.</summary>
    public required ModelOptions Options { get; init; }
}
