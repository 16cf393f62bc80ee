using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

using Simulator;
using Simulator.Clinics;
using Simulator.Live;

namespace RealRelationshipApi.Tests.Sessions.Associations;

/// <summary>What was put in is found again. The full count is <c>coverage</c> of the simulator; these are a few of its runs.</summary>
public sealed class SimulatedClinicTests(ITestOutputHelper output)
{
    private const int Runs = 60;
    private const double FourErrors = 4 * 0.0281; // of 95 % in 60 runs

    public static TheoryData<int> Clinics => [0, 3, 7];

    [Theory]
    [MemberData(nameof(Clinics))]
    public void Intervals_cover_the_true_value_of_their_estimand(int world)
    {
        var (name, clinic) = AssociationCoverage.Clinics[world];
        var counts = AssociationCoverage.MeasureCoverage(clinic, Runs);
        Assert.All(counts, count =>
        {
            output.WriteLine($"{name}, {count.Key}: {count.Value.Share:P1}");
            Assert.Equal(Runs, count.Value.Total);
            Assert.InRange(count.Value.Share, 0.95 - FourErrors, 1);
        });
    }

    [Fact]
    public void Intervals_miss_the_true_value_of_another_estimand()
    {
        // Observed means correlate less than the true means, so the interval of one need not cover the other.
        var clinic = new SimulatedClinic
        {
            SessionsPerClient = 3, Therapists = 40, ClientsPerTherapist = 12, Within = new(-0.6, 0, 0),
            Between = new(0.7, 0, 0)
        };
        var held = Enumerable.Range(0, 20)
            .Select(run => InMemoryAssociations.Compute(clinic.Simulate(new(run))).Single(a => InMemoryAssociations.EstimandOf(a) == Estimand.ObservedMeans))
            .Count(a => a.Lower <= clinic.TrueCorrelation(Estimand.Latent) && clinic.TrueCorrelation(Estimand.Latent) <= a.Upper);
        Assert.InRange(held, 0, 4);
    }

    [Fact]
    public void Few_typical_clinics_are_flagged_as_outside() => // 5 % of 60, and four errors
        Assert.InRange(AssociationCoverage.MeasureStandingErrors(16, Runs).Share, 0, 0.05 + FourErrors);

    [SlowFact("It sends the sessions of three simulated clinics.")]
    public async Task Three_clinics_sending_over_HTTP_recover_the_truth()
    {
        await using var service = await Service.StartAsync();
        var keys = new List<string>();
        foreach (var clinic in Enumerable.Range(1, 4))
        {
            keys.Add(await ProductionService.CreateKeyAsync(service, $"clinic-{clinic}", [Scopes.SessionsWrite, Scopes.SessionsRead, Scopes.MetaRead]));
        }

        using var told = new StringWriter();
        var violations = await LiveSimulation.RunAsync(service.Client, keys, told);
        output.WriteLine(told.ToString());
        Assert.Empty(violations);
    }
}
