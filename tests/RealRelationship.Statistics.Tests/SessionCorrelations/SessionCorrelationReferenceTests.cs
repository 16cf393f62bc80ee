using System.Text.Json;

using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Testing.Simulations;

namespace RealRelationship.Statistics.Tests.SessionCorrelations;

/// <summary>Everything against R, see Reference/stage-one.R.</summary>
public sealed class SessionCorrelationReferenceTests
{
    private static readonly JsonElement s_root = JsonDocument.Parse(File.ReadAllText(ReferenceFile.PathOf("stage-one.json"))).RootElement;
    private static readonly ClientSessions[] s_clients = Clients();

    [Fact]
    public void Within_clients_raw() => AssertAgrees("raw", Within("x", "y").Raw(0.95));

    [Fact]
    public void Within_clients_detrended() => AssertAgrees("sessionPartialled", Within("x", "y", "session").Detrended(0.95));

    [Fact]
    public void Within_clients_detrended_with_alliance_partialled_out() =>
        AssertAgrees("sessionAndAlliancePartialled", Within("x", "y", "session", "alliance").Detrended(0.95));

    [Fact]
    public void Further_variables_do_not_change_the_raw_correlation() => AssertAgrees("raw", Within("x", "y", "session", "alliance").Raw(0.95));

    [Fact]
    public void Between_clients_of_one_therapist() =>
        AssertAgrees("betweenClients", BetweenClients.Correlation(ClientSessions.SumsBetweenClients(s_clients), 0.95));

    [Fact]
    public void Treatment_outcome_with_the_score_before_partialled_out()
    {
        var (pre, post) = (Numbers("pre"), Numbers("post"));
        AssertAgrees("treatmentOutcome",
            BetweenClients.Correlation(
                ClientSessions.SumsByTherapist(s_clients.Select((client, i) => (client.Therapist, new[] { client.Means[0], post[i], pre[i] }))), 0.95));
    }

    [Fact]
    public void Between_therapists() => AssertAgrees("betweenTherapists", BetweenClients.BetweenTherapists(ClientSessions.SumsBetweenClients(s_clients), 0.95));

    [Fact]
    public void Latent_between_clients()
    {
        var latent = ClientSessions.LatentCorrelationOf(s_clients)!;
        Close(Numbers("latent"), [latent.Ratio, latent.VarianceX, latent.Covariance, latent.VarianceY, latent.Sessions]);
    }

    private static WithinClientSums Within(params string[] variables)
    {
        var rows = variables.Select(Numbers).ToArray();
        var client = Numbers("client");
        return ClientSessions.SumsWithinClients(Enumerable.Range(0, client.Length).GroupBy(i => client[i])
            .Select(group => new ClientSessions(0, [.. rows.Select(row => group.Select(i => row[i]).ToArray())])), variables.Length);
    }

    private static ClientSessions[] Clients()
    {
        var (client, therapist, x, y) = (Numbers("client"), Numbers("therapist"), Numbers("x"), Numbers("y"));
        return [.. Enumerable.Range(0, client.Length).GroupBy(i => client[i])
            .Select(group => new ClientSessions((int)therapist[(int)group.Key - 1], [[.. group.Select(i => x[i])], [.. group.Select(i => y[i])]]))];
    }

    private static void AssertAgrees(string name, SessionCorrelation? r) =>
        Close(Numbers(name), [r!.R, r.Z, r.StandardError, r.DegreesOfFreedom, r.PValue, r.Lower, r.Upper]);

    private static void Close(double[] expected, double[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(1, pair.Second / pair.First, 1e-10));

    private static double[] Numbers(string name) => [.. s_root.GetProperty(name).EnumerateArray().Select(x => x.GetDouble())];
}
