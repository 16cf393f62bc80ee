using CsCheck;

namespace RealRelationship.Statistics.Tests.Sequential;

/// <summary>E-values and confidence sequences against their definitions, computed in other ways, and what must not change them.</summary>
public sealed class AnytimeInferenceTests
{
    private static readonly double[] s_y = [0.31, -0.08, 0.45, 0.12, 0.6, 0.22, 0.05];
    private static readonly double[] s_v = [0.01, 0.02, 0.05, 0.004, 0.03, 0.008, 0.013];
    private static readonly bool[] s_isFirst = [true, false, true, false, true, true, false];

    [Theory]
    [InlineData(1, 2.7, 2_000)]
    [InlineData(16, 2.5, 2_000)]
    [InlineData(1_000, 0.5, 400)]
    [InlineData(10_000, 0.25, 150)]
    public void The_marginal_likelihood_agrees_with_another_rule(int k, double largestTau, int intervals)
    {
        var (y, v) = Effects(k);
        var fit = AnytimeInference.Fit(y, v);
        Assert.Equal(LogMarginal([(y, v)], largestTau, intervals), fit.LogMarginalLikelihood, 1e-10 * Math.Max(1, Math.Abs(fit.LogMarginalLikelihood)));
    }

    /// <summary>The threshold is q/α of the confidence as it is written.</summary>
    [Theory]
    [InlineData(0.95, 1, 20)]
    [InlineData(0.9, 3, 30)]
    [InlineData(0.999, 1, 1000)]
    [InlineData(0.9999, 6, 60_000)]
    [InlineData(0.999999, 1, 1_000_000)]
    [InlineData(0.9999999999, 2, 20_000_000_000)]
    [InlineData(0.6, 1, 2.5)]
    public void The_threshold_has_no_rounding_error(double confidence, int hypotheses, double threshold) =>
        Assert.Equal(threshold, new AnytimeOptions { Confidence = confidence, Hypotheses = hypotheses }.Threshold);

    [Fact]
    public void The_largest_confidence_below_one_has_a_finite_threshold() =>
        Assert.InRange(new AnytimeOptions { Confidence = Math.BitDecrement(1.0) }.Threshold, 9e15, 1e16);

    [Fact]
    public void Effects_without_information_leave_the_prior()
    {
        var fit = AnytimeInference.Fit([0.3, 0.2], [1e90, 1e90]);
        Assert.Equal(-Math.Log(2 * Math.PI * 1e90), fit.LogMarginalLikelihood, 1e-9);
        Assert.Equal(0, fit.LogEValue, 1e-9);
    }

    [Theory]
    [InlineData(1e-8, 0.5, 0.3)]
    [InlineData(1, 2, 1)]
    [InlineData(100, 0.1, 0.05)]
    public void The_marginal_likelihood_agrees_with_another_rule_whatever_the_scales(double scale, double muSd, double tauScale)
    {
        double[] v = [.. s_v.Select(x => scale * x)];
        var fit = AnytimeInference.Fit(s_y, v, new AnytimeOptions { PriorMuSd = muSd, PriorTauScale = tauScale });
        Assert.Equal(LogMarginal([(s_y, v)], 9 * tauScale, 40_000, muSd, tauScale), fit.LogMarginalLikelihood, 1e-9);
    }

    [Fact]
    public void A_difference_agrees_with_its_definition()
    {
        var fit = AnytimeInference.FitDifference(s_y, s_v, s_isFirst);
        int[] a = [0, 2, 4, 5], b = [1, 3, 6];
        var marginal = LogMarginal([(Pick(s_y, a), Pick(s_v, a)), (Pick(s_y, b), Pick(s_v, b))], 2.7, 4_000);
        Assert.Equal(marginal, fit.LogMarginalLikelihood, 1e-10);
        Assert.Equal(marginal - LogSupremum(s_y, s_v), fit.LogEValue, 1e-8);
        Assert.Equal(fit.Options.LogThreshold, marginal - LogSupremum(WithoutDifference(fit.Lower), s_v), 1e-7);
        Assert.Equal(fit.Options.LogThreshold, marginal - LogSupremum(WithoutDifference(fit.Upper), s_v), 1e-7);

        double[] WithoutDifference(double difference) => [.. s_y.Select((x, i) => s_isFirst[i] ? x - difference : x)];
        static double[] Pick(double[] values, int[] rows) => [.. rows.Select(i => values[i])];
    }

