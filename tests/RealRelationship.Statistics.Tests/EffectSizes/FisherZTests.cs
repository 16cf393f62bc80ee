namespace RealRelationship.Statistics.Tests;

public sealed class FisherZTests
{
    [Fact]
    public void The_inverse_transform_is_exact()
    {
        Assert.Equal(0.3095196042031118, FisherZ.FromCorrelation(0.3), 1e-15);
        Assert.Equal(0.3, FisherZ.ToCorrelation(FisherZ.FromCorrelation(0.3)), 1e-15);
    }

    [Fact]
    public void The_reference_result_of_372_is_a_d_of_80() => // r = .372: d = 2r/√(1 − r²)
        Assert.Equal(0.8015, FisherZ.ToCohensD(FisherZ.FromCorrelation(0.372)), 5e-5);

    /// <summary>See <see cref="MeanCorrelationReference"/>.</summary>
    [Theory]
    [MemberData(nameof(Means))]
    public void The_mean_correlation_agrees_with_quadrature_to_1e_14(double mu, double tauSquared, double expected) =>
        Assert.Equal(expected, FisherZ.MeanCorrelation(mu, tauSquared), 1e-14);

    public static TheoryData<double, double, double> Means => MeanCorrelationReference.Rows;

    [Fact]
    public void Without_heterogeneity_mean_and_median_correlation_are_one() =>
        Assert.Equal(Math.Tanh(0.7), FisherZ.MeanCorrelation(0.7, 0));

    [Fact]
    public void The_mean_is_nearer_to_zero_than_the_median() =>
        Assert.InRange(FisherZ.MeanCorrelation(0.391, 0.0166), 0.36, Math.Tanh(0.391));

    [Fact]
    public void Around_zero_the_mean_is_zero_however_wide() => Assert.Equal(0, FisherZ.MeanCorrelation(0, 1e6), 1e-15);

    [Fact]
    public void A_negative_variance_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("tauSquared", () => FisherZ.MeanCorrelation(0, -1));
        Assert.Throws<ArgumentOutOfRangeException>("r", () => FisherZ.FromCorrelation(1));
    }
}
