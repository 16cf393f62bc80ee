using Benchmarks.Simulations;

using RealRelationship.Statistics.SessionCorrelations;

namespace RealRelationship.Statistics.Tests.SessionCorrelations;

/// <summary>Each correlation against its own truth, in a few sets of `stage-one` of Benchmarks.</summary>
public sealed class StageOneCoverageTests
{
    private const int Sets = 600; // two Monte-Carlo errors: 1.8 %

    [Fact]
    public void Detrended_holds_the_truth_whatever_the_trend() =>
        Covers(new Clinic(1, 15, 2, 12) { Trend = 0.2, Autocorrelation = 0.3 }, 0.3, clinic => SessionRows.Within(clinic, 3).Detrended(0.95), 0.93, 0.97);

    [Fact]
    public void Raw_does_not() =>
        Covers(new Clinic(1, 60, 2, 12) { Trend = 0.2, Within = 0 }, 0, clinic => SessionRows.Within(clinic, 3).Raw(0.95), 0, 0.5);

    [Fact]
    public void Observed_means_hold_their_own_truth()
    {
        var clinic = new Clinic(10, 8, 4, 4);
        Covers(clinic, clinic.OfMeans, sessions => BetweenClients.Correlation(SessionRows.Between(sessions.Select(c => c with { Variables = c.Variables[..2] })), 0.95), 0.93, 0.97);
    }

    [Fact]
    public void The_latent_correlation_is_right_on_average()
    {
        var clinic = new Clinic(20, 15, 2, 8);
        Assert.Equal(Clinic.Between, Enumerable.Range(0, 200).Average(i => SessionRows.LatentOf(clinic.Draw(new Chance(i)))!.R), 0.015);
    }

    private static void Covers(Clinic clinic, double truth, Func<SessionRows[], SessionCorrelation?> correlation, double least, double most) =>
        Assert.InRange(Enumerable.Range(0, Sets).Count(i => correlation(clinic.Draw(new Chance(i))) is { } r && r.Lower <= truth && truth <= r.Upper) / (double)Sets, least, most);
}
