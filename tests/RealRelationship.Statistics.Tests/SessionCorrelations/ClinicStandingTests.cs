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
        Assert.Equal(expected, ClinicStanding.Classify(z, error, df, Pool(0.02), 0.95));

    [Fact]
    public void Without_heterogeneity_only_the_sampling_error_counts() => // 2 √(.04² + .1²) = .215
        Assert.Equal(Standing.Above, ClinicStanding.Classify(0.63, 0.1, 50, Pool(0), 0.95));

    [Fact]
    public void Without_a_prediction_interval_there_is_no_standing()
    {
        Assert.Null(ClinicStanding.Classify(0.4, 0.1, 50, null, 0.95));
        Assert.Null(ClinicStanding.Classify(0.4, 0.1, 50, RandomEffectsModel.Fit([0.4], [0.01]).Prediction, 0.95));
    }

    [Fact]
    public void Under_the_confidence_distribution_the_error_of_the_clinic_is_part_of_the_quantiles()
    {
        var pool = Five(0.95);
        var (effects, estimates) = (pool.Interval!.Value, pool.IntervalOfEstimate(0.2)!.Value);
        Assert.Equal(effects, pool.IntervalOfEstimate(0));
        // The new effect at 400 of its quantiles, with a normal error around each.
        var quantiles = Enumerable.Range(1, 200).Select(i => Five((i - 0.5) / 200).Interval!.Value).SelectMany(q => new[] { q.Lower, q.Upper }).ToArray();
        Assert.Equal(0.025, quantiles.Average(q => Normal.UpperTail((estimates.Upper - q) / 0.2)), 5e-4);
        Assert.Equal(0.025, quantiles.Average(q => Normal.LowerTail((estimates.Lower - q) / 0.2)), 5e-4);
        Assert.Equal(Standing.TooFewToSay, ClinicStanding.Classify(effects.Upper + 0.05, 0.2, 50, pool, 0.95));
        Assert.Equal(Standing.Above, ClinicStanding.Classify(estimates.Upper + 0.01, 0.2, 50, pool, 0.95));
        Assert.Equal(Standing.Below, ClinicStanding.Classify(estimates.Lower - 0.01, 0.2, 50, pool, 0.95));
        Assert.Equal(Standing.Inside, ClinicStanding.Classify(0.35, 0.05, 50, pool, 0.95));
    }

    [Fact]
    public void Invalid_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("siteStandardError", () => ClinicStanding.Classify(0.4, 0, 20, Pool(0.02), 0.95));
        Assert.Throws<ArgumentOutOfRangeException>("siteZ", () => ClinicStanding.Classify(double.NaN, 0.1, 20, Pool(0.02), 0.95));
        Assert.Throws<ArgumentOutOfRangeException>("standardError", () => Pool(0.02).IntervalOfEstimate(-1));
    }

    /// <summary>Of 20 effects with variance s² = τ² + v = .032, so that SE² = s²/20, tested by z at the confidence at which q = 2.</summary>
    private static Prediction Pool(double tauSquared)
    {
        const double variance = 0.032;
        var distance = Math.Sqrt(tauSquared > 0 ? variance * 19 / 20 : 0);
        var fit = RandomEffectsModel.Fit([.. Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? 0.4 + distance : 0.4 - distance)],
            [.. Enumerable.Repeat(variance - tauSquared, 20)],
            new ModelOptions { Test = CoefficientTest.Normal, Prediction = PredictionDistribution.SameAsTest, Confidence = 1 - 2 * Normal.UpperTail(2) });
        Assert.Equal(tauSquared, fit.Heterogeneity.TauSquared!.Value, 1e-12);
        Assert.Equal(0.04, fit.Mean.StandardError, 1e-12);
        return fit.Prediction!;
    }

    private static Prediction Five(double confidence) => RandomEffectsModel.Fit([0.1, 0.2, 0.35, 0.45, 0.6], [0.01, 0.02, 0.01, 0.02, 0.01],
        new ModelOptions { Confidence = confidence }).Prediction!;
}
