namespace RealRelationship.Statistics;

/// <summary>Sample sizes of studies that test a correlation.</summary>
public static class SampleSize
{
    /// <summary>Participants with which a two-sided test of a correlation reaches a power: ((q(1 − α/2) + q(power)) / atanh r)² + 3, rounded up, by
    /// Fisher's z with variance 1/(n − 3). Agrees with Hulley et al. (2013), <i>Designing Clinical Research</i>, 4th ed., appendix 6C.</summary>
    /// <param name="r">The true correlation, strictly between 0 and 1.</param>
    /// <param name="confidence">1 − α of the test, strictly between 0 and 1.</param>
    /// <param name="power">Probability to reject no correlation, from .5 to below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static double ForCorrelation(double r, double confidence, double power)
    {
        Guard.InRange(r is > 0 and < 1, r, nameof(r), "The correlation lies strictly between 0 and 1.");
        Guard.InRange(confidence is > 0 and < 1, confidence, nameof(confidence), "Confidence lies strictly between 0 and 1.");
        Guard.InRange(power is >= 0.5 and < 1, power, nameof(power), "The power lies from 0.5 to below 1.");
        var quantiles = Normal.UpperQuantile((1 - confidence) / 2) + Normal.UpperQuantile(1 - power);
        var ratio = quantiles / FisherZ.FromCorrelation(r);
        return Math.Ceiling((ratio * ratio) + 3);
    }
}
