using CsCheck;

using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Testing.Simulations;

namespace RealRelationship.Statistics.Tests.SessionCorrelations;

/// <summary>What must hold of every clinic, whatever its sessions.</summary>
public sealed class SessionCorrelationInvariantTests
{
    private const int Variables = 3;

    /// <summary>6 to 15 clients of three therapists with 2 to 9 sessions each, on quarter points as clinics have them.</summary>
    private static readonly Gen<ClientSessions[]> s_clinics =
        Gen.Select(Gen.Int[0, 2], Gen.Select(Gen.Int[-8, 8], Gen.Int[-8, 8]).Array[2, 9], (therapist, sessions) => new ClientSessions(therapist,
        [
            [.. sessions.Select(s => s.Item1 / 4.0)],
            [.. sessions.Select(s => (s.Item1 + s.Item2) / 4.0)],
            [.. sessions.Select((_, i) => i + 1.0)],
        ])).Array[6, 15];

    [Fact]
    public void Shifting_a_client_keeps_the_within_client_correlation() => Gen.Select(s_clinics, Gen.Double[-3, 3]).Sample((clinic, shift) =>
        Same(Within(clinic), Within([Shifted(clinic[0], shift), .. clinic[1..]])));

    [Fact]
    public void Shifting_a_therapist_keeps_the_between_client_correlation() => Gen.Select(s_clinics, Gen.Double[-3, 3]).Sample((clinic, shift) =>
        Same(Between(clinic), Between([.. clinic.Select(client => client.Therapist == 0 ? Shifted(client, shift) : client)])));

    [Fact]
    public void Correlations_are_scale_invariant_and_reverse_with_the_scale() => Gen.Select(s_clinics, Gen.Double[0.1, 50]).Sample((clinic, unit) =>
    {
        Same(Within(clinic), Within([.. clinic.Select(client => Scaled(client, unit))]));
        Same(Between(clinic), Between([.. clinic.Select(client => Scaled(client, unit))]));
        Assert.Equal(Within(clinic)?.Z ?? 0, -Within([.. clinic.Select(client => Scaled(client, -unit))])?.Z ?? 0, 1e-9);
    });

    [Fact]
    public void Sums_of_two_client_sets_add_up() => Gen.Select(s_clinics, Gen.Int[1, 5]).Sample((clinic, cut) =>
    {
        var (first, second) = (SingleStratum(clinic[..cut]), SingleStratum(clinic[cut..]));
        var one = SingleStratum(clinic);
        var both = new StratumSums(first.Clients + second.Clients, Add(first.Sums, second.Sums), Add(first.CrossProducts, second.CrossProducts));
        Same(BetweenClients.Correlation([one], 0.95), BetweenClients.Correlation([both], 0.95));
    });

    [Fact]
    public void The_order_of_clients_does_not_matter() => s_clinics.Sample(clinic =>
    {
        ClientSessions[] turned = [.. clinic.Reverse()];
        Same(Within(clinic), Within(turned));
        Same(Between(clinic), Between(turned));
        Assert.Equal(LatentBootstrap.Interval([.. clinic.Select(client => client.ToLatentClient)], 0.95, 200, 7),
            LatentBootstrap.Interval([.. turned.Select(client => client.ToLatentClient)], 0.95, 200, 7));
    }, iter: 30);

    [Fact]
    public void Intervals_contain_the_estimate_and_agree_with_p() => s_clinics.Sample(clinic =>
    {
        if (Within(clinic) is { } r)
        {
            Assert.True(r.Lower < r.R && r.R < r.Upper && r.Lower >= -1 && r.Upper <= 1);
            Assert.Equal(r.PValue < 0.05, r.Lower > 0 || r.Upper < 0);
        }
    });

    private static SessionCorrelation? Within(ClientSessions[] clinic) => ClientSessions.SumsWithinClients(clinic, Variables).Detrended(0.95);

    private static SessionCorrelation? Between(ClientSessions[] clinic) =>
        BetweenClients.Correlation(ClientSessions.SumsBetweenClients(clinic.Select(c => c with { Variables = c.Variables[..2] })), 0.95);

    private static StratumSums SingleStratum(ClientSessions[] clinic) => ClientSessions.SumsByTherapist(clinic.Select(client => (0, client.Means)))[0];

    private static ClientSessions Shifted(ClientSessions client, double shift) =>
        client with { Variables = [[.. client.Variables[0].Select(x => x + shift)], .. client.Variables[1..]] };

    private static ClientSessions Scaled(ClientSessions client, double unit) =>
        client with { Variables = [[.. client.Variables[0].Select(x => unit * x)], .. client.Variables[1..]] };

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
