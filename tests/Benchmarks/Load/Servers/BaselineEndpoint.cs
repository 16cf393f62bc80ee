using System.Globalization;
using System.Text;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Benchmarks.Load.Servers;

/// <summary>The baseline: a Kestrel server that reads the body and returns prepared bytes of the same length as the service's responses.</summary>
internal static class BaselineEndpoint
{
    /// <summary>Serves <c>/0</c>, <c>/1</c>, … with responses of the given sizes, and prints its address, until it is stopped.</summary>
    public static async Task ServeAsync(IEnumerable<string> sizes, TextWriter output)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        foreach (var (i, size) in sizes.Index())
        {
            var answer = JsonOfSize(int.Parse(size, CultureInfo.InvariantCulture));
            app.Map($"/{i}", context => RespondAsync(context, answer));
        }

        app.MapGet("/metrics", context => RespondAsync(context, Encoding.ASCII.GetBytes($"{ScrapedMetrics.Allocated} {GC.GetTotalAllocatedBytes()}\n")));
        await app.StartAsync();
        await output.WriteLineAsync(app.Urls.Single());
        await output.FlushAsync();
        await app.WaitForShutdownAsync();
    }

    private static async Task RespondAsync(HttpContext context, byte[] answer)
    {
        var reader = context.Request.BodyReader;
        if (HttpMethods.IsPost(context.Request.Method))
        {
            while (await reader.ReadAsync() is var read)
            {
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = answer.Length;
        await context.Response.BodyWriter.WriteAsync(answer);
    }

    // [0,0,0, …]
    private static byte[] JsonOfSize(int size) =>
        Encoding.ASCII.GetBytes(
            size < 3 ? new string(' ', size) : $"[0{string.Concat(Enumerable.Repeat(",0", (size - 3) / 2))}]{new string(' ', (size - 3) % 2)}");
}
