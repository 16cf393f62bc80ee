using System.Numerics;

namespace RealRelationship.Statistics;

/// <summary>Shares of several unordered changes in the change of an estimate: the result of <see cref="ShapleyAttribution.Run"/>.</summary>
/// <param name="Shares">By scale and change: the mean contribution of the change over all orders. The shares of a scale add up to the total change.</param>
/// <param name="StandardErrors">Monte-Carlo standard error of each share on the first scale; null if all orders were evaluated.</param>
/// <param name="Orders">Number of orders averaged.</param>
/// <param name="OrdersLeftOut">Number of orders left out, as they lead through a subset without an estimate.</param>
public sealed record ShapleyShares(
    IReadOnlyList<IReadOnlyList<double>> Shares, IReadOnlyList<double>? StandardErrors, double Orders, double OrdersLeftOut);

/// <summary>Attributes the change of an estimate by Shapley values: the mean over all orders of the change when a player joins those before it (Shapley 1953,
/// A value for n-person games). Invariant under permutation of the players.</summary>
public static class ShapleyAttribution
{
    /// <summary>Maximum number of changes for which all 2ⁿ subsets are evaluated.</summary>
    public const int MaxExact = 10;

    /// <summary>Maximum number of changes; above <see cref="MaxExact"/> orders are sampled.</summary>
    public const int MaxSampled = 200;

    /// <summary>Maximum number of sampled orders.</summary>
    public const int MaxOrders = 2_000;

