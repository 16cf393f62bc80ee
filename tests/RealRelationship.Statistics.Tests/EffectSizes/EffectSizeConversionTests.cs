using CsCheck;

namespace RealRelationship.Statistics.Tests;

/// <summary>Conversions compared with values computed by hand from the formulas given with each, and with each other.</summary>
public sealed class EffectSizeConversionTests
{
    private const double Tolerance = 1e-14;

    [Fact]
    public void A_correlation_becomes_its_inverse_hyperbolic_tangent() => // ½ ln(1.5/0.5), 1/97
        AssertEffect(0.5493061443340549, 1.0 / 97, 100, converted: false, EffectSizeConversion.FromCorrelation(0.5, 100));

    [Fact]
    public void A_partial_correlation_loses_one_degree_of_freedom_per_covariate() =>
        AssertEffect(0.5493061443340549, 1.0 / 94, 100, converted: false, EffectSizeConversion.FromPartialCorrelation(0.5, 100, 3));

    [Fact]
    public void A_semi_partial_correlation_is_converted_through_the_partial_one() // r = .3/√(1 − .5 + .09) = .3/√.59
    {
        var effect = EffectSizeConversion.FromSemiPartialCorrelation(0.3, 60, 2, 0.5);
        AssertEffect(Math.Atanh(0.3 / Math.Sqrt(0.59)), 1.0 / 55, 60, converted: true, effect);
        Assert.Equal(0.3 / Math.Sqrt(0.59), effect.Correlation, Tolerance);
    }

    [Fact]
    public void Spearmans_rho_of_a_half_is_a_correlation_of_518() // r = 2 sin(π/12) = (√6 − √2)/2; 1 − r² = √3 − 1
    {
        var r = (Math.Sqrt(6) - Math.Sqrt(2)) / 2;
        var slope = Math.PI / 3 * Math.Cos(Math.PI / 12) * 0.75 / (Math.Sqrt(3) - 1);
        AssertEffect(Math.Atanh(r), 1.125 / 27 * slope * slope, 30, converted: true, EffectSizeConversion.FromSpearman(0.5, 30));
    }

    [Fact]
    public void Fishers_z_is_not_converted()
    {
        AssertEffect(0.4, 1.0 / 47, 50, converted: false, EffectSizeConversion.FromFisherZ(0.4, 50));
        AssertEffect(0.4, 0.04, null, converted: false, EffectSizeConversion.FromFisherZWithStandardError(0.4, 0.2));
        AssertEffect(0.4, 0.03, null, converted: false, EffectSizeConversion.FromFisherZEstimate(0.4, 0.03));
    }

    [Fact]
    public void Cohens_d_of_unequal_groups() // a = 48(1/20 + 1/30) = 4; z = asinh(.8/2); v_d = 1/12 + .64/100, over .64 + 4
        => AssertEffect(0.3900353197707155, (1.0 / 12 + 0.0064) / 4.64, 50, converted: true, EffectSizeConversion.FromCohensD(0.8, 20, 30));

    [Fact]
    public void Cohens_d_with_only_a_total_n_assumes_equal_groups() =>
        AssertSame(EffectSizeConversion.FromCohensD(0.8, 25, 25), EffectSizeConversion.FromCohensD(0.8, 50));

    [Fact]
    public void Hedges_g_is_divided_by_the_exact_small_sample_factor() // J(4) = Γ(2)/(√2 Γ(3/2)) = √(2/π)
    {
        var effect = EffectSizeConversion.FromHedgesG(0.5, 3, 3);
        AssertSame(EffectSizeConversion.FromCohensD(0.5 * Math.Sqrt(Math.PI / 2), 3, 3), effect);
        AssertSame(effect, EffectSizeConversion.FromHedgesG(0.5, 6));
    }

    [Fact]
    public void T_of_3_with_N_20_and_the_d_of_the_same_data_both_give_577()
    {
        var t = EffectSizeConversion.FromT(3, 18);
        var d = EffectSizeConversion.FromCohensD(3 * Math.Sqrt(1 / 10.0 + 1 / 10.0), 10, 10);
        Assert.Equal(1 / Math.Sqrt(3), t.Correlation, Tolerance);
        Assert.Equal(t.Estimate, d.Estimate, Tolerance);
    }

