namespace RealRelationship.Statistics.Agreement;

/// <summary>Agreement of two coders on a nominal variable beyond chance (Cohen 1960, Educational and Psychological Measurement 20, 37–46). Agrees
/// with <c>psych::cohen.kappa</c>.</summary>
public static class CohensKappa
{
    /// <summary>κ with its large-sample interval (Fleiss, Cohen and Everitt 1969, Psychological Bulletin 72, 323–327, eq. 13), cut off at −1 and 1. Without
    /// limits if all items agree, as its variance is 0 then.</summary>
    /// <param name="first">Categories that the first coder chose, one per item, as any numbers.</param>
    /// <param name="second">Categories that the second coder chose for the same items.</param>
    /// <param name="confidence">Confidence level, in (0, 1).</param>
    /// <returns>κ; null without items, and if a coder chose one category throughout, as κ then is 0 or not defined, whatever the other chose.</returns>
    /// <exception cref="ArgumentException">The coders have different numbers of items.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence level is not in (0, 1).</exception>
    public static AgreementCoefficient? Estimate(ReadOnlySpan<int> first, ReadOnlySpan<int> second, double confidence = 0.95)
    {
        Guard.InRange(confidence is > 0 and < 1, confidence, nameof(confidence), "A confidence level lies between 0 and 1.");
        if (first.Length != second.Length)
        {
            throw new ArgumentException($"The first coder has {first.Length} items, the second {second.Length}.", nameof(second));
        }

        // p: joint proportions; a, b: marginal proportions of the two coders.
        var (p, a, b) = (new Dictionary<(int, int), double>(), new Dictionary<int, double>(), new Dictionary<int, double>());
        var n = first.Length;
        for (var i = 0; i < n; i++)
        {
            Add(p, (first[i], second[i]));
            Add(a, first[i]);
            Add(b, second[i]);
        }

        if (a.Count <= 1 || b.Count <= 1)
        {
            return null;
        }

        var observed = p.Where(cell => cell.Key.Item1 == cell.Key.Item2).Sum(cell => cell.Value) / n;
        var expected = a.Sum(category => category.Value / n * b.GetValueOrDefault(category.Key) / n);
        if (p.Keys.All(cell => cell.Item1 == cell.Item2))
        {
            return new(1, null, null);
        }

        var kappa = (observed - expected) / (1 - expected);
        var sum = 0.0;
        foreach (var ((i, j), count) in p)
        {
            var marginals = (b.GetValueOrDefault(i) + a.GetValueOrDefault(j)) / n;
            sum += count / n * Square(i == j ? 1 - expected - marginals * (1 - observed) : (1 - observed) * marginals);
        }

        var variance = Math.Max(0, sum - Square(observed * expected - 2 * expected + observed)) / (n * Square(Square(1 - expected)));
        var margin = Normal.UpperQuantile((1 - confidence) / 2) * Math.Sqrt(variance);
        return new(kappa, Math.Max(-1, kappa - margin), Math.Min(1, kappa + margin));
    }

    private static void Add<TKey>(Dictionary<TKey, double> counts, TKey key) where TKey : notnull => counts[key] = counts.GetValueOrDefault(key) + 1;

    private static double Square(double x) => x * x;
}
