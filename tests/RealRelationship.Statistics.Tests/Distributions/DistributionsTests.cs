using System.Text.Json;

namespace RealRelationship.Statistics.Tests;

/// <summary>Every distribution against R, see Reference/distributions.R.</summary>
public sealed class DistributionsTests
{
    private static readonly Dictionary<string, Func<double[], double>> Functions = new(StringComparer.Ordinal)
    {
        ["normal.upper"] = a => Normal.UpperTail(a[0]),
        ["normal.logUpper"] = a => Normal.LogUpperTail(a[0]),
        ["normal.upperQuantile"] = a => Normal.UpperQuantile(a[0]),
        ["t.upper"] = a => StudentT.UpperTail(a[0], a[1]),
        ["t.logUpper"] = a => StudentT.LogUpperTail(a[0], a[1]),
        ["t.upperQuantile"] = a => StudentT.UpperQuantile(a[0], a[1]),
        ["chi2.upper"] = a => ChiSquared.UpperTail(a[0], a[1]),
        ["chi2.lower"] = a => ChiSquared.LowerTail(a[0], a[1]),
        ["chi2.logUpper"] = a => ChiSquared.LogUpperTail(a[0], a[1]),
        ["chi2.quantile"] = a => ChiSquared.Quantile(a[0], a[1]),
        ["chi2.upperQuantile"] = a => ChiSquared.UpperQuantile(a[0], a[1]),
        ["f.upper"] = a => FDistribution.UpperTail(a[0], a[1], a[2]),
        ["f.lower"] = a => FDistribution.LowerTail(a[0], a[1], a[2]),
        ["f.upperQuantile"] = a => FDistribution.UpperQuantile(a[0], a[1], a[2]),
        ["nct.upper"] = a => NoncentralT.UpperTail(a[0], a[1], a[2]),
    };

