using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Ingest;

/// <summary>Versions, corrections and withdrawals of the same measures in any order, each order at a site of its own: one state.</summary>
public sealed class MessageOrderTests : IAsyncLifetime
{
    private Service _service = null!;

    public async ValueTask InitializeAsync() => _service = await Service.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    public static TheoryData<string> Histories => ["corrected", "withdrawn", "withdrawn and given again", "moved to another patient"];

    [SlowTheory("It sends many permutations of the same messages.")]
    [MemberData(nameof(Histories))]
    public async Task Any_message_order_gives_the_same_state(string history)
    {
        var states = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, order) in Permutations(MessagesOf(history)).Index())
        {
            var key = ("X-API-Key",
                await ProductionService.CreateKeyAsync(_service, $"{history.Replace(' ', '-')}-{i}", [Scopes.SessionsWrite, Scopes.SessionsRead]));
            await Send(key, [.. BackgroundSessions()]);
            foreach (var message in order)
            {
                await Send(key, message);
            }

            var answer = (await _service.Get("/associations", key)).ShouldBe(200);
            states.Add(answer.At("associations")!.ToJsonString() + answer.At("excluded")!.ToJsonString());
        }

        Assert.Contains("\"r\":0.", Assert.Single(states), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Different_histories_give_different_states()
    {
        var states = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (history, _) in Histories.Select(h => (h.Data, h)))
        {
            var key = ("X-API-Key",
                await ProductionService.CreateKeyAsync(_service, $"once-{history.Replace(' ', '-')}", [Scopes.SessionsWrite, Scopes.SessionsRead]));
            await Send(key, [.. BackgroundSessions(), .. MessagesOf(history)]);
            var answer = await _service.Get("/associations", key);
            states.Add(answer.At("associations")!.ToJsonString() + answer.At("excluded")!.ToJsonString());
        }

        Assert.Equal(Histories.Count, states.Count);
    }

    private static JsonObject[] MessagesOf(string history)
    {
        JsonObject X(int version, double score, string status = "corrected", string patient = "target") =>
            SessionTestData.Session(patient, 2,
                SessionTestData.Measure("target.2.x", "rri-c-sf", score, version: version, status: version == 1 ? "final" : status));
        var y = SessionTestData.Session("target", 2, SessionTestData.Measure("target.2.y", "ses", 4.8));
        return history switch
        {
            "corrected" => [X(1, 1.5), X(2, 4.5), X(4, 2.5), y],
            "withdrawn" => [X(1, 1.5), X(2, 4.5), SessionTestData.EnteredInError("target.2.x", 2), y],
            "withdrawn and given again" => [X(1, 1.5), SessionTestData.EnteredInError("target.2.x"), X(2, 4.5, "amended"), y],
            "moved to another patient" => [X(1, 1.5), SessionTestData.EnteredInError("target.2.x"), X(3, 4, patient: "bystander"), y],
            _ => throw new ArgumentOutOfRangeException(nameof(history)),
        };
    }

    private static IEnumerable<JsonObject> BackgroundSessions() =>
        from patient in Enumerable.Range(0, 6).Select(i => $"p{i}").Append("target")
        from number in new[] { 1, 3, 4 }
        select SessionTestData.RelationshipAndOutcome(patient, "t1", number, 2.5 + (patient[1] * 7 + number * 5) % 11 * 0.2,
            18 + (patient[1] * 3 + number * number) % 13);

    private async Task Send((string, string) key, params JsonObject[] sessions)
    {
        var answer = await _service.Post("/sessions", new JsonArray([.. sessions.Select(s => s.DeepClone())]), key);
        Assert.True(answer.Status is 200 or 201, answer.Text);
    }

    private static IEnumerable<T[]> Permutations<T>(T[] items) => items.Length == 1
        ? [items]
        : Enumerable.Range(0, items.Length).SelectMany(i => Permutations([.. items[..i], .. items[(i + 1)..]]).Select(rest => (T[])[items[i], .. rest]));
}
