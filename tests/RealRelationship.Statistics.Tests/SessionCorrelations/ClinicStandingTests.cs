using RealRelationship.Statistics.SessionCorrelations;

namespace RealRelationship.Statistics.Tests.SessionCorrelations;

public sealed class ClinicStandingTests
{
    /// <summary>μ = .4, SE .04, τ² = .02, q = 2: prediction from .11 to .69.</summary>
    [Theory]
    [InlineData(0.40, 0.05, 100, Standing.Inside)]
    [InlineData(0.60, 0.04, 100, Standing.Inside)]
    [InlineData(0.62, 0.05, 100, Standing.TooFewToSay)] // its interval leaves the prediction interval
    [InlineData(0.75, 0.05, 100, Standing.Above)]
    [InlineData(0.75, 0.20, 25, Standing.TooFewToSay)] // outside, but not more than its own error explains
    [InlineData(0.05, 0.05, 100, Standing.Below)]
    [InlineData(0.05, 0.05, 8, Standing.Below)]
    [InlineData(0.05, 0.05, 7.9, Standing.TooFewToSay)]
    [InlineData(0.40, 0.05, 7.9, Standing.TooFewToSay)]
    public void The_standing_follows_from_the_prediction_interval(double z, double error, double df, Standing expected) =>
        Assert.Equal(expected, ClinicStanding.Classify(z, error, df, 0.4, 0.04, 0.02, 2, 0.95));

    [Fact]
    public void Without_heterogeneity_only_the_sampling_error_counts() => // 2 √(.04² + .1²) = .215
        Assert.Equal(Standing.Above, ClinicStanding.Classify(0.63, 0.1, 50, 0.4, 0.04, 0, 2, 0.95));

    [Fact]
    public void Without_a_prediction_interval_there_is_no_standing()
    {
        Assert.Null(ClinicStanding.Classify(0.4, 0.1, 50, 0.4, 0.04, null, 2, 0.95));
        Assert.Null(ClinicStanding.Classify(0.4, 0.1, 50, 0.4, 0.04, 0.02, null, 0.95));
    }

    [Fact]
    public void Invalid_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("siteStandardError", () => ClinicStanding.Classify(0.4, 0, 20, 0.4, 0.04, 0.02, 2, 0.95));
        Assert.Throws<ArgumentOutOfRangeException>("tauSquared", () => ClinicStanding.Classify(0.4, 0.1, 20, 0.4, 0.04, -1, 2, 0.95));
        Assert.Throws<ArgumentOutOfRangeException>("quantile", () => ClinicStanding.Classify(0.4, 0.1, 20, 0.4, 0.04, 0.02, 0, 0.95));
        Assert.Throws<ArgumentOutOfRangeException>("siteZ", () => ClinicStanding.Classify(double.NaN, 0.1, 20, 0.4, 0.04, 0.02, 2, 0.95));
    }
}
