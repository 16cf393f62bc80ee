using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Sessions;

/// <summary>What is answered to one session, an array and a stream; and what versions do to what is stored.</summary>
public sealed class AnswerTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task One_session_is_new_then_known_then_mixed_then_another()
    {
        var sent = Messages.Session("p1", 1, Messages.Measure("m1", "srs", 30));
        Assert.Equal("201", Statuses((await _service.Post(sent)).ShouldBe(201)));
        Assert.Equal("200", Statuses((await _service.Post(sent)).ShouldBe(200)));
        var more = Messages.Session("p1", 1, Messages.Measure("m1", "srs", 30), Messages.Measure("m2", "rri-c-sf", 4));
        Assert.Equal("200 201", Statuses((await _service.Post(more)).ShouldBe(201)));
        var mixed = Messages.Session("p1", 1, Messages.Measure("m1", "srs", 31), Messages.Measure("m3", "rri-c-sf", 6), Messages.Measure("m4", "ors", 20));
        var answer = (await _service.Post(mixed)).ShouldBe(207);
        Assert.Equal("409 422 201", Statuses(answer));
        Assert.Equal("otherContent", answer.String("measures/0/errors/0/code"));
        (await _service.Post(Messages.Session("p1", 1, Messages.Measure("m1", "srs", 31)))).ShouldBeProblem(409, "#/measures/0", "otherContent");
        Assert.Equal(["m1", "m2", "m4"], await Stored("p1", "m1", "m2", "m3", "m4"));
    }

    [Fact]
    public async Task An_array_and_a_stream_are_answered_in_order()
    {
        JsonObject[] sessions = [Messages.Pair("p1", "t1", 1, 4, 30), Messages.Pair("p1", "t1", 2, 6, 30), Messages.Session("p1", 0), Messages.Pair("p1", "t1", 3, 4, 30)];
        foreach (var (again, answer) in new[] { (false, await _service.Post(sessions)), (true, await _service.PostText("/sessions", Messages.Lines(sessions), "application/x-ndjson")) })
        {
            answer.ShouldBe(207);
            Assert.Equal(again ? [200, 207, 422, 200] : new[] { 201, 207, 422, 201 }, answer.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
            Assert.Equal([0, 1, 2, 3], answer.At("results")!.AsArray().Select(r => r.At("index")!.GetValue<int>()));
            Assert.Equal("#/measures/0/score", answer.String("results/1/measures/0/errors/0/pointer"));
            Assert.Equal((3, 1), (answer.At("accepted")!.GetValue<int>(), answer.At("rejected")!.GetValue<int>()));
        }
    }

    [Fact]
    public async Task The_same_request_is_answered_as_before_and_stores_nothing()
    {
        var sent = Messages.Session("p1", 1, Messages.Measure("m1", "srs", 30));
        (await _service.Post("/sessions", sent, ("Idempotency-Key", "k1"))).ShouldBe(201);
        var again = (await _service.Post("/sessions", sent, ("Idempotency-Key", "k1"))).ShouldBe(201);
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        (await _service.Post("/sessions", Messages.Session("p2", 1, Messages.Measure("m2", "srs", 30)), ("Idempotency-Key", "k1"))).ShouldBeProblem(422);
        (await _service.PostText("/sessions", sent.ToJsonString(), "application/x-ndjson", ("Idempotency-Key", "k2"))).ShouldBeProblem(422);
        (await _service.PostText("/sessions", "sourceSystem", "text/csv")).ShouldBeProblem(415);
    }

    [Fact]
    public async Task An_array_that_is_too_long_is_to_be_sent_as_a_stream()
    {
        var answer = (await _service.PostText("/sessions", $"[{string.Join(',', Enumerable.Repeat("{}", 10_001))}]")).ShouldBeProblem(413);
        Assert.Contains("NDJSON", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_show_pseudonyms_that_are_the_same_for_the_same_key()
    {
        (await _service.Post(Messages.Pair("secret-1", "secret-t", 1, 4, 30), Messages.Pair("secret-1", "secret-t", 2, 4, 30))).ShouldBe(207);
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
            var found = (await _service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = Messages.System, ["sourceId"] = measure })).ShouldBe(200);
            if (found.At("sessions")!.AsArray().Count > 0)
            {
                known.Add(measure);
            }
        }

        Assert.Single((await _service.Post("/sessions/search", new JsonObject { ["sourceSystem"] = Messages.System, ["patient"] = patient })).At("sessions")!.AsArray());
        return [.. known];
    }

    private static string Statuses(Answer answer) => string.Join(' ', answer.At("measures")!.AsArray().Select(m => m.At("status")!.GetValue<int>()));
}