    /// <summary>Attributes <c>estimate(all) − estimate(none)</c>.</summary>
    /// <remarks>Sampled orders come in antithetic pairs, an order and its reverse (Mitchell, Cooper, Frank and Holmes 2022, Journal of Machine Learning
    /// Research 23). Orders through a subset without an estimate are left out of the mean.</remarks>
    /// <param name="changes">Number of changes, from 1 to <see cref="MaxSampled"/>.</param>
    /// <param name="estimate">The estimate after the changes whose element is true; null if there is none. The array is reused.</param>
    /// <param name="maxEvaluations">Limit of calls of <paramref name="estimate"/>; at least one pair of orders is evaluated.</param>
    /// <param name="seed">Seed of the sampled orders.</param>
    /// <param name="scales">Functions of the estimate to attribute, such as the identity and tanh; at least one.</param>
    /// <returns>Null if every order leads through a subset without an estimate.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="changes"/> is out of its range.</exception>
    public static ShapleyShares? Run(
        int changes, Func<bool[], double?> estimate, int maxEvaluations, ulong seed, params IReadOnlyList<Func<double, double>> scales)
    {
        ArgumentNullException.ThrowIfNull(estimate);
        ArgumentNullException.ThrowIfNull(scales);
        ArgumentOutOfRangeException.ThrowIfLessThan(changes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(changes, MaxSampled);
        return IsExact(changes, maxEvaluations) ? Exact(changes, estimate, scales)
            : Sampled(changes, estimate, CountPairs(changes, maxEvaluations), seed, scales);
    }

    /// <summary>Maximum number of calls of <c>estimate</c> that <see cref="Run"/> makes.</summary>
    /// <param name="changes">Number of changes, from 1 to <see cref="MaxSampled"/>.</param>
    /// <param name="maxEvaluations">Limit of calls; at least one pair of orders is evaluated.</param>
    public static int CountEvaluations(int changes, int maxEvaluations) =>
        IsExact(changes, maxEvaluations) ? 1 << changes : 2 * CountPairs(changes, maxEvaluations) * (changes + 1);

    private static bool IsExact(int changes, int maxEvaluations) => changes <= MaxExact && 1 << changes <= Math.Max(2, maxEvaluations);

    private static int CountPairs(int changes, int maxEvaluations) => Math.Clamp(maxEvaluations / changes, 2, MaxOrders) / 2;

    /// <summary>The share of i is Σ f(S) b(S ∪ i) (v(S ∪ i) − v(S)) / f(all), f(S) and b(S) the numbers of orders from the empty set to S and from S to all
    /// that lead through subsets with an estimate.</summary>
    private static ShapleyShares? Exact(int n, Func<bool[], double?> estimate, IReadOnlyList<Func<double, double>> scales)
    {
        var (all, applied) = ((1 << n) - 1, new bool[n]);
        var values = new double?[all + 1];
        for (var set = 0; set <= all; set++)
        {
            for (var i = 0; i < n; i++)
            {
                applied[i] = (set >> i & 1) != 0;
            }

            values[set] = estimate(applied);
        }

        var (before, after) = (new double[all + 1], new double[all + 1]);
        (before[0], after[all]) = (values[0] is null ? 0 : 1, values[all] is null ? 0 : 1);
        for (var set = 1; set <= all; set++)
        {
            before[set] = values[set] is null ? 0 : Members(set).Sum(i => before[set & ~(1 << i)]);
            var rest = all & ~set;
            after[rest] = values[rest] is null ? 0 : Members(set).Sum(i => after[rest | 1 << i]);
        }

        if (before[all] == 0)
        {
            return null;
        }

        var shares = scales.Select(_ => new double[n]).ToArray();
        for (var set = 0; set < all; set++)
        {
            foreach (var i in Members(all & ~set).Where(i => before[set] * after[set | 1 << i] > 0))
            {
                var weight = before[set] * after[set | 1 << i] / before[all];
                foreach (var (scale, share) in scales.Zip(shares))
                {
                    share[i] += weight * (scale(values[set | 1 << i]!.Value) - scale(values[set]!.Value));
                }
            }
        }

        return new(shares, null, before[all], Enumerable.Range(1, n).Aggregate(1.0, (product, i) => product * i) - before[all]);
    }

    private static IEnumerable<int> Members(int set)
    {
        for (var left = set; left != 0; left &= left - 1)
        {
            yield return BitOperations.TrailingZeroCount(left);
        }
    }

    private static ShapleyShares? Sampled(int n, Func<bool[], double?> estimate, int pairs, ulong seed, IReadOnlyList<Func<double, double>> scales)
    {
        var random = new SplitMix64(seed);
        var applied = new bool[n];
        var (none, all) = (estimate(applied), estimate([.. Enumerable.Repeat(true, n)]));
        var means = new List<double[][]>(); // per pair, by scale and change
        var orders = 0;
        for (var pair = 0; pair < pairs; pair++)
        {
            var order = Shuffled(n, random);
            double[][][] walks = [.. new[] { Walk(order), Walk([.. order.Reverse()]) }.OfType<double[][]>()];
            orders += walks.Length;
            if (walks.Length > 0)
            {
                means.Add([.. scales.Select((_, s) => Enumerable.Range(0, n).Select(i => walks.Average(walk => walk[s][i])).ToArray())]);
            }
        }

        if (means.Count == 0)
        {
            return null;
        }

        double[][] shares = [.. scales.Select((_, s) => Enumerable.Range(0, n).Select(i => means.Average(mean => mean[s][i])).ToArray())];
        return new(shares, [.. shares[0].Select((share, i) => Math.Sqrt(
            means.Sum(mean => (mean[0][i] - share) * (mean[0][i] - share)) / Math.Max(1, means.Count - 1) / means.Count))], orders, 2 * pairs - orders);

        double[][]? Walk(int[] order)
        {
            Array.Clear(applied);
            var moved = scales.Select(_ => new double[n]).ToArray();
            var last = none;
            foreach (var (place, i) in order.Index())
            {
                applied[i] = true;
                var next = place == n - 1 ? all : estimate(applied);
                if (last is null || next is null)
                {
                    return null;
                }

                foreach (var (scale, move) in scales.Zip(moved))
                {
                    move[i] = scale(next.Value) - scale(last.Value);
                }

                last = next;
            }

            return moved;
        }
    }

    private static int[] Shuffled(int n, SplitMix64 random)
    {
        int[] order = [.. Enumerable.Range(0, n)];
        for (var i = n - 1; i > 0; i--)
        {
            var j = random.NextInt32(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}
