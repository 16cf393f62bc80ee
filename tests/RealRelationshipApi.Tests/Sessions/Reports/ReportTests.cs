using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Statistics.SessionCorrelations;

using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Reports;

/// <summary>What a quality manager reads of the own site: therapists, trends, and what the key may do. On the invented clinic, or by hand.</summary>
public sealed class ReportTests(DemoService fixture) : IClassFixture<DemoService>, IAsyncLifetime
{
    private const double Tolerance = 1e-12;

    private static readonly SessionRequest[] s_sessions = [.. DemoSessions.Generate()];

    public async ValueTask InitializeAsync() => await fixture.Service.Services.GetRequiredService<DemoSessions>()
        .LoadAsync(Caller.DevelopmentTenant, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("rri-c-sf", "realRelationship", "stronger", "mean")]
    [InlineData("ses", "sessionOutcome", "better", "mean")]
    [InlineData("phq-9", "treatmentOutcome", "worse", "lastAdjustedForFirst")]
    public async Task Therapists_have_the_means_of_their_patients(string instrument, string construct, string direction, string statistic)
    {
        var answer = (await fixture.Service.Get("/sessions/therapists")).ShouldBe(200);
        Assert.Equal(["rri-c-sf", "ses", "phq-9"], answer.At("series")!.AsArray().Select(s => s.At("series/instrument")!.GetValue<string>()));
        var found = SeriesOf(answer, instrument);
        Assert.Equal([construct, direction, statistic, "60", "6", "0"], new[] { "series/construct", "series/direction", "statistic", "patients", "therapists",
            "therapistsBelowMinimum" }.Select(m => found.At(m)!.ToString()));
        var patients = s_sessions.GroupBy(s => s.Patient).Select(p => (p.First().Therapist, Scores: p.OrderBy(s => s.SessionNumber)
            .Select(s => s.Measures.Single(m => m.Instrument == instrument).Score!.Value).ToArray())).ToList();
        var expected = TherapistEffects.Fit([.. patients.GroupBy(p => p.Therapist).Select(t => t.Select(p =>
            statistic == "mean" ? new ClientValue(p.Scores.Average()) : new ClientValue(p.Scores[^1], p.Scores[0])).ToArray())], 0.95)!;
        Assert.Equal(expected.BetweenVariance, found.At("betweenVariance")!.GetValue<double>(), Tolerance);
        Assert.Equal(expected.IntraclassCorrelation, found.At("intraclassCorrelation")!.GetValue<double>(), Tolerance);
        Assert.Equal(expected.Slope is null, found["slope"] is null);
        // The best first.
        Equal(expected.Therapists.OrderBy(t => direction == "worse" ? t.Estimate : -t.Estimate)
            .ThenBy(t => direction == "worse" ? t.Observed : -t.Observed).SelectMany(t => new[] { t.Observed, t.Estimate, t.Lower, t.Upper }),
            found.At("effects")!.AsArray().SelectMany(e => new[] { "observed", "estimate", "lower", "upper" }.Select(m => e.At(m)!.GetValue<double>())));
    }

    [Fact]
    public async Task Small_caseloads_are_fitted_and_not_shown()
    {
        await using var service = await Service.StartAsync();
        (string Therapist, int Patients)[] caseloads = [("t1", 5), ("t2", 5), ("t3", 4)];
        JsonObject[] sessions = [.. caseloads.SelectMany(c => Enumerable.Range(1, c.Patients).SelectMany(p => Course($"{c.Therapist}.p{p}", c.Therapist, p))),
            .. Course("nobody", null, 3), SessionTestData.Session("single", "t1", 1, SessionTestData.Measure("once", "phq-9", 3))];
        (await service.PostSessions(sessions)).ShouldBe(201);
        var found = SeriesOf((await service.Get("/sessions/therapists")).ShouldBe(200), "phq-9");
        string[] counts = ["patients", "therapists", "therapistsBelowMinimum", "patientsWithoutTherapist", "patientsWithOneScore"];
        Assert.Equal(["14", "3", "1", "1", "1"], counts.Select(m => found.At(m)!.ToJsonString()));
        Assert.Equal(["5", "5"], found.At("effects")!.AsArray().Select(e => e.At("patients")!.ToJsonString()));
    }

    [Fact]
    public async Task Too_few_therapists_are_not_compared()
    {
        await using var service = await Service.StartAsync();
        Assert.Empty((await service.Get("/sessions/therapists")).ShouldBe(200).At("series")!.AsArray());
        Assert.Empty((await service.Get("/sessions/trends")).ShouldBe(200).At("series")!.AsArray());
        (await service.PostSessions([.. Enumerable.Range(1, 6).SelectMany(p => Course($"p{p}", "t1", p)), .. Course("q", "t2", 2)])).ShouldBe(201);
        var found = SeriesOf((await service.Get("/sessions/therapists")).ShouldBe(200), "phq-9");
        Assert.Equal("tooFewTherapists", found.At("suppressedBecause")!.GetValue<string>());
        Assert.Empty(found.At("effects")!.AsArray());
        Assert.Null(found["mean"]);
    }

