namespace RealRelationship.Statistics.Tests;

/// <summary>Terms that are nearly linear combinations of each other draw a note; units and origins do not.</summary>
public sealed class CollinearityTests
{
    private static readonly double[] Y = [.. Enumerable.Range(0, 20).Select(i => 0.3 + 0.1 * Math.Sin(3 * i))];
    private static readonly double[] V = [.. Enumerable.Range(0, 20).Select(i => 0.01 + 0.001 * (i % 4))];
    private static readonly double[] X = [.. Enumerable.Range(0, 20).Select(i => (double)(i % 7))];

    [Theory]
    [InlineData(1e-9, true)]
    [InlineData(1e-4, true)]
    [InlineData(0.05, true)] // condition number 160
    [InlineData(0.5, false)]
    [InlineData(10, false)]
    public void A_second_term_that_repeats_the_first_is_nearly_aliased(double noise, bool expected)
    {
        double[] other = [.. X.Select((x, i) => 2 * x + noise * Math.Cos(5 * i))];
        Assert.Equal(expected, IsNearlyAliased(Design(X).Add(new ContinuousTerm("other", other))));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1e-6, 0)]
    [InlineData(1e9, 0)]
    [InlineData(1, 2000)] // years
    [InlineData(1, 1e5)]
    public void Units_and_origins_do_not_alias_terms(double unit, double origin)
    {
        var design = Design([.. X.Select(x => origin + unit * x)]).Add(new CategoricalTerm("level", [.. X.Select((_, i) => "abc"[i % 3].ToString())]));
        Assert.False(IsNearlyAliased(design));
    }

    [Fact]
    public void A_term_that_hardly_varies_is_nearly_the_intercept() => Assert.True(IsNearlyAliased(Design([.. X.Select(x => 1e9 + x)])));

    [Fact]
    public void An_intercept_alone_is_not_aliased() => Assert.False(IsNearlyAliased(DesignMatrix.WithIntercept(20)));

    private static DesignMatrix Design(double[] x) => DesignMatrix.WithIntercept(20).Add(new ContinuousTerm("x", x));

    /// <summary>By either model.</summary>
    private static bool IsNearlyAliased(DesignMatrix design)
    {
        var aliased = MetaRegression.Fit(Y, V, design).NearlyAliased;
        var nested = MultilevelModel.Fit(Y, V, [.. Enumerable.Range(0, 20).Select(i => i / 2)], design, new MultilevelOptions { ProfileIntervals = false });
        Assert.Equal(aliased, nested.Notes.Contains("nearlyAliased", StringComparer.Ordinal));
        return aliased;
    }
}
