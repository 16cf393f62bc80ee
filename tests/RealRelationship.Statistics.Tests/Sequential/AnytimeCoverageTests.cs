using RealRelationship.Testing.Simulations;

namespace RealRelationship.Statistics.Tests.Sequential;

/// <summary>What the method promises at every look, in a few series of <c>anytime</c> of Benchmarks.</summary>
public sealed class AnytimeCoverageTests
{
    private const int Series = 100;
    private const int Studies = 15;
    private static readonly int[] s_looks = [.. Enumerable.Range(1, Studies)];

    [Theory]
    [InlineData(0)]
    [InlineData(0.05)]
    public void A_series_of_no_effect_seldom_crosses_the_line_at_any_look(double tau2) =>
        Assert.InRange(Share(0, tau2, (y, v) => AnytimeInference.FirstCrossed(y, v, [], s_looks) is not null), 0, 0.05);

    [Theory]
    [InlineData(0)]
    [InlineData(0.05)]
    public void A_sequence_covers_the_mean_at_all_looks_together(double tau2) =>
        Assert.InRange(Share(0.3, tau2, (y, v) => AnytimeInference.Path(y, v, [3, 6, 10, 15]).All(fit => fit.Lower <= 0.3 && 0.3 <= fit.Upper)), 0.95, 1);

    private static double Share(double mean, double tau2, Func<double[], double[], bool> counts) => Enumerable.Range(0, Series).Count(i =>
    {
        var chance = new SeededRandom(40_000_003 + i);
        double[] v = [.. s_looks.Select(_ => 1.0 / (chance.Integer(25, 200) - 3))];
        return counts([.. v.Select(vi => chance.Normal(chance.Normal(mean, tau2), vi))], v);
    }) / (double)Series;
}
