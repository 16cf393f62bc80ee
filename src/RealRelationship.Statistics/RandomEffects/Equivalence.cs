namespace RealRelationship.Statistics;

/// <summary>Whether a pooled correlation is practically zero.</summary>
/// <param name="Margin">Half-width of the margin, on the scale of the correlation.</param>
/// <param name="PValue">The larger of the two one-sided p-values.</param>
/// <param name="Equivalent">True when <paramref name="PValue"/> is below α = 1 − confidence.</param>
public sealed record EquivalenceTest(double Margin, double PValue, bool Equivalent);

/// <summary>Two one-sided tests; Schuirmann 1987, Journal of Pharmacokinetics and Biopharmaceutics 15.</summary>
public static class Equivalence
{
    /// <summary>Tests that a pooled Fisher z lies inside ±atanh(margin), at α = 1 − confidence, with the distribution of the fit's test.
    /// With the unmodified Knapp–Hartung test, a standard error of 0 gives a p-value of 0 or 1.</summary>
    /// <param name="fit">A fit on Fisher z.</param>
    /// <param name="marginOnCorrelation">Half-width of the margin, strictly between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The margin is not strictly between 0 and 1.</exception>
    public static EquivalenceTest TestCorrelation(RandomEffectsFit fit, double marginOnCorrelation)
    {
        ArgumentNullException.ThrowIfNull(fit);
        return TestCorrelation(fit.Mean, fit.Options.Confidence, marginOnCorrelation);
    }

    /// <summary>The same for a mean of any model.</summary>
    /// <param name="mean">A pooled Fisher z.</param>
    /// <param name="confidence">1 − α, strictly between 0 and 1.</param>
    /// <param name="marginOnCorrelation">Half-width of the margin, strictly between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The margin or the confidence is not strictly between 0 and 1.</exception>
    public static EquivalenceTest TestCorrelation(Coefficient mean, double confidence, double marginOnCorrelation)
    {
        ArgumentNullException.ThrowIfNull(mean);
        Guard.InRange(confidence is > 0 and < 1, confidence, nameof(confidence), "Confidence lies strictly between 0 and 1.");
        Guard.InRange(marginOnCorrelation is > 0 and < 1, marginOnCorrelation, nameof(marginOnCorrelation), "The margin lies strictly between 0 and 1.");
        var distribution = new ReferenceDistribution(mean.DegreesOfFreedom);
        var distance = Math.Atanh(marginOnCorrelation) - Math.Abs(mean.Estimate); // the nearer bound gives the larger p-value
        var se = mean.StandardError;
        var p = se > 0 ? distribution.UpperTail(distance / se) : distance > 0 ? 0 : 1;
        return new EquivalenceTest(marginOnCorrelation, p, p < 1 - confidence);
    }
}
