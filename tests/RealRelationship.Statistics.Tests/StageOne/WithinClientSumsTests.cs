using Benchmarks.Simulations;

using RealRelationship.Statistics.StageOne;

namespace RealRelationship.Statistics.Tests.StageOne;

public sealed class WithinClientSumsTests
{
    [Fact]
    public void Bland_and_Altman_1995_as_rmcorr_has_it()
    {
        var r = SessionRows.Within(PublishedSessions.Bland1995, 2).Raw(0.95)!;
        Assert.Equal(-0.5067697, r.R, 5e-8);
        Assert.Equal(38, r.DegreesOfFreedom);
        Assert.Equal(0.0008471081, r.P, 5e-11);
        Assert.Equal(-0.7067146, r.Lower, 5e-8);
        Assert.Equal(-0.2318631, r.Upper, 5e-8);
    }

    [Fact]
    public void Four_clients_with_four_sessions()
    {
        var r = SessionRows.Within(PublishedSessions.FourByFour, 2).Raw(0.95)!;
        Assert.Equal(0.9158882, r.R, 5e-8);
        Assert.Equal(11, r.DegreesOfFreedom);
        Assert.Equal(0.7366432, r.Lower, 5e-8);
        Assert.Equal(0.9748994, r.Upper, 5e-8);
    }
}
