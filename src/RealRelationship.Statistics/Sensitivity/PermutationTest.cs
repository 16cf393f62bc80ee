namespace RealRelationship.Statistics;

/// <summary>A permutation test of the omnibus hypothesis.</summary>
/// <param name="PValue">Share of permutations, the data's own included, with a statistic at least as large.</param>
/// <param name="Exact">True when every distinct permutation was taken.</param>
/// <param name="Permutations">How many were taken.</param>
public sealed record PermutationTestResult(double PValue, bool Exact, int Permutations)
{
    /// <summary>For each coefficient, <c>intercept</c> first, the share of permutations with |estimate/standard error| at least as large.</summary>
    public IReadOnlyList<double> CoefficientPValues { get; init; } = [];
}

/// <summary>Tests moderators by permuting the rows of their design; Higgins and Thompson 2004, Statistics in Medicine 23.</summary>
public static class PermutationTest
{
    private const double MaxExactPermutations = 5000;

    /// <summary>Permutes the rows of the design against the effects, with τ² re-estimated for each, and compares the omnibus statistic and those of the
    /// coefficients. Agrees with metafor's <c>permutest</c>.</summary>
    /// <remarks>Permutations that tie with the data count as at least as large in spite of rounding: within metafor's 1.5e-8, a relative 1e-10,
    /// or the precision of the statistic if it is a small part of a large sum or has a tiny denominator.</remarks>
    /// <param name="estimates">The effects yᵢ, finite.</param>
    /// <param name="variances">Their sampling variances vᵢ, positive and finite.</param>
    /// <param name="design">The design, one row per effect, with at least one column besides the intercept.</param>
    /// <param name="options">Estimator and test; the defaults of <see cref="ModelOptions"/> when null.</param>
    /// <param name="permutations">How many random permutations, the data's own among them, when there are more than 5,000, and more than this many, distinct
    /// ones.</param>
    /// <param name="seed">Seed of the random permutations; the same seed gives the same result.</param>
    /// <exception cref="ArgumentException">No effects, lengths that differ, a number that is not finite, a variance that is not positive,
    /// a design of an intercept alone.</exception>
    /// <exception cref="StatisticsException"><c>rankDeficient</c>, <c>outOfRange</c> as <see cref="MetaRegression.Fit"/>.</exception>
    public static PermutationTestResult Run(
        ReadOnlySpan<double> estimates, ReadOnlySpan<double> variances, DesignMatrix design, ModelOptions? options = null, int permutations = 1000,
        int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(design);
        Guard.ValidEffects(estimates, variances);
        Guard.SameLength(estimates.Length, design.Rows, nameof(design));
        ArgumentOutOfRangeException.ThrowIfLessThan(permutations, 1);
        if (design.Columns == 1)
        {
            throw new ArgumentException("There is nothing to permute but an intercept.", nameof(design));
        }
        var permuted = new PermutedDesign(estimates.ToArray(), variances.ToArray(), design, options ?? new ModelOptions());
        var groups = GroupEqualRows(design);
        var tally = new PermutationTally(permuted.ObservedThresholds());
        var exact = CountDistinctPermutations(groups) <= Math.Max(MaxExactPermutations, permutations);
        if (exact)
        {
            RunExact(permuted, groups, tally);
        }
        else
        {
            RunRandom(permuted, design.Rows, tally, permutations, seed);
        }
        return new PermutationTestResult(tally.Share(0), exact, tally.Count)
        {
            CoefficientPValues = [.. Enumerable.Range(1, design.Columns).Select(tally.Share)],
        };
    }

    private static void RunExact(PermutedDesign permuted, int[] groups, PermutationTally tally)
    {
        var members = groups.Select((group, row) => (group, row)).ToLookup(x => x.group, x => x.row);
        var labels = groups.Order().ToArray();
        var (rows, statistics) = (new int[labels.Length], new double[permuted.Count]);
        do
        {
            CancellationScope.ThrowIfCancelled();
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i] = members[labels[i]].First(); // any row of the group: they are equal
            }
            permuted.Compute(rows, statistics);
            tally.Add(statistics);
        }
        while (NextPermutation(labels));
    }

    /// <summary>The first is the data's own, so that the p-value is never 0.</summary>
    private static void RunRandom(PermutedDesign permuted, int count, PermutationTally tally, int permutations, int seed)
    {
        var random = new Random(seed);
        var statistics = new double[permuted.Count];
        int[] rows = [.. Enumerable.Range(0, count)];
        tally.AddObserved();
        for (var n = 1; n < permutations; n++)
        {
            CancellationScope.ThrowIfCancelled();
            for (var i = count - 1; i > 0; i--)
            {
                var j = random.Next(i + 1);
                (rows[i], rows[j]) = (rows[j], rows[i]);
            }
            permuted.Compute(rows, statistics);
            tally.Add(statistics);
        }
    }

    /// <summary>Equal rows of the design have equal numbers.</summary>
    private static int[] GroupEqualRows(DesignMatrix design)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var groups = new int[design.Rows];
        for (var i = 0; i < groups.Length; i++)
        {
            var row = string.Join(';', Enumerable.Range(0, design.Columns).Select(j => (design[i, j] + 0.0).ToString("R")));
            groups[i] = numbers.TryGetValue(row, out var number) ? number : numbers[row] = numbers.Count;
        }
        return groups;
    }

    /// <summary>k! over the product of the factorials of the group sizes, as a product of binomial coefficients.</summary>
    private static double CountDistinctPermutations(int[] groups)
    {
        double distinct = 1, seen = 0;
        foreach (var size in groups.GroupBy(group => group).Select(group => group.Count()))
        {
            for (var i = 1; i <= size; i++)
            {
                distinct *= ++seen / i;
            }
        }
        return Math.Round(distinct);
    }

    /// <summary>The next arrangement in lexical order; false after the last.</summary>
    private static bool NextPermutation(int[] labels)
    {
        var i = labels.Length - 2;
        while (i >= 0 && labels[i] >= labels[i + 1])
        {
            i--;
        }
        if (i < 0)
        {
            return false;
        }
        var j = labels.Length - 1;
        while (labels[j] <= labels[i])
        {
            j--;
        }
        (labels[i], labels[j]) = (labels[j], labels[i]);
        labels.AsSpan(i + 1).Reverse();
        return true;
    }
}
