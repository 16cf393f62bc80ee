namespace RealRelationship.Statistics.Tests;

/// <summary>Conversions of 2×2 tables, means and Kendall's τ: against metafor 3.8.1's <c>escalc</c> (relative 1e-12), exact values and simulation.</summary>
public sealed class SampleConversionTests
{
    private const double Agreement = 1e-12;

    [Theory]
    [InlineData(30, 12, 9, 28, 0.4701357474470763, 0.009804084515622974)]
    [InlineData(5, 14, 16, 6, -0.4630084785605513, 0.01915729153088401)]
    [InlineData(80, 4, 7, 3, 0.2964063965169456, 0.02501329658636373)]
    [InlineData(30, 0, 9, 28, 0.7629682707167986, 0.004199065529626858)]
    public void Phi_agrees_with_metafors_PHI(double a, double b, double c, double d, double phi, double variance)
    {
        var effect = EffectSizeConversion.FromCounts(a, b, c, d);
        AssertClose(phi, effect.Correlation);
        AssertClose(variance, effect.Variance * Math.Pow(1 - phi * phi, 2));
        Assert.Equal((a + b + c + d, true, false), (effect.SampleSize, effect.Converted, effect.Approximate));
        Assert.Empty(effect.Notes);
    }

    [Theory]
    [InlineData(30, 12, 9, 28)]
    [InlineData(80, 4, 7, 3)]
    [InlineData(2, 50, 40, 300)]
    public void The_variance_of_phi_is_that_of_the_multinomial_table(double a, double b, double c, double d)
    {
        double[] cells = [a, b, c, d];
        var n = cells.Sum();
        double Z(double[] x) => EffectSizeConversion.FromCounts(x[0], x[1], x[2], x[3]).Estimate;
        // the gradient over the cells, which stays as it is when all grow alike
        double[] gradient = [.. cells.Select((_, i) =>
        {
            double[] up = [.. cells], down = [.. cells];
            up[i] += 1e-4;
            down[i] -= 1e-4;
            return (Z(up) - Z(down)) / 2e-4 * n;
        })];
        var mean = gradient.Zip(cells, (g, x) => g * x / n).Sum();
        var variance = gradient.Zip(cells, (g, x) => (g - mean) * (g - mean) * x / n).Sum() / n;
        Assert.Equal(variance, EffectSizeConversion.FromCounts(a, b, c, d).Variance, variance * 1e-6);
    }

    [Fact]
    public void Phi_is_that_of_chi_squared_and_its_variance_at_even_margins_that_of_a_correlation() // φ = √(χ²/n); (1 − φ²)/n/(1 − φ²)²
    {
        var effect = EffectSizeConversion.FromCounts(35, 15, 15, 35); // χ² = 100 (35² − 15²)²/50⁴ = 16
        AssertClose(EffectSizeConversion.FromChiSquared(16, 100, 1).Estimate, effect.Estimate);
        AssertClose(1 / (100 * (1 - 0.16)), effect.Variance);
    }

    [Theory]
    [InlineData(30, 12, 9, 28, 1.261856758811821, 0.09279095165294844)]
    [InlineData(5, 14, 16, 6, -1.238225347362938, 0.1774492381636061)]
    [InlineData(80, 4, 7, 3, 1.143990681239038, 0.2285850043840412)]
    [InlineData(30, 0, 9, 28, 2.8156878711681, 0.3639905295772406)]
    public void The_difference_of_probits_agrees_with_metafors_PBIT(double a, double b, double c, double d, double difference, double variance)
    {
        var effect = EffectSizeConversion.FromCountsOfGroups(a, b, c, d);
        var (isFilled, half) = (b == 0, b == 0 ? 1.0 : 0); // of a row
        var k = (a + b + c + d + 2 * half - 2) * (1 / (a + b + half) + 1 / (c + d + half));
        AssertClose(difference / Math.Sqrt(difference * difference + k), effect.Correlation);
        AssertClose(variance / (difference * difference + k), effect.Variance);
        Assert.Equal(isFilled ? ["emptyCell"] : [], effect.Notes);
        Assert.Equal((a + b + c + d, isFilled), (effect.SampleSize, effect.Approximate));
    }

    [Fact]
    public void Two_cut_variables_have_the_tetrachoric_correlation_with_half_a_member_in_each_cell_if_one_is_empty()
    {
        Assert.Equal(EffectSizeConversion.FromTetrachoric(44, 21, 18, 37), EffectSizeConversion.FromCountsOfCutVariables(44, 21, 18, 37));
        var filled = EffectSizeConversion.FromCountsOfCutVariables(30, 0, 9, 28);
        var expected = EffectSizeConversion.FromTetrachoric(30.5, 0.5, 9.5, 28.5);
        Assert.Equal((expected.Estimate, expected.Variance, 67, true), (filled.Estimate, filled.Variance, filled.SampleSize, filled.Approximate));
        Assert.Equal(["emptyCell"], filled.Notes);
    }