    [Fact]
    public void Limits_lie_where_the_e_value_reaches_the_cut_of_all_hypotheses()
    {
        foreach (var (confidence, hypotheses, cut) in new[] { (0.95, 1, 20.0), (0.99, 1, 100), (0.95, 6, 120), (0.5, 1, 2) })
        {
            var options = new AnytimeOptions { Confidence = confidence, Hypotheses = hypotheses };
            var fit = AnytimeInference.Fit(s_y, s_v, options);
            foreach (var limit in new[] { fit.Lower, fit.Upper })
            {
                Assert.Equal(Math.Log(cut), AnytimeInference.LogEValues(s_y, s_v, [7], limit)[0], 1e-10);
            }
            Assert.True(AnytimeInference.LogEValues(s_y, s_v, [7], (fit.Lower + fit.Upper) / 2)[0] < Math.Log(cut));
            Assert.Equal(fit.Lower > 0, fit.ExcludesZero);
        }
    }

    [Fact]
    public void The_supremum_is_over_every_variance_between_studies() => Gen.Select(
        Gen.Select(Gen.Double[-1, 1], Gen.Double[-9, 0]).Array[1, 9], Gen.Double[-1, 1]).Sample((effects, mean) =>
    {
        double[] y = [.. effects.Select(e => e.Item1)], v = [.. effects.Select(e => Math.Exp(e.Item2))];
        var fit = AnytimeInference.Fit(y, v);
        var log = fit.LogMarginalLikelihood - AnytimeInference.LogEValues(y, v, [y.Length], mean)[0];
        var highest = Enumerable.Range(0, 3_000).Max(i => LogLikelihood(y, v, mean, i == 0 ? 0 : 1e-6 * Math.Exp(i / 180.0)));
        Assert.InRange(log, highest - 1e-9, highest + 1e-3);
    }, iter: 40);

    [Fact]
    public void A_hole_between_the_limits_is_told()
    {
        // The mean is 0, that of one precise effect, or .5 with differences between studies; what lies between explains neither.
        double[] y = [0, .. Enumerable.Range(0, 10).Select(i => 0.5 + 0.02 * (i % 3 - 1))], v = [1e-14, .. Enumerable.Repeat(0.1, 10)];
        var options = new AnytimeOptions { Confidence = 0.5 };
        var fit = AnytimeInference.Fit(y, v, options);
        Assert.False(fit.IsInterval);
        Assert.InRange(fit.Lower, -0.01, 0);
        Assert.True(fit.Upper > 0.5);
        Assert.True(AnytimeInference.LogEValues(y, v, [11], 0)[0] < options.LogThreshold);
        Assert.True(AnytimeInference.LogEValues(y, v, [11], 0.05)[0] > options.LogThreshold);
        Assert.True(AnytimeInference.LogEValues(y, v, [11], 0.4)[0] < options.LogThreshold);
        Assert.True(AnytimeInference.Fit(y, v, options with { Confidence = 0.999999 }).IsInterval);
    }

    [Fact]
    public void A_path_is_the_fits_of_its_looks_also_where_sums_are_interpolated()
    {
        var (y, v) = Effects(300);
        int[] looks = [1, 2, 63, 64, 65, 150, 150, 300];
        foreach (var (look, fit) in looks.Zip(AnytimeInference.Path(y, v, looks)))
        {
            var alone = AnytimeInference.Fit(y.AsSpan(0, look), v.AsSpan(0, look));
            Assert.Equal(alone.LogEValue, fit.LogEValue, 1e-9);
            Assert.Equal(alone.Lower, fit.Lower, 1e-9 * Math.Max(1, Math.Abs(alone.Lower)));
            Assert.Equal(alone.Upper, fit.Upper, 1e-9 * Math.Max(1, Math.Abs(alone.Upper)));
        }
    }

