using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Simulator.Live;

/// <summary>A client of one clinic: its API key, and the format in which it sends.</summary>
internal sealed class ClinicClient(HttpClient http, string key, Func<ClinicClient, IReadOnlyList<JsonObject>, Task> sendSessions)
{
    private const int MaxArrayLength = 10_000;

    /// <summary>Arrays, as many as it takes.</summary>
    public static async Task SendAsJsonAsync(ClinicClient site, IReadOnlyList<JsonObject> sessions)
    {
        foreach (var some in sessions.Chunk(MaxArrayLength))
        {
            await site.SendAsync("/sessions", new JsonArray([.. some.Select(s => s.DeepClone())]).ToJsonString(), "application/json");
        }
    }

    /// <summary>One stream.</summary>
    public static Task SendAsNdjsonAsync(ClinicClient site, IReadOnlyList<JsonObject> sessions) =>
        site.SendAsync("/sessions", string.Concat(sessions.Select(s => s.ToJsonString() + "\n")), "application/x-ndjson");

    /// <summary>FHIR bundles, as many as it takes.</summary>
    public static async Task SendAsFhirAsync(ClinicClient site, IReadOnlyList<JsonObject> sessions)
    {
        foreach (var bundle in FhirMessages.ToBundles(sessions))
        {
            var answer = await site.SendAsync("/fhir", bundle.ToJsonString(), "application/fhir+json");
            if (answer["entry"]!.AsArray().FirstOrDefault(e => e!["response"]!["status"]!.GetValue<string>()[..3] is not ("200" or "201")) is { } refused)
            {
                throw new InvalidOperationException($"Something was refused: {refused}");
            }
        }
    }

    /// <summary>Sends sessions in the site's form; each must be taken.</summary>
    public Task SendAsync(IEnumerable<JsonObject> sessions) => sendSessions(this, [.. sessions]);

    public async Task<JsonNode> SendAsync(string path, string body, string mediaType)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post,
            new Uri(path, UriKind.Relative))
        { Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(mediaType)) };
        var answer = await ExecuteAsync(request);
        return answer is JsonObject members && members["results"] is JsonArray results && results.FirstOrDefault(r => !IsAccepted(r!)) is { } refused
            ? throw new InvalidOperationException($"Something was refused: {refused}")
            : answer;
    }

    private static bool IsAccepted(JsonNode result) =>
        result["status"]!.GetValue<int>() is 200 or 201 && result["measures"]!.AsArray().All(m => m!["status"]!.GetValue<int>() is 200 or 201);

    public async Task<JsonNode> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        return await ExecuteAsync(request);
    }

    private async Task<JsonNode> ExecuteAsync(HttpRequestMessage request)
    {
        request.Headers.Add("X-API-Key", key);
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"{request.Method} {request.RequestUri} is {(int)response.StatusCode}: {text}");
    }
}