    [Fact]
    public void A_table_reflects_in_either_variable_and_a_transposed_one_is_the_same()
    {
        foreach (var convert in new Func<double, double, double, double, FisherZEffect>[]
            { EffectSizeConversion.FromCounts, EffectSizeConversion.FromCountsOfGroups, EffectSizeConversion.FromCountsOfCutVariables })
        {
            var (effect, reflected) = (convert(80, 4, 7, 3), convert(4, 80, 3, 7));
            Assert.Equal(-effect.Estimate, reflected.Estimate, 1e-9);
            Assert.Equal(effect.Variance, reflected.Variance, effect.Variance * 1e-9);
            Assert.True(effect.Estimate > 0);
            if (convert != EffectSizeConversion.FromCountsOfGroups)
            {
                Assert.Equal(effect.Estimate, convert(80, 7, 4, 3).Estimate, 1e-9);
            }
        }
    }

    [Theory]
    [InlineData(-1, 5, 5, 5, "a")]
    [InlineData(5, 5, 5, -1, "d")]
    [InlineData(0, 0, 5, 5, "a")]
    [InlineData(5, 0, 5, 0, "b")]
    [InlineData(5, 5, 0, 0, "c")]
    [InlineData(1, 0, 1, 1, "d")]
    [InlineData(double.NaN, 5, 5, 5, "a")]
    public void A_table_that_has_no_correlation_is_refused(double a, double b, double c, double d, string parameter)
    {
        Assert.Throws<ArgumentOutOfRangeException>(parameter, () => EffectSizeConversion.FromCounts(a, b, c, d));
        Assert.Throws<ArgumentOutOfRangeException>(parameter, () => EffectSizeConversion.FromCountsOfGroups(a, b, c, d));
        Assert.Throws<ArgumentOutOfRangeException>(parameter, () => EffectSizeConversion.FromCountsOfCutVariables(a, b, c, d));
    }

    [Fact]
    public void Phi_of_plus_or_minus_one_is_refused()
    {
        Assert.Equal("outsideRange", Assert.Throws<StatisticsException>(() => EffectSizeConversion.FromCounts(0, 10, 10, 0)).Code);
        Assert.Equal("outsideRange", Assert.Throws<StatisticsException>(() => EffectSizeConversion.FromCounts(10, 0, 0, 10)).Code);
    }

    [Fact]
    public void Means_are_the_difference_of_groups() // RPB of reference/frontier/conversions.json
    {
        var effect = EffectSizeConversion.FromMeans(10.2, 2.1, 40, 8.9, 2.4, 35);
        AssertClose(0.28105116801246777, effect.Correlation);
        AssertClose(0.011148829565187748, effect.Variance * Math.Pow(1 - effect.Correlation * effect.Correlation, 2));
        var (d, same) = (effect.Difference!.D, EffectSizeConversion.FromCohensD(effect.Difference.D, 40, 35));
        Assert.Equal((same.Estimate, same.Variance, 75.0), (effect.Estimate, effect.Variance, effect.SampleSize));
        AssertClose(1.3 / Math.Sqrt((39 * 2.1 * 2.1 + 34 * 2.4 * 2.4) / 73), d);
        Assert.Equal(-effect.Estimate, EffectSizeConversion.FromMeans(8.9, 2.4, 35, 10.2, 2.1, 40).Estimate, 1e-15);
        AssertClose(d, EffectSizeConversion.StandardizedDifference(10.2e200, 2.1e200, 40, 8.9e200, 2.4e200, 35));
    }

    [Theory]
    [InlineData(0, 2, 10, 10, "sd1")]
    [InlineData(2, -1, 10, 10, "sd2")]
    [InlineData(2, 2, 1, 10, "n1")]
    [InlineData(2, 2, 10, 1, "n2")]
    public void Groups_without_spread_or_members_are_refused(double sd1, double sd2, double n1, double n2, string parameter) =>
        Assert.Throws<ArgumentOutOfRangeException>(parameter, () => EffectSizeConversion.FromMeans(5, sd1, n1, 4, sd2, n2));

