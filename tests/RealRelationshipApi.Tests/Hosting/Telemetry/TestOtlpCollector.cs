using System.Collections.Concurrent;
using System.Text;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RealRelationshipApi.Tests.Hosting.Telemetry;

/// <summary>An OpenTelemetry collector that records requests.</summary>
internal sealed class TestOtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<(string Path, string Content)> _received = new();

    private TestOtlpCollector()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _application = builder.Build();
        _application.Run(ReceiveAsync);
    }

    public string Address => _application.Urls.Single();

    public static async Task<TestOtlpCollector> StartAsync()
    {
        var collector = new TestOtlpCollector();
        await collector._application.StartAsync();
        return collector;
    }

    /// <summary>Requests to a path; strings are readable in protobuf.</summary>
    public string ReceivedAt(string path) => string.Concat(_received.Where(t => t.Path == path).Select(t => t.Content));

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content);
        _received.Enqueue((context.Request.Path, Encoding.Latin1.GetString(content.ToArray())));
    }
}
