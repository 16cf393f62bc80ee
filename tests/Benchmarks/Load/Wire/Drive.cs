using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

using Benchmarks.Load.Servers;

namespace Benchmarks.Load.Wire;

/// <summary>Clients that ask one after the other, each as soon as it has its answer.</summary>
internal static class Drive
{
    private const int StackBytes = 256 * 1024;

    /// <summary>Asks until the time is over or enough was asked for; each client at least once.</summary>
    /// <param name="servers">Clients are spread over them.</param>
    /// <param name="asking">What.</param>
    /// <param name="clients">How many at once.</param>
    /// <param name="time">How long.</param>
    /// <param name="most">How many requests in all.</param>
    public static Pace Run(IReadOnlyList<Server> servers, Asking asking, int clients, TimeSpan time, long most = long.MaxValue)
    {
        var before = Spent.By(servers);
        var (taken, took) = (0L, new long[clients][]);
        var faults = new ConcurrentDictionary<int, int>();
        using var barrier = new Barrier(clients + 1);
        var started = 0L;
        Thread[] threads = [.. Enumerable.Range(0, clients).Select(client => new Thread(() =>
        {
            barrier.SignalAndWait();
            took[client] = Ask(servers[client % servers.Count]);
        }, StackBytes) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        started = Stopwatch.GetTimestamp();
        barrier.SignalAndWait();
        Array.ForEach(threads, thread => thread.Join());
        var elapsed = Stopwatch.GetElapsedTime(started);
        return Pace.Of([.. took.SelectMany(own => own)], elapsed, Spent.By(servers) - before, faults);

        long[] Ask(Server server)
        {
            using var connection = new Connection(server.Address, server.IsKept);
            var own = new List<long>();
            do
            {
                if (Interlocked.Increment(ref taken) > most)
                {
                    break;
                }

                var request = asking.Next();
                var begun = Stopwatch.GetTimestamp();
                var status = StatusOf(connection, request);
                own.Add(Stopwatch.GetTimestamp() - begun);
                if (!asking.Accepts(status))
                {
                    faults.AddOrUpdate(status, 1, (_, count) => count + 1);
                }
            }
            while (Stopwatch.GetElapsedTime(started) < time);

            return [.. own];
        }
    }

    /// <summary>0 where there was no answer.</summary>
    private static int StatusOf(Connection connection, byte[] request)
    {
        try
        {
            return connection.Ask(request);
        }
        catch (Exception lost) when (lost is SocketException or IOException)
        {
            connection.Drop();
            return 0;
        }
    }
}
