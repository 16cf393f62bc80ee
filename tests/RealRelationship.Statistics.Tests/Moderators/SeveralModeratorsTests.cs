namespace RealRelationship.Statistics.Tests;

/// <summary>Moderators of one question are tested together: Holm over distinct tests.</summary>
public sealed class SeveralModeratorsTests
{
    private static readonly double[] Y = [0.14, 0.24, 0.19, 0.34, 0.09, 0.35, 0.45, 0.3, 0.25, 0.5];
    private static readonly double[] V = [.. Enumerable.Repeat(0.01, 10)];

    [Fact]
    public void P_values_are_those_of_R() // p.adjust(c(.01, .04, .03, .005), "holm")
    {
        ModeratorFit[] fits = [.. new[] { 0.01, 0.04, 0.03, 0.005 }.Select((p, i) => Fit("x", 5) with { Test = new WaldTest(i + 1, 1, 8, p) })];
        Assert.Equal([0.03, 0.06, 0.06, 0.02], ModeratorModel.AdjustByHolm(fits, 0.95).Select(fit => Math.Round(fit.AdjustedPValue!.Value, 12)));
    }

    [Fact]
    public void Levels_that_differ_only_alone_cannot_be_told_because_of_multiplicity()
    {
        var x = Fit("x", 5);
        Assert.Equal(ModeratorVerdict.Differ, x.Verdict);
        var adjusted = ModeratorModel.AdjustByHolm([x, Fit("y", 3), Fit("z", 7)], 0.95);
        Assert.Equal(3 * x.Test!.PValue, adjusted[0].AdjustedPValue!.Value, 1e-12);
        Assert.Equal((ModeratorVerdict.CannotTell, "multiplicity"), (adjusted[0].Verdict, Assert.Single(adjusted[0].CannotTellBecause)));
        Assert.Equal(ModeratorVerdict.Differ, ModeratorModel.AdjustByHolm([x], 0.95)[0].Verdict);
    }

    [Fact]
    public void Moderators_that_part_the_effects_alike_count_once()
    {
        var x = Fit("x", 5);
        var adjusted = ModeratorModel.AdjustByHolm([x, Fit("copy", 5)], 0.95);
        Assert.All(adjusted, fit => Assert.Equal((x.Test!.PValue, ModeratorVerdict.Differ), (fit.AdjustedPValue!.Value, fit.Verdict)));
    }

    [Fact]
    public void A_moderator_without_a_test_counts_for_nothing()
    {
        var (x, single) = (Fit("x", 5), Fit("single", 10));
        Assert.Null(single.Test);
        var adjusted = ModeratorModel.AdjustByHolm([single, x], 0.95);
        Assert.Equal((null, x.Test!.PValue), (adjusted[0].AdjustedPValue, adjusted[1].AdjustedPValue));
    }

    [Fact]
    public void The_confirming_test_is_adjusted_as_well()
    {
        var strong = Fit("x", 5) with { Test = new WaldTest(30, 1, 8, 1e-4) };
        ModeratorFit[] fits = [strong with { ConfirmingTest = new WaldTest(6, 1, 8, 0.03) }, Fit("y", 3) with { ConfirmingTest = new WaldTest(5, 1, 8, 0.04) }];
        var adjusted = ModeratorModel.AdjustByHolm(fits, 0.95);
        Assert.Equal(0.06, adjusted[0].AdjustedConfirmingPValue!.Value, 1e-12);
        Assert.Equal(["multiplicity"], adjusted[0].CannotTellBecause);
    }

    /// <summary>The first effects against the others, ordered so that 5 parts small from large ones.</summary>
    private static ModeratorFit Fit(string name, int first) => ModeratorModel.FitCategorical(
        name, Y, V, [.. Y.Select((_, i) => first == 5 ? (i < 5 ? "a" : "b") : first == 10 ? "a" : i * first % 10 < 5 ? "a" : "b")]);
}
