using System.Collections.Concurrent;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Storage.Postgres;

/// <summary>Clients that write and read while something goes wrong; what was refused with 503 they send again.</summary>
internal sealed class ConcurrentLoad
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(2);

    private readonly ConcurrentQueue<int> _statuses = new();
    private readonly ConcurrentDictionary<string, long> _acknowledged = new(StringComparer.Ordinal);
    private volatile bool _ended;

    public IEnumerable<int> Statuses => _statuses;

    public static async Task<ConcurrentLoad> RunAsync(Service service, int clients, int each)
    {
        var load = new ConcurrentLoad();
        var reading = Task.WhenAll(load.ReadAsync(service, "/meta/pool"), load.ReadAsync(service, "/studies"), load.ReadAsync(service, "/effects"));
        try
        {
            await Task.WhenAll(Enumerable.Range(0, clients).Select(client => load.WriteAsync(service, client, each))).WaitAsync(s_timeout);
        }
        finally
        {
            load._ended = true;
            await reading;
        }

        return load;
    }

    public async Task ShouldHaveLostAndDuplicatedNothing(Service service)
    {
        Assert.DoesNotContain(_statuses, s => s is not (200 or 201 or 503));
        var keys = await Keys(service);
        Assert.Empty(_acknowledged.Keys.Except(keys));
        Assert.Equal(keys.Count, keys.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(_acknowledged.Count, _acknowledged.Values.Distinct().Count());
        Assert.Equal(keys.Count, await service.EvidenceRevision());
    }

    private async Task WriteAsync(Service service, int client, int each)
    {
        for (var i = 0; i < each; i++)
        {
            var key = $"c{client}-{i}";
            while (!_acknowledged.ContainsKey(key) && !_ended)
            {
                var answer = await service.Post("/studies", TestData.Study(key), ("Idempotency-Key", key));
                _statuses.Enqueue(answer.Status);
                if (answer.Status is 200 or 201)
                {
                    _acknowledged[key] = (long)answer.Number("revision");
                }
                else
                {
                    await Task.Delay(50);
                }
            }
        }
    }

    private async Task ReadAsync(Service service, string path)
    {
        while (!_ended)
        {
            _statuses.Enqueue((await service.Get(path)).Status);
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
