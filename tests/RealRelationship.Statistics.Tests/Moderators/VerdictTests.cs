namespace RealRelationship.Statistics.Tests;

/// <summary>What a verdict on dependent effects needs: the robust test and the working model's F on samples − p, which have to agree.</summary>
public sealed class VerdictTests
{
    [Fact]
    public void A_robust_variance_that_collapsed_does_not_make_levels_differ()
    {
        var analysis = Analyse([0.3000, 0.3001, 0.3002], [0.3400, 0.3401, 0.3402], v: 0.01); // SE .1 by the model
        Assert.True(analysis.Test!.PValue < 0.001);
        Assert.Equal(4, analysis.ConfirmingTest!.DenominatorDegreesOfFreedom);
        Assert.True(analysis.ConfirmingTest.PValue > 0.5);
        Assert.Equal((ModeratorVerdict.CannotTell, "testsDisagree"), (analysis.Verdict, Assert.Single(analysis.CannotTellBecause)));
        Assert.True(analysis.Contrasts[0].RobustBelowModel);
        Assert.Contains("robustBelowModel", analysis.Notes, StringComparer.Ordinal);
    }

    [Fact]
    public void The_models_test_alone_does_not_make_levels_differ()
    {
        double[] many = [.. Enumerable.Range(0, 13).Select(i => 0.3 + 0.05 * Math.Sin(i))];
        var analysis = Analyse(many, [0.52, 0.70], v: 0.01);
        Assert.True(analysis.ConfirmingTest!.PValue < 0.01);
        Assert.True(analysis.Test!.PValue > 0.05);
        Assert.Equal((ModeratorVerdict.CannotTell, "testsDisagree"), (analysis.Verdict, Assert.Single(analysis.CannotTellBecause)));
    }

    [Fact]
    public void Levels_far_apart_differ_on_few_degrees_of_freedom_too()
    {
        var analysis = Analyse([0.30, 0.31, 0.32], [1.30, 1.31], v: 1e-4);
        Assert.InRange(analysis.Test!.DenominatorDegreesOfFreedom!.Value, 1, 4);
        Assert.Equal(ModeratorVerdict.Differ, analysis.Verdict);
        Assert.Empty(analysis.CannotTellBecause);
        Assert.Contains("fewDegreesOfFreedom", analysis.Notes, StringComparer.Ordinal);
    }

    [Fact]
    public void Equal_levels_are_not_equivalent_on_few_degrees_of_freedom()
    {
        double[] pair = [0.300, 0.301], many = [.. Enumerable.Range(0, 20).Select(i => 0.3 + 0.001 * Math.Sin(i))];
        var few = Analyse(many, pair, v: 1e-6);
        Assert.True(few.Contrasts[0].PValue > 0.05);
        Assert.Equal((ModeratorVerdict.CannotTell, true), (few.Verdict, few.WithinMargin));
        Assert.Equal("fewDegreesOfFreedom", Assert.Single(few.CannotTellBecause));
        var enough = Analyse(many, many, v: 1e-6);
        Assert.Equal((ModeratorVerdict.Equivalent, true), (enough.Verdict, enough.WithinMargin));
        Assert.Empty(enough.CannotTellBecause);
    }

    [Fact]
    public void What_is_too_imprecise_lacks_power()
    {
        double[] wide = [.. Enumerable.Range(0, 12).Select(i => 0.3 + 0.3 * Math.Sin(i))];
        var analysis = Analyse(wide, wide, v: 0.01);
        Assert.Equal((ModeratorVerdict.CannotTell, "power"), (analysis.Verdict, Assert.Single(analysis.CannotTellBecause)));
    }

    [Fact]
    public void Without_Hotellings_degrees_of_freedom_there_is_no_verdict()
    {
        double[] y = [0.30, 0.31, 0.80, 0.81, 1.30, 1.31, 1.80, 1.81];
        var analysis = ModeratorModel.FitCategoricalNested(
            "m", y, Repeat(1e-4, 8), [0, 1, 2, 3, 4, 5, 6, 7], ["a", "a", "b", "b", "c", "c", "d", "d"], s_options);
        Assert.Null(analysis.Test); // df2 below 1
        Assert.True(analysis.ConfirmingTest!.PValue < 0.05);
        Assert.Equal((ModeratorVerdict.CannotTell, "fewDegreesOfFreedom"), (analysis.Verdict, Assert.Single(analysis.CannotTellBecause)));
    }

    [Fact]
    public void More_effects_of_the_same_samples_do_not_confirm_a_test()
    {
        // Four samples of 30 effects each: 118 residual degrees of freedom, but only 2 between samples.
        double[] means = [0.20, 0.28, 0.42, 0.50];
        int[] samples = [.. Enumerable.Range(0, 120).Select(i => i / 30)];
        double[] y = [.. samples.Select((s, i) => means[s] + 0.01 * Math.Sin(i))];
        string[] levels = [.. samples.Select(s => s < 2 ? "a" : "b")];
        var analysis = ModeratorModel.FitCategoricalNested("m", y, Repeat(0.01, 120), samples, levels, s_options with { Robust = RobustVariance.None });
        Assert.Equal(118, analysis.Test!.DenominatorDegreesOfFreedom);
        Assert.Equal(2, analysis.ConfirmingTest!.DenominatorDegreesOfFreedom);
        Assert.True(analysis.Test.PValue < 0.05 && analysis.ConfirmingTest.PValue > 0.05);
        Assert.Equal("testsDisagree", Assert.Single(analysis.CannotTellBecause));
    }

    private static readonly MultilevelOptions s_options = new() { Model = DependenceModel.ThreeLevel, ProfileIntervals = false };

    /// <summary>Two levels of samples with one effect each.</summary>
    private static ModeratorFit Analyse(double[] a, double[] b, double v)
    {
        double[] y = [.. a, .. b];
        string[] levels = [.. a.Select(_ => "a"), .. b.Select(_ => "b")];
        return ModeratorModel.FitCategoricalNested("m", y, Repeat(v, y.Length), [.. Enumerable.Range(0, y.Length)], levels, s_options);
    }

    private static T[] Repeat<T>(T value, int count) => [.. Enumerable.Repeat(value, count)];
}
