using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace Faults.Support;

/// <summary>What was sent, and what the service acknowledged of it.</summary>
internal sealed class WriteRecord
{
    private readonly ConcurrentDictionary<string, bool> _sent = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _violations = [];
    private long _acknowledged;
    private long _lost;
    private long _duplicated;

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public long Lost => Interlocked.Read(ref _lost);

    public long Duplicated => Interlocked.Read(ref _duplicated);

    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>Keys that were acknowledged.</summary>
    public IEnumerable<string> AcknowledgedKeys => _sent.Where(s => s.Value).Select(s => s.Key);

    /// <summary>Keys without a response.</summary>
    public IEnumerable<string> UnacknowledgedKeys => _sent.Where(s => !s.Value).Select(s => s.Key);

    public void RecordSent(string key) => _sent.TryAdd(key, false);

    public void RecordResponse(string key, int status)
    {
        if (status != (int)HttpStatusCode.Created)
        {
            RecordViolation($"{key} is new, but was answered with {status}");
            return;
        }

        _sent[key] = true;
        Interlocked.Increment(ref _acknowledged);
    }

    public void RecordViolation(string sentence) => _violations.Add(sentence);

    public void RecordLoss(string sentence)
    {
        Interlocked.Increment(ref _lost);
        RecordViolation(sentence);
    }

    public void RecordDuplicate(string sentence)
    {
        Interlocked.Increment(ref _duplicated);
        RecordViolation(sentence);
    }

    /// <summary>Takes over what another ledger counted.</summary>
    public void Add(WriteRecord other)
    {
        _lost += other.Lost;
        _duplicated += other.Duplicated;
        _acknowledged += other.Acknowledged;
        foreach (var violation in other._violations)
        {
            RecordViolation(violation);
        }
    }

    /// <summary>Asks the service for each key: what was acknowledged must be there once with its content, what was not may be.</summary>
    public Task VerifyAsync(HttpClient http, IEnumerable<string> keys, int clients = 16) =>
        Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = clients }, async (key, cancellation) =>
        {
            using var response = await http.GetAsync(new Uri($"/studies/{key}/versions", UriKind.Relative), cancellation);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                if (_sent[key])
                {
                    RecordLoss($"{key} was acknowledged and is gone");
                }

                return;
            }

            using var answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellation), default, cancellation);
            if (!response.IsSuccessStatusCode)
            {
                RecordLoss($"{key} is answered with {(int)response.StatusCode}: {answer.RootElement}");
            }
            else if (new GeneratedStudy(key).FindError(answer.RootElement) is { } error)
            {
                RecordDuplicate(error);
            }
        });
}