    [Fact]
    public async Task Trends_have_a_mean_for_each_session_number()
    {
        var found = SeriesOf((await fixture.Service.Get("/sessions/trends")).ShouldBe(200), "phq-9");
        var expected = s_sessions.GroupBy(s => s.SessionNumber)
            .Select(n => n.Select(s => s.Measures.Single(m => m.Instrument == "phq-9").Score!.Value).ToArray()).ToArray();
        Equal(expected.Select(v => v.Average()), found.At("points")!.AsArray().Select(p => p.At("mean")!.GetValue<double>()));
        // t of 59 degrees of freedom.
        Equal(expected.Select(v => v.Average() + (2.0009953780882683 * Math.Sqrt(v.Sum(x => Math.Pow(x - v.Average(), 2)) / 59 / 60))),
            found.At("points")!.AsArray().Select(p => p.At("upper")!.GetValue<double>()));
        var sorted = expected.Select(v => v.Average()).Order().ToArray();
        Assert.Equal((sorted[4] + sorted[5]) / 2, found.At("median")!.GetValue<double>(), Tolerance);
        Assert.All(found.At("points")!.AsArray(), p => Assert.Equal(60, p.At("treatments")!.GetValue<int>()));
    }

    [Fact]
    public async Task Sessions_without_number_count_by_time_and_the_last_score_of_a_session_counts()
    {
        await using var service = await Service.StartAsync();
        JsonObject[] sessions =
        [
            .. new[] { 2, 5, 7 }.Select(week => SessionTestData.RelationshipAndOutcome("p1", "t1", week, week / 2.0, 30).Without("sessionNumber")),
            SessionTestData.Session("p1", "t1", 7, SessionTestData.Measure("again", "rri-c-sf", 1)).Without("sessionNumber")
                .With("occurredAt", "2025-03-01T10:00:00Z"),
        ];
        (await service.PostSessions(sessions)).ShouldBe(201);
        var points = SeriesOf((await service.Get("/sessions/trends")).ShouldBe(200), "rri-c-sf").At("points")!.AsArray();
        Assert.Equal(["1 1 1", "2 1 2.5", "3 1 1"], points.Select(p => $"{p!["sessionNumber"]} {p["treatments"]} {p["mean"]}"));
        Assert.All(points, p => Assert.Null(p!["lower"]));
    }

    [Fact]
    public async Task Reports_are_of_the_own_site()
    {
        var key = await ProductionService.CreateKeyAsync(fixture.Service, "other-clinic", [Scopes.SessionsRead]);
        foreach (var report in new[] { "therapists", "trends" })
        {
            Assert.Empty((await fixture.Service.Get($"/sessions/{report}", ("X-API-Key", key))).ShouldBe(200).At("series")!.AsArray());
        }
    }

    [Fact]
    public async Task A_key_reads_its_site_and_scopes()
    {
        var reader = await ProductionService.CreateKeyAsync(fixture.Service, "north", [Scopes.SessionsRead]);
        Assert.Equal("{\"site\":\"north\",\"scopes\":[\"sessions:read\"],\"sourceSystem\":null}", await Access(reader));
        var admin = await ProductionService.CreateKeyAsync(fixture.Service, "north", [Scopes.Admin, Scopes.MetaRead]);
        Assert.Equal("{\"site\":\"north\",\"scopes\":[\"meta:read\",\"admin\"],\"sourceSystem\":null}", await Access(admin));

        async Task<string> Access(string key) => (await fixture.Service.Get("/sessions/access", ("X-API-Key", key))).ShouldBe(200).Text;
    }

    // Symptoms before and after three sessions.
    private static IEnumerable<JsonObject> Course(string patient, string? therapist, int seed) => new[] { 1, 3 }.Select(number =>
        SessionTestData.Session(patient, therapist, number,
            SessionTestData.Measure($"{patient}.{number}", "phq-9", 10 + (SessionTestData.Digit(seed) / number))));

    private static JsonNode SeriesOf(ServiceResponse answer, string instrument) =>
        answer.At("series")!.AsArray().Single(s => s.At("series/instrument")!.GetValue<string>() == instrument)!;

    private static void Equal(IEnumerable<double> expected, IEnumerable<double> actual)
    {
        var (wanted, found) = (expected.ToList(), actual.ToList());
        Assert.Equal(wanted.Count, found.Count);
        Assert.All(wanted.Zip(found), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }
}
