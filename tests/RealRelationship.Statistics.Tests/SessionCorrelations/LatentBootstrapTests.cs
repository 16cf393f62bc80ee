using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Testing.Simulations;

namespace RealRelationship.Statistics.Tests.SessionCorrelations;

public sealed class LatentBootstrapTests
{
    private static readonly LatentClient[] s_clients = Clients(60, 1);

    [Fact]
    public void The_same_seed_gives_the_same_interval() =>
        Assert.Equal(LatentBootstrap.Interval(s_clients, 0.95, 500, 3), LatentBootstrap.Interval(s_clients, 0.95, 500, 3));

    [Fact]
    public void The_order_of_clients_and_stratum_numbers_do_not_matter() => // a site's therapists are numbered by pseudonyms
        Assert.Equal(LatentBootstrap.Interval(s_clients, 0.95, 500, 3),
            LatentBootstrap.Interval([.. s_clients.Reverse().Select(c => c with { Stratum = 1_000 - c.Stratum * 7 })], 0.95, 500, 3));

    [Fact]
    public void Another_seed_gives_nearly_the_same_interval()
    {
        var (a, b) = (LatentBootstrap.Interval(s_clients, 0.95, 4000, 3)!, LatentBootstrap.Interval(s_clients, 0.95, 4000, 4)!);
        Assert.NotEqual(a, b);
        Assert.Equal(a.Lower, b.Lower, 0.05);
        Assert.Equal(a.Upper, b.Upper, 0.05);
    }

    [Fact]
    public void Higher_confidence_gives_a_wider_interval()
    {
        var (a, b) = (LatentBootstrap.Interval(s_clients, 0.8, 2000, 3)!, LatentBootstrap.Interval(s_clients, 0.95, 2000, 3)!);
        Assert.True(b.Lower < a.Lower && a.Lower < a.Upper && a.Upper < b.Upper);
    }

    [Fact]
    public void Shifting_all_clients_of_a_therapist_does_not_matter()
    {
        LatentClient[] moved = [.. s_clients.Select(c => c.Stratum == 2 ? c with { MeanX = c.MeanX + 8, MeanY = c.MeanY - 4 } : c)];
        var (a, b) = (LatentBootstrap.Interval(s_clients, 0.95, 500, 3)!, LatentBootstrap.Interval(moved, 0.95, 500, 3)!);
        Assert.Equal(a.Lower, b.Lower, 1e-9);
        Assert.Equal(a.Upper, b.Upper, 1e-9);
    }

    [Fact]
    public void Single_client_therapists_count_only_within_clients()
    {
        LatentClient[] more = [.. s_clients, .. Enumerable.Range(0, 20).Select(i => new LatentClient(100 + i, 1, 1000 * i, -i, 0, 0, 0))];
        Assert.NotNull(LatentBootstrap.Interval(more, 0.95, 200, 3));
        Assert.Null(LatentBootstrap.Interval(more[60..], 0.95, 200, 3));
    }

    [Fact]
    public void There_is_no_interval_without_variance_between_clients() =>
        Assert.Null(LatentBootstrap.Interval([.. s_clients.Select(c => c with { WithinXX = 100 * c.Sessions })], 0.95, 200, 3));

    [Fact]
    public void There_is_no_interval_if_many_replicates_have_no_variance() // σ² about 0
    {
        LatentClient[] weak = [.. Clients(30, 0.05)];
        Assert.Null(LatentBootstrap.Interval(weak, 0.95, 500, 3));
    }

    [Fact]
    public void Invalid_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("replicates", () => LatentBootstrap.Interval(s_clients, 0.95, 99, 3));
        Assert.Throws<ArgumentOutOfRangeException>("confidence", () => LatentBootstrap.Interval(s_clients, 0, 500, 3));
        Assert.Throws<ArgumentOutOfRangeException>("client", () => LatentBootstrap.Interval([s_clients[0] with { Sessions = 0 }], 0.95, 500, 3));
        Assert.Throws<ArgumentException>("client", () => LatentBootstrap.Interval([s_clients[0] with { MeanY = double.NaN }], 0.95, 500, 3));
    }

    private static LatentClient[] Clients(int count, double spread)
    {
        var chance = new SeededRandom(5);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var (x, y) = (spread * chance.StandardNormal(), spread * chance.StandardNormal());
            double[][] sessions = [[.. Enumerable.Range(0, 6).Select(_ => x + chance.StandardNormal())],
                [.. Enumerable.Range(0, 6).Select(_ => 0.5 * x + 0.9 * y + chance.StandardNormal())]];
            return new ClientSessions(i % 6, sessions).ToLatentClient;
        })];
    }
}
