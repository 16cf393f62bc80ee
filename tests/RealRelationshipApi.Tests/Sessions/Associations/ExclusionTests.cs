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
        Assert.Equal("noPair 2", await Excluded());
        await _service.PostSessions(OutcomeSession("p", 1), RelationshipSession("p", 2));
        Assert.Equal("", await Excluded());
    }

    [Fact]
    public async Task A_client_with_one_session()
    {
        await _service.PostSessions(RelationshipSession("p", 1), OutcomeSession("p", 1));
        Assert.Equal("oneSession 1", await Excluded());
    }

    [Fact]
    public async Task An_unfinished_status()
    {
        foreach (var (i, status) in new[] { "preliminary", "inProgress", "registered", "stopped", "cancelled", "unknown" }.Index())
        {
            (await _service.PostSessions(SessionTestData.Session("p", i + 1, SessionTestData.Measure($"m{i}", "srs", 30, status: status)))).ShouldBe(201);
        }

        Assert.Equal("wrongStatus 6", await Excluded());
        await _service.PostSessions(SessionTestData.Session("p", 1, SessionTestData.Measure("m0", "srs", 30, version: 2)), RelationshipSession("p", 1),
            RelationshipSession("p", 2), OutcomeSession("p", 2));
        Assert.Equal("wrongStatus 5", await Excluded());
    }

    [Fact]
    public async Task A_withdrawal()
    {
        await _service.PostSessions(RelationshipSession("p", 1), OutcomeSession("p", 1), RelationshipSession("p", 2), OutcomeSession("p", 2),
            RelationshipSession("p", 3), SessionTestData.EnteredInError("p.3.x"));
        Assert.Equal("retracted 1", await Excluded());
    }

    [Fact]
    public async Task A_first_score_after_the_first_relationship()
    {
        await _service.PostSessions(RelationshipSession("p", 1), RelationshipSession("p", 3), Phq9Session("p", 2), Phq9Session("p", 5));
        Assert.Equal("noPair 2, noPreScore 1", await Excluded());
    }

    [Fact]
    public async Task A_relationship_after_the_last_score()
    {
        await _service.PostSessions(Phq9Session("p", 1), Phq9Session("p", 2), RelationshipSession("p", 3), RelationshipSession("p", 4));
        Assert.Equal("noPair 2, xAfterPost 1", await Excluded());
    }

    [Fact]
    public async Task A_treatment_without_a_second_score()
    {
        await _service.PostSessions(Phq9Session("p", 1), RelationshipSession("p", 2));
        Assert.Equal("noPair 2", await Excluded());
    }

    [Fact]
    public async Task An_instrument_declaration_that_changes_midway()
    {
        await _service.PostSessions(RelationshipSession("p", 1), OutcomeSession("p", 1), RelationshipSession("p", 2), OutcomeSession("p", 2));
        (await _service.Post("/instruments", new JsonObject { ["code"] = "rri-c-sf", ["reversed"] = new JsonArray(2, 5) })).ShouldBe(201);
        var keyed = SessionTestData.Measure("p.3.x", "rri-c-sf", 0).Without("score");
        keyed["items"] = new JsonArray(5, 1, 5, 5, 1, 5, 4, 4);
        (await _service.PostSessions(SessionTestData.Session("p", 3, keyed), OutcomeSession("p", 3))).ShouldBe(207);
        Assert.Equal("noPair 1, formChanged 1", await Excluded());
    }

    private static JsonObject RelationshipSession(string patient, int number) =>
        SessionTestData.Session(patient, number, SessionTestData.Measure($"{patient}.{number}.x", "rri-c-sf", 3 + number * number % 5 * 0.3));

    private static JsonObject OutcomeSession(string patient, int number) =>
        SessionTestData.Session(patient, number, SessionTestData.Measure($"{patient}.{number}.y", "srs", 20 + number * 3 % 7));

    private static JsonObject Phq9Session(string patient, int number) =>
        SessionTestData.Session(patient, number, SessionTestData.Measure($"{patient}.{number}.z", "phq-9", 20 - number));

    private async Task<string> Excluded() =>
        string.Join(", ",
            (await _service.Get("/associations")).ShouldBe(200).At("excluded")!.AsArray()
                .Select(e => $"{e.At("reason")!.GetValue<string>()} {e.At("count")!.GetValue<int>()}"));
}
