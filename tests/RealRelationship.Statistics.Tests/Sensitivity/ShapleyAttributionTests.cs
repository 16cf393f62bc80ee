namespace RealRelationship.Statistics.Tests;

/// <summary>Shapley shares against the mean over every order, and what must hold of them.</summary>
public sealed class ShapleyAttributionTests
{
    private const int Unlimited = int.MaxValue;

    private static readonly double[] s_y = [0.2, 0.5, 0.1, 0.8, 0.45, 0.3, 0.62];
    private static readonly double[] s_v = [0.01, 0.04, 0.02, 0.1, 0.013, 0.05, 0.03];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(6)]
    public void Shares_are_the_means_over_all_orders(int changes)
    {
        var expected = new double[changes];
        var orders = Orders([.. Enumerable.Range(0, changes)]).ToList();
        foreach (var order in orders)
        {
            var applied = new bool[changes];
            foreach (var i in order)
            {
                var before = Pooled(applied)!.Value;
                applied[i] = true;
                expected[i] += (Pooled(applied)!.Value - before) / orders.Count;
            }
        }

        var found = ShapleyAttribution.Run(changes, Pooled, Unlimited, 1, z => z, Math.Tanh)!;
        Assert.Equal(orders.Count, found.Orders);
        Assert.Equal(0, found.OrdersLeftOut);
        Assert.Null(found.StandardErrors);
        for (var i = 0; i < changes; i++)
        {
            Assert.Equal(expected[i], found.Shares[0][i], 1e-14);
        }

        var (none, all) = (Pooled(new bool[changes])!.Value, Pooled([.. Enumerable.Repeat(true, changes)])!.Value);
        Assert.Equal(all - none, found.Shares[0].Sum(), 1e-14);
        Assert.Equal(Math.Tanh(all) - Math.Tanh(none), found.Shares[1].Sum(), 1e-14);
    }

    [Fact]
    public void Orders_through_a_set_without_an_estimate_are_left_out()
    {
        // Nothing can be fitted when change 0 is applied and change 1 is not: of six orders three apply 1 before 0.
        double? Estimate(bool[] applied) => applied[0] && !applied[1] ? null : Pooled(applied);
        var found = ShapleyAttribution.Run(3, Estimate, Unlimited, 1, z => z)!;
        Assert.Equal((3, 3), (found.Orders, found.OrdersLeftOut));
        int[][] orders = [[1, 0, 2], [1, 2, 0], [2, 1, 0]];
        var expected = new double[3];
        foreach (var order in orders)
        {
            var applied = new bool[3];
            foreach (var i in order)
            {
                var before = Pooled(applied)!.Value;
                applied[i] = true;
                expected[i] += (Pooled(applied)!.Value - before) / 3;
            }
        }

        Assert.All(expected.Zip(found.Shares[0]), pair => Assert.Equal(pair.First, pair.Second, 1e-14));
        Assert.Null(ShapleyAttribution.Run(2, applied => applied[0] == applied[1] ? 1 : null, Unlimited, 1, z => z));
        Assert.Null(ShapleyAttribution.Run(12, applied => Array.TrueForAll(applied, a => a == applied[0]) ? 1 : null, 500, 1, z => z));
    }

    [Fact]
    public void Sampled_shares_agree_with_exact_ones_within_their_error()
    {
        var exact = ShapleyAttribution.Run(6, Pooled, Unlimited, 1, z => z)!;
        var sampled = ShapleyAttribution.Run(6, Pooled, 60, 1, z => z)!;
        Assert.Equal(10, sampled.Orders);
        Assert.Equal(exact.Shares[0].Sum(), sampled.Shares[0].Sum(), 1e-14);
        for (var i = 0; i < 6; i++)
        {
            Assert.InRange(sampled.StandardErrors![i], 1e-6, 0.02);
            Assert.InRange(Math.Abs(sampled.Shares[0][i] - exact.Shares[0][i]), 0, 4 * sampled.StandardErrors[i]);
        }

        Assert.Equal(sampled.Shares[0], ShapleyAttribution.Run(6, Pooled, 60, 1, z => z)!.Shares[0]);
    }

    [Fact]
    public void Sampling_has_a_limit_of_orders_and_of_evaluations()
    {
        var evaluations = 0;
        double? Additive(bool[] applied)
        {
            evaluations++;
            return applied.Index().Sum(change => change.Item ? change.Index : 0.0);
        }

        var found = ShapleyAttribution.Run(200, Additive, 4_000, 1, z => z)!;
        Assert.Equal(20, found.Orders);
        Assert.InRange(evaluations, 3_900, 4_002);
        // Of additive contributions every order has the same.
        Assert.All(found.Shares[0].Index(), share => Assert.Equal(share.Index, share.Item, 1e-9));
        Assert.All(found.StandardErrors!, error => Assert.Equal(0, error, 1e-9));
        Assert.Equal(ShapleyAttribution.MaxOrders, ShapleyAttribution.Run(11, Additive, Unlimited, 1, z => z)!.Orders);
        Assert.Throws<ArgumentOutOfRangeException>("changes", () => ShapleyAttribution.Run(201, Additive, Unlimited, 1, z => z));
        Assert.Throws<ArgumentOutOfRangeException>("changes", () => ShapleyAttribution.Run(0, Additive, Unlimited, 1, z => z));
    }

    /// <summary>The pool of the first effect and of those that were added.</summary>
    private static double? Pooled(bool[] applied)
    {
        int[] rows = [0, .. applied.Index().Where(change => change.Item).Select(change => change.Index + 1)];
        return RandomEffectsModel.Fit([.. rows.Select(row => s_y[row])], [.. rows.Select(row => s_v[row])], new ModelOptions()).Mean.Estimate;
    }

    private static IEnumerable<int[]> Orders(int[] items) => items.Length <= 1 ? [items]
        : items.SelectMany(first => Orders([.. items.Where(item => item != first)]).Select(rest => (int[])[first, .. rest]));
}
