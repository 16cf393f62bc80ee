using System.Diagnostics;
using System.Net.Sockets;

using Benchmarks.Load.RawHttp;
using Benchmarks.Load.Servers;

namespace Benchmarks.Load.Soak;

/// <summary>Requests sent at a fixed rate, whether or not earlier ones have a response.</summary>
internal static class OpenLoopLoad
{
    /// <summary>Sends at a rate over many connections; each sends when its time has come, or as soon as it has its last response.</summary>
    public static async Task<OpenLoopResult> RunAsync(BenchmarkServer server, RequestSource asking, double perSecond, int connections, TimeSpan time)
    {
        var started = Stopwatch.GetTimestamp();
        var own = await Task.WhenAll(Enumerable.Range(0, connections).Select(i => Task.Run(() =>
            SendAsync(server, asking, TimeSpan.FromSeconds(i / perSecond), TimeSpan.FromSeconds(connections / perSecond), time, started))));
        return new OpenLoopResult([.. own.SelectMany(answers => answers)], time);
    }

    private static async Task<List<OpenLoopResponse>> SendAsync(BenchmarkServer server, RequestSource asking, TimeSpan next, TimeSpan every, TimeSpan time,
        long started)
    {
        using var connection = new RawHttpConnection(server.Address);
        var answers = new List<OpenLoopResponse>();
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

    private static async Task<int> StatusOfAsync(RawHttpConnection connection, byte[] request)
    {
        try
        {
            return await connection.SendAsync(request);
        }
        catch (Exception lost) when (lost is SocketException or IOException)
        {
            connection.Close();
            return 0;
        }
    }
}

/// <param name="Status">0 if there was no response.</param>
/// <param name="Duration">From sending to the complete response.</param>
/// <param name="ArrivedInTime">Whether the response arrived while requests were still being sent.</param>
internal readonly record struct OpenLoopResponse(int Status, TimeSpan Duration, bool ArrivedInTime);

/// <param name="Answers">Of every request.</param>
/// <param name="Time">How long requests were sent.</param>
internal sealed record OpenLoopResult(IReadOnlyList<OpenLoopResponse> Answers, TimeSpan Time)
{
    public double SentPerSecond => Answers.Count / Time.TotalSeconds;

    public double AcceptedPerSecond => Answers.Count(answer => answer is { Status: 200, ArrivedInTime: true }) / Time.TotalSeconds;

    /// <summary>99th percentile of the accepted ones, ms.</summary>
    public double Percentile99 =>
        Answers.Where(answer => answer.Status == 200).Select(answer => answer.Duration.TotalMilliseconds).Order().ToList() is { Count: > 0 } ordered
        ? ordered[(int)(ordered.Count * 0.99)]
        : double.PositiveInfinity;

    public int Count(int status) => Answers.Count(answer => answer.Status == status);
}
