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
    private readonly Lazy<PredictiveDistribution>? _predictive;
    private readonly Lazy<Interval>? _interval;

    /// <summary>By the confidence distribution.</summary>
    internal Prediction(Coefficient mean, double alpha, Func<PredictiveDistribution> predictive)
    {
        (_mean, _alpha, _predictive) = (mean, alpha, new Lazy<PredictiveDistribution>(predictive));
        _interval = new Lazy<Interval>(() => _predictive.Value.Interval(alpha));
    }

    /// <summary>By a distribution with the variance as known; null when there is none.</summary>
    internal Prediction(Coefficient mean, double alpha, double tauSquared, ReferenceDistribution? distribution) =>
        (_mean, _alpha, _variance, _distribution) = (mean, alpha, tauSquared + mean.StandardError * mean.StandardError, distribution);

    /// <summary>q of μ ± q √(τ² + SE²), positive; null under the confidence distribution, whose limits are not symmetric about the mean.</summary>
    public double? Quantile => _predictive is null ? _distribution?.UpperQuantile(_alpha / 2) : null;

    /// <summary>Prediction interval of the true effect of a new study, at the confidence level of the fit.</summary>
    public Interval? Interval
    {
        get
        {
            if (_interval is not null)
            {
                return _interval.Value;
            }
            if (_distribution is null)
            {
                return null;
            }
            var half = _distribution.UpperQuantile(_alpha / 2) * Math.Sqrt(_variance);
            return new Interval(_mean.Estimate - half, _mean.Estimate + half);
        }
    }

    /// <summary>The probability that the true effect of a new study exceeds the threshold, on the scale of the effects.</summary>
    public ExceedanceProbability? ProbabilityAbove(double threshold)
    {
        if (_predictive is not null)
        {
            var limits = _predictive.Value.ShareAbove(threshold, _alpha);
            return new ExceedanceProbability(_predictive.Value.UpperTail(threshold), limits.Lower, limits.Upper);
        }
        if (_distribution is null)
        {
            return null;
        }
        var distance = threshold - _mean.Estimate;
        return new ExceedanceProbability(_variance > 0 ? _distribution.UpperTail(distance / Math.Sqrt(_variance)) : distance < 0 ? 1 : 0, null, null);
    }
}
