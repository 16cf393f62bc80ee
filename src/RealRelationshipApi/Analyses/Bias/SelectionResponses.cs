using RealRelationshipApi.Analyses.Models;

namespace RealRelationshipApi.Analyses.Bias;

/// <summary>A mean by unrestricted weighted least squares (Stanley and Doucouliagos 2015): that of the common-effect model, with a standard error multiplied by
/// the root mean square of the standardised residuals.</summary>
/// <param name="Effects">Number of effects that it is the mean of.</param>
/// <param name="Estimate">The mean, on the scale of analysis (<c>uwlsPlus3</c>: r).</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Statistic">t; null if all effects are equal.</param>
/// <param name="Df">Degrees of freedom.</param>
/// <param name="P">Two-sided p-value.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
/// <param name="VarianceRatio">Multiple of the sampling variances that the effects show: Q over its degrees of freedom.</param>
/// <param name="Basis">Effects that it is computed from.</param>
internal sealed record UnrestrictedMeanResponse(int Effects, double Estimate, double StandardError, double? Statistic, int Df, double? P, double Lower,
    double Upper, double VarianceRatio, EffectBasis Basis);

/// <summary>Stanley, Doucouliagos and Ioannidis (2017): UWLS of the effects that have 80 % power to detect the UWLS mean, or of all if fewer than two
/// have.</summary>
/// <param name="Powered">Number of adequately powered effects.</param>
/// <param name="LargestStandardError">Largest standard error of an adequately powered effect: the absolute UWLS mean over 2.8.</param>
/// <param name="UsesPowered">Whether the mean is that of the powered effects.</param>
/// <param name="Mean">The mean.</param>
internal sealed record PoweredMeanResponse(int Powered, double LargestStandardError, bool UsesPowered, UnrestrictedMeanResponse Mean);

/// <summary>A selection model whose weight is a smooth function of the one-sided p-value, fitted by maximum likelihood.</summary>
/// <param name="Function">The weight function.</param>
/// <param name="Direction">Direction of effects that are favoured.</param>
/// <param name="Effect">Pooled effect corrected for selection; null with a warning if it cannot be estimated.</param>
/// <param name="StandardError">Its standard error; null if a parameter is at its bound.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
/// <param name="Tau2">Variance between effects, corrected for selection.</param>
/// <param name="Delta">Parameters of the function; 0 is no selection (beta: 1 and 1).</param>
/// <param name="DeltaStandardErrors">Their standard errors; null if a parameter is at its bound.</param>
/// <param name="LogLikelihood">Log-likelihood.</param>
/// <param name="LikelihoodRatio">Likelihood-ratio statistic of the test of no selection.</param>
/// <param name="Df">Its degrees of freedom.</param>
/// <param name="P">Its p-value.</param>
/// <param name="AtBound">Whether τ² or a parameter is at its bound, 0 or 100. With a parameter of 0 the model is that without selection.</param>
/// <param name="Converged">Whether the likelihood has a maximum within reach.</param>
/// <param name="Basis">Effects that it is computed from.</param>
internal sealed record SelectionFunctionResponse(SelectionModelChoice Function, SelectionDirectionChoice Direction, double? Effect, double? StandardError,
    double? Lower, double? Upper, double? Tau2, IReadOnlyList<double?> Delta, IReadOnlyList<double?> DeltaStandardErrors, double? LogLikelihood,
    double? LikelihoodRatio, int Df, double? P, bool AtBound, bool Converged, EffectBasis Basis);

/// <param name="Name"><c>intercept</c>, the name of a continuous term, or <c>term:level</c>.</param>
/// <param name="Estimate">Coefficient before selection.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Statistic">z.</param>
/// <param name="P">Two-sided p-value.</param>
/// <param name="Lower">Lower confidence limit.</param>
/// <param name="Upper">Upper confidence limit.</param>
internal sealed record SelectionCoefficientResponse(string Name, double Estimate, double? StandardError, double? Statistic, double? P, double? Lower,
    double? Upper);

/// <summary>p-uniform* (van Aert and van Assen 2021): the effects given whether they are significant (one-sided .025), by maximum likelihood; limits are those
/// of the profile likelihood.</summary>
/// <param name="Direction">Direction of effects that are favoured.</param>
/// <param name="Significant">Number of effects significant in the direction.</param>
/// <param name="Effect">Pooled effect corrected for selection; null with a warning if it cannot be estimated.</param>
/// <param name="Lower">Lower confidence limit; null with a warning if the likelihood does not fall far enough.</param>
/// <param name="Upper">Upper confidence limit; null likewise.</param>
/// <param name="Tau2">Variance between effects, corrected for selection.</param>
/// <param name="LikelihoodRatio">Likelihood-ratio statistic of the test that the effect is 0.</param>
/// <param name="P">Its p-value.</param>
/// <param name="Tau2LikelihoodRatio">Likelihood-ratio statistic of the test that τ² is 0.</param>
/// <param name="Tau2P">Its p-value.</param>
/// <param name="LogLikelihood">Log-likelihood.</param>
/// <param name="Converged">Whether the likelihood has a maximum within reach.</param>
/// <param name="Basis">Effects that it is computed from.</param>
internal sealed record PUniformStarResponse(SelectionDirectionChoice Direction, int Significant, double? Effect, double? Lower, double? Upper, double? Tau2,
    double? LikelihoodRatio, double? P, double? Tau2LikelihoodRatio, double? Tau2P, double? LogLikelihood, bool Converged, EffectBasis Basis);
