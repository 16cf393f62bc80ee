using System.Net;
using System.Text;
using System.Text.Json;

namespace Faults.Vocabulary;

/// <summary>Clients that post studies, alone and in NDJSON batches, until they are told to stop or nobody answers.</summary>
/// <param name="http">The service.</param>
/// <param name="ledger">Where they write down what was acknowledged.</param>
/// <param name="prefix">How the keys of this load begin.</param>
/// <param name="largestBatch">1 for single posts only.</param>
internal sealed class Load(HttpClient http, Ledger ledger, string prefix, int seed, int largestBatch = 300)
{
    private const double ShareOfBatches = 0.7;

    private long _refused;

    /// <summary>Posts that were answered with 503.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Ends when the time is over, or when all clients found the service gone.</summary>
    public Task RunAsync(int clients, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => PostAsync(client, stop), CancellationToken.None)));

    private async Task PostAsync(int client, CancellationToken stop)
    {
        var random = new Random(HashCode.Combine(seed, client));
        for (var next = 0; !stop.IsCancellationRequested;)
        {
            var count = largestBatch > 1 && random.NextDouble() < ShareOfBatches ? random.Next(10, largestBatch + 1) : 1;
            Sent[] studies = [.. Enumerable.Range(next, count).Select(i => new Sent($"{prefix}-{client}-{i}"))];
            next += count;
            Array.ForEach(studies, s => ledger.Send(s.Key));
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

    private async Task PostAsync(Sent[] studies)
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
                    ledger.Violate($"503 without Retry-After: {answer}");
                }

                break;
            case HttpStatusCode.MultiStatus:
                using (var parsed = JsonDocument.Parse(answer))
                {
                    foreach (var result in parsed.RootElement.GetProperty("results").EnumerateArray())
                    {
                        ledger.Acknowledge(result.GetProperty("id").GetString()!, result.GetProperty("status").GetInt32());
                    }
                }

                break;
            default:
                ledger.Acknowledge(studies[0].Key, (int)response.StatusCode);
                break;
        }
    }
}
