using RealRelationship.Testing.Simulations;

namespace RealRelationship.Statistics.Tests;

/// <summary>The likelihoods of τ² can have several maxima; <c>simulate</c> of the benchmarks holds 10,000 sets to a grid, these are some of them.</summary>
public sealed class GlobalOptimumTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_grid_point_has_a_higher_likelihood(bool restricted)
    {
        var several = 0;
        foreach (var index in Enumerable.Range(0, 200))
        {
            Assert.True(GlobalOptimumCheck.Shortfall(MultimodalEffects.Generate(index), restricted, out var fit) <= 0,
                $"set {index}, {MultimodalEffects.Generate(index).Regime}");
            several += fit.SeveralModes ? 1 : 0;
        }
        Assert.True(several > 0, "No set has several modes: the test tests nothing.");
    }

    [Fact]
    public void The_higher_of_two_modes_is_taken()
    {
        Assert.True(GlobalOptimumCheck.Shortfall(GlobalOptimumCheck.BimodalEffects, restricted: true, out var fit) <= 0);
        Assert.Equal(0.000442470539782, fit.Heterogeneity.TauSquared!.Value, 1e-14);
        Assert.Equal(-1.272787, fit.LogLikelihood!.Value, 5e-7);
        Assert.True(
            LikelihoodGrid.LogLikelihood(GlobalOptimumCheck.BimodalEffects.Estimates, GlobalOptimumCheck.BimodalEffects.Variances, 0.05470389,
                restricted: true) < -1.6735);
    }
}