    [Fact]
    public void For_t_n_is_the_degrees_of_freedom_plus_two() =>
        AssertEffect(Math.Asinh(3 / Math.Sqrt(18)), 1.0 / 17, 20, converted: true, EffectSizeConversion.FromT(3, 18));

    [Fact]
    public void T_with_fractional_degrees_of_freedom_has_no_sample_size() => Assert.Null(EffectSizeConversion.FromT(3, 18.5).SampleSize);

    [Fact]
    public void F_is_the_square_of_t() => AssertSame(EffectSizeConversion.FromT(-3, 18), EffectSizeConversion.FromF(9, 18, -1));

    [Fact]
    public void Chi_squared_of_a_fourfold_table_is_phi_and_approximate() // φ = √(9/100)
    {
        var effect = EffectSizeConversion.FromChiSquared(9, 100, -1);
        AssertEffect(-Math.Atanh(0.3), 1.0 / 97, 100, converted: true, effect);
        Assert.True(effect.Approximate);
    }

    [Fact]
    public void A_p_value_converts_back_to_its_correlation() // t = .5 √(28/.75), p from R: 2*pt(-.5*sqrt(28/.75), 28)
    {
        var t = 0.5 * Math.Sqrt(28 / 0.75);
        var p = 2 * StudentT.UpperTail(t, 28);
        AssertEffect(Math.Atanh(0.5), 1.0 / 27, 30, converted: true, EffectSizeConversion.FromPValue(p, 30, 2, 1));
        Assert.Equal(-0.5, EffectSizeConversion.FromPValue(p / 2, 30, 1, -1).Correlation, 1e-13);
    }

    [Fact]
    public void A_two_tailed_p_of_1_is_no_effect() => Assert.Equal(0, EffectSizeConversion.FromPValue(1, 30, 2, 1).Estimate);

    [Fact]
    public void A_p_value_that_nearly_underflows_is_still_a_finite_effect() =>
        Assert.True(EffectSizeConversion.FromPValue(1e-300, 30, 2, 1).Estimate is > 20 and < 100);

    [Fact]
    public void An_odds_ratio_of_groups_is_converted_to_d_by_the_logistic_distribution()
    {
        const double b = 0.9;
        var d = b * Math.Sqrt(3) / Math.PI;
        var effect = EffectSizeConversion.FromOddsRatio(Math.Exp(b), OddsRatioComparison.Groups, Math.Exp(b - 0.4), Math.Exp(b + 0.4), 0.95, null);
        var se = 0.4 / 1.959963984540054;
        AssertEffect(Math.Atanh(d / Math.Sqrt(d * d + 4)), 3 / (Math.PI * Math.PI) * se * se / (d * d + 4), null, converted: true, effect);
        var sized = EffectSizeConversion.FromOddsRatio(Math.Exp(b), OddsRatioComparison.Groups, Math.Exp(b - 0.4), Math.Exp(b + 0.4), 0.95, 50);
        Assert.Equal(EffectSizeConversion.FromCohensD(d, 50).Estimate, sized.Estimate, Tolerance);
        Assert.Equal(50, sized.SampleSize);
    }

    [Fact]
    public void An_odds_ratio_per_standard_deviation_is_a_latent_correlation()
    {
        var effect = EffectSizeConversion.FromOddsRatio(2, OddsRatioComparison.PerStandardDeviation, 1.5, 8 / 3.0, 0.90, 200);
        var b = Math.Log(2);
        var se = Math.Log(16 / 9.0) / (2 * 1.6448536269514722);
        var denominator = b * b + Math.PI * Math.PI / 3;
        AssertEffect(Math.Atanh(b / Math.Sqrt(denominator)), se * se / denominator, 200, converted: true, effect);
    }

