using CsCheck;

namespace RealRelationship.Statistics.Tests;

public sealed class AggregationTests
{
    private static readonly Gen<(double Y, double V)[]> Sample = Gen.Select(Gen.Double[-1, 1], Gen.Double[0.001, 0.2]).Array[1, 6];

    [Fact]
    public void The_closed_form_equals_generalised_least_squares() => Gen.Select(Sample, Gen.Double[0, 0.95]).Sample((effects, rho) =>
    {
        var aggregated = Aggregate(effects, rho);
        var (estimate, variance) = DenseGeneralisedLeastSquares(effects, rho);
        Assert.Equal(estimate, aggregated.Estimates[0], 1e-10);
        Assert.Equal(variance, aggregated.Variances[0], 1e-12);
    });

    [Fact]
    public void Independent_effects_are_weighted_by_their_precision() // (.2/.01 + .5/.04)/(100 + 25), 1/125
    {
        var aggregated = Aggregate([(0.2, 0.01), (0.5, 0.04)], 0);
        Assert.Equal(0.26, aggregated.Estimates[0], 1e-15);
        Assert.Equal(0.008, aggregated.Variances[0], 1e-15);
    }

    [Fact]
    public void The_plain_mean_has_the_mean_of_the_covariance_matrix() // (.01 + .04 + 2·.5·.1·.2)/4
    {
        var aggregated = Aggregation.Aggregate([0.2, 0.5], [0.01, 0.04], [1, 1], 0.5, AggregationWeights.Simple);
        Assert.Equal(0.35, aggregated.Estimates[0], 1e-15);
        Assert.Equal(0.0175, aggregated.Variances[0], 1e-15);
        Assert.False(aggregated.NegativeWeights);
    }

    [Theory]
    [InlineData(0.49, false)] // √(.01/.04) = .5
    [InlineData(0.51, true)]
    public void Weights_are_negative_when_rho_exceeds_the_ratio_of_standard_errors(double rho, bool negative) =>
        Assert.Equal(negative, Aggregate([(0.2, 0.01), (0.5, 0.04)], rho).NegativeWeights);

    [Fact]
    public void Samples_are_ordered_by_first_appearance_with_their_rows()
    {
        var aggregated = Aggregation.Aggregate([0.1, 0.2, 0.3, 0.4], [0.01, 0.01, 0.02, 0.03], [7, 3, 7, 5], 0.6);
        Assert.Equal([[0, 2], [1], [3]], aggregated.Rows);
        Assert.Equal([0.2, 0.4], aggregated.Estimates.Skip(1));
        Assert.Equal([0.01, 0.03], aggregated.Variances.Skip(1)); // single effects are unchanged
    }

    [Fact]
    public void Equal_variances_gain_less_with_higher_correlation() // v(1 + (m−1)ρ)/m
    {
        Assert.Equal(0.01 * (1 + 2 * 0.6) / 3, Aggregate([(0.1, 0.01), (0.2, 0.01), (0.6, 0.01)], 0.6).Variances[0], 1e-16);
        Assert.Equal(0.3, Aggregate([(0.1, 0.01), (0.2, 0.01), (0.6, 0.01)], 0.6).Estimates[0], 1e-15);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void A_correlation_of_1_is_refused(double value) =>
        Assert.Throws<ArgumentOutOfRangeException>("rho", () => Aggregation.Aggregate([0.1], [0.1], [1], value));

    [Fact]
    public void Samples_of_another_length_are_refused() =>
        Assert.Throws<ArgumentException>("samples", () => Aggregation.Aggregate([0.1, 0.2], [0.1, 0.1], [1], 0.6));

    private static AggregatedEffects Aggregate((double Y, double V)[] effects, double rho) =>
        Aggregation.Aggregate([.. effects.Select(e => e.Y)], [.. effects.Select(e => e.V)], new int[effects.Length], rho);

    /// <summary>(1′V⁻¹y)/(1′V⁻¹1) and 1/(1′V⁻¹1) by elimination on the whole matrix.</summary>
    private static (double Estimate, double Variance) DenseGeneralisedLeastSquares((double Y, double V)[] effects, double rho)
    {
        var m = effects.Length;
        var a = new double[m, m];
        var x = Enumerable.Repeat(1.0, m).ToArray();
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j < m; j++)
            {
                a[i, j] = i == j ? effects[i].V : rho * Math.Sqrt(effects[i].V * effects[j].V);
            }
        }
        for (var c = 0; c < m; c++)
        {
            for (var i = 0; i < m; i++)
            {
                var factor = i == c ? 0 : a[i, c] / a[c, c];
                for (var j = c; j < m; j++)
                {
                    a[i, j] -= factor * a[c, j];
                }
                x[i] -= factor * x[c];
            }
        }
        var weights = x.Select((value, i) => value / a[i, i]).ToArray();
        return (weights.Zip(effects, (w, e) => w * e.Y).Sum() / weights.Sum(), 1 / weights.Sum());
    }
}
