using System.Net.Sockets;
using System.Text;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Testing;

using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Security.RateLimiting;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Analyses.Limits;

/// <summary>Requests that would wait too long get 503 before their body is read.</summary>
public sealed class LoadSheddingTests
{
    private const int AlwaysQueued = 16;

    [Fact]
    public async Task An_analysis_that_would_queue_too_long_gets_503_before_its_body_is_read_while_cached_responses_are_served()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"), ("Limits__ConcurrentAnalyses", "1"),
            ("Limits__MaxQueueMilliseconds", "100"));
        var heavy = service.Services.GetRequiredService<ComputeLimiter>();
        var cache = service.Services.GetRequiredService<ResponseCache>();
        await Wait.UntilAsync(async () => (await service.Get("/meta/pool")).Status == 200 && cache.Statistics.TotalHits > 0);
        using (await heavy.TryAcquireAsync(Caller(-1), isCostly: true, default))
        {
            await Task.Delay(TimeSpan.FromSeconds(0.15)); // the duration of an analysis
        }

        var first = await heavy.TryAcquireAsync(Caller(-1), isCostly: true, default);
        List<Task<IDisposable?>> line = [];
        for (var i = 0; i <= AlwaysQueued; i++)
        {
            Assert.False(heavy.QueuedAnalyses > AlwaysQueued);
            line.Add(heavy.TryAcquireAsync(Caller(i), isCostly: true, default).AsTask());
        }

        Assert.Contains("HTTP/1.1 503", await StatusLineAfterHeadersAsync(service), StringComparison.Ordinal);
        (await service.Get("/meta/sensitivity")).ShouldBeProblem(503);
        (await service.Get("/meta/pool")).ShouldBe(200);
        (await service.Get("/studies")).ShouldBe(200);
        first!.Dispose();
        foreach (var turn in line)
        {
            Assert.NotNull(await turn);
            (await turn)!.Dispose();
        }

        await Wait.UntilAsync(async () => (await service.Get("/meta/sensitivity")).Status == 200);
    }

    [Fact]
    public async Task Overload_is_shed_by_thread_pool_delay_and_service_recovers()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"), ("Limits__ConcurrentAnalyses", "4096"),
            ("Limits__MaxQueueMilliseconds", "1"));
        var asked = 0;
        await Wait.UntilAsync(async () =>
        {
            var answers =
                await Task.WhenAll(Enumerable.Range(0, 200 * Environment.ProcessorCount).Select(_ => service.Get($"/meta/sensitivity?exclude=none-{asked++}")));
            Assert.All(answers, answer => Assert.True(answer.Status is 200 or 503));
            return Array.Exists(answers, answer => answer.Status == 503);
        });
        await Wait.UntilAsync(async () => (await service.Get($"/meta/sensitivity?exclude=none-{asked++}")).Status == 200);
    }

    private static RateLimitClient Caller(int number) => new("tenant", $"key-{number}", "");

    private static async Task<string> StatusLineAfterHeadersAsync(Service service)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", service.Client.BaseAddress!.Port);
        await client.GetStream()
            .WriteAsync("POST /meta/pool HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync() ?? "";
    }
}