    [Fact]
    public void Kendalls_tau_of_a_third_is_a_correlation_of_a_half() // sin(π/6); asin ¼
    {
        var effect = EffectSizeConversion.FromKendall(1.0 / 3, 60);
        Assert.Equal(0.5, effect.Correlation, 1e-15);
        var variance = 2.0 / (60 * 59) * (1 - 1.0 / 9 + 116 * (1.0 / 9 - Math.Pow(2 / Math.PI * Math.Asin(0.25), 2)));
        AssertClose(variance * Math.Pow(Math.PI / 2, 2) / 0.75, effect.Variance);
        Assert.Equal((60.0, true), (effect.SampleSize, effect.Converted));
        Assert.Equal(-effect.Estimate, EffectSizeConversion.FromKendall(-1.0 / 3, 60).Estimate);
    }

    [Fact]
    public void The_variance_of_tau_is_exact_where_the_variables_are_independent() // 2(2n + 5)/(9n(n − 1)), Kendall 1938
    {
        var effect = EffectSizeConversion.FromKendall(0, 25);
        Assert.Equal(0, effect.Estimate);
        AssertClose(2.0 * 55 / (9 * 25 * 24) * Math.PI * Math.PI / 4, effect.Variance);
    }

    [Theory]
    [InlineData(0.3, 30)]
    [InlineData(0.8, 40)]
    public void The_variance_of_tau_is_that_of_samples(double rho, int n)
    {
        const int Samples = 1500;
        var random = new Random(11);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var (estimates, variances) = (new double[Samples], new double[Samples]);
        var (x, y) = (new double[n], new double[n]);
        for (var s = 0; s < Samples; s++)
        {
            for (var i = 0; i < n; i++)
            {
                x[i] = Normal();
                y[i] = rho * x[i] + Math.Sqrt(1 - rho * rho) * Normal();
            }
            var concordant = 0;
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    concordant += Math.Sign((x[i] - x[j]) * (y[i] - y[j]));
                }
            }
            var effect = EffectSizeConversion.FromKendall(concordant / (n * (n - 1) / 2.0), n);
            (estimates[s], variances[s]) = (effect.Estimate, effect.Variance);
        }
        var mean = estimates.Average();
        Assert.Equal(Math.Atanh(rho), mean, 0.05);
        Assert.Equal(1, variances.Average() / estimates.Sum(z => (z - mean) * (z - mean) / (Samples - 1)), 0.12); // 3 standard errors of the variance
    }

    [Theory]
    [InlineData(1, 20, "tau")]
    [InlineData(-1.2, 20, "tau")]
    [InlineData(0.3, 9, "n")]
    public void Taus_that_no_conversion_has_are_refused(double tau, double n, string parameter) =>
        Assert.Throws<ArgumentOutOfRangeException>(parameter, () => EffectSizeConversion.FromKendall(tau, n));

    [Fact]
    public void A_tau_near_one_keeps_its_variance()
    {
        var (near, nearer) = (EffectSizeConversion.FromKendall(1 - 1e-6, 1000), EffectSizeConversion.FromKendall(1 - 1e-8, 1000));
        Assert.True(near.Estimate < nearer.Estimate && double.IsFinite(nearer.Estimate));
        Assert.Equal(100, nearer.Variance / near.Variance, 0.5); // (1 − τ)/(1 − τ)²
    }

    [Fact]
    public void An_untransformed_correlation_agrees_with_metafors_COR_and_one_of_groups_with_RPB()
    {
        var (z, v) = (EffectSizeConversion.FromCorrelation(0.3, 30).Estimate, 1.0 / 27);
        Assert.Equal((0.3, 0.028555172413793), Rounded(EffectSizeConversion.ToUntransformedCorrelation(z, v, 30)));
        Assert.Equal((0.3, Math.Round(0.91 * 0.91 / 27, 15)), Rounded(EffectSizeConversion.ToUntransformedCorrelation(z, v, null)));
        var groups = EffectSizeConversion.FromMeans(10.2, 2.1, 40, 8.9, 2.4, 35);
        var (r, variance) = EffectSizeConversion.ToUntransformedCorrelation(groups.Estimate, groups.Variance, groups.SampleSize);
        AssertClose(0.28105116801246777, r);
        AssertClose(0.011148829565187748, variance);
        Assert.True(EffectSizeConversion.ToUntransformedCorrelation(15, 1e-7, 1e7).Variance > 0);
        Assert.Throws<ArgumentOutOfRangeException>("variance", () => EffectSizeConversion.ToUntransformedCorrelation(0.3, 0, 30));

        static (double, double) Rounded((double R, double Variance) effect) => (Math.Round(effect.R, 14), Math.Round(effect.Variance, 15));
    }

    private static void AssertClose(double expected, double actual) => Assert.Equal(expected, actual, Math.Abs(expected) * Agreement);
}
