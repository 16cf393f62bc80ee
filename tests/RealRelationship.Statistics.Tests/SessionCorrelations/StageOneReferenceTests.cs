using System.Text.Json;

using Benchmarks.Simulations;

using RealRelationship.Statistics.SessionCorrelations;

namespace RealRelationship.Statistics.Tests.SessionCorrelations;

/// <summary>Everything against R, see Reference/stage-one.R.</summary>
public sealed class StageOneReferenceTests
{
    private static readonly JsonElement s_root = JsonDocument.Parse(File.ReadAllText(ReferenceFile.PathOf("stage-one.json"))).RootElement;
    private static readonly SessionRows[] s_clients = Clients();

    [Fact]
    public void Within_clients_as_it_is() => Agrees("raw", Within("x", "y").Raw(0.95));

    [Fact]
    public void Within_clients_without_the_trend_over_sessions() => Agrees("sessionPartialled", Within("x", "y", "session").Detrended(0.95));

    [Fact]
    public void Within_clients_without_trend_and_alliance() =>
        Agrees("sessionAndAlliancePartialled", Within("x", "y", "session", "alliance").Detrended(0.95));

    [Fact]
    public void Further_variables_leave_the_raw_correlation_as_it_is() => Agrees("raw", Within("x", "y", "session", "alliance").Raw(0.95));

    [Fact]
    public void Between_clients_of_one_therapist() => Agrees("betweenClients", BetweenClients.Correlation(SessionRows.Between(s_clients), 0.95));

    [Fact]
    public void Treatment_outcome_with_the_score_before_partialled_out()
    {
        var (pre, post) = (Numbers("pre"), Numbers("post"));
        Agrees("treatmentOutcome", BetweenClients.Correlation(SessionRows.Strata(s_clients.Select((client, i) => (client.Therapist, new[] { client.Means[0], post[i], pre[i] }))), 0.95));
    }

    [Fact]
    public void Between_therapists() => Agrees("betweenTherapists", BetweenClients.BetweenTherapists(SessionRows.Between(s_clients), 0.95));

    [Fact]
    public void Latent()
    {
        var latent = SessionRows.LatentOf(s_clients)!;
        Close(Numbers("latent"), [latent.R, latent.VarianceX, latent.Covariance, latent.VarianceY, latent.Sessions]);
    }

    private static WithinClientSums Within(params string[] variables)
    {
        var rows = variables.Select(Numbers).ToArray();
        var client = Numbers("client");
        return SessionRows.Within(Enumerable.Range(0, client.Length).GroupBy(i => client[i])
            .Select(group => new SessionRows(0, [.. rows.Select(row => group.Select(i => row[i]).ToArray())])), variables.Length);
    }

    private static SessionRows[] Clients()
    {
        var (client, therapist, x, y) = (Numbers("client"), Numbers("therapist"), Numbers("x"), Numbers("y"));
        return [.. Enumerable.Range(0, client.Length).GroupBy(i => client[i])
            .Select(group => new SessionRows((int)therapist[(int)group.Key - 1], [[.. group.Select(i => x[i])], [.. group.Select(i => y[i])]]))];
    }

    private static void Agrees(string name, SessionCorrelation? r) =>
        Close(Numbers(name), [r!.R, r.Z, r.StandardError, r.DegreesOfFreedom, r.PValue, r.Lower, r.Upper]);

    private static void Close(double[] expected, double[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(1, pair.Second / pair.First, 1e-10));

    private static double[] Numbers(string name) => [.. s_root.GetProperty(name).EnumerateArray().Select(x => x.GetDouble())];
}
