using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

using Faults.Support;

using RealRelationship.Testing.Processes;

namespace Faults.Scenarios;

/// <summary>Uses every published limit at once: effects, levels, moderators, bodies, streams, the response cache.</summary>
internal static class MemoryUse
{
    private const long MaxBytes = 1024L * 1024 * 1024;

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var rounds = run.Scaled(1, 10);
        await using var service = ServiceProcess.Spawn([("Storage__Path", Path.Combine(run.NewFolder(), "store.db")), ("Demo__Load", "true")]);
        using var client = await service.CreateClientAsync();
        client.Timeout = TimeSpan.FromMinutes(5);
        (string Path, Func<HttpContent> Content)[] requests =
        [
            ("/meta/pool", Json(EffectBody.Json(100_000))),
            ("/meta/pool", Json(EffectBody.Json(100_000, perSample: 4))),
            ("/meta/pool", Json(EffectBody.Json(20_000, perSample: 20_000))),
            ("/meta/moderators", Json(EffectBody.Json(20_000, 1, 90, 20, By("by", 20)))),
            ("/meta/moderators", Json(EffectBody.Json(20_000, 4, 90, 20, By("by", 20)))),
            ("/meta/moderators", Json(EffectBody.Json(2_000, 2, 40, 3, By("by", 3)))),
            ("/meta/regression", Json(EffectBody.Json(20_000, 1, 50, 20, By("terms", 20)))),
            ("/meta/sensitivity", Json(EffectBody.Json(20_000))),
            ("/meta/bias", Json(EffectBody.Json(100_000))),
            ("/meta/forest.svg", Json(EffectBody.Json(100_000))),
            // A body of the largest size with nothing but members.
            ("/meta/pool", Json($"{{ \"effects\": [{{ \"r\": 0.3, \"n\": 50, \"moderators\": {{{Members(3_000_000)}}} }}] }}")),
            ("/studies/batch", () => Typed(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("{}", 8_000_000))}]"), "application/json")),
            ("/sessions", () => Typed(Compress(200_000_000), "application/x-ndjson", "gzip")),
        ];
        var statuses = new SortedDictionary<int, int>();
        for (var round = 0; round < rounds; round++)
        {
            var responses = await Task.WhenAll(requests.Select(request => SendAsync(client, request.Path, request.Content())));
            foreach (var status in responses)
            {
                statuses[status] = statuses.GetValueOrDefault(status) + 1;
            }

            run.Log($"after round {round + 1}: {PeakBytes(service.Id) / 1e6:0} MB; {string.Join(' ', responses)}");
        }

        var peak = PeakBytes(service.Id);
        return new($"{requests.Length} requests at every published limit at once, {rounds} times", string.Create(CultureInfo.InvariantCulture,
            $"at most {peak / 1e6:0} MB resident; statuses {string.Join(", ", statuses.Select(s => $"{s.Value} × {s.Key}"))}"),
            peak > MaxBytes ? [string.Create(CultureInfo.InvariantCulture, $"the service had {peak / 1e6:0} MB resident")] : []);
    }

    private static double PeakBytes(int process) => ProcessStatistics.PeakMegabytes(process) * 1024 * 1024;

    private static string Members(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{i:x}\":1"));

    private static Func<HttpContent> Json(string json) => () => EffectBody.ToContent(json);

    private static string By(string member, int moderators) => $"\"{member}\": [{string.Join(',', Enumerable.Range(0, moderators).Select(m => $"\"m{m}\""))}]";

    private static async Task<int> SendAsync(HttpClient client, string path, HttpContent content)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await response.Content.CopyToAsync(Stream.Null);
            return (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            // The service closed the connection on a body that it rejected.
            return (int)HttpStatusCode.RequestEntityTooLarge;
        }
    }

    private static ByteArrayContent Typed(byte[] bytes, string type, string? encoding = null)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return content;
    }

    // Lines that are rejected, at the largest ratio.
    private static byte[] Compress(int bytes)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            var line = Encoding.UTF8.GetBytes($"{{\"sourceSystem\":\"{new string('x', 20_000)}\"}}\n");
            for (var written = 0; written < bytes; written += line.Length)
            {
                gzip.Write(line);
            }
        }

        return compressed.ToArray();
    }
}
