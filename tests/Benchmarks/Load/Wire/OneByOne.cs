using System.Diagnostics;

using Benchmarks.Load.Servers;

namespace Benchmarks.Load.Wire;

/// <summary>One client that asks a given number of times, each of which must be answered as it should be.</summary>
internal static class OneByOne
{
    /// <summary>The median time to an answer, ms.</summary>
    public static double Median(Server server, Asking asking, int times)
    {
        using var connection = new Connection(server.Address);
        return Enumerable.Range(0, times).Select(_ => Time(connection, asking)).Order().ElementAt(times / 2);
    }

    private static double Time(Connection connection, Asking asking)
    {
        var request = asking.Next();
        var started = Stopwatch.GetTimestamp();
        var status = connection.Ask(request);
        var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return asking.Accepts(status) ? took : throw new InvalidOperationException($"Status {status}: {System.Text.Encoding.UTF8.GetString(connection.Body)}");
    }
}
