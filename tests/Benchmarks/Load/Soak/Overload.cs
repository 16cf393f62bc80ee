using System.Diagnostics;

using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;
using Benchmarks.Load.Wire;

namespace Benchmarks.Load.Soak;

/// <summary>Ten times as many analyses as can be computed: what those who are let in see, how many that are, and how soon all is well again.</summary>
internal static class Overload
{
    private const int Stored = 60;
    private const int PeakClients = 16;
    private const int Times = 10;
    private const int Connections = 4_000; // more than may wait
    private const int WellInARow = 5;
    private const double MostMilliseconds = 1_000;
    private const double LeastGoodput = 0.80;
    private const double MostSecondsToRecover = 10;
    private const double WellMargin = 2;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    /// <returns>Whether every goal was met.</returns>
    public static async Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var time = TimeSpan.FromSeconds(arguments.Number("--seconds", 20));
        using var scope = new Scope(arguments);
        var report = new Report(output);
        await using var service = await scope.Service.OnFileAsync(scope.File("overload.db"));
        await Batch.StudiesAsync(service.Server, "stored", Stored);
        // No answer is remembered: each question is another.
        var questions = Questions.Other(Questions.Sensitivity);
        Drive.Run([service.Server], questions, PeakClients, scope.Warm * 2);
        var alone = Drive.Run([service.Server], questions, 1, time / 4);
        var peak = Drive.Run([service.Server], questions, PeakClients, time / 2);
        var flooding = OpenLoop.RunAsync(service.Server, questions, peak.PerSecond * Times, Connections, time);
        await Task.Delay(time);
        var recovery = await RecoveryAsync(service.Server, questions, Math.Max(alone.Slow, alone.Median * WellMargin));
        var flood = await flooding;

        report.Head($"Overload: `GET /meta/sensitivity` of {Stored} studies, never the same question, over {Connections:N0} connections for {time.TotalSeconds:0} s", "what", "number", "goals");
        report.Row([], $"peak, {PeakClients} clients", Figures.Of(peak));
        report.Row([], $"sent, {Times} times the peak", $"{Figures.Short(flood.SentPerSecond)}/s: {flood.Count(200):N0} answered, {flood.Count(503):N0} refused with 503, {flood.Answers.Count - flood.Count(200) - flood.Count(503):N0} otherwise");
        report.Row([Goal.AtMost("p99", flood.Slow, MostMilliseconds, "ms")], "time of the accepted", $"p99 {Figures.Short(flood.Slow)} ms");
        report.Row([Goal.ShareOf("of the peak", flood.AcceptedPerSecond / peak.PerSecond, LeastGoodput)], "goodput", $"{Figures.Short(flood.AcceptedPerSecond)}/s");
        report.Row([Goal.AtMost("recovery", recovery, MostSecondsToRecover, "s")], $"until {WellInARow} answers in a row were as quick as before", $"{Figures.Short(recovery)} s");
        report.End();
        return report.IsAllMet;
    }

    /// <summary>Seconds from the last request of the flood until one client is answered as it was before.</summary>
    private static async Task<double> RecoveryAsync(Server server, Asking questions, double well)
    {
        using var connection = new Connection(server.Address);
        var (started, inARow, first) = (Stopwatch.GetTimestamp(), 0, 0.0);
        while (inARow < WellInARow)
        {
            var begun = Stopwatch.GetElapsedTime(started);
            if (begun > s_patience)
            {
                return double.PositiveInfinity;
            }

            var isWell = await connection.AskAsync(questions.Next()) == 200 && (Stopwatch.GetElapsedTime(started) - begun).TotalMilliseconds <= well;
            (inARow, first) = isWell ? (inARow + 1, inARow == 0 ? begun.TotalSeconds : first) : (0, 0);
            await Task.Delay(s_pause);
        }

        return first;
    }
}
