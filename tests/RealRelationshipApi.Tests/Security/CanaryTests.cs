using System.Text;
using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Security;

/// <summary>Nothing of a patient stands in a log, an error, a header or a file, whatever is wrong with what was sent.</summary>
public sealed class CanaryTests : IDisposable
{
    private const string Canary = "kanarienvogel";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_of_a_patient_is_seen_outside()
    {
        var key = (await Executable.RunAsync(_folder, ["keys", "create", "--tenant", "clinic", "--scope", "sessions:write", "--scope", "sessions:read"])).ShouldExitWith(0).Output.Trim();
        var (service, address) = await Executable.ServeAsync(_folder, ("Privacy__Key", Executable.PrivacyKey), ("Logging__LogLevel__Default", "Debug"));
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

        foreach (var path in new[] { "/sessions", $"/sessions?patient={Canary}", $"/sessions/{Canary}", $"/sessions?cursor={Canary}", $"/sessions?limit={Canary}" })
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            answers.AppendLine($"{answer.Headers} {await answer.Content.ReadAsStringAsync()}");
        }

        var log = (await running.StopAsync()).ShouldExitWith(0).Text;
        Assert.DoesNotContain(Canary, log, StringComparison.OrdinalIgnoreCase);
        // A source says which measure of its own a result is about: that alone comes back.
        var told = answers.ToString();
        Assert.DoesNotContain($"{Canary}-p", told, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain($"{Canary}-t", told, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain($"{Canary}-e", told, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain($"{Canary}-s", told, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain($"{Canary}-n", told, StringComparison.OrdinalIgnoreCase);
        foreach (var file in Directory.EnumerateFiles(_folder.Path))
        {
            Assert.True(Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file)).IndexOf(Canary, StringComparison.OrdinalIgnoreCase) < 0, file);
        }
    }

    // One session, whole and broken in each of its members.
    private static IEnumerable<string> Bodies()
    {
        yield return Session().ToJsonString();
        foreach (var member in new[] { "sourceSystem", "patient", "therapist", "episode", "session", "occurredAt", "sessionNumber", "measures" })
        {
            foreach (var value in new JsonNode?[] { null, 7, $"{Canary}-n Anna Müller, born 1980", new JsonObject { [$"{Canary}-n"] = $"{Canary}-n" }, new JsonArray($"{Canary}-n") })
            {
                var broken = Session();
                broken[member] = value?.DeepClone();
                yield return broken.ToJsonString();
            }
        }

        foreach (var member in new[] { "status", "instrument", "rater", "scale", "score", "items", "version" })
        {
            var broken = Session();
            broken["measures"]![0]![member] = $"{Canary}-n";
            yield return broken.ToJsonString();
        }

        var named = Session();
        named["name"] = $"{Canary}-n";
        yield return named.ToJsonString();
        yield return Session().ToJsonString()[..120];
        yield return $"{Canary}-n";
        yield return $$"""{ "sourceSystem": "ehr", "patient": "{{Canary}}-p1" }""";
        yield return $$"""{ "sourceSystem": "ehr", "sourceId": "{{Canary}}-o1" }""";
    }

    private static JsonObject Session() => new()
    {
        ["sourceSystem"] = "ehr", ["patient"] = $"{Canary}-p1", ["therapist"] = $"{Canary}-t1", ["episode"] = $"{Canary}-e1", ["session"] = $"{Canary}-s1",
        ["sessionNumber"] = 1, ["occurredAt"] = "2026-03-01T10:00:00+01:00",
        ["measures"] = new JsonArray(new JsonObject { ["sourceId"] = $"{Canary}-o1", ["version"] = 1, ["status"] = "final", ["instrument"] = "rri-c-sf", ["rater"] = "client", ["score"] = 4.125 }),
    };
}
