namespace RealRelationship.Statistics;

/// <content>Reported confidence intervals.</content>
public static partial class EffectSizeConversion
{
    private const double PlausibleFrom = 0.15;
    private const double PlausibleTo = 0.85;

    /// <summary>Whether an estimate lies within 15–85 % of its confidence interval.</summary>
    /// <param name="estimate">On a scale with symmetric intervals: ln OR, Fisher's z, d.</param>
    /// <param name="lower">Lower bound on that scale.</param>
    /// <param name="upper">Upper bound, above <paramref name="lower"/>.</param>
    public static bool IsPlausibleEstimate(double estimate, double lower, double upper) =>
        (estimate - lower) / (upper - lower) is >= PlausibleFrom and <= PlausibleTo;

    /// <summary>Takes account of a reported confidence interval. The variance becomes that of the wider half if that is more than 1.25 times the effect's own,
    /// or if it is larger and the estimate lies outside 45–55 % of the interval (note <c>asymmetricInterval</c>). Note <c>varianceContradictsN</c>: the
    /// variance of the wider half is below .8 or above 5 times that of the effect.</summary>
    /// <param name="effect">The effect.</param>
    /// <param name="estimate">The reported estimate on a scale with symmetric intervals: Fisher's z, or d.</param>
    /// <param name="lower">Lower bound on that scale; <see cref="IsPlausibleEstimate"/> holds.</param>
    /// <param name="upper">Upper bound on that scale.</param>
    /// <param name="slope">Derivative of Fisher's z on that scale at the estimate; 1 for Fisher's z.</param>
    /// <param name="confidence">Confidence of the interval, strictly between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of its range.</exception>
    public static FisherZEffect WithReportedInterval(FisherZEffect effect, double estimate, double lower, double upper, double slope, double confidence)
    {
        ArgumentNullException.ThrowIfNull(effect);
        Guard.InRange(upper > lower, upper, nameof(upper), "The upper bound is above the lower bound.");
        Guard.InRange(IsPlausibleEstimate(estimate, lower, upper), estimate, nameof(estimate), "The estimate lies between 15 % and 85 % of its interval.");
        Guard.InRange(confidence is > 0 and < 1, confidence, nameof(confidence), "Confidence lies strictly between 0 and 1.");
        var se = slope * Math.Max(estimate - lower, upper - estimate) / Normal.UpperQuantile((1 - confidence) / 2);
        var variance = se * se;
        var ratio = variance / effect.Variance;
        var isSymmetric = (estimate - lower) / (upper - lower) is >= SymmetricFrom and <= SymmetricTo;
        string[] notes = [.. effect.Notes, .. ratio is < MinVarianceRatio or > MaxVarianceRatio ? ["varianceContradictsN"] : Array.Empty<string>(),
            .. isSymmetric ? Array.Empty<string>() : ["asymmetricInterval"]];
        return ratio > (isSymmetric ? 1 / MinVarianceRatio : 1)
            ? effect with { Variance = variance, Notes = notes, Formula = $"{effect.Formula}; v of the wider half of the interval" }
            : effect with { Notes = notes };
    }

    /// <summary>Hedges' J = g/d with m = n1 + n2 − 2 degrees of freedom, exact.</summary>
    /// <param name="degreesOfFreedom">m, at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="degreesOfFreedom"/> is below 2.</exception>
    public static double HedgesFactor(double degreesOfFreedom)
    {
        Guard.InRange(degreesOfFreedom >= 2, degreesOfFreedom, nameof(degreesOfFreedom), "The degrees of freedom are at least 2.");
        return SmallSampleFactor(degreesOfFreedom);
    }

    /// <summary>Whether a 2×2 table without empty cells has this φ and these margins.</summary>
    /// <param name="phi">φ.</param>
    /// <param name="proportion1">Proportion in the upper part of the first variable.</param>
    /// <param name="proportion2">Proportion in the upper part of the second variable.</param>
    public static bool IsPossibleTable(double phi, double proportion1, double proportion2)
    {
        var both = BothHigh(phi, proportion1, proportion2);
        return both > 0 && both < Math.Min(proportion1, proportion2) && 1 - proportion1 - proportion2 + both > 0;
    }

    private static double BothHigh(double phi, double p1, double p2) => p1 * p2 + phi * Math.Sqrt(p1 * (1 - p1) * p2 * (1 - p2));
}
