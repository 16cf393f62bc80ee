namespace RealRelationship.Statistics;

/// <summary>Kendall's rank correlation of effects with their variances.</summary>
/// <param name="Tau">τ_b; null for fewer than 3 effects, and when all variances or all standardised effects are equal.</param>
/// <param name="PValue">Two-sided, by the normal approximation with ties corrected and without continuity correction; null with <paramref name="Tau"/>.</param>
public sealed record RankCorrelationTest(double? Tau, double? PValue);

/// <summary>The rank correlation test of funnel asymmetry; Begg and Mazumdar 1994, Biometrics 50.</summary>
public static class RankCorrelation
{
    /// <summary>Correlates (yᵢ − μ̂)/√(vᵢ − 1/Σw) with vᵢ. Agrees with metafor's <c>ranktest(exact = FALSE)</c>.</summary>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, an estimate that is not finite,
    /// a variance that is not positive and finite.</exception>
    public static RankCorrelationTest Test(ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances)
    {
        Guard.ValidEffects(estimates, variances);
        return estimates.Length < 3 ? new RankCorrelationTest(null, null) : Kendall(Standardised(estimates, variances), variances.ToArray());
    }

    /// <summary>vᵢ − 1/Σw = vᵢ Σⱼ≠ᵢ w / Σw, so that one dominating weight cancels nothing.</summary>
    private static double[] Standardised(ReadOnlySpan<double> y, ReadOnlySpan<double> v)
    {
        var model = new LinearModel(y, v);
        var mean = model.Solve(0).Coefficients[0];
        double before = 0, all = 0;
        foreach (var vi in model.Variances)
        {
            before = all;
            all += 1 / vi;
        }
        var standardised = new double[y.Length];
        for (var i = 0; i < y.Length; i++)
        {
            var others = v[i] == model.SmallestVariance ? before : all - 1 / v[i];
            standardised[i] = (y[i] - mean) / Math.Sqrt(v[i] * (others / all));
        }
        return standardised;
    }

    /// <summary>Knight's method (1966, Journal of the American Statistical Association 61): sorted by one variable,
    /// S is what a merge sort by the other exchanges.</summary>
    private static RankCorrelationTest Kendall(double[] a, double[] b)
    {
        double n = a.Length;
        var pairsOfValues = new (double A, double B)[a.Length];
        for (var i = 0; i < a.Length; i++)
        {
            pairsOfValues[i] = (a[i], b[i]);
        }
        CancellationScope.ThrowIfCancelled();
        Array.Sort(pairsOfValues);
        CancellationScope.ThrowIfCancelled();
        var tiedA = Ties(a.Length, (i, j) => pairsOfValues[i].A == pairsOfValues[j].A);
        var tiedBoth = Ties(a.Length, (i, j) => pairsOfValues[i] == pairsOfValues[j]);
        double[] sorted = [.. pairsOfValues.Select(pair => pair.B)];
        var exchanges = Exchanges(sorted, new double[a.Length]);
        var tiedB = Ties(sorted.Length, (i, j) => sorted[i] == sorted[j]);
        var pairs = n * (n - 1) / 2;
        var s = pairs - tiedA.Pairs - tiedB.Pairs + tiedBoth.Pairs - 2 * exchanges;
        var (untiedA, untiedB) = (pairs - tiedA.Pairs, pairs - tiedB.Pairs);
        if (untiedA == 0 || untiedB == 0)
        {
            return new RankCorrelationTest(null, null);
        }
        var variance = (n * (n - 1) * (2 * n + 5) - tiedA.Variance - tiedB.Variance) / 18
            + tiedA.Pairs * tiedB.Pairs * 2 / (n * (n - 1))
            + tiedA.Triples * tiedB.Triples / (9 * n * (n - 1) * (n - 2));
        return new RankCorrelationTest(s / (Math.Sqrt(untiedA) * Math.Sqrt(untiedB)), ReferenceDistribution.Normal.TwoSided(s / Math.Sqrt(variance)));
    }

    /// <summary>Over runs of t equal values: Σ t(t−1)/2, Σ t(t−1)(2t+5), Σ t(t−1)(t−2).</summary>
    private static (double Pairs, double Variance, double Triples) Ties(int count, Func<int, int, bool> same)
    {
        double pairs = 0, variance = 0, triples = 0;
        for (int from = 0, to; from < count; from = to)
        {
            for (to = from + 1; to < count && same(to, from); to++)
            {
            }
            double t = to - from;
            pairs += t * (t - 1) / 2;
            variance += t * (t - 1) * (2 * t + 5);
            triples += t * (t - 1) * (t - 2);
        }
        return (pairs, variance, triples);
    }

    /// <summary>Sorts, and counts inversions.</summary>
    private static double Exchanges(Span<double> values, Span<double> buffer)
    {
        if (values.Length < 2)
        {
            return 0;
        }
        CancellationScope.ThrowIfCancelled();
        var half = values.Length / 2;
        var count = Exchanges(values[..half], buffer[..half]) + Exchanges(values[half..], buffer[half..]);
        values.CopyTo(buffer);
        for (int left = 0, right = half, i = 0; i < values.Length; i++)
        {
            if (right == values.Length || (left < half && buffer[left] <= buffer[right]))
            {
                values[i] = buffer[left++];
            }
            else
            {
                values[i] = buffer[right++];
                count += half - left;
            }
        }
        return count;
    }
}