    [Fact]
    public void Huge_statistics_do_not_round_to_a_correlation_of_1()
    {
        Assert.Equal(Math.Log(2e8), EffectSizeConversion.FromT(1e8 * Math.Sqrt(20), 20).Estimate, 1e-12); // asinh x → ln 2x
        Assert.Equal(Math.Log(2e8), EffectSizeConversion.FromCohensD(1e8 * Math.Sqrt(3.6), 20).Estimate, 1e-12);
        Assert.True(double.IsFinite(EffectSizeConversion.FromSpearman(1 - 1e-15, 20).Variance));
    }

    [Fact]
    public void Every_conversion_is_odd_in_its_effect()
    {
        AssertMirrored(sign => EffectSizeConversion.FromCorrelation(sign * 0.3, 40));
        AssertMirrored(sign => EffectSizeConversion.FromSpearman(sign * 0.3, 40));
        AssertMirrored(sign => EffectSizeConversion.FromCohensD(sign * 0.3, 40));
        AssertMirrored(sign => EffectSizeConversion.FromT(sign * 0.3, 40));
        AssertMirrored(sign => EffectSizeConversion.FromF(2, 40, sign));
        AssertMirrored(sign => EffectSizeConversion.FromChiSquared(2, 40, sign));
        AssertMirrored(sign => EffectSizeConversion.FromPValue(0.03, 40, 2, sign));
        AssertMirrored(
            sign => EffectSizeConversion.FromOddsRatio(Math.Pow(2, sign), OddsRatioComparison.Groups, Math.Pow(2, sign) / 3, Math.Pow(2, sign) * 3, 0.95, 40));
    }

    [Fact]
    public void The_t_of_a_correlation_is_that_correlation() =>
        Gen.Select(Gen.Double[-0.999, 0.999], Gen.Int[4, 10_000]).Sample((r, n) =>
        {
            var effect = EffectSizeConversion.FromT(r * Math.Sqrt((n - 2) / (1 - r * r)), n - 2);
            Assert.Equal(EffectSizeConversion.FromCorrelation(r, n).Estimate, effect.Estimate, 1e-12);
            Assert.Equal(1.0 / (n - 3), effect.Variance, 1e-15);
        });

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void A_correlation_of_1_is_refused(double value)
    {
        Assert.Throws<ArgumentOutOfRangeException>("r", () => EffectSizeConversion.FromCorrelation(value, 50));
        Assert.Throws<ArgumentOutOfRangeException>("r", () => EffectSizeConversion.FromPartialCorrelation(value, 50, 1));
        Assert.Throws<ArgumentOutOfRangeException>("rho", () => EffectSizeConversion.FromSpearman(value, 50));
    }

