using System.Net;
using System.Text;
using System.Text.Json;

namespace Faults.Support;

/// <summary>Clients that post studies, singly and in NDJSON batches, until they are stopped or the service is gone.</summary>
/// <param name="http">The service.</param>
/// <param name="record">Where they write down what was acknowledged.</param>
/// <param name="prefix">How the keys of this load begin.</param>
/// <param name="maxBatch">1 for single posts only.</param>
internal sealed class WriteLoad(HttpClient http, WriteRecord record, string prefix, int seed, int maxBatch = 300)
{
    private const double ShareOfBatches = 0.7;

    private long _refused;

    /// <summary>Posts with response 503.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Ends when the time is over, or when all clients found the service gone.</summary>
    public Task RunAsync(int clients, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => PostAsync(client, stop), CancellationToken.None)));

    private async Task PostAsync(int client, CancellationToken stop)
    {
        var random = new Random(HashCode.Combine(seed, client));
        for (var next = 0; !stop.IsCancellationRequested;)
        {
            var count = maxBatch > 1 && random.NextDouble() < ShareOfBatches ? random.Next(10, maxBatch + 1) : 1;
            GeneratedStudy[] studies = [.. Enumerable.Range(next, count).Select(i => new GeneratedStudy($"{prefix}-{client}-{i}"))];
            next += count;
            Array.ForEach(studies, s => record.RecordSent(s.Key));
            try
            {
                await PostAsync(studies);
            }
            catch (Exception gone) when (gone is HttpRequestException or IOException or OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task PostAsync(GeneratedStudy[] studies)
    {
        using var body = studies is [var only]
            ? new StringContent(only.Json(), Encoding.UTF8, "application/json")
            : new StringContent(string.Join('\n', studies.Select(s => s.Json())), Encoding.UTF8, "application/x-ndjson");
        using var response = await http.PostAsync(new Uri(studies.Length == 1 ? "/studies" : "/studies/batch", UriKind.Relative), body);
        var answer = await response.Content.ReadAsStringAsync();
        switch (response.StatusCode)
        {
            case HttpStatusCode.ServiceUnavailable:
                Interlocked.Increment(ref _refused);
                if (response.Headers.RetryAfter is null)
                {
                    record.RecordViolation($"503 without Retry-After: {answer}");
                }

                break;
            case HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.MultiStatus when studies.Length > 1:
                using (var parsed = JsonDocument.Parse(answer))
                {
                    foreach (var result in parsed.RootElement.GetProperty("results").EnumerateArray())
                    {
                        record.RecordResponse(result.GetProperty("id").GetString()!, result.GetProperty("status").GetInt32());
                    }
                }

                break;
            default:
                record.RecordResponse(studies[0].Key, (int)response.StatusCode);
                break;
        }
    }
}
