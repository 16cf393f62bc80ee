namespace RealRelationship.Statistics.Tests;

/// <summary>Intervals that were reported beside an effect.</summary>
public sealed class ReportedIntervalTests
{
    private const double Z975 = 1.959963984540054;

    [Theory]
    [InlineData(-0.2, 0.2, "")] // z ± .2: se .102 as 1/√97
    [InlineData(-0.19, 0.22, "")] // 46 %
    [InlineData(-0.1, 0.3, "asymmetricInterval")]
    [InlineData(-0.03, 0.03, "varianceContradictsN")] // se .015
    [InlineData(-0.3, 0.3, "")] // se .153: of n = 46
    [InlineData(-0.6, 0.6, "varianceContradictsN")] // se .306: of n = 14
    [InlineData(-0.5, 0.7, "varianceContradictsN asymmetricInterval")]
    public void The_wider_half_decides_where_the_estimate_is_not_in_the_middle(double below, double above, string notes)
    {
        var effect = EffectSizeConversion.FromCorrelation(0.4, 100);
        var z = Math.Atanh(0.4);
        var found = EffectSizeConversion.WithReportedInterval(effect, z, z + below, z + above, 1, 0.95);
        Assert.Equal(notes, string.Join(' ', found.Notes));
        var half = Math.Max(-below, above) / Z975;
        Assert.Equal(half * half * 97 > (notes.Contains("asymmetric", StringComparison.Ordinal) ? 1 : 1.25) ? half * half : 1 / 97.0, found.Variance, 1e-14);
        Assert.Equal((z, 100), (found.Estimate, found.SampleSize));
    }

    [Fact]
    public void On_the_scale_of_d_the_slope_turns_the_half_into_z()
    {
        var effect = EffectSizeConversion.FromCohensD(0.5, 40, 60); // v_d = .041667 + .00125
        var slope = Math.Sqrt(effect.Variance / effect.Difference!.Variance);
        Assert.Equal(1 / Math.Sqrt(0.25 + 98 * (1 / 40.0 + 1 / 60.0)), slope, 1e-14); // dz/dd = 1/√(d² + a)
        var found = EffectSizeConversion.WithReportedInterval(effect, 0.5, 0.2, 1.3, slope, 0.95);
        Assert.Equal(["asymmetricInterval"], found.Notes);
        Assert.Equal(Math.Pow(slope * 0.8 / Z975, 2), found.Variance, 1e-14);
    }

    [Fact]
    public void An_estimate_outside_the_middle_70_percent_is_not_of_the_interval()
    {
        Assert.True(EffectSizeConversion.IsPlausibleEstimate(0, -0.15, 0.85));
        Assert.False(EffectSizeConversion.IsPlausibleEstimate(0, -0.149, 0.851));
        Assert.False(EffectSizeConversion.IsPlausibleEstimate(0, 0, 0));
        var effect = EffectSizeConversion.FromCorrelation(0.4, 100);
        Assert.Throws<ArgumentOutOfRangeException>("estimate", () => EffectSizeConversion.WithReportedInterval(effect, 0.42, 0.41, 0.6, 1, 0.95));
        Assert.Throws<ArgumentOutOfRangeException>("upper", () => EffectSizeConversion.WithReportedInterval(effect, 0.42, 0.6, 0.41, 1, 0.95));
        Assert.Throws<ArgumentOutOfRangeException>("confidence", () => EffectSizeConversion.WithReportedInterval(effect, 0.42, 0.2, 0.6, 1, 1));
    }

    [Fact]
    public void Hedges_factor_is_the_exact_one() // J(4) = √(2/π)·…: Γ(2)/(√2 Γ(3/2))
    {
        Assert.Equal(1 / (Math.Sqrt(2) * Math.Sqrt(Math.PI) / 2), EffectSizeConversion.HedgesFactor(4), 1e-14);
        Assert.Throws<ArgumentOutOfRangeException>("degreesOfFreedom", () => EffectSizeConversion.HedgesFactor(1.9));
    }
}
