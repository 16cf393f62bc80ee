namespace RealRelationship.Statistics;

/// <summary>One effect on the scale of Fisher's z, ready to be pooled.</summary>
/// <param name="Estimate">yi.</param>
/// <param name="Variance">vi, its sampling variance, positive.</param>
/// <param name="SampleSize">Size of the sample; null when the statistic does not carry it (it is never derived from the variance).</param>
/// <param name="Converted">True when the effect was not reported as a correlation (or on its scale) but as another statistic.</param>
/// <param name="Approximate">True when the variance is an approximation beyond the usual large-sample one.</param>
/// <param name="Formula">The formula, variance included, in plain text.</param>
public sealed record FisherZEffect(double Estimate, double Variance, double? SampleSize, bool Converted, bool Approximate, string Formula)
{
    /// <summary>The effect as a correlation: tanh of <see cref="Estimate"/>.</summary>
    public double Correlation => Math.Tanh(Estimate);
}

/// <summary>What an odds ratio compares.</summary>
public enum OddsRatioComparison
{
    /// <summary>Two groups.</summary>
    Groups,
    /// <summary>One standard deviation more of a continuous predictor.</summary>
    PerStandardDeviation,
}
