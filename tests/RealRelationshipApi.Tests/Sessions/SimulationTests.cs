using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Security;
using RealRelationshipApi.Tests.Vocabulary;

using Simulator;
using Simulator.Live;
using Simulator.Worlds;

namespace RealRelationshipApi.Tests.Sessions;

/// <summary>What was put in is found again. The full count is <c>coverage</c> of the simulator; these are a few of its runs.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Runs = 60;
    private const double FourErrors = 4 * 0.0281; // of 95 % in 60 runs

    public static TheoryData<int> Worlds => [0, 3, 7];

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Intervals_hold_the_truth_of_their_own_estimand(int world)
    {
        var (name, clinic) = Coverage.Worlds[world];
        var counts = Coverage.Run(clinic, Runs);
        Assert.All(counts, count =>
        {
            output.WriteLine($"{name}, {count.Key}: {count.Value.Share:P1}");
            Assert.Equal(Runs, count.Value.All);
            Assert.InRange(count.Value.Share, 0.95 - FourErrors, 1);
        });
    }

    [Fact]
    public void The_truth_of_another_estimand_is_missed()
    {
        // Where means of sessions correlate less than what they are means of, an interval for the one does not hold the other.
        var clinic = new Clinic { Sessions = 3, Therapists = 40, Clients = 12, Within = new(-0.6, 0, 0), Between = new(0.7, 0, 0) };
        var held = Enumerable.Range(0, 20).Select(run => StageOne.Of(clinic.Draw(new(run))).Single(a => StageOne.Kind(a) == Estimand.ObservedMeans))
            .Count(a => a.Lower <= clinic.Truth(Estimand.Latent) && clinic.Truth(Estimand.Latent) <= a.Upper);
        Assert.InRange(held, 0, 4);
    }

    [Fact]
    public void Few_ordinary_clinics_are_called_unusual() => // 5 % of 60, and four errors
        Assert.InRange(Coverage.RunStanding(16, Runs).Share, 0, 0.05 + FourErrors);

    [Fact]
    public async Task Three_clinics_at_the_door_of_a_service()
    {
        await using var service = await Service.StartAsync();
        var keys = new List<string>();
        foreach (var clinic in Enumerable.Range(1, 4))
        {
            keys.Add(await GuardedService.MakeKeyAsync(service, $"clinic-{clinic}", [Scopes.SessionsWrite, Scopes.SessionsRead, Scopes.MetaRead]));
        }

        using var told = new StringWriter();
        var violations = await LiveRun.RunAsync(service.Http, keys, told);
        output.WriteLine(told.ToString());
        Assert.Empty(violations);
    }
}
