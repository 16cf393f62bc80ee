using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Ingest;

/// <summary>Invalid sessions: the error is located, and nothing is stored.</summary>
public sealed class SessionValidationTests(EmptyService fixture) : IClassFixture<EmptyService>
{
    private static readonly JsonObject s_valid = SessionTestData.Session("p1", 3, SessionTestData.Measure("m1", "ors", 30));

    [Theory]
    [InlineData("measures/0/score", "40.01", 422, "#/measures/0/score", "outOfRange")]
    [InlineData("measures/0/score", "-1", 422, "#/measures/0/score", "outOfRange")]
    [InlineData("measures/0/score", "\"30\"", 400, "#/measures/0/score", "notAValue")]
    [InlineData("measures/0/direction", "\"worse\"", 422, "#/measures/0/direction", "directionMismatch")]
    [InlineData("measures/0/items", "[7.1, 6.0, 8.2, 7.7]", 422, "#/measures/0/score", "totalDisagrees")]
    [InlineData("measures/0/rater", "\"therapist\"", 422, "#/measures/0/rater", "wrongRater")]
    [InlineData("measures/0/rater", "\"observer\"", 400, "#/measures/0/rater", "notAValue")]
    [InlineData("measures/0/instrument", "\"nobody-knows\"", 422, "#/measures/0/instrument", "unknownInstrument")]
    [InlineData("measures/0/scale", "\"nowhere\"", 422, "#/measures/0/scale", "unknownScale")]
    [InlineData("measures/0/version", "0", 422, "#/measures/0/version", "outOfRange")]
    [InlineData("measures/0/sourceId", "\"Anna Miller\"", 422, "#/measures/0/sourceId", "notAKey")]
    [InlineData("measures/0/note", "\"felt well\"", 400, "#/measures/0/note", "unknownMember")]
    [InlineData("measures", "[]", 422, "#/measures", "empty")]
    [InlineData("occurredAt", "\"2026-03-01T10:00:00\"", 400, "#/occurredAt", "notAValue")]
    [InlineData("occurredAt", "\"2999-01-01T10:00:00Z\"", 422, "#/occurredAt", "future")]
    [InlineData("occurredAt", "\"1949-12-31T23:00:00Z\"", 422, "#/occurredAt", "outOfRange")]
    [InlineData("sessionNumber", "0", 422, "#/sessionNumber", "outOfRange")]
    [InlineData("sessionNumber", "1.5", 400, "#/sessionNumber", "notAValue")]
    [InlineData("patient", "\"Anna Miller\"", 422, "#/patient", "notAKey")]
    [InlineData("patient", "\"1984-02-29\"", 422, "#/patient", "notAKey")]
    [InlineData("patient", "\"anna@example.org\"", 422, "#/patient", "notAKey")]
    [InlineData("patient", "null", 400, "#/patient", "required")]
    [InlineData("birthDate", "\"1984-02-29\"", 400, "#/birthDate", "unknownMember")]
    public async Task An_error_is_reported_at_its_pointer(string path, string value, int status, string pointer, string code)
    {
        var answer = await fixture.Service.PostText("/sessions", s_valid.WithRawText(path, value));
        answer.ShouldBeProblem(status, pointer, code);
        Assert.DoesNotContain("Miller", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("1984", answer.Text, StringComparison.Ordinal);
        Assert.Empty((await fixture.Service.Get("/sessions")).ShouldBe(200).At("sessions")!.AsArray());
    }

    [Theory]
    [InlineData("measures/0/rater", "#/measures/0/rater")]
    [InlineData("measures/0/instrument", "#/measures/0/instrument")]
    [InlineData("patient", "#/patient")]
    [InlineData("occurredAt", "#/occurredAt")]
    [InlineData("sourceSystem", "#/sourceSystem")]
    [InlineData("measures", "#/measures")]
    [InlineData("measures/0/sourceId", "#/measures/0/sourceId")]
    public async Task Missing_members_are_reported(string path, string pointer)
    {
        var answer = (await fixture.Service.Post("/sessions", s_valid.Without(path))).ShouldBeProblem(400);
        Assert.Contains(answer.Errors, f => f.StartsWith(pointer + " ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_errors_are_reported_at_once()
    {
        var bad = s_valid.With("sessionNumber", 0).With("therapist", "Dr No").With("measures/0/version", -1);
        var answer = (await fixture.Service.Post("/sessions", bad)).ShouldBeProblem(422);
        Assert.Superset(new HashSet<string> { "#/sessionNumber outOfRange", "#/therapist notAKey", "#/measures/0/version outOfRange" },
            answer.Errors.ToHashSet(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Duplicate_members_are_refused()
    {
        var twice = s_valid.ToJsonString().Replace("\"sessionNumber\":3", "\"sessionNumber\":3,\"sessionNumber\":4", StringComparison.Ordinal);
        (await fixture.Service.PostText("/sessions", twice)).ShouldBeProblem(400);
        var lines = (await fixture.Service.PostText("/sessions", twice, "application/x-ndjson")).ShouldBe(207);
        Assert.Equal(400, lines.At("results/0/status")!.GetValue<int>());
    }

    [Theory]
    [InlineData("89204-2")]
    [InlineData("75325-1")]
    [InlineData("69725-0")]
    public async Task A_wrong_instrument_code_is_reported_with_the_correct_one(string code)
    {
        var answer = (await fixture.Service.Post("/sessions", s_valid.With("measures/0/instrument", code))).ShouldBeProblem(422);
        Assert.True(answer.Text.Contains("44261-6", StringComparison.Ordinal) || answer.Text.Contains("70274-6", StringComparison.Ordinal), answer.Text);
    }
}