    [Fact]
    public void Samples_too_small_for_a_variance_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("n", () => EffectSizeConversion.FromCorrelation(0.1, 3));
        Assert.Throws<ArgumentOutOfRangeException>("n", () => EffectSizeConversion.FromPartialCorrelation(0.1, 6, 3));
        Assert.Throws<ArgumentOutOfRangeException>("n", () => EffectSizeConversion.FromSemiPartialCorrelation(0.1, 6, 3, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>("n", () => EffectSizeConversion.FromSpearman(0.1, 9));
        Assert.Throws<ArgumentOutOfRangeException>("n", () => EffectSizeConversion.FromFisherZ(0.1, 3));
        Assert.Throws<ArgumentOutOfRangeException>("n1", () => EffectSizeConversion.FromCohensD(0.1, 1, 9));
        Assert.Throws<ArgumentOutOfRangeException>("n2", () => EffectSizeConversion.FromHedgesG(0.1, 9, 1));
        Assert.Throws<ArgumentOutOfRangeException>("n", () => EffectSizeConversion.FromHedgesG(0.1, 3));
        Assert.Throws<ArgumentOutOfRangeException>("df", () => EffectSizeConversion.FromT(0.1, 1));
        Assert.Throws<ArgumentOutOfRangeException>("df2", () => EffectSizeConversion.FromF(0.1, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>("n", () => EffectSizeConversion.FromPValue(0.1, 3, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>("n", () => EffectSizeConversion.FromOddsRatio(2, OddsRatioComparison.Groups, 1, 4, 0.95, 3));
    }

    [Fact]
    public void The_smallest_samples_and_range_limits_are_accepted()
    {
        Assert.Equal(1, EffectSizeConversion.FromCorrelation(0.1, 4).Variance, 1e-15);
        Assert.Equal(1, EffectSizeConversion.FromPartialCorrelation(0.1, 7, 3).Variance, 1e-15);
        Assert.Equal(1, EffectSizeConversion.FromSemiPartialCorrelation(0.1, 7, 3, 0.5).Variance, 1e-15);
        // the only predictor: r itself
        Assert.Equal(0.5, EffectSizeConversion.FromSemiPartialCorrelation(0.5, 60, 0, 0.25).Estimate / Math.Atanh(0.5) / 2, 1e-14);
        Assert.True(EffectSizeConversion.FromSpearman(0.1, 10).Variance > 1 / 7.0);
        Assert.Equal(1, EffectSizeConversion.FromFisherZ(0.1, 4).Variance, 1e-15);
        Assert.Equal(0.5, EffectSizeConversion.FromCohensD(0, 2, 2).Variance, 1e-15); // a = 2, v_d = 1
        Assert.Equal(0.5, EffectSizeConversion.FromCohensD(0, 4).Variance, 1e-15);
        Assert.Equal(0.5, EffectSizeConversion.FromHedgesG(0, 2, 2).Variance, 1e-15);
        Assert.Equal(0.5, EffectSizeConversion.FromHedgesG(0, 4).Variance, 1e-15);
        Assert.Equal(1, EffectSizeConversion.FromT(0, 2).Variance, 1e-15);
        Assert.Equal(0, EffectSizeConversion.FromF(0, 2, 1).Estimate);
        Assert.Equal(0, EffectSizeConversion.FromChiSquared(0, 4, 1).Estimate);
        Assert.Equal(0, EffectSizeConversion.FromPValue(1, 4, 2, 1).Estimate);
        Assert.Equal(4, EffectSizeConversion.FromOddsRatio(2, OddsRatioComparison.Groups, 1, 4, 0.95, 4).SampleSize);
        Assert.Equal(0, EffectSizeConversion.FromSemiPartialCorrelation(0, 60, 2, 0).Estimate);
    }

    [Fact] // bc, 60 digits, where 1 − r² would have lost twelve of its sixteen
    public void Spearman_near_1_keeps_full_precision()
    {
        var effect = EffectSizeConversion.FromSpearman(1 - Math.Pow(2, -40), 20);
        Assert.Equal(14.258378921000903893, effect.Estimate, 1e-14);
        Assert.Equal(0.0882352941176103473, effect.Variance, 1e-14);
    }

    [Fact]
    public void Only_r_and_z_are_marked_as_not_converted()
    {
        FisherZEffect[] given =
        [
            EffectSizeConversion.FromCorrelation(0.3, 20), EffectSizeConversion.FromPartialCorrelation(0.3, 20, 2), EffectSizeConversion.FromFisherZ(0.3, 20),
            EffectSizeConversion.FromFisherZWithStandardError(0.3, 0.1), EffectSizeConversion.FromFisherZEstimate(0.3, 0.1),
        ];
        Assert.All(given, effect => Assert.False(effect.Converted || effect.Approximate, effect.Formula));
        FisherZEffect[] converted =
        [
            EffectSizeConversion.FromSemiPartialCorrelation(0.3, 20, 2, 0.5), EffectSizeConversion.FromSpearman(0.3, 20),
            EffectSizeConversion.FromCohensD(0.3, 10, 10),
            EffectSizeConversion.FromHedgesG(0.3, 20), EffectSizeConversion.FromT(2, 18), EffectSizeConversion.FromF(4, 18, 1),
            EffectSizeConversion.FromPValue(0.04, 20, 2, 1),
            EffectSizeConversion.FromOddsRatio(2, OddsRatioComparison.PerStandardDeviation, 1, 4, 0.95, null),
        ];
        Assert.All(converted, effect => Assert.True(effect.Converted && !effect.Approximate, effect.Formula));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Non_finite_numbers_are_refused(double value)
    {
        Assert.Throws<ArgumentOutOfRangeException>("z", () => EffectSizeConversion.FromFisherZ(value, 20));
        Assert.Throws<ArgumentOutOfRangeException>("z", () => EffectSizeConversion.FromFisherZWithStandardError(value, 0.1));
        Assert.Throws<ArgumentOutOfRangeException>("yi", () => EffectSizeConversion.FromFisherZEstimate(value, 0.1));
        Assert.Throws<ArgumentOutOfRangeException>("d", () => EffectSizeConversion.FromCohensD(value, 10, 10));
        Assert.Throws<ArgumentOutOfRangeException>("g", () => EffectSizeConversion.FromHedgesG(value, 10, 10));
        Assert.Throws<ArgumentOutOfRangeException>("g", () => EffectSizeConversion.FromHedgesG(value, 20));
        Assert.Throws<ArgumentOutOfRangeException>("t", () => EffectSizeConversion.FromT(value, 20));
        Assert.Throws<ArgumentOutOfRangeException>("p", () => EffectSizeConversion.FromPValue(value, 20, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>("oddsRatio", () => EffectSizeConversion.FromOddsRatio(value, OddsRatioComparison.Groups, 1, 4, 0.95, 30));
    }

    [Fact]
    public void Statistics_out_of_their_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("sr", () => EffectSizeConversion.FromSemiPartialCorrelation(0.8, 60, 2, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>("rSquared", () => EffectSizeConversion.FromSemiPartialCorrelation(0.3, 60, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>("f", () => EffectSizeConversion.FromF(-1, 20, 1));
        Assert.Throws<ArgumentOutOfRangeException>("sign", () => EffectSizeConversion.FromF(1, 20, 0));
        Assert.Throws<ArgumentOutOfRangeException>("chiSquared", () => EffectSizeConversion.FromChiSquared(20, 20, 1));
        Assert.Throws<ArgumentOutOfRangeException>("p", () => EffectSizeConversion.FromPValue(0, 20, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>("p", () => EffectSizeConversion.FromPValue(1, 20, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>("tails", () => EffectSizeConversion.FromPValue(0.5, 20, 3, 1));
        Assert.Throws<ArgumentOutOfRangeException>("p", () => EffectSizeConversion.FromPValue(1.01, 20, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>("oddsRatio", () => EffectSizeConversion.FromOddsRatio(0, OddsRatioComparison.Groups, 1, 4, 0.95, 30));
        Assert.Throws<ArgumentOutOfRangeException>("lower", () => EffectSizeConversion.FromOddsRatio(2, OddsRatioComparison.Groups, 2.5, 4, 0.95, 30));
        Assert.Throws<ArgumentOutOfRangeException>("upper", () => EffectSizeConversion.FromOddsRatio(2, OddsRatioComparison.Groups, 1, 1.5, 0.95, 30));
        Assert.Throws<ArgumentOutOfRangeException>("confidence", () => EffectSizeConversion.FromOddsRatio(2, OddsRatioComparison.Groups, 1, 4, 95, 30));
        Assert.Throws<ArgumentOutOfRangeException>("standardError", () => EffectSizeConversion.FromFisherZWithStandardError(0.3, 0));
        Assert.Throws<ArgumentOutOfRangeException>("vi", () => EffectSizeConversion.FromFisherZEstimate(0.3, -1));
    }

    private static void AssertEffect(double z, double v, double? n, bool converted, FisherZEffect effect)
    {
        Assert.Equal(z, effect.Estimate, Tolerance);
        Assert.Equal(v, effect.Variance, Tolerance * v);
        Assert.Equal(n, effect.SampleSize);
        Assert.Equal(converted, effect.Converted);
        Assert.Contains("v", effect.Formula, StringComparison.Ordinal);
    }

    private static void AssertSame(FisherZEffect expected, FisherZEffect actual) =>
        AssertEffect(expected.Estimate, expected.Variance, expected.SampleSize, expected.Converted, actual);

    private static void AssertMirrored(Func<int, FisherZEffect> convert)
    {
        Assert.Equal(convert(1).Estimate, -convert(-1).Estimate, Tolerance);
        Assert.Equal(convert(1).Variance, convert(-1).Variance, Tolerance);
    }
}
