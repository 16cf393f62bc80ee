namespace RealRelationship.Statistics;

/// <summary>How probable it is that the true effect of a new study exceeds a threshold.</summary>
/// <param name="Value">The probability.</param>
/// <param name="Lower">Lower confidence limit of the share of true effects above the threshold; null where τ² counts as known.</param>
/// <param name="Upper">Its upper limit.</param>
public sealed record ExceedanceProbability(double Value, double? Lower, double? Upper);

/// <summary>What is predicted for a new study: by a <see cref="PredictiveDistribution"/>, or by μ ± q √(τ² + SE²). Computed when it is read.</summary>
public sealed class Prediction
{
    private readonly double _alpha;
    private readonly Coefficient _mean;
    private readonly double _variance;
    private readonly ReferenceDistribution? _distribution;
    private readonly Lazy<PredictiveDistribution?>? _predictive;
    private readonly Lazy<Interval?>? _interval;

    /// <summary>By the confidence distribution.</summary>
    internal Prediction(Coefficient mean, double alpha, Func<PredictiveDistribution> predictive)
    {
        (_mean, _alpha, _predictive) = (mean, alpha, new(() => predictive() is { IsEmpty: false } distribution ? distribution : null));
        _interval = new(() => _predictive.Value?.Interval(alpha));
    }

    /// <summary>By a distribution with the variance as known; null when there is none.</summary>
    internal Prediction(Coefficient mean, double alpha, double tauSquared, ReferenceDistribution? distribution) =>
        (_mean, _alpha, _variance, _distribution) = (mean, alpha, tauSquared + mean.StandardError * mean.StandardError, distribution);

    /// <summary>The limits within which the true effect of a new study is expected, at the confidence that the fit was asked for. Null without a distribution,
    /// and where the numbers leave the range of double precision.</summary>
    public Interval? Interval => _interval is not null ? _interval.Value : Symmetric(_variance);

    /// <summary>The limits within which the estimate of a new study is expected, its own sampling error included: μ ± q √(τ² + SE² + SE_new²), or the same
    /// quantiles of the confidence distribution with that error added.</summary>
    /// <param name="standardError">The standard error of that estimate, not negative.</param>
    /// <returns>Null where there is no prediction interval.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The standard error is negative or not finite.</exception>
    public Interval? IntervalOfEstimate(double standardError)
    {
        Guard.InRange(standardError >= 0, standardError, nameof(standardError), "A standard error is not negative.");
        var variance = standardError * standardError;
        return _predictive is null ? Symmetric(_variance + variance) : _predictive.Value?.OfEstimate(variance).Interval(_alpha);
    }

    private Interval? Symmetric(double variance) => _distribution?.UpperQuantile(_alpha / 2) * Math.Sqrt(variance) is { } half
        ? new Interval(_mean.Estimate - half, _mean.Estimate + half)
        : null;

    /// <summary>The probability that the true effect of a new study exceeds the threshold, on the scale of the effects.</summary>
    public ExceedanceProbability? ProbabilityAbove(double threshold)
    {
        if (_predictive is not null)
        {
            return _predictive.Value is { } predictive && predictive.ShareAbove(threshold, _alpha) is var limits
                ? new ExceedanceProbability(predictive.UpperTail(threshold), limits.Lower, limits.Upper)
                : null;
        }
        if (_distribution is null)
        {
            return null;
        }
        var distance = threshold - _mean.Estimate;
        return new ExceedanceProbability(_variance > 0 ? _distribution.UpperTail(distance / Math.Sqrt(_variance)) : distance < 0 ? 1 : 0, null, null);
    }
}
