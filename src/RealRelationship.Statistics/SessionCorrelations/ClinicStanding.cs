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

    /// <summary>Below or above if the clinic's effect lies outside of what is expected of a new estimate with its standard error, so that it is unlikely for
    /// an ordinary clinic, its sampling error included. Inside only if the clinic's confidence interval lies within the prediction interval. Higgins, Thompson
    /// and Spiegelhalter 2009, Journal of the Royal Statistical Society A 172.</summary>
    /// <param name="siteZ">The clinic's effect on Fisher's z.</param>
    /// <param name="siteStandardError">Its standard error, positive.</param>
    /// <param name="siteDf">The degrees of freedom of its <see cref="SessionCorrelation"/>: below 8 it is too few to say.</param>
    /// <param name="pool">What the pool predicts; null where it predicts nothing.</param>
    /// <param name="confidence">Of the clinic's interval, strictly between 0 and 1.</param>
    /// <returns>Null if the pool has no prediction interval.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range or not finite.</exception>
    public static Standing? Classify(double siteZ, double siteStandardError, double siteDf, Prediction? pool, double confidence)
    {
        RequireSite(siteZ, siteStandardError, confidence);
        if (pool?.Interval is not { } effects)
        {
            return null;
        }
        // Too few to say, whatever is expected: the interval of estimates is costly.
        return siteDf >= MinDegreesOfFreedom
            ? Classify(siteZ, siteStandardError, siteDf, effects, pool.IntervalOfEstimate(siteStandardError)!.Value, confidence) : Standing.TooFewToSay;
    }

    /// <summary>The same for intervals that are known.</summary>
    /// <param name="siteZ">The clinic's effect on Fisher's z.</param>
    /// <param name="siteStandardError">Its standard error, positive.</param>
    /// <param name="siteDf">The degrees of freedom of its <see cref="SessionCorrelation"/>: below 8 it is too few to say.</param>
    /// <param name="effects">Where the pool expects the true effect of a clinic.</param>
    /// <param name="estimates">Where it expects an estimate with that standard error.</param>
    /// <param name="confidence">Of the clinic's interval, strictly between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range or not finite.</exception>
    public static Standing Classify(double siteZ, double siteStandardError, double siteDf, Interval effects, Interval estimates, double confidence)
    {
        RequireSite(siteZ, siteStandardError, confidence);
        if (!(siteDf >= MinDegreesOfFreedom))
        {
            return Standing.TooFewToSay;
        }
        if (siteZ < estimates.Lower || siteZ > estimates.Upper)
        {
            return siteZ < estimates.Lower ? Standing.Below : Standing.Above;
        }
        var halfWidth = Normal.UpperQuantile((1 - confidence) / 2) * siteStandardError;
        return siteZ - halfWidth >= effects.Lower && siteZ + halfWidth <= effects.Upper ? Standing.Inside : Standing.TooFewToSay;
    }

    private static void RequireSite(double siteZ, double siteStandardError, double confidence)
    {
        Guard.InRange(true, siteZ, nameof(siteZ), "An effect is finite.");
        Guard.InRange(siteStandardError > 0, siteStandardError, nameof(siteStandardError), "A standard error is positive.");
        SessionCorrelation.RequireConfidence(confidence);
    }
}
