namespace RealRelationship.Statistics.Tests;

public sealed class EquivalenceTests
{
    private static readonly ModelOptions Plain = new() { Estimator = TauSquaredEstimator.CommonEffect, Test = CoefficientTest.Normal };

    [Fact]
    public void The_larger_one_sided_p_value_is_reported() // z̄ = .05, SE = .02: the nearer bound is atanh .1
    {
        var test = Equivalence.TestCorrelation(RandomEffectsModel.Fit([0.05, 0.05], [0.0008, 0.0008], Plain), 0.1);
        Assert.Equal(Normal.UpperTail((Math.Atanh(0.1) - 0.05) / 0.02), test.PValue, 1e-15);
        Assert.True(test.Equivalent);
    }

    [Fact]
    public void An_imprecise_estimate_of_zero_is_not_equivalent_to_zero() =>
        Assert.False(Equivalence.TestCorrelation(RandomEffectsModel.Fit([0, 0], [0.02, 0.02], Plain), 0.1).Equivalent);

    [Fact]
    public void An_estimate_outside_the_margin_is_not_equivalent_however_precise()
    {
        var test = Equivalence.TestCorrelation(RandomEffectsModel.Fit([-0.3, -0.3], [1e-6, 1e-6], Plain), 0.1);
        Assert.InRange(test.PValue, 0.5, 1);
    }

    [Fact]
    public void The_sign_of_the_estimate_does_not_matter() => Assert.Equal(
        Equivalence.TestCorrelation(RandomEffectsModel.Fit([0.06, 0.02, 0.01], [0.001, 0.002, 0.001]), 0.1),
        Equivalence.TestCorrelation(RandomEffectsModel.Fit([-0.06, -0.02, -0.01], [0.001, 0.002, 0.001]), 0.1));

    [Fact]
    public void t_based_fits_use_the_t_distribution()
    {
        var fit = RandomEffectsModel.Fit([0.06, 0.02, 0.01], [0.001, 0.002, 0.001]);
        var expected = StudentT.UpperTail((Math.Atanh(0.1) - fit.Mean.Estimate) / fit.Mean.StandardError, 2);
        Assert.Equal(expected, Equivalence.TestCorrelation(fit, 0.1).PValue, 1e-15);
    }

    [Fact]
    public void A_zero_standard_error_gives_p_of_0_or_1()
    {
        var fit = RandomEffectsModel.Fit([0.05, 0.05], [0.01, 0.01], new ModelOptions { Test = CoefficientTest.KnappHartung });
        Assert.Equal(0, Equivalence.TestCorrelation(fit, 0.1).PValue);
        Assert.Equal(1, Equivalence.TestCorrelation(fit, 0.01).PValue);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void The_margin_lies_strictly_between_0_and_1(double margin) => Assert.Throws<ArgumentOutOfRangeException>(
        "marginOnCorrelation", () => Equivalence.TestCorrelation(RandomEffectsModel.Fit([0.1], [0.1]), margin));
}
