using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Testing.Simulations;

namespace RealRelationship.Statistics.Tests.SessionCorrelations;

public sealed class WithinClientSumsTests
{
    [Fact]
    public void Bland_and_Altman_1995_agrees_with_rmcorr()
    {
        var r = ClientSessions.SumsWithinClients(PublishedSessions.Bland1995, 2).Raw(0.95)!;
        Assert.Equal(-0.5067697, r.R, 5e-8);
        Assert.Equal(38, r.DegreesOfFreedom);
        Assert.Equal(0.0008471081, r.PValue, 5e-11);
        Assert.Equal(-0.7067146, r.Lower, 5e-8);
        Assert.Equal(-0.2318631, r.Upper, 5e-8);
    }

    [Fact]
    public void Four_clients_with_four_sessions()
    {
        var r = ClientSessions.SumsWithinClients(PublishedSessions.FourByFour, 2).Raw(0.95)!;
        Assert.Equal(0.9158882, r.R, 5e-8);
        Assert.Equal(11, r.DegreesOfFreedom);
        Assert.Equal(0.7366432, r.Lower, 5e-8);
        Assert.Equal(0.9748994, r.Upper, 5e-8);
    }

    [Fact]
    public void The_robust_interval_is_wider_than_the_raw_one_with_few_clients()
    {
        var sums = ClientSessions.SumsWithinClients(PublishedSessions.Bland1995, 2);
        var (raw, robust) = (sums.Raw(0.95)!, sums.Detrended(0.95)!);
        Assert.Equal(raw.R, robust.R, 1e-15);
        Assert.InRange(robust.DegreesOfFreedom, 2, 7);
        Assert.True(robust.Lower < raw.Lower && raw.Upper < robust.Upper);
    }

    [Fact]
    public void Clients_with_one_session_are_excluded()
    {
        var all = ClientSessions.SumsWithinClients([.. PublishedSessions.FourByFour, new ClientSessions(0, [[9], [1]])], 2);
        Assert.Equal(ClientSessions.SumsWithinClients(PublishedSessions.FourByFour, 2).Raw(0.95), all.Raw(0.95));
    }

    [Fact]
    public void Degrees_of_freedom_count_sessions()
    {
        var sums = new WithinClientSums(4, 50, 10, new double[10], new double[55]);
        Assert.Equal(39, sums.RawDegreesOfFreedom);
        Assert.Equal(37, sums.DetrendedDegreesOfFreedom);
    }

    [Fact]
    public void Without_clients_or_variance_there_is_no_correlation()
    {
        var none = new WithinClientSums(3, 0, 0, new double[6], new double[21]);
        Assert.Null(none.Raw(0.95));
        Assert.Null(none.Detrended(0.95));
        ClientSessions[] flat = [.. PublishedSessions.FourByFour.Select(c => new ClientSessions(0, [[3, 3, 3, 3], c.Variables[1]]))];
        Assert.Null(ClientSessions.SumsWithinClients(flat, 2).Raw(0.95));
        Assert.Null(ClientSessions.SumsWithinClients(flat, 2).Detrended(0.95));
    }

    [Fact]
    public void Pure_trend_has_no_detrended_correlation()
    {
        ClientSessions[] trend = [.. PublishedSessions.FourByFour.Select(c => new ClientSessions(0, [[0.3, 0.6, 0.9, 1.2], c.Variables[1], [1, 2, 3, 4]]))];
        Assert.NotNull(ClientSessions.SumsWithinClients(trend, 3).Raw(0.95));
        Assert.Null(ClientSessions.SumsWithinClients(trend, 3).Detrended(0.95));
    }

    [Fact]
    public void A_perfect_correlation_has_no_z()
    {
        ClientSessions[] same = [.. PublishedSessions.FourByFour.Select(c => new ClientSessions(0, [c.Variables[0], c.Variables[0]]))];
        Assert.Null(ClientSessions.SumsWithinClients(same, 2).Raw(0.95));
    }

    [Fact]
    public void Two_clients_are_too_few_for_a_robust_standard_error()
    {
        var two = ClientSessions.SumsWithinClients(PublishedSessions.FourByFour.Take(2), 2);
        Assert.NotNull(two.Raw(0.95));
        Assert.Null(two.Detrended(0.95));
    }

    [Fact]
    public void Invalid_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("variables", () => new WithinClientSums(1, 4, 2, new double[1], new double[1]));
        Assert.Throws<ArgumentOutOfRangeException>("clients", () => new WithinClientSums(2, 4, -1, new double[3], new double[6]));
        Assert.Throws<ArgumentOutOfRangeException>("observations", () => new WithinClientSums(2, 3, 2, new double[3], new double[6]));
        Assert.Throws<ArgumentException>("crossProducts", () => new WithinClientSums(2, 4, 2, new double[2], new double[6]));
        Assert.Throws<ArgumentException>("outerProducts", () => new WithinClientSums(2, 4, 2, new double[3], [0, 0, 0, 0, 0, double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>("confidence", () => new WithinClientSums(2, 4, 2, new double[3], new double[6]).Raw(1));
    }
}
