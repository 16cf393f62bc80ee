namespace RealRelationship.Statistics.Tests;

public sealed class SampleSizeTests
{
    /// <summary>Hulley et al. (2013), Designing Clinical Research, 4th ed., appendix 6C: two-sided α .05, β .20.</summary>
    [Theory]
    [InlineData(0.1, 783)]
    [InlineData(0.2, 194)]
    [InlineData(0.3, 85)]
    public void Participants_for_80_percent_power_are_those_of_Hulley(double r, double n) => Assert.Equal(n, SampleSize.ForCorrelation(r, 0.95, 0.8));

    [Theory]
    [InlineData(0.05, 0.95, 0.8)]
    [InlineData(0.25, 0.9, 0.5)]
    [InlineData(0.6, 0.99, 0.95)]
    public void It_is_the_smallest_number_with_that_power(double r, double confidence, double power)
    {
        var n = SampleSize.ForCorrelation(r, confidence, power);
        Assert.True(Power(n) >= power - 1e-12);
        Assert.True(Power(n - 1) < power);

        double Power(double participants) =>
            Normal.UpperTail(Normal.UpperQuantile((1 - confidence) / 2) - (FisherZ.FromCorrelation(r) * Math.Sqrt(participants - 3)));
    }

    [Theory]
    [InlineData(0, 0.95, 0.8)]
    [InlineData(1, 0.95, 0.8)]
    [InlineData(0.1, 1, 0.8)]
    [InlineData(0.1, 0.95, 1)]
    [InlineData(0.1, 0.95, 0.4)]
    public void Numbers_outside_their_range_are_refused(double r, double confidence, double power) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleSize.ForCorrelation(r, confidence, power));
}
