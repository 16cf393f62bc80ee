using System.Diagnostics;

using Benchmarks.Load.RawHttp;
using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;

namespace Benchmarks.Load.Soak;

/// <summary>Ten times as many analyses as can be computed: what those who are let in see, how many that are, and how soon all is well again.</summary>
internal static class OverloadBenchmark
{
    private const int StoredStudies = 60;
    private const int PeakClients = 16;
    private const int OverloadFactor = 10;
    private const int Connections = 4_000; // more than may wait
    private const int RequiredFastResponses = 5;
    private const double MaxMilliseconds = 1_000;
    private const double MinGoodput = 0.80;
    private const double MaxRecoverySeconds = 10;
    private const double RecoveryTolerance = 2;

    private static readonly TimeSpan s_recoveryTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(50);

    /// <returns>Whether every goal was met.</returns>
    public static async Task<bool> RunAsync(CommandLineArguments arguments, TextWriter output)
    {
        var time = TimeSpan.FromSeconds(arguments.Number("--seconds", 20));
        using var scope = new BenchmarkContext(arguments);
        var report = new BenchmarkReport(output);
        await using var service = await scope.Build.StartOnFileAsync(scope.NewFilePath("overload.db"));
        await BatchUpload.UploadStudiesAsync(service.Server, "stored", StoredStudies);
        // Every query is new, so that no response is cached.
        var questions = AnalysisRequests.Distinct(AnalysisRequests.Sensitivity);
        ClosedLoopLoad.Run([service.Server], questions, PeakClients, scope.WarmupDuration * 2);
        var alone = ClosedLoopLoad.Run([service.Server], questions, 1, time / 4);
        var peak = ClosedLoopLoad.Run([service.Server], questions, PeakClients, time / 2);
        var flooding = OpenLoopLoad.RunAsync(service.Server, questions, peak.PerSecond * OverloadFactor, Connections, time);
        await Task.Delay(time);
        var recovery = await MeasureRecoveryAsync(service.Server, questions, Math.Max(alone.Percentile99, alone.Median * RecoveryTolerance));
        var flood = await flooding;

        report.BeginTable(
            $"Overload: `GET /meta/sensitivity` of {StoredStudies} studies, never the same question, over {Connections:N0} connections for "
                + $"{time.TotalSeconds:0} s", "what", "number", "goals");
        report.WriteRow([], $"peak, {PeakClients} clients", FigureFormat.RateAndLatency(peak));
        report.WriteRow([], $"sent, {OverloadFactor} times the peak",
            $"{FigureFormat.ThreeDigits(flood.SentPerSecond)}/s: {flood.Count(200):N0} answered, {flood.Count(503):N0} refused with 503, "
                + $"{flood.Answers.Count - flood.Count(200) - flood.Count(503):N0} otherwise");
        report.WriteRow([BenchmarkGoal.Max("p99", flood.Percentile99, MaxMilliseconds, "ms")], "time of the accepted",
            $"p99 {FigureFormat.ThreeDigits(flood.Percentile99)} ms");
        report.WriteRow([BenchmarkGoal.MinShare("of the peak", flood.AcceptedPerSecond / peak.PerSecond, MinGoodput)], "goodput",
            $"{FigureFormat.ThreeDigits(flood.AcceptedPerSecond)}/s");
        report.WriteRow([BenchmarkGoal.Max("recovery", recovery, MaxRecoverySeconds, "s")],
            $"until {RequiredFastResponses} answers in a row were as quick as before", $"{FigureFormat.ThreeDigits(recovery)} s");
        report.WriteSummary();
        return report.AllGoalsMet;
    }

    /// <summary>Seconds from the last request of the flood until one client has its former response times again.</summary>
    private static async Task<double> MeasureRecoveryAsync(BenchmarkServer server, RequestSource questions, double maxMilliseconds)
    {
        using var connection = new RawHttpConnection(server.Address);
        var (started, inARow, first) = (Stopwatch.GetTimestamp(), 0, 0.0);
        while (inARow < RequiredFastResponses)
        {
            var begun = Stopwatch.GetElapsedTime(started);
            if (begun > s_recoveryTimeout)
            {
                return double.PositiveInfinity;
            }

            var isWell = await connection.SendAsync(questions.Next()) == 200
                && (Stopwatch.GetElapsedTime(started) - begun).TotalMilliseconds <= maxMilliseconds;
            (inARow, first) = isWell ? (inARow + 1, inARow == 0 ? begun.TotalSeconds : first) : (0, 0);
            await Task.Delay(s_pollInterval);
        }

        return first;
    }
}
