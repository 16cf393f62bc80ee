using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Associations;

/// <summary>Everything that takes no part is counted, by its reason, and counted no more once it does.</summary>
public sealed class ExclusionTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_session_without_a_counterpart()
    {
        await _service.PostSessions(RelationshipSession("p", 1), OutcomeSession("p", 2), RelationshipSession("q", 1), OutcomeSession("q", 1),
            RelationshipSession("q", 2), OutcomeSession("q", 2));
        Assert.Equal("4 used, noRelationship 1, noOutcome 1", await Counts());
        await _service.PostSessions(OutcomeSession("p", 1), RelationshipSession("p", 2));
        Assert.Equal("8 used", await Counts());
    }

    [Fact]
    public async Task The_only_session_of_a_therapists_only_client()
    {
        await _service.PostSessions(RelationshipSession("p", 1), OutcomeSession("p", 1));
        Assert.Equal("0 used, oneSession 2", await Counts());
        await _service.PostSessions(RelationshipSession("q", 1), OutcomeSession("q", 1));
        Assert.Equal("4 used", await Counts());
    }

    [Fact]
    public async Task A_treatment_of_a_therapists_only_client()
    {
        await _service.PostSessions(Phq9Session("p", 1), RelationshipSession("p", 3), Phq9Session("p", 5));
        Assert.Equal("0 used, oneClient 3", await Counts());
        await _service.PostSessions(Phq9Session("q", 1), RelationshipSession("q", 3), Phq9Session("q", 5));
        Assert.Equal("6 used", await Counts());
    }

    [Fact]
    public async Task An_unfinished_status()
    {
        foreach (var (i, status) in new[] { "preliminary", "inProgress", "registered", "stopped", "cancelled", "unknown" }.Index())
        {
            (await _service.PostSessions(SessionTestData.Session("p", i + 1, SessionTestData.Measure($"m{i}", "ses", 4, status: status)))).ShouldBe(201);
        }

        Assert.Equal("0 used, wrongStatus 6", await Counts());
        await _service.PostSessions(SessionTestData.Session("p", 1, SessionTestData.Measure("m0", "ses", 3, version: 2)), RelationshipSession("p", 1),
            RelationshipSession("p", 2), OutcomeSession("p", 2));
        Assert.Equal("4 used, superseded 1, wrongStatus 5", await Counts());
    }

    [Fact]
    public async Task Withdrawn_and_replaced_versions()
    {
        await _service.PostSessions(RelationshipSession("p", 1), OutcomeSession("p", 1), RelationshipSession("p", 2), OutcomeSession("p", 2),
            RelationshipSession("p", 3), SessionTestData.EnteredInError("p.3.x"));
        Assert.Equal("4 used, retracted 1", await Counts());
        var corrected = SessionTestData.Measure("p.3.x", "rri-c-sf", 4, version: 3, status: "corrected");
        await _service.PostSessions(SessionTestData.Session("p", 3, corrected));
        Assert.Equal("4 used, retracted 1, noOutcome 1", await Counts());
        await _service.PostSessions(SessionTestData.Session("p", 3, SessionTestData.Measure("p.3.x", "rri-c-sf", 2, version: 2, status: "corrected")));
        Assert.Equal("4 used, retracted 1, superseded 1, noOutcome 1", await Counts());
        await _service.PostSessions(SessionTestData.EnteredInError("p.3.x", 3));
        Assert.Equal("4 used, retracted 3", await Counts());
        (await _service.Post("/erasures", new JsonObject { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = "p" })).ShouldBe(200);
        Assert.Equal("0 used", await Counts());
    }

    [Fact]
    public async Task A_version_that_was_another_patients_goes_with_that_patient()
    {
        await _service.PostSessions(RelationshipSession("p", 1), OutcomeSession("q", 1),
            SessionTestData.Session("q", 1, SessionTestData.Measure("p.1.x", "rri-c-sf", 4, version: 2, status: "corrected")));
        Assert.Equal("0 used, superseded 1, oneSession 2", await Counts());
        (await _service.Post("/erasures", new JsonObject { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = "p" })).ShouldBe(200);
        Assert.Equal("0 used, oneSession 2", await Counts());
    }

    [Fact]
    public async Task A_first_score_after_the_first_relationship()
    {
        await _service.PostSessions(RelationshipSession("p", 1), RelationshipSession("p", 3), Phq9Session("p", 2), Phq9Session("p", 5));
        Assert.Equal("0 used, noPreScore 4", await Counts());
    }

    [Fact]
    public async Task A_relationship_after_the_last_score()
    {
        await _service.PostSessions(Phq9Session("p", 1), Phq9Session("p", 2), RelationshipSession("p", 3), RelationshipSession("p", 4));
        Assert.Equal("0 used, xAfterPost 4", await Counts());
    }

    [Fact]
    public async Task A_treatment_without_a_second_score()
    {
        await _service.PostSessions(Phq9Session("p", 1), RelationshipSession("p", 2));
        Assert.Equal("0 used, noOutcome 2", await Counts());
    }

    [Fact]
    public async Task Scores_outside_of_the_window_and_between_the_first_and_the_last_outcome()
    {
        await _service.PostSessions([.. from patient in new[] { "p", "q" }
            from number in Enumerable.Range(1, 6)
            from session in new[] { RelationshipSession(patient, number), Phq9Session(patient, number) }
            select session]);
        // Of each client the relationship of session 3 and two outcomes.
        Assert.Equal("6 used, outsideWindow 18", await Counts());
        Assert.Equal("14 used, outsideWindow 10", await Counts("?window=allMean"));
    }

    [Fact]
    public async Task Patients_without_a_relationship()
    {
        await _service.PostSessions([.. Enumerable.Range(0, 50).Select(i => Phq9Session($"p{i}", 1))]);
        Assert.Equal("0 used, noRelationship 50", await Counts());
    }

    [Fact]
    public async Task Scores_without_a_session_key()
    {
        await _service.PostSessions([.. Enumerable.Range(1, 10).SelectMany(i => new[] { RelationshipSession("p", i), OutcomeSession("p", i) })
            .Select(s => s.Without("session"))]);
        Assert.Equal("0 used, noSession 20", await Counts());
    }

    [Fact]
    public async Task What_is_no_outcome_takes_part_only_as_the_alliance_of_a_pair()
    {
        var descriptive = SessionTestData.Measure("p.arousal", "seq", 4);
        descriptive["scale"] = "arousal";
        await _service.PostSessions(SessionTestData.Session("p", 1, SessionTestData.Measure("p.1.a", "wai-sr", 50)),
            SessionTestData.Session("p", 5, SessionTestData.Measure("p.5.a", "srs", 33)), SessionTestData.Session("p", 3, descriptive),
            SessionTestData.Session("p", 4, SessionTestData.Measure("p.satisfied", "csq-8", 30)));
        Assert.Equal("0 used, notOutcome 4", await Counts());
        await _service.PostSessions(RelationshipSession("p", 1), OutcomeSession("p", 1), RelationshipSession("p", 2), OutcomeSession("p", 2),
            RelationshipSession("q", 1), OutcomeSession("q", 1), SessionTestData.Session("q", 1, SessionTestData.Measure("q.1.a", "wai-sr", 40)));
        Assert.Equal("8 used, notOutcome 3", await Counts());
    }

    [Fact]
    public async Task An_instrument_declaration_that_changes_midway()
    {
        await _service.PostSessions(RelationshipSession("p", 1), OutcomeSession("p", 1), RelationshipSession("p", 2), OutcomeSession("p", 2));
        (await _service.Post("/instruments", new JsonObject { ["code"] = "rri-c-sf", ["reversed"] = new JsonArray(2, 5) })).ShouldBe(201);
        var keyed = SessionTestData.Measure("p.3.x", "rri-c-sf", 0).Without("score");
        keyed["items"] = new JsonArray(5, 1, 5, 5, 1, 5, 4, 4);
        (await _service.PostSessions(SessionTestData.Session("p", 3, keyed), OutcomeSession("p", 3))).ShouldBe(201);
        Assert.Equal("4 used, formChanged 1, noRelationship 1", await Counts());
    }

    private static JsonObject RelationshipSession(string patient, int number) =>
        SessionTestData.Session(patient, number, SessionTestData.Measure($"{patient}.{number}.x", "rri-c-sf", 3 + number * number % 5 * 0.3));

    private static JsonObject OutcomeSession(string patient, int number) =>
        SessionTestData.Session(patient, number, SessionTestData.Measure($"{patient}.{number}.y", "ses", 2 + number * 3 % 7 * 0.4));

    private static JsonObject Phq9Session(string patient, int number) =>
        SessionTestData.Session(patient, number, SessionTestData.Measure($"{patient}.{number}.z", "phq-9", 20 - number));

    /// <summary>Used scores, and excluded ones by reason; all that is stored is one of the two.</summary>
    private async Task<string> Counts(string query = "")
    {
        var answer = (await _service.Get("/associations" + query)).ShouldBe(200);
        var excluded = answer.At("excluded")!.AsArray()
            .Select(e => (Reason: e.At("reason")!.GetValue<string>(), Count: e.At("count")!.GetValue<int>())).ToList();
        var (stored, used) = (answer.At("counts/stored")!.GetValue<int>(), answer.At("counts/used")!.GetValue<int>());
        Assert.Equal(stored, used + excluded.Sum(e => e.Count));
        Assert.Equal(stored - used, answer.At("counts/excluded")!.GetValue<int>());
        Assert.Empty(_service.FindIntegrityErrors());
        return string.Join(", ", excluded.Select(e => $"{e.Reason} {e.Count}").Prepend($"{used} used"));
    }
}
