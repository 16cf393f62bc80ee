using System.Diagnostics;

using Benchmarks.Load.Servers;

using RealRelationship.Testing.Traffic;

namespace Benchmarks.Load.Requests;

/// <summary>Many at once, in one request of NDJSON.</summary>
internal static class BatchUpload
{
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Studies, all of which must be accepted.</summary>
    /// <returns>Seconds until they were durable.</returns>
    public static async Task<double> UploadStudiesAsync(BenchmarkServer server, string prefix, int count, int effects = 1)
    {
        var seconds = 0.0;
        var each = Math.Max(1, MaxBytes / StudyRequests.Json($"{prefix}-{count}", effects, StudyRequests.OldYear).Length);
        for (var from = 0; from < count; from += each)
        {
            var to = Math.Min(count, from + each);
            using var content = new StringContent(StudyRequests.Ndjson(prefix, from, to, effects), System.Text.Encoding.UTF8, "application/x-ndjson");
            seconds += await SendAsync(server, "/studies/batch", content, $"\"accepted\":{to - from},\"rejected\":0}}");
        }

        return seconds;
    }

    /// <summary>Studies given as NDJSON, all of which must be accepted.</summary>
    /// <inheritdoc cref="UploadStudiesAsync(BenchmarkServer, string, int, int)"/>
    public static async Task<double> UploadNdjsonAsync(BenchmarkServer server, string ndjson, int count)
    {
        using var content = new StringContent(ndjson, System.Text.Encoding.UTF8, "application/x-ndjson");
        return await SendAsync(server, "/studies/batch", content, $"\"accepted\":{count},\"rejected\":0}}");
    }

    /// <summary>Sessions in one stream, all of which must be accepted.</summary>
    /// <inheritdoc cref="UploadStudiesAsync(BenchmarkServer, string, int, int)"/>
    public static async Task<double> UploadSessionsAsync(BenchmarkServer server, string prefix, int from, int to)
    {
        using var content =
            new RealRelationship.Testing.Traffic.StreamedNdjsonContent(RealRelationship.Testing.Traffic.GeneratedSessions.Lines(prefix, from, to));
        return await SendAsync(server, "/sessions", content, "\"rejected\":0}");
    }

    private static async Task<double> SendAsync(BenchmarkServer server, string path, HttpContent content, string end)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://{server.Address}"), Timeout = Timeout.InfiniteTimeSpan };
        var started = Stopwatch.GetTimestamp();
        using var response = await http.PostAsync(new Uri(path, UriKind.Relative), content);
        var answer = await response.Content.ReadAsStringAsync();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return answer.EndsWith(end, StringComparison.Ordinal) ? seconds
            : throw new InvalidOperationException($"Something was refused: {answer[^Math.Min(answer.Length, 300)..]}");
    }
}
