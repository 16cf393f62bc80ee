using System.Diagnostics;

using Benchmarks.Load.Servers;

namespace Benchmarks.Load.RawHttp;

/// <summary>One client that sends a given number of requests, all of which must succeed.</summary>
internal static class SequentialClient
{
    /// <summary>Median response time, ms.</summary>
    public static double MeasureMedian(BenchmarkServer server, RequestSource asking, int times)
    {
        using var connection = new RawHttpConnection(server.Address);
        return Enumerable.Range(0, times).Select(_ => MeasureOne(connection, asking)).Order().ElementAt(times / 2);
    }

    private static double MeasureOne(RawHttpConnection connection, RequestSource asking)
    {
        var request = asking.Next();
        var started = Stopwatch.GetTimestamp();
        var status = connection.Send(request);
        var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return asking.Accepts(status) ? took : throw new InvalidOperationException($"Status {status}: {System.Text.Encoding.UTF8.GetString(connection.Body)}");
    }
}
