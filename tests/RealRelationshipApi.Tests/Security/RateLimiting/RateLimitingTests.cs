using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Security.RateLimiting;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security.RateLimiting;

/// <summary>How much a caller may ask, and how slowly.</summary>
public sealed class RateLimitingTests : IAsyncLifetime
{
    private const int MaxSocketBytes = 256 * 1024;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    public async ValueTask InitializeAsync()
    {
        await using var before = await Service.StartInAsync(_folder, settings: ("Demo__Load", "true"));
        await ProductionService.CreateKeyAsync(before, "operator", [Scopes.Admin]);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_key_over_its_limit_gets_429_with_Retry_After_and_others_are_unaffected()
    {
        await using var service = await StartAsync(("Limits__RequestsPerDay", "5"), ("Limits__RequestsPerMinute", "0"));
        var (greedy, modest) = (await CreateKeyHeaderAsync(service), await CreateKeyHeaderAsync(service));
        for (var left = 4; left >= 0; left--)
        {
            var answer = (await service.Get("/meta/pool", greedy)).ShouldBe(200);
            Assert.Equal("\"day\";q=5;w=86400", answer.Header("RateLimit-Policy"));
            Assert.StartsWith($"\"day\";r={left};t=", answer.Header("RateLimit"), StringComparison.Ordinal);
        }

        var refused = (await service.Get("/meta/pool", greedy)).ShouldBeProblem(429);
        Assert.InRange(int.Parse(refused.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 86_400);
        Assert.StartsWith("\"day\";r=0;", refused.Header("RateLimit"), StringComparison.Ordinal);
        (await service.Get("/meta/pool", modest)).ShouldBe(200);
        (await service.Get("/health/ready")).ShouldBe(200);
    }

    [Fact]
    public async Task A_refused_request_counts_under_no_rule()
    {
        await using var service = await StartAsync(("Limits__RequestsPerMinute", "3"), ("Limits__RequestsPerDay", "100"));
        var key = await CreateKeyHeaderAsync(service);
        var statuses = new List<int>();
        ServiceResponse last = null!;
        for (var i = 0; i < 40; i++)
        {
            last = await service.Get("/studies/illustration-01", key);
            statuses.Add(last.Status);
        }

        // The minute may have changed between two of them.
        var served = statuses.Count(status => status == 200);
        Assert.InRange(served, 3, 6);
        Assert.Contains($"\"day\";r={100 - served};", last.Header("RateLimit"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("192.0.2.7", "192.0.2.7")]
    public void An_IPv6_network_is_one_client(string address, string network) =>
        Assert.Equal(network, RealRelationshipApi.Security.RateLimiting.RateLimitClient.NetworkOf(System.Net.IPAddress.Parse(address)));

    [Fact]
    public async Task Too_many_wrong_keys_are_refused_without_reading_the_store_and_right_keys_go_on()
    {
        await using var service = await StartAsync();
        var right = await CreateKeyHeaderAsync(service);
        (await service.Get("/studies", right)).ShouldBe(200);
        for (var i = 0; i < 30; i++)
        {
            (await service.Get("/studies", WrongKey(i))).ShouldBeProblem(401);
        }

        // Each second allows one more.
        var next = 30;
        await Wait.UntilAsync(async () => (await Task.WhenAll(Enumerable.Range(next, 50).Select(i => service.Get("/studies", WrongKey(i)))))
            .Any(answer => answer.Status == 429) || (next += 50) < 0);
        (await service.Get("/studies", right)).ShouldBe(200);

        static (string, string) WrongKey(int i) => ("X-API-Key", $"rr_{i:x16}_{i:x64}");
    }

    [Fact]
    public async Task Right_keys_from_one_network_are_not_limited()
    {
        await using var service = await StartAsync();
        var keys = new List<(string, string)>();
        for (var i = 0; i < 60; i++)
        {
            keys.Add(await CreateKeyHeaderAsync(service));
        }

        foreach (var answer in await Task.WhenAll(keys.Select(key => service.Get("/studies", key))))
        {
            answer.ShouldBe(200);
        }
    }

    [Fact]
    public async Task Rate_limits_hold_across_instances_and_restarts()
    {
        (string, string)[] settings = [("Limits__RequestsPerDay", "60"), ("Limits__RequestsPerMinute", "0")];
        var let = 0;
        (string, string) key;
        await using (var one = await StartAsync(settings))
        await using (var other = await StartAsync(settings))
        {
            key = await CreateKeyHeaderAsync(one);
            foreach (var service in Enumerable.Range(0, 80).Select(i => i % 3 == 0 ? other : one))
            {
                let += (await service.Get("/studies/illustration-01", key)).Status == 200 ? 1 : 0;
            }
        }

        Assert.Equal(60, let);
        await using var again = await StartAsync(settings);
        (await again.Get("/studies/illustration-01", key)).ShouldBeProblem(429);
    }

    [Fact]
    public async Task Requests_are_counted_in_leases_of_several()
    {
        await using var service = await StartAsync(("Limits__RequestsPerDay", "1000"), ("Limits__RequestsPerMinute", "1000"));
        var key = await CreateKeyHeaderAsync(service);
        for (var i = 0; i < 49; i++)
        {
            (await service.Get("/studies/illustration-01", key)).ShouldBe(200);
        }

        Assert.Contains("day|50", RawStore.Query(_folder.StorePath, "SELECT rule, taken FROM request_lease"));
        Assert.DoesNotContain(RawStore.Query(_folder.StorePath, "SELECT * FROM request_lease"),
            row => row.Contains("clinic", StringComparison.Ordinal) || row.Contains(key.Item2.Split('_')[1], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Concurrent_requests_never_exceed_the_limit()
    {
        await using var service = await StartAsync(("Limits__RequestsPerDay", "100"), ("Limits__RequestsPerMinute", "0"));
        var key = await CreateKeyHeaderAsync(service);
        var answers = await Task.WhenAll(Enumerable.Range(0, 250).Select(_ => service.Get("/studies/illustration-01", key)));
        Assert.Equal(100, answers.Count(a => a.Status == 200));
        Assert.Equal(150, answers.Count(a => a.Status == 429));
    }

    [Fact]
    public async Task Anonymous_requests_in_Development_are_not_rate_limited()
    {
        await using var service = await Service.StartAsync(("Limits__RequestsPerDay", "1"));
        (await service.Get("/studies")).ShouldBe(200);
        Assert.Null((await service.Get("/studies")).ShouldBe(200).Header("RateLimit"));
    }

    [Fact]
    public async Task Analyses_beyond_the_queue_get_503_and_run_one_at_a_time()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"), ("Limits__ConcurrentAnalyses", "1"), ("Limits__QueuedAnalyses", "1"));
        var heavy = service.Services.GetRequiredService<ComputeLimiter>();
        var first = await heavy.TryAcquireAsync(new("tenant", "key", ""), isCostly: true, default);
        var waiting = service.Get("/meta/pool");
        await Wait.UntilAsync(() => Task.FromResult(heavy.QueuedAnalyses == 1));
        (await service.Get("/meta/bias")).ShouldBeProblem(503);
        Assert.NotNull((await service.Get("/meta/sensitivity")).ShouldBeProblem(503).Header("Retry-After"));
        (await service.Get("/studies")).ShouldBe(200);
        Assert.False(waiting.IsCompleted);
        first!.Dispose();
        (await waiting).ShouldBe(200);
    }

    [Fact]
    public async Task Slow_clients_are_disconnected_and_do_not_block_others()
    {
        // With the service's own rate, but after a shorter grace period than its five seconds.
        await using var service = await Service.StartInAsync(_folder, services => services.PostConfigure<KestrelServerOptions>(kestrel =>
            kestrel.Limits.MinRequestBodyDataRate = new(kestrel.Limits.MinRequestBodyDataRate!.BytesPerSecond, TimeSpan.FromSeconds(1.5))), "Production",
            ("Limits__MinBytesPerSecond", "5000"), ("Limits__ConcurrentAnalyses", "1"));
        var (_, key) = await CreateKeyHeaderAsync(service);
        var slow = new List<TcpClient>();
        for (var i = 0; i < 50; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", service.Client.BaseAddress!.Port);
            await client.GetStream()
                .WriteAsync(
                    Encoding.ASCII.GetBytes(
                        $"POST /meta/pool HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{{"));
            slow.Add(client);
        }

        var started = Stopwatch.GetTimestamp();
        (await service.Get("/meta/pool", ("X-API-Key", key))).ShouldBe(200);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        foreach (var client in slow)
        {
            using (client)
            {
                Assert.Contains("HTTP/1.1 408", await ReadToEndAsync(client), StringComparison.Ordinal);
            }
        }
    }

    private static async Task<string> ReadToEndAsync(TcpClient client)
    {
        using var timeout = new CancellationTokenSource(s_timeout);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync(timeout.Token);
    }

    [Fact]
    public async Task A_client_that_does_not_read_fills_only_a_small_socket_buffer()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells what its sockets hold.");
        await using var service = await StartAsync();
        var length = (await service.Get("/openapi/v1.json")).ShouldBe(200).Bytes.Length;
        Assert.True(length > 2 * MaxSocketBytes, $"a document of {length} bytes is too short to tell");
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync("127.0.0.1", service.Client.BaseAddress!.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes("GET /openapi/v1.json HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        // Memory stays bounded until it no longer grows.
        var (held, equalReadings) = (0L, 0);
        await Wait.UntilAsync(() =>
        {
            var before = held;
            held = TransmitQueueBytes(service.Client.BaseAddress.Port, ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port);
            Assert.InRange(held, 0, MaxSocketBytes);
            equalReadings = held > 0 && held == before ? equalReadings + 1 : 0;
            return Task.FromResult(equalReadings == 10);
        });
    }

    // The transmit queue of the service's end (man 5 proc, /proc/net/tcp).
    private static long TransmitQueueBytes(int from, int to) => File.ReadLines("/proc/net/tcp").Concat(File.ReadLines("/proc/net/tcp6")).Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(parts => parts[1].EndsWith($":{from:X4}", StringComparison.Ordinal) && parts[2].EndsWith($":{to:X4}", StringComparison.Ordinal))
        .Sum(parts => Convert.ToInt64(parts[4].Split(':')[0], 16));

    private Task<Service> StartAsync(params (string, string)[] settings) => Service.StartInAsync(_folder, "Production", settings);

    private static async Task<(string, string)> CreateKeyHeaderAsync(Service service) =>
        ("X-API-Key", await ProductionService.CreateKeyAsync(service, "clinic", [Scopes.MetaRead]));
}
