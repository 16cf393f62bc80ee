using System.Text;
using System.Text.Json.Nodes;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security;

/// <summary>No patient data appear in a log, an error, a header or a file, whatever is wrong with the request.</summary>
public sealed class PatientDataLeakTests : IDisposable
{
    private const string Marker = "kanarienvogel";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Patient_data_never_appears_in_logs_errors_headers_or_files()
    {
        var key =
            (await ServiceExecutable.RunAsync(_folder,
                ["keys", "create", "--tenant", "clinic", "--scope", "sessions:write", "--scope", "sessions:read"])).ShouldExitWith(0).StandardOutput.Trim();
        var (service, address) = await ServiceExecutable.ServeAsync(_folder, ("Privacy__Key", ServiceExecutable.PrivacyKey),
            ("Logging__LogLevel__Default", "Debug"));
        await using var running = service;
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Add("X-API-Key", key);
        var answers = new StringBuilder();
        foreach (var body in Bodies())
        {
            foreach (var path in new[] { "/sessions", "/sessions/search" })
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content);
                Assert.NotEqual(500, (int)answer.StatusCode);
                answers.AppendLine($"{answer.Headers} {await answer.Content.ReadAsStringAsync()}");
            }
        }

        foreach (var path in new[] { "/sessions", $"/sessions?patient={Marker}", $"/sessions/{Marker}", $"/sessions?cursor={Marker}",
            $"/sessions?limit={Marker}" })
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            answers.AppendLine($"{answer.Headers} {await answer.Content.ReadAsStringAsync()}");
        }

        var log = (await running.StopAsync()).ShouldExitWith(0).Text;
        Assert.DoesNotContain(Marker, log, StringComparison.OrdinalIgnoreCase);
        // Only the sender's own key of a measure is returned.
        var told = answers.ToString();
        Assert.DoesNotContain($"{Marker}-p", told, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain($"{Marker}-t", told, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain($"{Marker}-e", told, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain($"{Marker}-s", told, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain($"{Marker}-n", told, StringComparison.OrdinalIgnoreCase);
        foreach (var file in Directory.EnumerateFiles(_folder.Path))
        {
            Assert.True(Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file)).IndexOf(Marker, StringComparison.OrdinalIgnoreCase) < 0, file);
        }
    }

    // One session, whole and broken in each of its members.
    private static IEnumerable<string> Bodies()
    {
        yield return Session().ToJsonString();
        foreach (var member in new[] { "sourceSystem", "patient", "therapist", "episode", "session", "occurredAt", "sessionNumber", "measures" })
        {
            foreach (var value in new JsonNode?[] { null, 7, $"{Marker}-n Anna Müller, born 1980", new JsonObject { [$"{Marker}-n"] = $"{Marker}-n" },
                new JsonArray($"{Marker}-n") })
            {
                var broken = Session();
                broken[member] = value?.DeepClone();
                yield return broken.ToJsonString();
            }
        }

        foreach (var member in new[] { "status", "instrument", "rater", "scale", "score", "items", "version" })
        {
            var broken = Session();
            broken["measures"]![0]![member] = $"{Marker}-n";
            yield return broken.ToJsonString();
        }

        var named = Session();
        named["name"] = $"{Marker}-n";
        yield return named.ToJsonString();
        yield return Session().ToJsonString()[..120];
        yield return $"{Marker}-n";
        yield return $$"""{ "sourceSystem": "ehr", "patient": "{{Marker}}-p1" }""";
        yield return $$"""{ "sourceSystem": "ehr", "sourceId": "{{Marker}}-o1" }""";
    }

    private static JsonObject Session() => new()
    {
        ["sourceSystem"] = "ehr", ["patient"] = $"{Marker}-p1", ["therapist"] = $"{Marker}-t1", ["episode"] = $"{Marker}-e1", ["session"] = $"{Marker}-s1",
        ["sessionNumber"] = 1, ["occurredAt"] = "2026-03-01T10:00:00+01:00",
        ["measures"] =
            new JsonArray(
                new JsonObject
                {
                    ["sourceId"] = $"{Marker}-o1", ["version"] = 1, ["status"] = "final", ["instrument"] = "rri-c-sf", ["rater"] = "client",
                    ["score"] = 4.125
                }),
    };
}
