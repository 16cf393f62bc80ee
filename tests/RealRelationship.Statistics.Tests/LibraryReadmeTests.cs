namespace RealRelationship.Statistics.Tests;

/// <summary>What the README shows is what the library does.</summary>
public sealed class LibraryReadmeTests
{
    [Fact]
    public void The_README_example_gives_379()
    {
        FisherZEffect[] effects = [EffectSizeConversion.FromCorrelation(0.38, 120), EffectSizeConversion.FromCohensD(0.9, 30, 32),
            EffectSizeConversion.FromT(2.7, 58)];
        var fit = RandomEffectsModel.Fit([.. effects.Select(e => e.Estimate)], [.. effects.Select(e => e.Variance)]);
        Assert.Equal(0.379, Math.Round(FisherZ.ToCorrelation(fit.Mean.Estimate), 3));
    }
}
