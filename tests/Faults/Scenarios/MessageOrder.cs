using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using Faults.Support;

using RealRelationship.Testing.Processes;

namespace Faults.Scenarios;

/// <summary>Messages about measures (versions, amendments, moves to another session or patient, withdrawals), sent once in order to one service, and in
/// random order with repetitions to another.</summary>
internal static class MessageOrder
{
    private const int Clients = 8;
    private const int PageLength = 200;

    // Nothing is released, so that nothing may depend on when a release was.
    private static readonly (string Name, string Value)[] s_settings = [("Privacy__MinPatients", "1000000")];

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var random = new Random(run.Seed);
        MeasureHistory[] histories = [.. Enumerable.Range(0, run.Scaled(150, 5_000)).Select(i => MeasureHistory.Generate(i, random))];
        var violations = new List<string>();
        var (inOrder, sentInOrder) = await SendAllAsync(run, histories, history => history.Messages, violations);
        var (permuted, sentPermuted) = await SendAllAsync(run, histories, history => history.Permuted(random), violations);
        foreach (var (name, state) in inOrder)
        {
            if (permuted[name] != state)
            {
                violations.Add($"{name} ends in another state");
            }
        }

        var states = histories.Count(history => inOrder[history.Name] == history.ExpectedState());
        violations.AddRange(
            histories.Where(history => inOrder[history.Name] != history.ExpectedState())
                .Select(history => $"{history.Name} should end as {history.ExpectedState()}, not {inOrder[history.Name]}"));
        return new($"{histories.Length:N0} histories: {sentInOrder:N0} messages in order, {sentPermuted:N0} permuted and resent",
            $"{states:N0} of {histories.Length:N0} in the one state they should end in; sessions and running sums "
                + $"{(violations.Count == 0 ? "equal" : "differ")}",
            violations);
    }

    private static async Task<(Dictionary<string, string> State, int Sent)> SendAllAsync(ScenarioRun run, MeasureHistory[] histories,
        Func<MeasureHistory, IReadOnlyList<MeasureMessage>> order, List<string> violations)
    {
        var path = Path.Combine(run.NewFolder(), "store.db");
        var told = histories.Select(history => (History: history, Messages: order(history))).ToList();
        Dictionary<string, string> state;
        await using (var service = ServiceProcess.Spawn([.. s_settings, ("Storage__Path", path)]))
        {
            using var http = await service.CreateClientAsync();
            var errors = new System.Collections.Concurrent.ConcurrentQueue<string>();
            await Parallel.ForEachAsync(told, new ParallelOptions { MaxDegreeOfParallelism = Clients },
                async (one, _) => await SendHistoryAsync(http, one.History, one.Messages, errors));
            violations.AddRange(errors);
            state = await ReadStatesAsync(http, histories);
            state["The list of sessions"] = await ReadSessionListAsync(http);
            await service.StopAsync();
        }

        foreach (var (table, content) in StoreInspection.DecryptedSums(path))
        {
            state[table] = content;
        }

        return (state, told.Sum(one => one.Messages.Count));
    }

    // Alone, as an array, or as NDJSON: whatever way a history goes, its messages go one after the other.
    private static async Task SendHistoryAsync(HttpClient http, MeasureHistory history, IReadOnlyList<MeasureMessage> messages,
        System.Collections.Concurrent.ConcurrentQueue<string> errors)
    {
        var seen = new HashSet<MeasureMessage>();
        foreach (var some in messages.Chunk(history.Number % 3 == 0 ? 1 : 4))
        {
            var (type, body) = (history.Number % 3) switch
            {
                0 => ("application/json", some[0].Json()),
                1 => ("application/json", $"[{string.Join(',', some.Select(m => m.Json()))}]"),
                _ => ("application/x-ndjson", string.Join('\n', some.Select(m => m.Json()))),
            };
            using var content = new StringContent(body, Encoding.UTF8, type);
            using var response = await http.PostAsync(new Uri("/sessions", UriKind.Relative), content);
            var answer = await response.Content.ReadAsStringAsync();
            int[] expected = [.. some.Select(m => seen.Add(m) ? 201 : 200)];
            int[] statuses = !response.IsSuccessStatusCode ? []
                : [.. (JsonNode.Parse(answer)!["results"]?.AsArray() ?? [JsonNode.Parse(answer)]).Select(r => (int)r!["measures"]![0]!["status"]!)];
            if (!statuses.SequenceEqual(expected))
            {
                errors.Enqueue($"{history.Name}: {(int)response.StatusCode} {answer}");
            }
        }
    }

    private static async Task<Dictionary<string, string>> ReadStatesAsync(HttpClient http, MeasureHistory[] histories)
    {
        var states = new System.Collections.Concurrent.ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(histories, new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (history, _) =>
        {
            var shown = new List<string>();
            foreach (var (patient, measure) in history.CurrentPlacements)
            {
                // Both must agree: the measure by its own key, and among those of the patient it should belong to.
                var own = await ReadCurrentAsync(http, new { sourceSystem = MeasureHistory.SourceSystem, sourceId = measure });
                var among = patient is null ? own : await ReadCurrentAsync(http, new { sourceSystem = MeasureHistory.SourceSystem, patient });
                shown.Add(
                    own.Length == 0 ? $"{measure} gone" : own is [var only] && among.Contains(only) ? $"{measure} v{(long)only.Version} {only.Score}"
                        : $"{measure} {own.Length} times, {among.Length} of its patient");
            }

            states[history.Name] = string.Join(", ", shown);
        });
        return new(states, StringComparer.Ordinal);
    }

    private static async Task<CurrentMeasure[]> ReadCurrentAsync(HttpClient http, object search)
    {
        using var content = new StringContent(JsonSerializer.Serialize(search), Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri("/sessions/search", UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
        var sessions = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["sessions"]!.AsArray();
        return [
            .. sessions.SelectMany(s => s!["measures"]!.AsArray())
                .Select(m => new CurrentMeasure((string)m!["sourceId"]!, (long)m["version"]!, (double)m["score"]!))];
    }

    private static async Task<string> ReadSessionListAsync(HttpClient http)
    {
        var all = new StringBuilder();
        for (string? cursor = ""; cursor is not null;)
        {
            using var response =
                await http.GetAsync(
                    new Uri($"/sessions?limit={PageLength}{(cursor.Length > 0 ? $"&cursor={Uri.EscapeDataString(cursor)}" : "")}", UriKind.Relative));
            var answer = await response.Content.ReadAsStringAsync();
            var page = response.IsSuccessStatusCode ? JsonNode.Parse(answer)!
                : throw new InvalidOperationException($"The list of sessions is {(int)response.StatusCode}: {answer}");
            foreach (var session in page["sessions"]!.AsArray())
            {
                // When it was stored is all that may differ.
                foreach (var measure in session!["measures"]!.AsArray())
                {
                    measure!.AsObject().Remove("recordedAt");
                }

                all.AppendLine(session.ToJsonString());
            }

            cursor = (string?)page["next"];
        }

        return all.ToString();
    }

    private sealed record CurrentMeasure(string SourceId, long Version, double Score);
}
