using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;

using Faults.Support;

namespace Faults.Clusters;

/// <summary>Clients of one service that post studies, each until it is acknowledged, and one that reads.</summary>
/// <param name="http">The service.</param>
/// <param name="record">Where acknowledged studies are recorded.</param>
/// <param name="nodes">The servers, on which a study that got 503 is looked for.</param>
/// <param name="prefix">First part of the keys.</param>
internal sealed class FailoverLoad(HttpClient http, WriteRecord record, IReadOnlyList<PatroniNode> nodes, string prefix)
{
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_readInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<long> _acknowledged = new();
    private readonly ConcurrentQueue<(long Started, TimeSpan Took)> _reads = new();
    private long[] _lastAcknowledged = [];
    private long _refused;
    private long _unavailableReads;

    /// <summary>Posts with response 503.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Reads with response 503.</summary>
    public long UnavailableReads => Interlocked.Read(ref _unavailableReads);

    public Task RunAsync(int clients, CancellationToken stop)
    {
        _lastAcknowledged = new long[clients];
        return Task.WhenAll([ReadRepeatedlyAsync(stop), .. Enumerable.Range(0, clients).Select(client => PostRepeatedlyAsync(client, stop))]);
    }

    /// <summary>Waits until each client has got a write acknowledged.</summary>
    /// <remarks>A service that was killed may have stored a study without a response. While all standbys are away, the study that is sent again would get 503,
    /// although the standbys have had it.</remarks>
    public async Task WaitForWriteOfEveryClientAsync()
    {
        var since = Stopwatch.GetTimestamp();
        while (_lastAcknowledged.Min() <= since)
        {
            await Task.Delay(s_retryDelay);
        }
    }

    /// <summary>The longest time without an acknowledged write since a time stamp.</summary>
    public TimeSpan LongestGap(long since)
    {
        long[] times = [since, .. _acknowledged.Where(time => time > since), Stopwatch.GetTimestamp()];
        return times.Zip(times.Skip(1), Stopwatch.GetElapsedTime).Max();
    }

    /// <summary>The longest read that ended after a time stamp.</summary>
    public TimeSpan LongestRead(long since) =>
        _reads.Where(read => read.Started + (read.Took.TotalSeconds * Stopwatch.Frequency) > since).Select(read => read.Took).Append(TimeSpan.Zero).Max();

    private async Task PostRepeatedlyAsync(int client, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var study = new GeneratedStudy($"{prefix}-{client}-{i}");
            record.RecordSent(study.Key);
            while (!await TryPostAsync(study) && !stop.IsCancellationRequested)
            {
                await Task.Delay(s_retryDelay, CancellationToken.None);
            }

            _lastAcknowledged[client] = Stopwatch.GetTimestamp();
        }
    }

    private async Task<bool> TryPostAsync(GeneratedStudy study)
    {
        try
        {
            using var body = new StringContent(study.Json(), Encoding.UTF8, "application/json");
            using var response = await http.PostAsync(new Uri("/studies", UriKind.Relative), body);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                await CheckRefusedAsync(study);
                return false;
            }

            // 200: an earlier request stored it.
            record.RecordResponse(study.Key, (int)(response.StatusCode == HttpStatusCode.OK ? HttpStatusCode.Created : response.StatusCode));
            _acknowledged.Enqueue(Stopwatch.GetTimestamp());
            return true;
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task CheckRefusedAsync(GeneratedStudy study)
    {
        Interlocked.Increment(ref _refused);
        if (await ReplicationCheck.FindUnreplicatedAsync(nodes, study.Key, s_grace) is { } node)
        {
            record.RecordViolation($"{study.Key} got 503, and is visible on {node.Name} although no standby has it");
        }
    }

    private async Task ReadRepeatedlyAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                using var response = await http.GetAsync(new Uri("/studies?limit=1", UriKind.Relative), CancellationToken.None);
                if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                {
                    Interlocked.Increment(ref _unavailableReads);
                }

                _reads.Enqueue((started, Stopwatch.GetElapsedTime(started)));
            }
            catch (HttpRequestException)
            {
                // The service is being restarted.
            }
            catch (OperationCanceledException)
            {
                _reads.Enqueue((started, Stopwatch.GetElapsedTime(started)));
            }

            await Task.Delay(s_readInterval, CancellationToken.None);
        }
    }
}