    public static TheoryData<string> Names => [.. Functions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Agrees_with_R_to_1e_12(string name)
    {
        var differences = Rows(name)
            .Select(row => (row.Arguments, row.Expected, Ours: Functions[name](row.Arguments)))
            .Where(row => !Close(row.Ours, row.Expected))
            .Select(row => $"{name}({string.Join(", ", row.Arguments)}) = {row.Ours:R}, R has {row.Expected:R}")
            .ToList();
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public void Tested_functions_are_exactly_those_in_the_reference() =>
        Assert.Equal(Functions.Keys.Order(StringComparer.Ordinal),
            All().Select(row => row.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Fact]
    public void Quantiles_near_the_median_agree_with_40_digits_of_mpmath()
    {
        Assert.Equal(2.5066282745665593779e-6, Normal.UpperQuantile(0.499999), 1e-19);
        Assert.Equal(2.6425597939044959236e-6, StudentT.UpperQuantile(0.499999, 4.7), 1e-19);
        Assert.Equal(2.4674051589901453285e-6, FDistribution.UpperQuantile(0.999, 1, 1), 1e-19);
        Assert.Equal(0.0010005170171176242356, FDistribution.UpperQuantile(0.999, 2, 60), 1e-16);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1.5)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(1000)]
    [InlineData(1001)]
    public void Cached_quantiles_equal_computed_ones(double df)
    {
        const double tail = (1 - 0.95) / 2;
        for (var times = 0; times < 2; times++)
        {
            Assert.Equal(1, StudentT.UpperQuantile(tail, df) / StudentT.UpperQuantile(tail * (1 + 1e-14), df), 1e-11);
            Assert.Equal(1, ChiSquared.UpperQuantile(tail, df) / ChiSquared.UpperQuantile(tail * (1 + 1e-14), df), 1e-11);
            Assert.Equal(1, ChiSquared.Quantile(tail, df) / ChiSquared.Quantile(tail * (1 + 1e-14), df), 1e-11);
        }
    }

    [Fact]
    public void The_median_of_a_symmetric_distribution_is_exactly_zero()
    {
        Assert.Equal(0, Normal.UpperQuantile(0.5));
        Assert.Equal(0, StudentT.UpperQuantile(0.5, 7));
    }

    [Theory]
    [InlineData(3, 0.4, 0.2)]
    [InlineData(14, 2.8, 0.9)]
    [InlineData(200, -1, 1e-6)]
    public void A_noncentral_quantile_has_the_requested_tail_probability(double df, double delta, double p)
    {
        Assert.Equal(p, NoncentralT.UpperTail(NoncentralT.UpperQuantile(p, df, delta), df, delta), 1e-13 * p);
        Assert.Equal(p, NoncentralT.LowerTail(NoncentralT.Quantile(p, df, delta), df, delta), 1e-13 * p);
    }

    [Fact]
    public void Infinite_arguments_have_tail_probability_0_or_1()
    {
        Assert.Equal(1, Normal.UpperTail(double.NegativeInfinity));
        Assert.Equal(0, StudentT.UpperTail(double.PositiveInfinity, 3));
        Assert.Equal(1, StudentT.UpperTail(double.NegativeInfinity, 3));
        Assert.Equal(0, ChiSquared.UpperTail(double.PositiveInfinity, 3));
        Assert.Equal(0, FDistribution.UpperTail(double.PositiveInfinity, 3, 4));
        Assert.Equal(0, NoncentralT.UpperTail(double.PositiveInfinity, 3, 1));
        Assert.Equal(1, NoncentralT.UpperTail(double.NegativeInfinity, 3, 1));
    }

    [Fact]
    public void Lower_tails_and_quantiles_agree_with_R_on_both_sides_of_the_median() // pnorm, pt, pf; qnorm, qt, qchisq, qf
    {
        Assert.Equal(0.096800484585610344, Normal.LowerTail(-1.3), 1e-15);
        Assert.Equal(0.99180246407540384, Normal.LowerTail(2.4), 1e-15);
        Assert.Equal(0.036935598106461298, StudentT.LowerTail(-2.1, 7), 1e-15);
        Assert.Equal(0.63959036553463855, StudentT.LowerTail(0.4, 2.5), 1e-14);
        Assert.Equal(0.41875032109441279, FDistribution.LowerTail(0.7, 3, 7), 1e-14);
        Assert.Equal(-0.52440051270804067, Normal.Quantile(0.3), 1e-14);
        Assert.Equal(1.2815515655446008, Normal.Quantile(0.9), 1e-14);
        Assert.Equal(1.5008853175085568, StudentT.Quantile(0.9, 4.5), 1e-12);
        Assert.Equal(-2.8600768821420526, StudentT.Quantile(0.02, 4.5), 1e-12);
        Assert.Equal(4.6416276760874453, ChiSquared.Quantile(0.8, 3), 1e-12);
        Assert.Equal(0.58437437415518334, ChiSquared.Quantile(0.1, 3), 1e-13);
        Assert.Equal(2.0185592569948301, FDistribution.Quantile(0.8, 3, 7), 1e-12);
        Assert.Equal(0.33623955733167554, FDistribution.Quantile(0.2, 3, 7), 1e-13);
    }

    [Fact]
    public void Nonnegative_distributions_have_no_mass_below_zero()
    {
        Assert.Equal((0, 1), (ChiSquared.LowerTail(0, 3), ChiSquared.UpperTail(0, 3)));
        Assert.Equal((0, 1), (FDistribution.LowerTail(0, 3, 4), FDistribution.UpperTail(0, 3, 4)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_quantile_needs_a_probability_strictly_between_0_and_1(double probability)
    {
        Assert.Throws<ArgumentOutOfRangeException>("p", () => Normal.Quantile(probability));
        Assert.Throws<ArgumentOutOfRangeException>("p", () => StudentT.Quantile(probability, 3));
        Assert.Throws<ArgumentOutOfRangeException>("p", () => ChiSquared.Quantile(probability, 3));
        Assert.Throws<ArgumentOutOfRangeException>("p", () => FDistribution.Quantile(probability, 3, 3));
        Assert.Throws<ArgumentOutOfRangeException>("p", () => NoncentralT.Quantile(probability, 3, 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.PositiveInfinity)]
    public void Degrees_of_freedom_are_positive_and_finite(double value)
    {
        Assert.Throws<ArgumentOutOfRangeException>("df", () => StudentT.UpperTail(1, value));
        Assert.Throws<ArgumentOutOfRangeException>("df", () => ChiSquared.UpperTail(1, value));
        Assert.Throws<ArgumentOutOfRangeException>("df2", () => FDistribution.UpperTail(1, 2, value));
        Assert.Throws<ArgumentOutOfRangeException>("df", () => NoncentralT.UpperTail(1, value, 1));
        Assert.Throws<ArgumentOutOfRangeException>("df", () => StudentT.Quantile(0.4, value));
        Assert.Throws<ArgumentOutOfRangeException>("df", () => ChiSquared.Quantile(0.4, value));
        Assert.Throws<ArgumentOutOfRangeException>("df1", () => FDistribution.Quantile(0.4, value, 2));
        Assert.Throws<ArgumentOutOfRangeException>("df2", () => FDistribution.UpperQuantile(0.4, 2, value));
        Assert.Throws<ArgumentOutOfRangeException>("df", () => NoncentralT.Quantile(0.4, value, 1));
    }

    private static bool Close(double ours, double expected) => Math.Abs(ours - expected) <= 1e-12 * Math.Max(Math.Abs(expected), 1e-290);

    [Theory]
    [InlineData(1e-9)]
    [InlineData(1e-4)]
    [InlineData(0.03)]
    [InlineData(0.7)]
    public void Noncentral_t_with_tiny_degrees_of_freedom_and_no_shift_equals_t(double df)
    {
        Assert.Equal(StudentT.UpperTail(3, df), NoncentralT.UpperTail(3, df, 0), 1e-12);
        Assert.Equal(1, NoncentralT.UpperTail(3, df, 1.5) + NoncentralT.LowerTail(3, df, 1.5), 1e-12);
    }

    private static IEnumerable<(string Name, double[] Arguments, double Expected)> Rows(string name) =>
        All().Where(row => string.Equals(row.Name, name, StringComparison.Ordinal));

    private static IEnumerable<(string Name, double[] Arguments, double Expected)> All()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(ReferenceFile.PathOf("distributions.json")));
        foreach (var row in document.RootElement.EnumerateArray())
        {
            yield return (row[0].GetString()!, [.. row[1].EnumerateArray().Select(x => x.GetDouble())], row[2].GetDouble());
        }
    }
}