    [Fact]
    public void The_first_look_that_excludes_zero_is_found()
    {
        var (y, v) = Effects(100);
        int[] looks = [.. Enumerable.Range(1, 100)];
        var expected = AnytimeInference.Path(y, v, looks).Index().First(fit => fit.Item.ExcludesZero).Index;
        Assert.Equal(expected, AnytimeInference.FirstCrossed(y, v, [], looks));
        Assert.InRange(expected, 1, 40);
        Assert.Null(AnytimeInference.FirstCrossed(y, v, [], looks.AsSpan(0, expected)));

        bool[] isFirst = [.. looks.Select(i => i > 30)];
        double[] shifted = [.. y.Select((x, i) => isFirst[i] ? x + 0.5 : x)];
        var crossed = AnytimeInference.FirstCrossed(shifted, v, isFirst, looks)!.Value;
        Assert.True(AnytimeInference.FitDifference(shifted.AsSpan(0, crossed + 1), v.AsSpan(0, crossed + 1), isFirst.AsSpan(0, crossed + 1)).ExcludesZero);
        Assert.False(AnytimeInference.FitDifference(shifted.AsSpan(0, crossed), v.AsSpan(0, crossed), isFirst.AsSpan(0, crossed)).ExcludesZero);
    }

    [Fact]
    public void Order_and_sign_do_not_matter() => Gen.Select(Gen.Double[-1, 1], Gen.Double[0.001, 0.1], Gen.Bool).Array[4, 12].Sample(effects =>
    {
        double[] y = [.. effects.Select(e => e.Item1)], v = [.. effects.Select(e => e.Item2)], minus = [.. y.Select(x => -x)];
        var fit = AnytimeInference.Fit(y, v);
        AssertMirrored(fit, AnytimeInference.Fit([.. minus.Reverse()], [.. v.Reverse()]));
        bool[] isFirst = [true, false, .. effects[2..].Select(e => e.Item3)];
        AssertMirrored(AnytimeInference.FitDifference(y, v, isFirst), AnytimeInference.FitDifference(y, v, [.. isFirst.Select(first => !first)]));
    }, iter: 40);

    [Fact]
    public void E_values_beyond_double_precision_have_their_logarithm()
    {
        var fit = AnytimeInference.Fit([.. Enumerable.Repeat(0.9, 2_000)], [.. Enumerable.Range(0, 2_000).Select(i => 0.001 + 0.00001 * (i % 7))]);
        Assert.Null(fit.EValue);
        Assert.True(fit.LogEValue > 710);
        Assert.InRange(fit.Lower, 0.8, 0.9);
    }

