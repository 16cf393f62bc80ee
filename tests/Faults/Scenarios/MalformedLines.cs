using System.Globalization;
using System.Text.Json;

using Dapper;

using Faults.Support;

using Microsoft.Data.Sqlite;

using RealRelationship.Testing.Processes;
using RealRelationship.Testing.Traffic;

namespace Faults.Scenarios;

/// <summary>A long stream of sessions in which every tenth line is broken in one of several ways: nine tenths are stored, and all errors are located.</summary>
internal static class MalformedLines
{
    private const int Sessions = 10;

    // By position in a hundred lines: the broken line, its status, and the location of the error.
    private static readonly IReadOnlyDictionary<int, (string Name, Func<int, string> Line, int Status, string Place)> s_malformations =
        new Dictionary<int, (string, Func<int, string>, int, string)>
        {
            [9] = ("cut off", i => ValidLine(i)[..60], 400, "line {0}:"),
            [19] = ("no JSON", _ => "patient;therapist;score", 400, "line {0}:"),
            [29] = ("session number 0", i => ValidLine(i).Replace($"\"sessionNumber\":{SessionNumber(i)}", "\"sessionNumber\":0", StringComparison.Ordinal),
                422, "#/sessionNumber"),
            [39] = ("score out of range", i => ValidLine(i).Replace("\"score\":4.5", "\"score\":450", StringComparison.Ordinal), 422, "#/measures/0"),
            [49] = ("date without offset", i => ValidLine(i).Replace("10:00:00Z", "10:00:00", StringComparison.Ordinal), 400, "#/occurredAt"),
            [59] = ("date in the future", i => ValidLine(i).Replace("2025-01-01", "2925-01-01", StringComparison.Ordinal), 422, "#/occurredAt"),
            [69] = ("no rater", i => ValidLine(i).Replace("\"rater\":\"client\",", "", StringComparison.Ordinal), 400, "#/measures/0/rater"),
            [79] = ("no such instrument", i => ValidLine(i).Replace("rri-c", "mood-ring", StringComparison.Ordinal), 422, "#/measures/0/instrument"),
            [89] = ("an unknown member", i => ValidLine(i).Replace("{\"sourceSystem\"", "{\"note\":\"x\",\"sourceSystem\"", StringComparison.Ordinal), 400,
            "#/note"),
            [99] = ("no patient", i => ValidLine(i).Replace($"\"patient\":\"{Patient(i)}\",", "", StringComparison.Ordinal), 400, "#/patient"),
        };

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var lines = run.Scaled(5_000, 1_000_000);
        var path = Path.Combine(run.NewFolder(), "store.db");
        var violations = new List<string>();
        await using (var service = await ServiceProcess.StartOnFileAsync(path))
        {
            using var http = await service.CreateClientAsync();
            http.Timeout = TimeSpan.FromHours(1);
            using var content =
                new StreamedNdjsonContent(
                    Enumerable.Range(0, lines).Select(i => s_malformations.TryGetValue(i % 100, out var broken) ? broken.Line(i) : ValidLine(i)));
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/sessions", UriKind.Relative)) { Content = content };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            response.EnsureSuccessStatusCode();
            using var answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync());
            violations.AddRange(ErrorsIn(answer.RootElement, lines));
        }

        await using var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        var stored = await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM measure_version");
        if (stored != lines / 10 * 9)
        {
            violations.Add($"{stored} measures are stored, not {lines / 10 * 9}");
        }

        return new($"{lines:N0} lines of sessions in one stream, every tenth broken in one of {s_malformations.Count} ways",
            $"{stored:N0} stored; of {lines / 10:N0} errors {(violations.Count == 0 ? "every one" : "not every one")} was located", violations);
    }

    private static IEnumerable<string> ErrorsIn(JsonElement answer, int lines)
    {
        if (answer.GetProperty("accepted").GetInt64() != lines / 10 * 9 || answer.GetProperty("rejected").GetInt64() != lines / 10
            || answer.GetProperty("results").GetArrayLength() != lines)
        {
            yield return $"accepted {answer.GetProperty("accepted")}, rejected {answer.GetProperty("rejected")} of "
                + $"{answer.GetProperty("results").GetArrayLength()}";
        }

        foreach (var (i, result) in answer.GetProperty("results").EnumerateArray().Index())
        {
            var (name, status, place) = s_malformations.TryGetValue(i % 100, out var broken)
                ? (broken.Name, broken.Status, string.Format(CultureInfo.InvariantCulture, broken.Place, i + 1)) : ("sound", 201, null);
            if (result.GetProperty("index").GetInt32() != i || result.GetProperty("status").GetInt32() != status
                || (place is not null && !result.GetRawText().Contains(place, StringComparison.Ordinal)))
            {
                yield return $"line {i + 1} ({name}): {result.GetRawText()}";
            }
        }
    }

    private static string Patient(int i) => $"p{i / Sessions}";

    private static int SessionNumber(int i) => i % Sessions + 1;

    private static string ValidLine(int i) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"sourceSystem":"lines","patient":"{{Patient(i)}}","therapist":"t{{i / Sessions % 20}}","session":"s{{i}}","sessionNumber":{{SessionNumber(i)}},"""
        + $$""" "occurredAt":"2025-01-01T10:00:00Z","measures":[{"sourceId":"m{{i}}","version":1,"status":"final","instrument":"rri-c","rater":"client","""
        + $$""" "score":4.5}]}""");
}
