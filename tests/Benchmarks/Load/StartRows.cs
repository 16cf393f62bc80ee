using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;
using Benchmarks.Load.Wire;

namespace Benchmarks.Load;

/// <summary>How soon the service is ready, and what it holds while nobody asks.</summary>
internal sealed class StartRows(Scope scope, Report report)
{
    private const int Starts = 5;
    private const double MostMilliseconds = 700;
    private const double MostMegabytes = 120;

    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(5);

    public async Task RunAsync()
    {
        var path = scope.File("starts.db");
        await using (var first = await scope.Service.OnFileAsync(path))
        {
            await Batch.StudiesAsync(first.Server, "stored", 16);
            await first.StopAsync();
        }

        var (ready, idle, asked) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < Starts; i++)
        {
            await using var service = await scope.Service.OnFileAsync(path);
            ready.Add(service.UntilReady.TotalMilliseconds);
            await Task.Delay(s_idle);
            idle.Add(service.ResidentMegabytes);
            service.Server.Once(Message.Get(Questions.Pool), 200);
            asked.Add(service.ResidentMegabytes);
        }

        report.Head($"Start on a store with 16 studies, {Starts} times", "what", "median", "least", "most", "goals");
        Write("from the start of the process to the first 200 of `/health/ready`", ready, "ms", Goal.AtMost("ready", Median(ready), MostMilliseconds, "ms"));
        Write($"memory (RSS) after {s_idle.TotalSeconds:0} s without a request", idle, "MB", Goal.AtMost("idle", Median(idle), MostMegabytes, "MB"));
        Write("memory (RSS) after the first question", asked, "MB");
    }

    private void Write(string what, List<double> values, string unit, params IReadOnlyList<Goal> goals) =>
        report.Row(goals, what, $"{Figures.Short(Median(values))} {unit}", Figures.Short(values.Min()), Figures.Short(values.Max()));

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
