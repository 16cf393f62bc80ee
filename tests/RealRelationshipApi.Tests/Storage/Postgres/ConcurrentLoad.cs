using System.Collections.Concurrent;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>Clients that write and read until they are stopped, while something goes wrong. What gets 503 is sent again.</summary>
internal sealed class ConcurrentLoad
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(2);

    private readonly ConcurrentQueue<int> _statuses = new();
    private readonly ConcurrentDictionary<string, long> _acknowledged = new(StringComparer.Ordinal);
    private readonly Service _service;
    private readonly Task _writing;
    private readonly Task _reading;
    private volatile bool _stopsWriting;
    private volatile bool _stopsReading;

    private ConcurrentLoad(Service service, int clients)
    {
        _service = service;
        _reading = Task.WhenAll(new[] { "/meta/pool", "/studies", "/effects" }.Select(ReadAsync));
        _writing = Task.WhenAll(Enumerable.Range(0, clients).Select(WriteAsync));
    }

    public int AcknowledgedCount => _acknowledged.Count;

    public static ConcurrentLoad Start(Service service, int clients) => new(service, clients);

    /// <summary>Waits until that many more studies have been acknowledged.</summary>
    public Task WaitForWritesAsync(int count)
    {
        var before = _acknowledged.Count;
        return Wait.UntilAsync(() => Task.FromResult(_acknowledged.Count >= before + count));
    }

    /// <summary>Waits until a client gets 503.</summary>
    public Task WaitForUnavailableAsync()
    {
        var before = _statuses.Count(s => s == 503);
        return Wait.UntilAsync(() => Task.FromResult(_statuses.Count(s => s == 503) > before));
    }

    /// <summary>Waits for the last study of every client, then checks on <paramref name="service"/> that each acknowledged study is stored once.</summary>
    public async Task StopAndVerifyAsync(Service service)
    {
        _stopsWriting = true;
        try
        {
            await _writing.WaitAsync(s_timeout);
        }
        finally
        {
            _stopsReading = true;
            await _reading;
        }

        Assert.DoesNotContain(_statuses, s => s is not (200 or 201 or 503));
        var keys = await Keys(service);
        Assert.Empty(_acknowledged.Keys.Except(keys));
        Assert.Equal(keys.Count, keys.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(_acknowledged.Count, _acknowledged.Values.Distinct().Count());
        Assert.Equal(keys.Count, await service.EvidenceRevision());
    }

    private async Task WriteAsync(int client)
    {
        for (var i = 0; !_stopsWriting; i++)
        {
            var key = $"c{client}-{i}";
            while (!_acknowledged.ContainsKey(key) && !_stopsReading)
            {
                var answer = await _service.Post("/studies", TestData.Study(key), ("Idempotency-Key", key));
                _statuses.Enqueue(answer.Status);
                if (answer.Status is 200 or 201)
                {
                    _acknowledged[key] = (long)answer.Number("revision");
                }
                else
                {
                    // A client's back-off.
                    await Task.Delay(50);
                }
            }
        }
    }

    private async Task ReadAsync(string path)
    {
        while (!_stopsReading)
        {
            _statuses.Enqueue((await _service.Get(path)).Status);
            // Without a pause the readers take a processor.
            await Task.Delay(20);
        }
    }

    private static async Task<List<string>> Keys(Service service)
    {
        var keys = new List<string>();
        for (var next = "/studies?limit=200"; next is not null;)
        {
            var page = (await service.Get(next)).ShouldBe(200);
            keys.AddRange(page.At("studies")!.AsArray().Select(s => s.At("key")!.GetValue<string>()));
            next = page.At("next")?.GetValue<string>() is { } cursor ? $"/studies?limit=200&cursor={Uri.EscapeDataString(cursor)}" : null;
        }

        return keys;
    }
}
