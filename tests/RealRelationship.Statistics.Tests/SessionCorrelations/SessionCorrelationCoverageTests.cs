using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Testing.Simulations;

namespace RealRelationship.Statistics.Tests.SessionCorrelations;

/// <summary>Each correlation against its own truth, in a few sets of `stage-one` of Benchmarks.</summary>
public sealed class SessionCorrelationCoverageTests
{
    private const int Sets = 600; // two Monte-Carlo errors: 1.8 %

    [Fact]
    public void Detrended_intervals_cover_the_truth_despite_a_trend() =>
        AssertCoverage(new BivariateClinic(1, 15, 2, 12) { Trend = 0.2, Autocorrelation = 0.3 }, 0.3,
            clinic => ClientSessions.SumsWithinClients(clinic, 3).Detrended(0.95), 0.93, 0.97);

    [Fact]
    public void Raw_intervals_do_not_cover_the_truth_under_a_trend() =>
        AssertCoverage(new BivariateClinic(1, 60, 2, 12) { Trend = 0.2, WithinCorrelation = 0 }, 0,
            clinic => ClientSessions.SumsWithinClients(clinic, 3).Raw(0.95), 0, 0.5);

    [Fact]
    public void Intervals_of_observed_means_cover_their_own_truth()
    {
        var clinic = new BivariateClinic(10, 8, 4, 4);
        AssertCoverage(clinic, clinic.CorrelationOfMeans,
            sessions => BetweenClients.Correlation(ClientSessions.SumsBetweenClients(sessions.Select(c => c with { Variables = c.Variables[..2] })), 0.95),
            0.93, 0.97);
    }

    [Fact]
    public void The_latent_correlation_is_nearly_unbiased()
    {
        var clinic = new BivariateClinic(20, 15, 2, 8);
        Assert.Equal(BivariateClinic.BetweenCorrelation,
            Enumerable.Range(0, 200).Average(i => ClientSessions.LatentCorrelationOf(clinic.Simulate(new SeededRandom(i)))!.Ratio), 0.015);
    }

    private static void AssertCoverage(BivariateClinic clinic, double truth, Func<ClientSessions[], SessionCorrelation?> correlation, double min, double max) =>
        Assert.InRange(
            Enumerable.Range(0, Sets).Count(i => correlation(clinic.Simulate(new SeededRandom(i))) is { } r && r.Lower <= truth && truth <= r.Upper)
                / (double)Sets, min, max);
}
