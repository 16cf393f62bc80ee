namespace RealRelationship.Statistics;

/// <summary>The distribution to which the true effect of a new study or sample is referred: (θ − μ)/√(τ² + SE²) is normal or t.</summary>
/// <param name="Mean">μ, on the scale of the effects.</param>
/// <param name="Variance">τ² + SE², not negative.</param>
/// <param name="DegreesOfFreedom">Of t; null for the normal distribution.</param>
/// <param name="Quantile">q, the upper quantile at half of 1 − confidence, positive.</param>
public sealed record Prediction(double Mean, double Variance, double? DegreesOfFreedom, double Quantile)
{
    /// <summary>μ ± q √(τ² + SE²).</summary>
    public Interval Interval => Quantile * Math.Sqrt(Variance) is var half ? new Interval(Mean - half, Mean + half) : default;

    internal static Prediction Of(ReferenceDistribution distribution, double mean, double tauSquared, double standardError, double alpha) =>
        new(mean, tauSquared + standardError * standardError, distribution.DegreesOfFreedom, distribution.UpperQuantile(alpha / 2));
}
