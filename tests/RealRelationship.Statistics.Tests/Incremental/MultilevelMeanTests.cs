namespace RealRelationship.Statistics.Tests;

/// <summary>Deletions and additions of samples against refits by <see cref="MultilevelModel"/>.</summary>
public sealed class MultilevelMeanTests
{
    /// <summary>Seed of samples that do not differ, with one of nearly all weight.</summary>
    private const int Dominated = 9;

    /// <summary>Seed, samples, options, and estimate of the first effect, which is very precise, if it is an outlier.</summary>
    public static TheoryData<int, int, RobustVariance, double, bool, double> Kinds => new()
    {
        { 1, 12, RobustVariance.CR2, 0.6, true, double.NaN },
        { 2, 30, RobustVariance.CR1, 0.6, true, 3 },
        { 3, 70, RobustVariance.CR2, 0, false, double.NaN },
        { 4, 130, RobustVariance.CR2, 0.9, true, double.NaN },
        { 5, 70, RobustVariance.CR0, 0.3, true, -2 },
        { 6, 100, RobustVariance.None, 0.6, false, 1 },
        { 7, 900, RobustVariance.CR2, 0.6, true, double.NaN },
        { 8, 900, RobustVariance.CR2, 0, true, 2 },
        { Dominated, 90, RobustVariance.CR2, 0.6, true, 0.3 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Means_without_each_sample_equal_those_of_refits(int seed, int samples, RobustVariance robust, double rho, bool restricted, double outlier)
    {
        var effects = Generate(seed, samples, outlier);
        var options = Options(robust, rho, restricted);
        var means = MultilevelMean.WithoutEachSample(effects.Y, effects.V, effects.Samples, options);
        Assert.Equal(samples, means.Count);
        foreach (var sample in Enumerable.Range(0, samples).Where(sample => sample < 4 || sample % Math.Max(1, samples / 9) == 0))
        {
            Close(Refit(effects, s => s != sample, options), means[sample]);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Means_of_the_first_samples_equal_those_of_refits(int seed, int samples, RobustVariance robust, double rho, bool restricted, double outlier)
    {
        var effects = Generate(seed, samples, outlier);
        var options = Options(robust, rho, restricted);
        var means = MultilevelMean.Cumulative(effects.Y, effects.V, effects.Samples, options);
        Assert.Equal(samples, means.Count);
        Assert.Null(means[0]);
        foreach (var sample in Enumerable.Range(1, samples - 1).Where(sample => sample < 6 || sample % Math.Max(1, samples / 9) == 0 || sample == samples - 1))
        {
            Close(Refit(effects, s => s <= sample, options), means[sample]);
        }
    }

    [Fact]
    public void Two_samples_leave_one_which_has_no_variance_between_samples() =>
        Assert.Equal([null, null], MultilevelMean.WithoutEachSample([0.1, 0.3, 0.2], [0.01, 0.02, 0.01], [7, 7, 3]));

    [Fact]
    public void Samples_are_in_the_order_of_their_first_effects()
    {
        var means = MultilevelMean.WithoutEachSample([0.1, 0.9, 0.2, 0.3], [0.01, 0.01, 0.01, 0.01], [5, 2, 5, 9]);
        var without = MultilevelModel.Fit([0.1, 0.2, 0.3], [0.01, 0.01, 0.01], [5, 5, 9], new MultilevelOptions { ProfileIntervals = false });
        Assert.Equal(without.Mean.Estimate, means[1]!.Mean.Estimate, 1e-10);
    }

    private static MultilevelOptions Options(RobustVariance robust, double rho, bool restricted) => new()
    {
        Robust = robust,
        Rho = rho,
        Restricted = restricted,
        Model = rho == 0 ? DependenceModel.ThreeLevel : DependenceModel.CorrelatedHierarchical,
        ProfileIntervals = false,
    };

    private static NestedEffects Generate(int seed, int samples, double outlier)
    {
        var effects = NestedEffects.Random(seed, samples, seed == Dominated ? 0 : seed % 3 == 0 ? 0.01 : 0.03, seed is 5 or Dominated ? 0 : 0.02);
        if (!double.IsNaN(outlier))
        {
            (effects.Y[0], effects.V[0]) = (outlier, seed == Dominated ? 1e-9 : 1e-5);
        }
        return effects;
    }

    private static MultilevelFit Refit(NestedEffects effects, Func<int, bool> chosen, MultilevelOptions options)
    {
        int[] rows = [.. Enumerable.Range(0, effects.Y.Length).Where(i => chosen(effects.Samples[i]))];
        return MultilevelModel.Fit([.. rows.Select(i => effects.Y[i])], [.. rows.Select(i => effects.V[i])],
            rows.Select(i => effects.Samples[i]).ToArray(), options);
    }

    private static void Close(MultilevelFit expected, MultilevelMean? actual)
    {
        Assert.NotNull(actual);
        Close(expected.Mean.Estimate, actual.Mean.Estimate);
        Close(expected.Mean.StandardError, actual.Mean.StandardError);
        Close(expected.Mean.DegreesOfFreedom, actual.Mean.DegreesOfFreedom);
        Close(expected.Mean.Lower, actual.Mean.Lower);
        Close(expected.Mean.Upper, actual.Mean.Upper);
        Close(expected.Mean.PValue, actual.Mean.PValue);
        Close(expected.Q, actual.Q);
        Close(expected.Heterogeneity.TauSquared, actual.TauSquared);
        Close(expected.Heterogeneity.ISquared, actual.ISquared);
        Assert.Equal(expected.Notes, actual.Notes);
        Assert.Equal(expected.Mean.Basis, actual.Mean.Basis);
        Close(expected.Mean.ModelStandardError, actual.Mean.ModelStandardError);
    }

    private static void Close(double? expected, double? actual)
    {
        Assert.Equal(expected is null, actual is null);
        if (expected is { } e)
        {
            Assert.Equal(e, actual!.Value, 1e-8 * Math.Max(1e-3, Math.Abs(e)));
        }
    }
}
