using Benchmarks.Simulations;

using RealRelationship.Statistics.StageOne;

namespace RealRelationship.Statistics.Tests.StageOne;

public sealed class BetweenClientsTests
{
    [Fact]
    public void Means_of_four_clients_of_one_therapist()
    {
        var r = BetweenClients.Correlation(SessionRows.Between(PublishedSessions.FourByFour), 0.95)!;
        Assert.Equal(0.9977961, r.R, 5e-8);
        Assert.Equal(2, r.DegreesOfFreedom);
    }
}
