using System.Diagnostics;
using System.Net.Sockets;

using Benchmarks.Load.Servers;
using Benchmarks.Load.Wire;

namespace Benchmarks.Load.Soak;

/// <summary>Requests that come at a rate of their own, whether or not the ones before were answered.</summary>
internal static class OpenLoop
{
    /// <summary>Sends at a rate over many connections, each of which sends when its time has come, or as soon as its last answer is there.</summary>
    public static async Task<Flood> RunAsync(Server server, Asking asking, double perSecond, int connections, TimeSpan time)
    {
        var started = Stopwatch.GetTimestamp();
        var own = await Task.WhenAll(Enumerable.Range(0, connections).Select(i => Task.Run(() =>
            SendAsync(server, asking, TimeSpan.FromSeconds(i / perSecond), TimeSpan.FromSeconds(connections / perSecond), time, started))));
        return new Flood([.. own.SelectMany(answers => answers)], time);
    }

    private static async Task<List<FloodAnswer>> SendAsync(Server server, Asking asking, TimeSpan next, TimeSpan every, TimeSpan time, long started)
    {
        using var connection = new Connection(server.Address);
        var answers = new List<FloodAnswer>();
        for (; next < time && Stopwatch.GetElapsedTime(started) < time; next += every)
        {
            if (next - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } wait)
            {
                await Task.Delay(wait);
            }

            var begun = Stopwatch.GetTimestamp();
            var status = await StatusOfAsync(connection, asking.Next());
            answers.Add(new(status, Stopwatch.GetElapsedTime(begun), Stopwatch.GetElapsedTime(started) <= time));
        }

        return answers;
    }

    private static async Task<int> StatusOfAsync(Connection connection, byte[] request)
    {
        try
        {
            return await connection.AskAsync(request);
        }
        catch (Exception lost) when (lost is SocketException or IOException)
        {
            connection.Drop();
            return 0;
        }
    }
}

/// <param name="Status">0 where there was no answer.</param>
/// <param name="Took">From sending to the whole answer.</param>
/// <param name="IsInTime">Whether it came while requests were still sent.</param>
internal readonly record struct FloodAnswer(int Status, TimeSpan Took, bool IsInTime);

/// <param name="Answers">Of every request.</param>
/// <param name="Time">How long requests were sent.</param>
internal sealed record Flood(IReadOnlyList<FloodAnswer> Answers, TimeSpan Time)
{
    public double SentPerSecond => Answers.Count / Time.TotalSeconds;

    public double AcceptedPerSecond => Answers.Count(answer => answer is { Status: 200, IsInTime: true }) / Time.TotalSeconds;

    /// <summary>99th percentile of the accepted ones, ms.</summary>
    public double Slow => Answers.Where(answer => answer.Status == 200).Select(answer => answer.Took.TotalMilliseconds).Order().ToList() is { Count: > 0 } ordered
        ? ordered[(int)(ordered.Count * 0.99)]
        : double.PositiveInfinity;

    public int Count(int status) => Answers.Count(answer => answer.Status == status);
}
