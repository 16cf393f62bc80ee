namespace RealRelationship.Statistics.SessionCorrelations;

/// <summary>Position of a clinic relative to the clinics of a pool.</summary>
public enum Standing
{
    /// <summary>Its whole confidence interval is inside the pool's prediction interval.</summary>
    Inside,
    /// <summary>Its effect is lower than the pool and its own uncertainty explain.</summary>
    Below,
    /// <summary>Its effect is higher than the pool and its own uncertainty explain.</summary>
    Above,
    /// <summary>Neither can be concluded.</summary>
    TooFewToSay,
}

/// <summary>Holds a clinic's effect against a pool to which it did not contribute.</summary>
public static class ClinicStanding
{
    private const double MinDegreesOfFreedom = 8;

    /// <summary>Below or above if |z − μ| &gt; q √(τ² + SE_μ² + SE_z²): unlikely for an ordinary clinic, its sampling error included.
    /// Inside only if the clinic's confidence interval lies within the prediction interval μ ± q √(τ² + SE_μ²). Higgins, Thompson and Spiegelhalter 2009,
    /// Journal of the Royal Statistical Society A 172.</summary>
    /// <param name="siteZ">The clinic's effect on Fisher's z.</param>
    /// <param name="siteStandardError">Its standard error, positive.</param>
    /// <param name="siteDf">The degrees of freedom of its <see cref="SessionCorrelation"/>: below 8 it is too few to say.</param>
    /// <param name="poolEffect">μ.</param>
    /// <param name="poolStandardError">SE_μ, not negative.</param>
    /// <param name="tauSquared">τ², not negative; null if the pool has none.</param>
    /// <param name="quantile">q of the pool's prediction interval, positive; null if the pool has none.</param>
    /// <param name="confidence">Of the clinic's interval, strictly between 0 and 1.</param>
    /// <returns>Null if the pool has no prediction interval.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range or not finite.</exception>
    public static Standing? Classify(
        double siteZ, double siteStandardError, double siteDf, double poolEffect, double poolStandardError, double? tauSquared, double? quantile,
        double confidence)
    {
        Guard.InRange(true, siteZ, nameof(siteZ), "An effect is finite.");
        Guard.InRange(siteStandardError > 0, siteStandardError, nameof(siteStandardError), "A standard error is positive.");
        Guard.InRange(true, poolEffect, nameof(poolEffect), "An effect is finite.");
        Guard.InRange(poolStandardError >= 0, poolStandardError, nameof(poolStandardError), "A standard error is not negative.");
        SessionCorrelation.RequireConfidence(confidence);
        if (tauSquared is not { } tau2 || quantile is not { } q)
        {
            return null;
        }
        Guard.InRange(tau2 >= 0, tau2, nameof(tauSquared), "A variance is not negative.");
        Guard.InRange(q > 0, q, nameof(quantile), "A quantile of both tails is positive.");
        if (!(siteDf >= MinDegreesOfFreedom))
        {
            return Standing.TooFewToSay;
        }
        var (d, spread) = (siteZ - poolEffect, tau2 + poolStandardError * poolStandardError);
        if (Math.Abs(d) > q * Math.Sqrt(spread + siteStandardError * siteStandardError))
        {
            return d < 0 ? Standing.Below : Standing.Above;
        }
        var halfWidth = Normal.UpperQuantile((1 - confidence) / 2) * siteStandardError;
        return Math.Abs(d) + halfWidth <= q * Math.Sqrt(spread) ? Standing.Inside : Standing.TooFewToSay;
    }
}
