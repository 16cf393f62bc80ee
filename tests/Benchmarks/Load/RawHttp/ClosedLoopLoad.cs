using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

using Benchmarks.Load.Servers;

namespace Benchmarks.Load.RawHttp;

/// <summary>Clients that send the next request as soon as they have a response.</summary>
internal static class ClosedLoopLoad
{
    private const int ThreadStackBytes = 256 * 1024;

    /// <summary>Sends requests until the time or the number of requests is reached; each client sends at least one.</summary>
    /// <param name="servers">Clients are spread over them.</param>
    /// <param name="requests">What.</param>
    /// <param name="clients">How many at once.</param>
    /// <param name="time">How long.</param>
    /// <param name="maxRequests">How many requests in all.</param>
    public static LoadResult Run(IReadOnlyList<BenchmarkServer> servers, RequestSource requests, int clients, TimeSpan time, long maxRequests = long.MaxValue)
    {
        var before = ResourceUsage.Measure(servers);
        var (taken, took) = (0L, new long[clients][]);
        var errors = new ConcurrentDictionary<int, int>();
        using var barrier = new Barrier(clients + 1);
        var started = 0L;
        Thread[] threads = [.. Enumerable.Range(0, clients).Select(client => new Thread(() =>
        {
            barrier.SignalAndWait();
            took[client] = Ask(servers[client % servers.Count]);
        }, ThreadStackBytes) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        started = Stopwatch.GetTimestamp();
        barrier.SignalAndWait();
        Array.ForEach(threads, thread => thread.Join());
        var elapsed = Stopwatch.GetElapsedTime(started);
        return LoadResult.FromDurations([.. took.SelectMany(own => own)], elapsed, ResourceUsage.Measure(servers) - before, errors);

        long[] Ask(BenchmarkServer server)
        {
            using var connection = new RawHttpConnection(server.Address, server.KeepsConnections);
            var own = new List<long>();
            do
            {
                if (Interlocked.Increment(ref taken) > maxRequests)
                {
                    break;
                }

                var request = requests.Next();
                var begun = Stopwatch.GetTimestamp();
                var status = StatusOf(connection, request);
                own.Add(Stopwatch.GetTimestamp() - begun);
                if (!requests.Accepts(status))
                {
                    errors.AddOrUpdate(status, 1, (_, count) => count + 1);
                }
            }
            while (Stopwatch.GetElapsedTime(started) < time);

            return [.. own];
        }
    }

    /// <summary>0 if there was no response.</summary>
    private static int StatusOf(RawHttpConnection connection, byte[] request)
    {
        try
        {
            return connection.Send(request);
        }
        catch (Exception lost) when (lost is SocketException or IOException)
        {
            connection.Close();
            return 0;
        }
    }
}
