using RealRelationship.Testing;

namespace RealRelationship.Statistics.Tests;

public sealed class WildBootstrapTests
{
    private static readonly double[] Y = [0.10, 0.25, 0.42, 0.30, 0.55, 0.35, 0.20, 0.61, 0.45, 0.70, 0.05, 0.33];
    private static readonly double[] V = [0.01, 0.02, 0.01, 0.03, 0.01, 0.02, 0.02, 0.01, 0.01, 0.02, 0.03, 0.01];
    private static readonly int[] Samples = [1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 6];
    private static readonly double[] X = [1, 2, 2, 1, 4, 3, 1, 5, 3, 4, 1, 2];

    [SlowFact("It enumerates all sign vectors.")]
    public void The_p_value_is_the_share_of_sign_vectors_with_a_statistic_as_large()
    {
        var options = new MultilevelOptions { Robust = RobustVariance.CR0, ProfileIntervals = false };
        var mean = MultilevelModel.Fit(Y, V, Samples, options).Mean.Estimate;
        var observed = F(Y, options);
        var all = Enumerable.Range(0, 64)
            .Count(signs => F([.. Y.Select((y, i) => mean + ((signs >> (Samples[i] - 1) & 1) == 0 ? 1 : -1) * (y - mean))], options) >= observed - 1e-9) / 64.0;
        var test = WildBootstrap.Test(Y, V, Samples, Design, 4000, 1);
        Assert.Equal(observed, test!.F, 1e-9);
        Assert.Equal(all, test.PValue, 4 * Math.Sqrt(all * (1 - all) / 4000));
        Assert.Equal(4000, test.Replicates);
    }

    [Fact]
    public void Results_are_reproducible_by_seed()
    {
        Assert.Equal(WildBootstrap.Test(Y, V, Samples, Design, 99, 7), WildBootstrap.Test(Y, V, Samples, Design, 99, 7));
        Assert.Contains(Enumerable.Range(8, 5),
            seed => WildBootstrap.Test(Y, V, Samples, Design, 99, (ulong)seed) != WildBootstrap.Test(Y, V, Samples, Design, 99, 7));
    }

    [Fact]
    public void Untestable_terms_are_refused_or_null()
    {
        Assert.Throws<ArgumentException>("design", () => WildBootstrap.Test(Y, V, Samples, DesignMatrix.WithIntercept(12), 99, 1));
        var saturated = DesignMatrix.WithIntercept(12).Add(new CategoricalTerm("sample", [.. Samples.Select(s => $"{s}")])).Add(new ContinuousTerm("x", X));
        Assert.Null(WildBootstrap.Test(Y, V, Samples, saturated, 9, 1)); // seven coefficients, six samples
        Assert.Throws<ArgumentOutOfRangeException>("replicates", () => WildBootstrap.Test(Y, V, Samples, Design, 0, 1));
    }

    private static DesignMatrix Design => DesignMatrix.WithIntercept(12).Add(new ContinuousTerm("x", X));

    /// <summary>The square of estimate over CR0 error.</summary>
    private static double F(double[] y, MultilevelOptions options)
    {
        var slope = MultilevelModel.Fit(y, V, Samples, Design, options).Coefficients[1];
        return Math.Pow(slope.Estimate / slope.StandardError, 2);
    }
}
