namespace RealRelationship.Statistics.Tests;

public sealed class NestedModeratorModelTests
{
    private static readonly MultilevelOptions ThreeLevel = new() { Model = DependenceModel.ThreeLevel };

    [Fact]
    public void Contrasts_against_the_first_level_are_the_coefficients_and_the_test_is_Hotellings()
    {
        var (file, levels) = Delinquency();
        var analysis = ModeratorModel.FitCategoricalNested("deltype", file.Estimates, file.Variances, file.Samples(), levels, ThreeLevel);
        Assert.Equal(["covert", "general", "overt"], [.. analysis.Levels.Select(level => level.Level)]);
        Assert.Equal(analysis.Coefficients[0] with { Name = "covert" }, analysis.Levels[0].Mean);
        for (var j = 1; j < 3; j++)
        {
            Assert.Equal(-analysis.Coefficients[j].Estimate, analysis.Contrasts[j - 1].Difference, 1e-14);
            Assert.Equal(analysis.Coefficients[j].StandardError, analysis.Contrasts[j - 1].StandardError, 1e-14);
            Assert.Equal(analysis.Coefficients[j].DegreesOfFreedom!.Value, analysis.Contrasts[j - 1].DegreesOfFreedom!.Value, 1e-10);
            Assert.Equal(analysis.Coefficients[j].PValue!.Value, analysis.Contrasts[j - 1].PValue!.Value, 1e-12);
        }
        // Only one sample has covert delinquency: what is left is general against overt.
        Assert.Equal(1, analysis.Test!.NumeratorDegreesOfFreedom);
        Assert.Equal(Math.Pow(analysis.Contrasts[2].Difference / analysis.Contrasts[2].StandardError, 2), analysis.Test.Statistic, 1e-9);
        Assert.Equal(analysis.Contrasts[2].PValue!.Value, analysis.Test.PValue, 1e-10);
        Assert.Equal(ModeratorVerdict.CannotTell, analysis.Verdict);
        Assert.Equal(["oneSampleLevel", "fewDegreesOfFreedom", "power"], analysis.CannotTellBecause);
        Assert.Contains("fewDegreesOfFreedom", analysis.Notes, StringComparer.Ordinal);
        Assert.Equal(analysis.Nested!.TauSquared, analysis.Residual.TauSquared);
    }

    [Fact]
    public void Without_robust_variance_the_test_is_model_based()
    {
        var file = ReferenceFile.Load("tannersmith2016");
        var options = ThreeLevel with { Robust = RobustVariance.None, Test = CoefficientTest.Normal };
        var (y, v, samples, _) = file.NestedModerator("sexmix");
        var analysis = ModeratorModel.FitCategoricalNested("sexmix", y, v, samples, file.Moderator("sexmix").Values, options);
        Assert.Equal("QM", analysis.Test!.Name);
        Assert.Equal(file.Answer("dependent", "moderators", "sexmix", "qm").GetDouble(), analysis.Test.Statistic, 1e-6);
        Assert.Equal(analysis.Test.Statistic / 2, analysis.ConfirmingTest!.Statistic, 1e-9);
        Assert.Equal(17 - 3, analysis.ConfirmingTest.DenominatorDegreesOfFreedom);
        Assert.All(analysis.Contrasts, c => Assert.Null(c.DegreesOfFreedom));
        Assert.All(analysis.Contrasts, c => Assert.Equal(2.8015817870135784 * c.StandardError, c.MinimumDetectableDifference!.Value, 1e-9));
    }

    [Fact]
    public void A_continuous_moderator_is_tested_by_its_slope()
    {
        var file = ReferenceFile.Load("assink2016");
        var analysis = ModeratorModel.FitContinuousNested(
            "year", file.Estimates, file.Variances, file.Samples(), [.. file.Moderator("year").Values.Select(double.Parse)], ThreeLevel);
        Assert.Equal(2.30554138988047, analysis.Test!.Statistic, 1e-7); // clubSandwich 0.6.0
        Assert.Equal(0.171587183660406, analysis.Test.PValue, 1e-8);
        Assert.Equal(analysis.Coefficients[1].PValue!.Value, analysis.Test.PValue, 1e-10);
        Assert.Empty(analysis.Contrasts);
        Assert.Null(analysis.WithinSample); // the year varies in one sample only
        Assert.True(analysis.MinimumDetectableDifference > 0);
        Assert.InRange(analysis.RSquared!.Value, 0, 100);
    }

