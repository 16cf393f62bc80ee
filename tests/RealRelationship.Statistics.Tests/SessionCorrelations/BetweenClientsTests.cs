using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Testing.Simulations;

namespace RealRelationship.Statistics.Tests.SessionCorrelations;

public sealed class BetweenClientsTests
{
    [Fact]
    public void Means_of_four_clients_of_one_therapist()
    {
        var r = BetweenClients.Correlation(ClientSessions.SumsBetweenClients(PublishedSessions.FourByFour), 0.95)!;
        Assert.Equal(0.9977961, r.R, 5e-8);
        Assert.Equal(2, r.DegreesOfFreedom);
    }

    [Fact]
    public void Therapists_with_one_client_are_excluded()
    {
        var strata = ClientSessions.SumsBetweenClients(PublishedSessions.FourByFour);
        StratumSums alone = new(1, [9, 1], [81, 9, 1]);
        Assert.Equal(BetweenClients.Correlation(strata, 0.95), BetweenClients.Correlation([.. strata, alone], 0.95));
        Assert.Equal((4, 1), BetweenClients.CountUsed([.. strata, alone]));
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    public void Fewer_than_ten_therapists_have_no_between_therapist_correlation(int therapists, bool compared)
    {
        var r = BetweenClients.BetweenTherapists([.. Therapists(therapists), new StratumSums(0, [0, 0], [0, 0, 0])], 0.95);
        Assert.Equal(compared, r is not null);
        Assert.Equal(compared ? 1 / Math.Sqrt(7) : null, r?.StandardError);
    }

    [Fact]
    public void Without_two_clients_of_one_therapist_there_is_no_correlation()
    {
        Assert.Null(BetweenClients.Correlation([], 0.95));
        Assert.Null(BetweenClients.Correlation(Therapists(12), 0.95));
        Assert.Null(BetweenClients.Latent(Therapists(12).Select(t => new LatentStratum(t, 0.5)), [1, 0.5, 1], 24, 12));
    }

    [Fact] // Noise of sessions that pulls x and y apart hides a covariance that is then larger than both variances allow.
    public void A_latent_estimate_beyond_1_is_no_correlation()
    {
        var latent = BetweenClients.Latent(Strata().Select(s => new LatentStratum(s, s.Clients / 2)), [3.2, -3.2, 3.2], 40, 20)!;
        Assert.True(latent.Ratio > 1, $"{latent.Ratio}");
        Assert.Null(latent.R);
    }

    [Fact]
    public void Without_variance_beyond_session_noise_there_is_no_latent_correlation() =>
        Assert.Null(BetweenClients.Latent(Strata().Select(s => new LatentStratum(s, s.Clients)), [40, 0, 40], 40, 20));

    [Fact]
    public void With_very_many_sessions_latent_and_observed_correlations_agree()
    {
        var latent = BetweenClients.Latent(Strata().Select(s => new LatentStratum(s, 1e-12 * s.Clients)), [1, 0.5, 1], 40, 20)!;
        Assert.Equal(BetweenClients.Correlation(Strata(), 0.95)!.R, latent.R!.Value, 1e-9);
        Assert.Equal(1e12, latent.Sessions, 1e3);
    }

    [Fact]
    public void Invalid_arguments_are_refused()
    {
        Assert.Throws<ArgumentException>("stratum", () => BetweenClients.Correlation([new StratumSums(2, [1, 2], [1, 2])], 0.95));
        Assert.Throws<ArgumentException>("stratum", () => BetweenClients.Correlation([new StratumSums(2, [1, double.NaN], [1, 2, 3])], 0.95));
        Assert.Throws<ArgumentException>("stratum", () => BetweenClients.Correlation([.. Strata(), new StratumSums(2, [1, 2, 3], new double[6])], 0.95));
        Assert.Throws<ArgumentOutOfRangeException>("stratum", () => BetweenClients.Correlation([new StratumSums(-1, [1, 2], [1, 2, 3])], 0.95));
        Assert.Throws<ArgumentException>("within", () => BetweenClients.Latent([], [1, 2], 4, 2));
        Assert.Throws<ArgumentOutOfRangeException>("observations", () => BetweenClients.Latent([], [1, 2, 3], 1, 2));
        Assert.Throws<ArgumentOutOfRangeException>("strata", () => BetweenClients.Latent([new LatentStratum(Strata()[0], 0)], [1, 0, 1], 4, 2));
    }

    /// <summary>One client each.</summary>
    private static List<StratumSums> Therapists(int count) =>
        ClientSessions.SumsByTherapist(Enumerable.Range(0, count).Select(j => (j, new[] { j, j % 3 + 0.5 * j })));

    /// <summary>Four therapists with five clients each.</summary>
    private static List<StratumSums> Strata() =>
        ClientSessions.SumsByTherapist(Enumerable.Range(0, 20).Select(i => (i % 4, new[] { i * 7 % 11 / 10.0, i * 5 % 13 / 10.0 })));
}
