using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Ingest;

/// <summary>Responses to one session, an array and a stream; and the effect of versions on the stored state.</summary>
public sealed class SessionIngestionTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task New_unchanged_conflicting_and_invalid_measures_each_get_their_status()
    {
        var sent = SessionTestData.Session("p1", 1, SessionTestData.Measure("m1", "srs", 30));
        Assert.Equal("201", Statuses((await _service.PostSessions(sent)).ShouldBe(201)));
        Assert.Equal("200", Statuses((await _service.PostSessions(sent)).ShouldBe(200)));
        var more = SessionTestData.Session("p1", 1, SessionTestData.Measure("m1", "srs", 30), SessionTestData.Measure("m2", "rri-c-sf", 4));
        Assert.Equal("200 201", Statuses((await _service.PostSessions(more)).ShouldBe(201)));
        var mixed = SessionTestData.Session("p1", 1, SessionTestData.Measure("m1", "srs", 31), SessionTestData.Measure("m3", "rri-c-sf", 6),
            SessionTestData.Measure("m4", "ors", 20));
        var answer = (await _service.PostSessions(mixed)).ShouldBe(207);
        Assert.Equal("409 422 201", Statuses(answer));
        Assert.Equal("otherContent", answer.String("measures/0/errors/0/code"));
        (await _service.PostSessions(SessionTestData.Session("p1", 1, SessionTestData.Measure("m1", "srs", 31)))).ShouldBeProblem(409, "#/measures/0",
            "otherContent");
        Assert.Equal(["m1", "m2", "m4"], await Stored("p1", "m1", "m2", "m3", "m4"));
    }

    [Fact]
    public async Task Results_of_arrays_and_streams_are_in_order()
    {
        JsonObject[] sessions = [SessionTestData.RelationshipAndOutcome("p1", "t1", 1, 4, 30), SessionTestData.RelationshipAndOutcome("p1", "t1", 2, 6, 30),
            SessionTestData.Session("p1", 0), SessionTestData.RelationshipAndOutcome("p1", "t1", 3, 4, 30)];
        foreach (var (again, answer) in new[] { (false, await _service.PostSessions(sessions)),
            (true, await _service.PostText("/sessions", SessionTestData.ToNdjson(sessions), "application/x-ndjson")) })
        {
            answer.ShouldBe(207);
            Assert.Equal(again ? [200, 207, 422, 200] : new[] { 201, 207, 422, 201 },
                answer.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
            Assert.Equal([0, 1, 2, 3], answer.At("results")!.AsArray().Select(r => r.At("index")!.GetValue<int>()));
            Assert.Equal("#/measures/0/score", answer.String("results/1/measures/0/errors/0/pointer"));
            Assert.Equal((3, 1), (answer.At("accepted")!.GetValue<int>(), answer.At("rejected")!.GetValue<int>()));
        }
    }

    [Fact]
    public async Task A_repeated_request_is_replayed_and_stores_nothing()
    {
        var sent = SessionTestData.Session("p1", 1, SessionTestData.Measure("m1", "srs", 30));
        (await _service.Post("/sessions", sent, ("Idempotency-Key", "k1"))).ShouldBe(201);
        var again = (await _service.Post("/sessions", sent, ("Idempotency-Key", "k1"))).ShouldBe(201);
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        (await _service.Post("/sessions", SessionTestData.Session("p2", 1, SessionTestData.Measure("m2", "srs", 30)),
            ("Idempotency-Key", "k1"))).ShouldBeProblem(422);
        (await _service.PostText("/sessions", sent.ToJsonString(), "application/x-ndjson", ("Idempotency-Key", "k2"))).ShouldBeProblem(422);
        (await _service.PostText("/sessions", "sourceSystem", "text/plain")).ShouldBeProblem(415);
    }

    [Fact]
    public async Task A_too_long_array_is_refused_with_a_hint_to_NDJSON()
    {
        var answer = (await _service.PostText("/sessions", $"[{string.Join(',', Enumerable.Repeat("{}", 10_001))}]")).ShouldBeProblem(413);
        Assert.Contains("NDJSON", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_return_stable_pseudonyms()
    {
        (await _service.PostSessions(SessionTestData.RelationshipAndOutcome("secret-1", "secret-t", 1, 4, 30),
            SessionTestData.RelationshipAndOutcome("secret-1", "secret-t", 2, 4, 30))).ShouldBe(201);
        var list = (await _service.Get("/sessions")).ShouldBe(200);
        Assert.DoesNotContain("secret", list.Text, StringComparison.Ordinal);
        var patients = list.At("sessions")!.AsArray().Select(s => s.At("patient")!.GetValue<string>()).Distinct().ToList();
        Assert.Equal(26, Assert.Single(patients).Length);
    }

    private async Task<string[]> Stored(string patient, params string[] measures)
    {
        var known = new List<string>();
        foreach (var measure in measures)
        {
            var found =
                (await _service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = SessionTestData.SourceSystem, ["sourceId"] = measure })).ShouldBe(
                    200);
            if (found.At("sessions")!.AsArray().Count > 0)
            {
                known.Add(measure);
            }
        }

        Assert.Single(
            (await _service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = patient })).At(
                "sessions")!.AsArray());
        return [.. known];
    }

    private static string Statuses(ServiceResponse answer) => string.Join(' ', answer.At("measures")!.AsArray().Select(m => m.At("status")!.GetValue<int>()));
}