    [Fact]
    public void The_within_sample_contrast_compares_the_same_people()
    {
        // pairs: the second rating is .2 higher in every sample, whatever the sample; and samples with more of it are lower
        double[] y = [0.10, 0.31, 0.30, 0.49, 0.50, 0.70, 0.20, 0.41, 0.15, 0.35, 0.9, 0.02];
        int[] samples = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7];
        string[] source = ["cross", "same", "cross", "same", "cross", "same", "cross", "same", "cross", "same", "cross", "same"];
        var analysis = ModeratorModel.FitCategoricalNested("source", y, Repeat(0.01, 12), samples, source);
        var within = Assert.Single(analysis.WithinSample!.Coefficients);
        Assert.Equal(("source:same", 5, 10), (within.Name, analysis.WithinSample.Samples, analysis.WithinSample.Effects));
        Assert.Equal(0.202, within.Estimate, 1e-12); // the mean of the five differences, as their variances are equal
        Assert.Equal(Math.Sqrt(((0.008 * 0.008) + (0.012 * 0.012) + 2 * (0.002 * 0.002) + (0.008 * 0.008)) / 20), within.StandardError, 1e-12);
        Assert.Equal(4, within.DegreesOfFreedom!.Value, 1e-9); // the paired t-test
    }

    [Fact]
    public void A_balanced_pair_needs_no_sample_mean_adjustment()
    {
        var analysis = ModeratorModel.FitCategoricalNested(
            "source", [0.1, 0.3, 0.2, 0.5, 0.3, 0.4], Repeat(0.01, 6), [1, 1, 2, 2, 3, 3], ["cross", "same", "cross", "same", "cross", "same"]);
        var within = Assert.Single(analysis.WithinSample!.Coefficients);
        Assert.Equal(0.2, within.Estimate, 1e-12);
        Assert.Equal(2, within.DegreesOfFreedom!.Value, 1e-9);
    }

    [Fact]
    public void One_level_and_a_constant_have_no_test()
    {
        double[] y = [0.1, 0.3, 0.2, 0.5];
        int[] samples = [1, 1, 2, 2];
        var level = ModeratorModel.FitCategoricalNested("m", y, Repeat(0.01, 4), samples, Repeat("a", 4));
        Assert.Equal((null, ModeratorVerdict.CannotTell, 1), (level.Test, level.Verdict, level.Levels.Count));
        Assert.Contains("singleLevel", level.Notes, StringComparer.Ordinal);
        var constant = ModeratorModel.FitContinuousNested("m", y, Repeat(0.01, 4), samples, Repeat(3.0, 4));
        Assert.Equal((null, 0), (constant.Test, constant.Levels.Count));
        Assert.Contains("constantModerator", constant.Notes, StringComparer.Ordinal);
    }

    [Fact]
    public void Equal_levels_are_equivalent_when_precise()
    {
        double[] y = [.. Enumerable.Range(0, 40).Select(i => 0.3 + 0.002 * (i % 5))];
        int[] samples = [.. Enumerable.Range(0, 40).Select(i => i / 2)];
        string[] levels = [.. Enumerable.Range(0, 40).Select(i => i / 2 % 2 == 0 ? "a" : "b")];
        var analysis = ModeratorModel.FitCategoricalNested("m", y, Repeat(1e-4, 40), samples, levels);
        Assert.Equal((ModeratorVerdict.Equivalent, true), (analysis.Verdict, analysis.WithinMargin));
        Assert.Null(analysis.WithinSample);
    }

    [Fact]
    public void One_pair_of_levels_that_differs_is_enough_not_to_be_equivalent()
    {
        double[] y = [.. Enumerable.Range(0, 60).Select(i => (i / 2 % 3 == 2 ? 0.5 : 0.3) + 0.002 * (i % 5))];
        int[] samples = [.. Enumerable.Range(0, 60).Select(i => i / 2)];
        string[] levels = [.. Enumerable.Range(0, 60).Select(i => "abc"[i / 2 % 3].ToString())];
        var v = Enumerable.Range(0, 60).Select(i => i / 2 % 3 == 0 ? 1e-3 : 1e-4).ToArray();
        var analysis = ModeratorModel.FitCategoricalNested("m", y, v, samples, levels, ThreeLevel);
        Assert.Equal((ModeratorVerdict.Differ, false), (analysis.Verdict, analysis.WithinMargin));
        Assert.Equal(analysis.Contrasts.Max(c => c.MinimumDetectableDifference), analysis.MinimumDetectableDifference);
        Assert.True(analysis.MinimumDetectableDifference > analysis.Contrasts.Min(c => c.MinimumDetectableDifference));
    }

    [Fact]
    public void A_flat_slope_is_equivalent_over_the_range_of_its_values_wherever_that_lies()
    {
        double[] y = [.. Enumerable.Range(0, 40).Select(i => 0.3 + 0.002 * (i % 5))];
        int[] samples = [.. Enumerable.Range(0, 40).Select(i => i / 2)];
        double[] years = [.. Enumerable.Range(0, 40).Select(i => 2000.0 + i / 2)];
        var analysis = ModeratorModel.FitContinuousNested("year", y, Repeat(1e-4, 40), samples, years, ThreeLevel);
        Assert.Equal((ModeratorVerdict.Equivalent, true), (analysis.Verdict, analysis.WithinMargin));
    }

    [Fact]
    public void Only_a_robust_variance_can_have_few_degrees_of_freedom()
    {
        double[] y = [0.30, 0.31, 0.29, 0.33, 0.30, 0.32], years = [2000, 2000, 2001, 2001, 2002, 2002];
        Assert.Contains("fewDegreesOfFreedom", Notes(RobustVariance.CR2), StringComparer.Ordinal);
        Assert.DoesNotContain("fewDegreesOfFreedom", Notes(RobustVariance.None), StringComparer.Ordinal);

        IReadOnlyList<string> Notes(RobustVariance robust) =>
            ModeratorModel.FitContinuousNested("year", y, Repeat(1e-4, 6), [1, 1, 2, 2, 3, 3], years, ThreeLevel with { Robust = robust }).Notes;
    }

    private static (ReferenceFile File, string[] Levels) Delinquency()
    {
        var file = ReferenceFile.Load("assink2016");
        return (file, file.Moderator("deltype").Values);
    }

    private static T[] Repeat<T>(T value, int count) => [.. Enumerable.Repeat(value, count)];
}