    [Fact]
    public void Wrong_arguments_are_named()
    {
        Assert.Throws<ArgumentException>(() => AnytimeInference.Fit([], []));
        Assert.Throws<ArgumentException>(() => AnytimeInference.Path([1, 2], [1, 1], [2, 1]));
        Assert.Throws<ArgumentException>(() => AnytimeInference.Path([1, 2], [1, 1], [0]));
        Assert.Throws<ArgumentException>(() => AnytimeInference.Path([1, 2], [1, 1], [3]));
        Assert.Throws<ArgumentException>(() => AnytimeInference.FitDifference([1, 2], [1, 1], [true, true]));
        Assert.Throws<ArgumentException>(() => AnytimeInference.FitDifference([1, 2], [1, 1], [true]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AnytimeOptions { PriorMuSd = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new AnytimeOptions { PriorTauScale = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new AnytimeOptions { Confidence = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new AnytimeOptions { Hypotheses = 0 });
        Assert.Equal("outOfRange", Assert.Throws<StatisticsException>(() => AnytimeInference.Fit([1e200, -1e200], [1, 1])).Code);
        Assert.Equal("outOfRange", Assert.Throws<StatisticsException>(() => AnytimeInference.Fit([1e99, -1e99], [1e-99, 1e-90])).Code);
    }

    [Fact]
    public void A_long_path_ends_when_it_is_cancelled()
    {
        var (y, v) = Effects(100);
        using var source = new CancellationTokenSource();
        source.Cancel();
        using var scope = new CancellationScope(source.Token);
        Assert.Throws<OperationCanceledException>(() => AnytimeInference.Fit(y, v));
    }

    private static void AssertMirrored(AnytimeFit fit, AnytimeFit mirrored)
    {
        Assert.Equal(fit.LogEValue, mirrored.LogEValue, 1e-10);
        Assert.Equal(fit.Lower, -mirrored.Upper, 1e-9);
        Assert.Equal(fit.Upper, -mirrored.Lower, 1e-9);
    }

    private static (double[] Estimates, double[] Variances) Effects(int k) =>
        ([.. Enumerable.Range(0, k).Select(i => 0.25 + 0.25 * Math.Sin(7.3 * i))], [.. Enumerable.Range(0, k).Select(i => 0.004 + 0.011 * (i * 7 % 5))]);

    /// <summary>By the trapezoidal rule in τ, with normal densities whose means are integrated out one effect after the other.</summary>
    private static double LogMarginal(IReadOnlyList<(double[] Y, double[] V)> groups, double largestTau, int intervals, double muSd = 0.5,
        double tauScale = 0.3)
    {
        var step = largestTau / intervals;
        double[] logs = [.. Enumerable.Range(0, intervals + 1).Select(i => groups.Sum(group => LogDensity(group.Y, group.V, i * step * i * step, muSd))
            + Math.Log(2 / tauScale / Math.Sqrt(2 * Math.PI)) - i * step * i * step / (2 * tauScale * tauScale)
            + Math.Log(i == 0 ? step / 2 : step))];
        var largest = logs.Max();
        return largest + Math.Log(logs.Sum(log => Math.Exp(log - largest)));
    }

    /// <summary>Each effect given those before it: the mean is normal at every step.</summary>
    private static double LogDensity(double[] y, double[] v, double tau2, double muSd)
    {
        var (mean, variance, sum) = (0.0, muSd * muSd, 0.0);
        for (var i = 0; i < y.Length; i++)
        {
            var (noise, predicted) = (v[i] + tau2, v[i] + tau2 + variance);
            sum -= 0.5 * (Math.Log(2 * Math.PI * predicted) + (y[i] - mean) * (y[i] - mean) / predicted);
            (mean, variance) = (mean + variance / predicted * (y[i] - mean), variance * noise / predicted);
        }
        return sum;
    }

    private static double LogLikelihood(double[] y, double[] v, double mean, double tau2) =>
        y.Select((x, i) => -0.5 * (Math.Log(2 * Math.PI * (v[i] + tau2)) + (x - mean) * (x - mean) / (v[i] + tau2))).Sum();

    /// <summary>Over mean and τ², on a grid that is narrowed twelve times.</summary>
    private static double LogSupremum(double[] y, double[] v)
    {
        var (best, from, to) = (double.NegativeInfinity, 0.0, 2.0);
        for (var pass = 0; pass < 12; pass++)
        {
            double[] grid = [.. Enumerable.Range(0, 41).Select(i => from + (to - from) * i / 40)], logs = [.. grid.Select(AtBestMean)];
            best = logs.Max();
            var at = Array.IndexOf(logs, best);
            (from, to) = (grid[Math.Max(0, at - 2)], grid[Math.Min(40, at + 2)]);
        }
        return best;

        double AtBestMean(double tau2)
        {
            var w = v.Sum(vi => 1 / (vi + tau2));
            return LogLikelihood(y, v, y.Select((x, i) => x / (v[i] + tau2)).Sum() / w, tau2);
        }
    }
}
