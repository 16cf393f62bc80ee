namespace RealRelationship.Statistics.Agreement;

/// <summary>Intraclass correlations of single ratings, by the mean squares of an analysis of variance. Agree with <c>psych::ICC</c>.</summary>
public static class IntraclassCorrelation
{
    // Below this many degrees of freedom quantiles of F leave double precision.
    private const double MinDegreesOfFreedom = 0.05;

    /// <summary>ICC(A,1): absolute agreement where the same raters rate every item (McGraw and Wong 1996, Psychological Methods 1, 30–46, Tables 4 and 7,
    /// case 2), which is ICC(2,1) of Shrout and Fleiss (1979).</summary>
    /// <param name="ratings">One row per item, with the ratings of the same raters in the same order: two or more.</param>
    /// <param name="confidence">Confidence level, in (0, 1).</param>
    /// <returns>The correlation; null for fewer than two items, and if all ratings are equal. Without limits if all raters agree, and where
    /// those are not defined.</returns>
    /// <exception cref="ArgumentException">Rows have fewer than two ratings or differ in length, or a rating is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence level is not in (0, 1).</exception>
    public static AgreementCoefficient? AbsoluteAgreement(IReadOnlyList<IReadOnlyList<double>> ratings, double confidence = 0.95)
    {
        Check(ratings, confidence);
        if (ratings.Count < 2)
        {
            return null;
        }

        double n = ratings.Count, k = ratings[0].Count;
        if (ratings.Any(row => row.Count != ratings[0].Count))
        {
            throw new ArgumentException("Items have different numbers of ratings.", nameof(ratings));
        }

        var mean = ratings.Average(row => row.Average());
        double[] raterMeans = [.. Enumerable.Range(0, (int)k).Select(j => ratings.Average(row => row[j]))];
        var msr = k * ratings.Sum(row => Square(row.Average() - mean)) / (n - 1);
        var msc = n * raterMeans.Sum(rater => Square(rater - mean)) / (k - 1);
        var mse = ratings.Sum(row => row.Select((x, j) => Square(x - row.Average() - raterMeans[j] + mean)).Sum()) / ((n - 1) * (k - 1));
        if (msr == 0 && msc == 0 && mse == 0)
        {
            return null;
        }

        if (msc == 0 && mse == 0)
        {
            return new(1, null, null);
        }

        var rho = (msr - mse) / (msr + (k - 1) * mse + k / n * (msc - mse));
        var (a, b) = (k * rho / (n * (1 - rho)), 1 + k * rho * (n - 1) / (n * (1 - rho)));
        var v = Square(a * msc + b * mse) / (Square(a * msc) / (k - 1) + Square(b * mse) / ((n - 1) * (k - 1)));
        if (!(v >= MinDegreesOfFreedom))
        {
            return new(rho, null, null);
        }

        var tail = (1 - confidence) / 2;
        var (lowerF, upperF) = (FDistribution.UpperQuantile(tail, n - 1, v), FDistribution.UpperQuantile(tail, v, n - 1));
        var error = k * msc + (k * n - k - n) * mse;
        var lower = n * (msr - lowerF * mse) / (lowerF * error + n * msr);
        var upper = n * (upperF * msr - mse) / (error + n * upperF * msr);
        return new(rho, lower, upper);
    }

    /// <summary>ICC(1,1): agreement where raters vary between items (Shrout and Fleiss 1979, Psychological Bulletin 86, 420–428; McGraw and Wong 1996,
    /// case 1). With different numbers of ratings the mean number is that of the analysis of variance, n₀ = (N − Σkᵢ²/N)/(n − 1), and the interval
    /// approximate (Donner 1986, International Statistical Review 54, 67–82).</summary>
    /// <param name="ratings">One row per item with its ratings in any order, one or more.</param>
    /// <param name="confidence">Confidence level, in (0, 1).</param>
    /// <returns>The correlation; null for fewer than two items, without an item with two ratings, and if all ratings are equal. Without
    /// limits if all raters agree.</returns>
    /// <exception cref="ArgumentException">A row is empty, or a rating is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence level is not in (0, 1).</exception>
    public static AgreementCoefficient? OneWay(IReadOnlyList<IReadOnlyList<double>> ratings, double confidence = 0.95)
    {
        Check(ratings, confidence, minRatings: 1);
        double n = ratings.Count, total = ratings.Sum(row => row.Count);
        if (n < 2 || total <= n)
        {
            return null;
        }

        var mean = ratings.Sum(row => row.Sum()) / total;
        var msb = ratings.Sum(row => row.Count * Square(row.Average() - mean)) / (n - 1);
        var msw = ratings.Sum(row => row.Sum(x => Square(x - row.Average()))) / (total - n);
        if (msw == 0)
        {
            return msb == 0 ? null : new(1, null, null);
        }

        var k = (total - ratings.Sum(row => Square(row.Count)) / total) / (n - 1);
        var (f, tail) = (msb / msw, (1 - confidence) / 2);
        var (lowerF, upperF) = (f / FDistribution.UpperQuantile(tail, n - 1, total - n), f * FDistribution.UpperQuantile(tail, total - n, n - 1));
        return new((f - 1) / (f + k - 1), (lowerF - 1) / (lowerF + k - 1), (upperF - 1) / (upperF + k - 1));
    }

    private static void Check(IReadOnlyList<IReadOnlyList<double>> ratings, double confidence, int minRatings = 2)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        Guard.InRange(confidence is > 0 and < 1, confidence, nameof(confidence), "A confidence level lies between 0 and 1.");
        if (ratings.Any(row => row.Count < minRatings || row.Any(x => !double.IsFinite(x))))
        {
            throw new ArgumentException($"An item needs at least {minRatings} ratings, which are finite.", nameof(ratings));
        }
    }

    private static double Square(double x) => x * x;
}
