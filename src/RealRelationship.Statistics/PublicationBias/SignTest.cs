using MathNet.Numerics.Distributions;

namespace RealRelationship.Statistics.PublicationBias;

/// <summary>The exact sign test of votes for and against (Dixon and Mood 1946, Journal of the American Statistical Association 41, 557–566; of studies Hedges
/// and Olkin 1985, Statistical Methods for Meta-Analysis, ch. 4). It says nothing of the size of an effect.</summary>
public static class SignTest
{
    /// <summary>Two-sided p-value of the hypothesis that both signs are equally likely: twice the smaller tail of the binomial distribution, at most
    /// 1.</summary>
    /// <param name="positive">Number of positive votes, 0 or more.</param>
    /// <param name="negative">Number of negative votes, 0 or more.</param>
    /// <returns>The p-value; null without a vote.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public static double? PValue(int positive, int negative)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(positive);
        ArgumentOutOfRangeException.ThrowIfNegative(negative);
        var votes = positive + negative;
        return votes == 0 ? null : Math.Min(1, 2 * Binomial.CDF(0.5, votes, Math.Min(positive, negative)));
    }

    /// <summary>The smallest and the largest p-value if votes that are not known may be all negative or all positive.</summary>
    /// <param name="positive">Number of positive votes, 0 or more.</param>
    /// <param name="negative">Number of negative votes, 0 or more.</param>
    /// <param name="unknown">Number of votes of unknown sign, 0 or more.</param>
    /// <returns>The bounds; null without a vote.</returns>
    public static (double Lower, double Upper)? Bounds(int positive, int negative, int unknown) =>
        PValue(positive, negative + unknown) is { } allNegative && PValue(positive + unknown, negative) is { } allPositive
            ? (Math.Min(allNegative, allPositive), Math.Max(allNegative, allPositive)) : null;
}
