using Benchmarks.Load.RawHttp;
using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;

namespace Benchmarks.Load;

/// <summary>Startup time, and memory of the idle service.</summary>
internal sealed class StartupBenchmark(BenchmarkContext scope, BenchmarkReport report)
{
    private const int Starts = 5;
    private const double MaxMilliseconds = 700;
    private const double MaxMegabytes = 120;

    private static readonly TimeSpan s_idleTime = TimeSpan.FromSeconds(5);

    public async Task RunAsync()
    {
        var path = scope.NewFilePath("starts.db");
        await using (var first = await scope.Build.StartOnFileAsync(path))
        {
            await BatchUpload.UploadStudiesAsync(first.Server, "stored", 16);
            await first.StopAsync();
        }

        var (ready, idle, asked) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < Starts; i++)
        {
            await using var service = await scope.Build.StartOnFileAsync(path);
            ready.Add(service.TimeToReady.TotalMilliseconds);
            await Task.Delay(s_idleTime);
            idle.Add(service.ResidentMegabytes);
            service.Server.SendOnce(RawHttpRequest.Get(AnalysisRequests.Pool), 200);
            asked.Add(service.ResidentMegabytes);
        }

        report.BeginTable($"Start on a store with 16 studies, {Starts} times", "what", "median", "least", "most", "goals");
        Write("from the start of the process to the first 200 of `/health/ready`", ready, "ms",
            BenchmarkGoal.Max("ready", Median(ready), MaxMilliseconds, "ms"));
        Write($"memory (RSS) after {s_idleTime.TotalSeconds:0} s without a request", idle, "MB", BenchmarkGoal.Max("idle", Median(idle), MaxMegabytes, "MB"));
        Write("memory (RSS) after the first question", asked, "MB");
    }

    private void Write(string what, List<double> values, string unit, params IReadOnlyList<BenchmarkGoal> goals) =>
        report.WriteRow(goals, what, $"{FigureFormat.ThreeDigits(Median(values))} {unit}", FigureFormat.ThreeDigits(values.Min()),
            FigureFormat.ThreeDigits(values.Max()));

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
