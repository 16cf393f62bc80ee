using System.Globalization;
using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Associations;

/// <summary>What a clinic sees of itself: its associations as table and plot, and how complete its sessions are. On the invented clinic.</summary>
public sealed class OwnReportTests(DemoService fixture) : IClassFixture<DemoService>, IAsyncLifetime
{
    private static readonly double s_tolerance = 1e-12;

    public async ValueTask InitializeAsync()
    {
        await fixture.Service.Services.GetRequiredService<DemoSessions>().LoadAsync(Caller.DevelopmentTenant, TestContext.Current.CancellationToken);
        foreach (var study in TestData.SessionOutcomeStudies())
        {
            Assert.InRange((await fixture.Service.Post("/studies", study)).Status, 200, 201); // once for all tests of the class
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Associations_equal_an_independent_calculation()
    {
        var associations = await fixture.Service.GetAssociations();
        var expected = IndependentAssociations.Compute([.. DemoSessions.Generate().Select(IndependentAssociations.SessionOf)]);
        Assert.Equal(7, expected.Count);
        foreach (var (name, r) in expected)
        {
            var found = associations.Single(a => IndependentAssociations.NameOf(a!) == name)!;
            Assert.Equal(r, found.At("r")!.GetValue<double>(), s_tolerance);
        }
    }

    [Fact]
    public async Task The_table_has_a_row_for_each_association()
    {
        var associations = await fixture.Service.GetAssociations();
        foreach (var answer in new[] { await fixture.Service.Get("/associations.csv"), await fixture.Service.Get("/associations", ("Accept", "text/csv")) })
        {
            var lines = answer.ShouldBe(200).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var column = Array.IndexOf(lines[0].Split(','), "r");
            Assert.Equal(associations.Select(a => a.At("r")!.GetValue<double>()),
                lines[1..].Select(l => double.Parse(l.Split(',')[column], CultureInfo.InvariantCulture)));
        }

        Assert.StartsWith("reason,count", (await fixture.Service.Get("/associations.csv?table=excluded")).ShouldBe(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plot_shows_each_association_above_the_prediction_interval_of_others()
    {
        var answer = (await fixture.Service.Get("/associations.svg")).ShouldBe(200);
        Assert.Equal("image/svg+xml", answer.MediaType);
        var associations = (await fixture.Service.Get("/associations")).At("associations")!.AsArray();
        foreach (var found in associations)
        {
            var r = found.At("r")!.GetValue<double>().ToString("0.00", CultureInfo.InvariantCulture).Replace("0.", ".", StringComparison.Ordinal);
            Assert.Contains(r.Replace('-', '−'), answer.Text, StringComparison.Ordinal);
        }

        var sites = associations.First(a => a!["standing"] is not null)!.At("standingSites")!.GetValue<int>();
        Assert.Contains($"Prediction interval of {sites} other sample", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plot_of_a_clinic_without_associations_says_so()
    {
        await using var service = await Service.StartAsync();
        Assert.Contains("There is no association yet", (await service.Get("/associations.svg")).ShouldBe(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_standing_carries_its_numbers()
    {
        var found = (await fixture.Service.GetAssociations()).SingleAssociation("betweenClient", "observedMeans");
        const string cell = "outcomeType=sessionOutcome&relationshipRater=client&outcomeRater=client&adjusted=false";
        var pool = (await fixture.Service.Get($"/meta/pool?{cell}")).ShouldBe(200);
        Assert.Equal(pool.At("counts/samples")!.GetValue<int>(), found.At("standingSites")!.GetValue<int>());
        Assert.Equal(pool.At("correlation/predictionLower")!.GetValue<double>(), found.At("standingPredictionLower")!.GetValue<double>(), s_tolerance);
        Assert.Equal(pool.At("correlation/predictionUpper")!.GetValue<double>(), found.At("standingPredictionUpper")!.GetValue<double>(), s_tolerance);
        Assert.Equal(found.At("z")!.GetValue<double>() - pool.At("pooled/effect")!.GetValue<double>(),
            found.At("standingDifference")!.GetValue<double>(), s_tolerance);
        var outside = Math.Abs(found.At("standingDifference")!.GetValue<double>()) > found.At("standingLimit")!.GetValue<double>();
        Assert.Equal(outside, found.At("standing")!.GetValue<string>() is "above" or "below");
    }

    [Theory]
    [InlineData("month", "2026-01,2026-02,2026-03", "240,240,120")]
    [InlineData("source", "demo", "600")]
    public async Task Completeness_counts_sessions(string by, string values, string sessions)
    {
        var groups = (await fixture.Service.Get($"/sessions/completeness?by={by}")).ShouldBe(200).At("groups")!.AsArray();
        Assert.Equal(values, string.Join(',', groups.Select(g => g.At("value")!.GetValue<string>())));
        Assert.Equal(sessions, string.Join(',', groups.Select(g => g.At("withBoth")!.ToJsonString())));
        Assert.All(groups, g => Assert.Equal(60, g.At("patients")!.GetValue<int>()));
    }

    [Fact]
    public async Task Completeness_tells_what_is_missing_by_therapist()
    {
        await using var service = await Service.StartAsync();
        JsonObject[] sessions =
        [
            SessionTestData.RelationshipAndOutcome("p1", "t1", 1, 4, 30), SessionTestData.Session("p1", "t1", 2, SessionTestData.Measure("a", "rri-c-sf", 4)),
            SessionTestData.Session("p2", null, 1, SessionTestData.Measure("b", "phq-9", 4)),
            SessionTestData.Session("p2", null, 2, SessionTestData.Measure("c", "phq-9", 4)).Without("session"),
        ];
        (await service.PostSessions(sessions)).ShouldBe(201);
        var groups = (await service.Get("/sessions/completeness?by=therapist")).ShouldBe(200).At("groups")!.AsArray();
        Assert.Equal(["1 1 0 1 0 1", "1 2 2 1 1 0"], groups.Select(g => string.Join(' ',
            new[] { "patients", "sessions", "withRelationship", "withOutcome", "withBoth", "scoresWithoutSession" }.Select(m => g.At(m)!.ToJsonString()))));
        Assert.Null(groups[0]!["value"]);
        (await service.Get("/sessions/completeness?by=week")).ShouldBeProblem(400, "?by", "notAValue");
    }
}
