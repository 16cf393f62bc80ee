namespace RealRelationship.Statistics.Tests;

/// <summary>Means of effects that come and go, against fits of the same effects by <see cref="MultilevelModel"/>.</summary>
public sealed class IncrementalMeanTests
{
    private static readonly MultilevelOptions NotRobust = new() { Robust = RobustVariance.None, ProfileIntervals = false };

    /// <summary>Seed, correlation, τ² between and within samples; the last kind has no sample with several effects before the last ones.</summary>
    public static TheoryData<int, double, double, double> Kinds => new()
    {
        { 1, 0.6, 0.03, 0.01 }, { 2, 0.6, 0, 0 }, { 3, 0, 0.02, 0.02 }, { 4, 0.9, 0.0001, 0.05 }, { 5, 0, 0.3, 0 }, { 6, 0.3, 0, 0.1 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Means_of_growing_evidence_equal_those_of_refits(int seed, double rho, double between, double within)
    {
        var effects = NestedEffects.Random(seed, 150, between, within);
        var options = NotRobust with { Rho = rho, Restricted = seed != 3 };
        var pool = new IncrementalMean(effects.Y, effects.V, effects.Samples, options);
        var included = new HashSet<int>();
        for (var sample = 0; sample < 150; sample++)
        {
            int[] members = [.. Enumerable.Range(0, effects.Y.Length).Where(i => effects.Samples[i] == sample)];
            pool.Propose(members.Select(i => new EffectInclusion(i, true)));
            included.UnionWith(members);
            Assert.Equal(sample + 1, pool.Samples);
            if (sample > 0 && (sample < 12 || sample % 7 == 0))
            {
                Close(Refit(effects, included, options), pool.Estimate());
            }
            else if (sample > 0)
            {
                Assert.NotNull(pool.Estimate());
            }
            pool.Apply();
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Means_without_samples_and_effects_equal_those_of_refits(int seed, double rho, double between, double within)
    {
        var effects = NestedEffects.Random(seed, 90, between, within);
        effects.Y[0] = 4;
        effects.V[0] = 1e-6;
        var options = NotRobust with { Rho = rho, Restricted = seed != 3 };
        var pool = new IncrementalMean(effects.Y, effects.V, effects.Samples, options);
        pool.Propose(Enumerable.Range(0, effects.Y.Length).Select(i => new EffectInclusion(i, true)));
        pool.Apply();
        var random = new Random(seed);
        for (var fit = 0; fit < 90; fit++)
        {
            HashSet<int> excluded = [fit == 0 ? 0 : random.Next(effects.Y.Length), .. fit % 9 == 0 ? [random.Next(effects.Y.Length)] : Array.Empty<int>()];
            pool.Propose(excluded.Select(i => new EffectInclusion(i, false)));
            var mean = pool.Estimate();
            if (fit % 4 == 0)
            {
                Close(Refit(effects, Enumerable.Range(0, effects.Y.Length).Except(excluded), options), mean);
            }
        }
    }

    [Theory]
    [InlineData(0.03, 0.01, 0.01)]
    [InlineData(0, 0, 1e-9)]
    public void Nothing_is_lost_when_most_effects_leave_again(double between, double within, double firstVariance)
    {
        var effects = NestedEffects.Random(7, 120, between, within);
        effects.V[0] = firstVariance;
        var pool = new IncrementalMean(effects.Y, effects.V, effects.Samples, NotRobust);
        pool.Propose(Enumerable.Range(0, effects.Y.Length).Select(i => new EffectInclusion(i, true)));
        pool.Apply();
        var left = Enumerable.Range(0, effects.Y.Length).ToHashSet();
        for (var i = 0; i < 100; i++)
        {
            pool.Propose([new(i, false)]);
            left.Remove(i);
            var mean = pool.Estimate();
            if (i % 10 == 9)
            {
                Close(Refit(effects, left, NotRobust), mean);
            }
            pool.Apply();
        }
    }

    [Fact]
    public void Effects_of_one_sample_have_no_mean_between_samples()
    {
        var pool = new IncrementalMean([0.1, 0.2, 0.3], [0.01, 0.01, 0.01], [1, 1, 2]);
        pool.Propose([new(0, true), new(1, true)]);
        Assert.Equal(1, pool.Samples);
        Assert.Equal("oneSample", Assert.Throws<StatisticsException>(() => pool.Estimate()).Code);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Propose([new(3, true)]));
    }

    private static double? Refit(NestedEffects effects, IEnumerable<int> included, MultilevelOptions options)
    {
        int[] rows = [.. included];
        var mean = MultilevelModel.Fit([.. rows.Select(i => effects.Y[i])], [.. rows.Select(i => effects.V[i])],
            rows.Select(i => effects.Samples[i]).ToArray(), options).Mean;
        return mean.Range is null ? mean.Estimate : null;
    }

    private static void Close(double? expected, double? actual)
    {
        Assert.Equal(expected is null, actual is null);
        if (expected is { } e)
        {
            Assert.Equal(e, actual!.Value, 1e-9 * Math.Max(1, Math.Abs(e)));
        }
    }
}
