namespace RealRelationship.Statistics.Tests;

/// <summary>Where the likelihood is flat, or nearly, no number is decided by where the search for its maximum began.</summary>
public sealed class VarianceIdentificationTests
{
    // Twelve samples with one effect of level a; the last has one of level b too, the only one.
    private static readonly double[] Y = [0.10, 0.52, 0.28, 0.41, 0.05, 0.33, 0.60, 0.22, 0.37, 0.48, 0.15, 0.62, 0.58];
    private static readonly double[] V = [0.012, 0.02, 0.01, 0.03, 0.015, 0.011, 0.02, 0.018, 0.009, 0.025, 0.014, 0.01, 0.01];
    private static readonly int[] Samples = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11];
    private static readonly string[] Levels = ["a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "b"];

    private static readonly MultilevelOptions ThreeLevel = new() { Model = DependenceModel.ThreeLevel };

    [Theory]
    [InlineData(RobustVariance.None)]
    [InlineData(RobustVariance.CR2)]
    public void What_depends_on_the_place_along_a_ridge_is_a_range_and_the_rest_is_answered(RobustVariance robust)
    {
        var analysis = ModeratorModel.FitCategoricalNested("m", Y, V, Samples, Levels, ThreeLevel with { Robust = robust });
        var fit = analysis.Nested!;
        // b has a column of its own, so all else is the random-effects model of a, whatever the parts of its τ².
        var a = RandomEffectsModel.Fit(Y.AsSpan(0, 12), V.AsSpan(0, 12), new ModelOptions { Test = CoefficientTest.StudentT });
        var tau2 = a.Heterogeneity.TauSquared!.Value;
        Assert.Equal((0, tau2), (fit.BetweenRange!.Value.Lower, fit.BetweenRange.Value.Upper), Close);
        Assert.Equal((0, tau2), (fit.WithinRange!.Value.Lower, fit.WithinRange.Value.Upper), Close);
        Assert.Null(fit.TauSquaredRange);
        Assert.Equal(a.Mean.Estimate, analysis.Levels[0].Mean.Estimate, 1e-9);
        Assert.True(analysis.Levels[0].Mean.IsIdentified, analysis.Levels[0].Mean.ToString());
        Assert.NotNull(analysis.Levels[0].Mean.PValue);

        // σ_w² = 0: what the sample's a lies above the mean of a is taken off by the regression of one effect on the other; σ_b² = 0: nothing is.
        var shrunk = 0.58 - tau2 / (tau2 + 0.01) * (0.62 - a.Mean.Estimate);
        var b = analysis.Levels[1].Mean;
        Assert.Equal((shrunk, 0.58), (b.Range!.Value.Lower, b.Range.Value.Upper), Close);
        Assert.True(b.Range.Value.Upper - b.Range.Value.Lower > 0.1);
        Assert.Equal((null, null, null, null), (b.Statistic, b.PValue, b.Lower, b.Upper));
        Assert.Null(analysis.Levels[1].PredictionInterval);
        var contrast = analysis.Contrasts[0];
        Assert.Equal((a.Mean.Estimate - 0.58, a.Mean.Estimate - shrunk), (contrast.Range!.Value.Lower, contrast.Range.Value.Upper), Close);
        Assert.Null(contrast.PValue);
        Assert.Contains("varianceNotIdentified", analysis.Notes, StringComparer.Ordinal);
        Assert.Equal(ModeratorVerdict.CannotTell, analysis.Verdict);
        Assert.Null(fit.RSquaredBetween);
    }

    [Fact]
    public void The_rest_of_a_moderator_with_a_ridge_is_judged()
    {
        string[] levels = [.. Levels.Select((level, i) => level == "b" ? "b" : i < 6 ? "c" : "d")];
        double[] y = [.. Y.Select((x, i) => i < 6 ? x - 0.6 : x)];
        var analysis = ModeratorModel.FitCategoricalNested("m", y, V, Samples, levels, ThreeLevel);
        Assert.NotNull(analysis.Levels[0].Mean.Range); // b
        Assert.Null(analysis.Contrasts[2].Range); // c and d
        Assert.Equal(ModeratorVerdict.Differ, analysis.Verdict);
        Assert.Contains("varianceNotIdentified", analysis.Notes, StringComparer.Ordinal);
    }

    [Fact]
    public void A_second_sample_with_both_levels_identifies_the_variances()
    {
        double[] y = [.. Y, 0.30], v = [.. V, 0.012];
        var analysis = ModeratorModel.FitCategoricalNested("m", y, v, [.. Samples, 0], [.. Levels, "b"], ThreeLevel);
        Assert.Null(analysis.Nested!.BetweenRange);
        Assert.True(analysis.Levels[1].Mean.IsIdentified);
        Assert.DoesNotContain("varianceNotIdentified", analysis.Notes, StringComparer.Ordinal);
        Assert.NotNull(analysis.Nested.BetweenInterval);
    }

    [Fact]
    public void An_estimate_that_moves_by_more_than_its_standard_error_is_weakly_identified()
    {
        // Two samples have both levels, and the same difference: σ_w² is 0 or anything.
        double[] y = [.. Enumerable.Range(0, 24).Select(i => 0.2 + 0.12 * Math.Sin(2 * i)), 0.80, 0.90, 0.82, 0.92];
        double[] v = [.. Enumerable.Repeat(0.004, 28)];
        int[] samples = [.. Enumerable.Range(0, 24), 24, 24, 25, 25];
        string[] levels = [.. Enumerable.Repeat("a", 24), "a", "b", "a", "b"];
        var analysis = ModeratorModel.FitCategoricalNested("m", y, v, samples, levels, ThreeLevel);
        Assert.True(analysis.Levels[1].Mean.IsWeaklyIdentified);
        Assert.False(analysis.Levels[0].Mean.IsWeaklyIdentified);
        Assert.Null(analysis.Levels[1].Mean.Range);
        Assert.NotNull(analysis.Levels[1].Mean.Upper);
        Assert.Equal((ModeratorVerdict.CannotTell, "varianceWeaklyIdentified"), (analysis.Verdict, Assert.Single(analysis.CannotTellBecause)));
        Assert.Contains("varianceWeaklyIdentified", analysis.Notes, StringComparer.Ordinal);
    }

    [Fact]
    public void Variances_of_many_samples_with_both_levels_are_strongly_identified()
    {
        double[] y = [.. Enumerable.Range(0, 40).Select(i => 0.2 + 0.2 * (i % 2) + 0.1 * Math.Sin(2 * (i / 2)) + 0.05 * Math.Cos(5 * i))];
        var analysis = ModeratorModel.FitCategoricalNested(
            "m", y, [.. Enumerable.Repeat(0.004, 40)], [.. Enumerable.Range(0, 40).Select(i => i / 2)],
            [.. Enumerable.Range(0, 40).Select(i => "ab"[i % 2].ToString())]);
        Assert.Equal(ModeratorVerdict.Differ, analysis.Verdict);
        Assert.DoesNotContain("varianceWeaklyIdentified", analysis.Notes, StringComparer.Ordinal);
    }

    private static bool Close((double A, double B) expected, (double A, double B) actual) =>
        Math.Abs(expected.A - actual.A) < 1e-7 && Math.Abs(expected.B - actual.B) < 1e-7;
}
