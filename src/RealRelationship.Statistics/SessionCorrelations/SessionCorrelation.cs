namespace RealRelationship.Statistics.SessionCorrelations;

/// <summary>A correlation that a site's own sessions give, with its interval: an effect to be pooled is <paramref name="Z"/> with variance
/// <paramref name="StandardError"/>².</summary>
/// <param name="R">The correlation, strictly between −1 and 1.</param>
/// <param name="Z">Fisher's z: atanh of <paramref name="R"/>.</param>
/// <param name="StandardError">The standard error of <paramref name="Z"/>.</param>
/// <param name="DegreesOfFreedom">Of the t distribution that <paramref name="PValue"/> is read from. Where the standard error is robust,
/// also that of the interval.</param>
/// <param name="PValue">Two-sided, of the hypothesis that the correlation is 0.</param>
/// <param name="Lower">Lower confidence bound, a correlation.</param>
/// <param name="Upper">Upper confidence bound, a correlation.</param>
public sealed record SessionCorrelation(double R, double Z, double StandardError, double DegreesOfFreedom, double PValue, double Lower, double Upper)
{
    /// <summary>r of normal variables with ν degrees of freedom (of n pairs, n − 2): var z = 1/(ν − 1), interval by the normal quantile, p from
    /// t = r √(ν/(1 − r²)) on ν; Fisher 1921, Metron 1. Null with ν not above 1, and at r = ±1, which has no z.</summary>
    internal static SessionCorrelation? FromNormal(double r, double df, double confidence)
    {
        if (!(df > 1 && Math.Abs(r) < 1))
        {
            return null;
        }
        var (z, error) = (Math.Atanh(r), 1 / Math.Sqrt(df - 1));
        var halfWidth = Normal.UpperQuantile((1 - confidence) / 2) * error;
        var p = 2 * StudentT.UpperTail(Math.Abs(r) * Math.Sqrt(df / ((1 - r) * (1 + r))), df);
        return new SessionCorrelation(r, z, error, df, p, Math.Tanh(z - halfWidth), Math.Tanh(z + halfWidth));
    }

    /// <summary>r whose z has a standard error with ν degrees of freedom of its own: interval and p from t = z/SE on ν.
    /// Null where that is not positive.</summary>
    internal static SessionCorrelation? FromRobust(double r, double error, double df, double confidence)
    {
        if (!(df > 0 && error > 0 && Math.Abs(r) < 1))
        {
            return null;
        }
        var z = Math.Atanh(r);
        var halfWidth = StudentT.UpperQuantile((1 - confidence) / 2, df) * error;
        return new SessionCorrelation(r, z, error, df, 2 * StudentT.UpperTail(Math.Abs(z) / error, df), Math.Tanh(z - halfWidth), Math.Tanh(z + halfWidth));
    }

    internal static void RequireConfidence(double confidence) =>
        Guard.InRange(confidence is > 0 and < 1, confidence, nameof(confidence), "A confidence level lies strictly between 0 and 1.");
}
