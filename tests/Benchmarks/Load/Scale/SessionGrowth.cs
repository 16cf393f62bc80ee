using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;
using Benchmarks.Load.Wire;

using Faults.Vocabulary;

namespace Benchmarks.Load.Scale;

/// <summary>What the service costs with few measures of sessions stored and with many, in one store that grows.</summary>
internal sealed class SessionGrowth(Scope scope, Report report)
{
    private const int Posts = 200;
    private const int Questions = 50;
    private const int LongQuestions = 5;

    public async Task<GrowthTable> RunAsync(IReadOnlyList<int> sizes)
    {
        var table = new GrowthTable("Sessions", "measures",
            new("loading", "measures/s", Law.Constant), new("`POST /sessions`", "ms", Law.Constant), new("page of `GET /sessions`", "ms", Law.Constant), new("start to ready", "ms", Law.Constant), new("first question (snapshot)", "ms", Law.Constant),
            new("pool of all sources", "ms", Law.Constant), new("`GET /associations` (every patient)", "ms", Law.Linear), new("memory when ready", "MB", Law.Constant), new("at most while loading", "MB", Law.Constant));
        var path = scope.File("sessions.db");
        var stored = 0;
        foreach (var size in sizes)
        {
            var (seconds, peak) = await FillAsync(path, stored, size);
            await MeasureAsync(table, path, size, (size - stored) / seconds, peak);
            stored = size;
        }

        table.Write(report);
        return table;
    }

    private async Task<(double Seconds, double Peak)> FillAsync(string path, int from, int to)
    {
        await using var service = await scope.Service.OnFileAsync(path);
        var seconds = await Batch.SessionsAsync(service.Server, "p", from / SentSessions.Scores, to / SentSessions.Scores);
        var peak = ProcessFigures.PeakMegabytes(service.Server.ProcessId);
        await service.StopAsync();
        return (seconds, peak);
    }

    private async Task MeasureAsync(GrowthTable table, string path, int size, double rate, double peak)
    {
        await using var service = await scope.Service.OnFileAsync(path);
        var atStart = service.ResidentMegabytes;
        var first = OneByOne.Median(service.Server, Requests.Questions.Same("/meta/pool?source=all"), 1);
        OneByOne.Median(service.Server, Sessions.Posts($"warm-{size}-"), Posts);
        var post = OneByOne.Median(service.Server, Sessions.Posts($"one-{size}-"), Posts);
        var page = OneByOne.Median(service.Server, Requests.Questions.Same("/sessions?limit=20"), Questions);
        var pool = OneByOne.Median(service.Server, Requests.Questions.Other("/meta/pool?source=all"), Questions);
        var associations = OneByOne.Median(service.Server, Requests.Questions.Same("/associations"), LongQuestions);
        table.Add(size, rate, post, page, service.UntilReady.TotalMilliseconds, first, pool, associations, atStart, peak);
        await service.StopAsync();
    }
}
