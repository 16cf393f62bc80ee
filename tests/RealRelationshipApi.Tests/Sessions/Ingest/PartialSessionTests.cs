using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Ingest;

/// <summary>An error in a measure, of structure or of range, rejects that measure only; the status of a response tells how many were accepted.</summary>
public sealed class PartialSessionTests(EmptyService fixture) : IClassFixture<EmptyService>
{
    private const string Ndjson = "application/x-ndjson";

    private static int s_keys;

    [Theory]
    [InlineData("score", "\"30\"", 400, "#/measures/1/score", "notAValue")]
    [InlineData("score", "1e400", 400, "#/measures/1/score", "notAValue")]
    [InlineData("note", "\"felt well\"", 400, "#/measures/1/note", "unknownMember")]
    [InlineData("rater", "null", 400, "#/measures/1/rater", "required")]
    [InlineData("version", "null", 400, "#/measures/1/version", "null")]
    [InlineData("version", "1.5", 400, "#/measures/1/version", "notAValue")]
    [InlineData("items", "[1, \"2\", 3, 4]", 400, "#/measures/1/items/1", "notAValue")]
    [InlineData("items", "7", 400, "#/measures/1/items", "notAValue")]
    [InlineData("", "7", 400, "#/measures/1", "notAValue")]
    [InlineData("", "null", 400, "#/measures/1", "null")]
    [InlineData("score", "40.01", 422, "#/measures/1/score", "outOfRange")]
    [InlineData("sourceId", "\"Anna Miller\"", 422, "#/measures/1/sourceId", "notAKey")]
    public async Task An_error_in_a_measure_rejects_that_measure(string member, string value, int status, string pointer, string code)
    {
        var key = NextKey();
        var session = SessionTestData.Session($"p{key}", 1, SessionTestData.Measure($"a{key}", "srs", 30), SessionTestData.Measure($"b{key}", "ors", 30));
        var text = session.WithRawText(member.Length > 0 ? $"measures/1/{member}" : "measures/1", value);
        foreach (var (body, type, at) in new[]
        {
            (text, "application/json", ""), ($"[{text}]", "application/json", "results/0/"), (text, Ndjson, "results/0/"),
        })
        {
            var answer = (await fixture.Service.PostText("/sessions", body, type)).ShouldBe(207);
            Assert.Equal([at.Length == 0 ? 201 : 200, status],
                answer.At(at + "measures")!.AsArray().Select(m => m.At("status")!.GetValue<int>()));
            Assert.Equal($"{pointer} {code}", $"{answer.String(at + "measures/1/errors/0/pointer")} {answer.String(at + "measures/1/errors/0/code")}");
            Assert.DoesNotContain("Miller", answer.At(at + "measures/1/errors")!.ToJsonString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_error_of_the_session_rejects_it_and_is_reported_with_all_others()
    {
        var text = SessionTestData.Session("p1", 1, SessionTestData.Measure("m1", "srs", 30), SessionTestData.Measure("m2", "ors", 41))
            .With("therapist", "Dr No").With("colour", "red").Without("sourceSystem").WithRawText("measures/0/score", "\"30\"");
        var answer = (await fixture.Service.PostText("/sessions", text)).ShouldBeProblem(400);
        Assert.Equal(["#/colour unknownMember", "#/measures/0/score notAValue", "#/measures/1/score outOfRange", "#/sourceSystem required",
            "#/therapist notAKey"], answer.Errors.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_single_rejected_measure_has_its_own_status_and_several_have_207()
    {
        var single = SessionTestData.Session("p1", 1, SessionTestData.Measure("m1", "ors", 30)).WithRawText("measures/0/score", "\"30\"");
        (await fixture.Service.PostText("/sessions", single)).ShouldBeProblem(400, "#/measures/0/score", "notAValue");
        var several = SessionTestData.Session("p1", 1, SessionTestData.Measure("m1", "ors", 41), SessionTestData.Measure("m2", "srs", 41));
        var answer = (await fixture.Service.Post("/sessions", several)).ShouldBe(207);
        Assert.Equal([422, 422], answer.At("measures")!.AsArray().Select(m => m.At("status")!.GetValue<int>()));
        var batch = (await fixture.Service.Post("/sessions", new JsonArray(several.DeepClone()))).ShouldBe(207);
        Assert.Equal((0, 1), (batch.At("accepted")!.GetValue<int>(), batch.At("rejected")!.GetValue<int>()));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData(Ndjson)]
    public async Task A_batch_is_201_with_something_new_200_without_and_207_if_mixed(string type)
    {
        var key = NextKey();
        JsonObject[] sessions =
            [.. Enumerable.Range(1, 2).Select(i => SessionTestData.Session($"p{key}", i, SessionTestData.Measure($"m{key}{i}", "srs", 30)))];
        (await Post(sessions[..1])).ShouldBe(201);
        (await Post(sessions)).ShouldBe(201);
        (await Post(sessions)).ShouldBe(200);
        (await Post([.. sessions, SessionTestData.Session($"p{key}", 3, SessionTestData.Measure($"m{key}3", "srs", 41))])).ShouldBe(207);

        Task<ServiceResponse> Post(JsonObject[] batch) => fixture.Service.PostText("/sessions",
            type == Ndjson ? SessionTestData.ToNdjson(batch) : $"[{string.Join(',', batch.Select(s => s.ToJsonString()))}]", type);
    }

    [Fact]
    public async Task An_atomic_array_stores_all_or_nothing()
    {
        var good = SessionTestData.Session("p-atomic", 1, SessionTestData.Measure("m-good", "srs", 30));
        var bad = SessionTestData.Session("p-atomic", 2, SessionTestData.Measure("m-bad", "srs", 41));
        var answer = (await fixture.Service.Post("/sessions?atomic=true", new JsonArray(good.DeepClone(), bad.DeepClone()))).ShouldBe(207);
        Assert.Equal([424, 422], answer.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
        Assert.Equal(2, answer.At("rejected")!.GetValue<int>());
        (await fixture.Service.PostText("/sessions?atomic=true", good.ToJsonString(), Ndjson)).ShouldBeProblem(400);
        (await fixture.Service.Post("/sessions?atomic=true", new JsonArray(good.DeepClone()))).ShouldBe(201);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData(Ndjson)]
    public async Task Validate_only_reports_errors_and_conflicts_and_stores_nothing(string type)
    {
        var key = NextKey();
        var known = SessionTestData.Session($"p{key}", 1, SessionTestData.Measure($"k{key}", "srs", 30));
        (await fixture.Service.Post("/sessions", known)).ShouldBe(201);
        JsonObject[] sessions = [SessionTestData.Session($"p{key}", 2, SessionTestData.Measure($"n{key}", "srs", 30)), known.With("measures/0/score", 31),
            SessionTestData.Session($"p{key}", 3, SessionTestData.Measure($"b{key}", "srs", 41))];
        var text = type == Ndjson ? SessionTestData.ToNdjson(sessions) : $"[{string.Join(',', sessions.Select(s => s.ToJsonString()))}]";
        for (var i = 0; i < 2; i++)
        {
            var answer = (await fixture.Service.PostText("/sessions?validateOnly=true", text, type)).ShouldBe(207);
            Assert.Equal([200, 409, 422], answer.At("results")!.AsArray().Select(r => r.At("status")!.GetValue<int>()));
        }

        (await fixture.Service.Post("/sessions", sessions[0])).ShouldBe(201);
    }

    private static string NextKey() => $"k{Interlocked.Increment(ref s_keys)}";
}
