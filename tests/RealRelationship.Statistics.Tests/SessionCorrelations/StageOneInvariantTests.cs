using Benchmarks.Simulations;

using CsCheck;

using RealRelationship.Statistics.SessionCorrelations;

namespace RealRelationship.Statistics.Tests.SessionCorrelations;

/// <summary>What must hold of every clinic, whatever its sessions.</summary>
public sealed class StageOneInvariantTests
{
    private const int Variables = 3;

    /// <summary>6 to 15 clients of three therapists with 2 to 9 sessions each, on quarter points as clinics have them.</summary>
    private static readonly Gen<SessionRows[]> s_clinics =
        Gen.Select(Gen.Int[0, 2], Gen.Select(Gen.Int[-8, 8], Gen.Int[-8, 8]).Array[2, 9], (therapist, sessions) => new SessionRows(therapist,
        [
            [.. sessions.Select(s => s.Item1 / 4.0)],
            [.. sessions.Select(s => (s.Item1 + s.Item2) / 4.0)],
            [.. sessions.Select((_, i) => i + 1.0)],
        ])).Array[6, 15];

    [Fact]
    public void What_is_added_to_a_client_leaves_the_correlation_within_clients() => Gen.Select(s_clinics, Gen.Double[-3, 3]).Sample((clinic, shift) =>
        Same(Within(clinic), Within([Shifted(clinic[0], shift), .. clinic[1..]])));

    [Fact]
    public void What_is_added_to_a_therapist_leaves_the_correlation_between_clients() => Gen.Select(s_clinics, Gen.Double[-3, 3]).Sample((clinic, shift) =>
        Same(Between(clinic), Between([.. clinic.Select(client => client.Therapist == 0 ? Shifted(client, shift) : client)])));

    [Fact]
    public void Units_do_not_matter_and_a_turned_scale_turns_the_sign() => Gen.Select(s_clinics, Gen.Double[0.1, 50]).Sample((clinic, unit) =>
    {
        Same(Within(clinic), Within([.. clinic.Select(client => Scaled(client, unit))]));
        Same(Between(clinic), Between([.. clinic.Select(client => Scaled(client, unit))]));
        Assert.Equal(Within(clinic)?.Z ?? 0, -Within([.. clinic.Select(client => Scaled(client, -unit))])?.Z ?? 0, 1e-9);
    });

    [Fact]
    public void Sums_of_two_sets_of_clients_added_are_those_of_all() => Gen.Select(s_clinics, Gen.Int[1, 5]).Sample((clinic, cut) =>
    {
        var (first, second) = (Together(clinic[..cut]), Together(clinic[cut..]));
        var one = Together(clinic);
        var both = new StratumSums(first.Clients + second.Clients, Add(first.Sums, second.Sums), Add(first.CrossProducts, second.CrossProducts));
        Same(BetweenClients.Correlation([one], 0.95), BetweenClients.Correlation([both], 0.95));
    });

    [Fact]
    public void The_order_of_clients_does_not_matter() => s_clinics.Sample(clinic =>
    {
        SessionRows[] turned = [.. clinic.Reverse()];
        Same(Within(clinic), Within(turned));
        Same(Between(clinic), Between(turned));
        Assert.Equal(LatentBootstrap.Interval([.. clinic.Select(client => client.Latent)], 0.95, 200, 7), LatentBootstrap.Interval([.. turned.Select(client => client.Latent)], 0.95, 200, 7));
    }, iter: 30);

    [Fact]
    public void An_interval_holds_its_correlation_and_p_agrees_with_zero() => s_clinics.Sample(clinic =>
    {
        if (Within(clinic) is { } r)
        {
            Assert.True(r.Lower < r.R && r.R < r.Upper && r.Lower >= -1 && r.Upper <= 1);
            Assert.Equal(r.PValue < 0.05, r.Lower > 0 || r.Upper < 0);
        }
    });

    private static SessionCorrelation? Within(SessionRows[] clinic) => SessionRows.Within(clinic, Variables).Detrended(0.95);

    private static SessionCorrelation? Between(SessionRows[] clinic) => BetweenClients.Correlation(SessionRows.Between(clinic.Select(c => c with { Variables = c.Variables[..2] })), 0.95);

    private static StratumSums Together(SessionRows[] clinic) => SessionRows.Strata(clinic.Select(client => (0, client.Means)))[0];

    private static SessionRows Shifted(SessionRows client, double shift) => client with { Variables = [[.. client.Variables[0].Select(x => x + shift)], .. client.Variables[1..]] };

    private static SessionRows Scaled(SessionRows client, double unit) => client with { Variables = [[.. client.Variables[0].Select(x => unit * x)], .. client.Variables[1..]] };

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    /// <summary>Near ±1 the residual variances lose digits, and z with them.</summary>
    private static void Same(SessionCorrelation? a, SessionCorrelation? b)
    {
        if (a is null || b is null || Math.Abs(a.R) > 0.999)
        {
            return;
        }
        Assert.Equal(a.R, b.R, 1e-9);
        Assert.Equal(a.StandardError, b.StandardError, 1e-8 * (1 + a.StandardError));
        Assert.Equal(a.DegreesOfFreedom, b.DegreesOfFreedom, 1e-7 * a.DegreesOfFreedom);
        Assert.Equal(a.Lower, b.Lower, 1e-8);
        Assert.Equal(a.Upper, b.Upper, 1e-8);
    }
}
