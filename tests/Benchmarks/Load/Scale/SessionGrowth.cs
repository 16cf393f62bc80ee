using Benchmarks.Load.RawHttp;
using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;

using RealRelationship.Testing.Processes;
using RealRelationship.Testing.Traffic;

namespace Benchmarks.Load.Scale;

/// <summary>What the service costs with few measures of sessions stored and with many, in one store that grows.</summary>
internal sealed class SessionGrowth(BenchmarkContext scope, BenchmarkReport report)
{
    private const int Posts = 200;
    private const int Repetitions = 50;
    private const int LongRepetitions = 5;

    public async Task<GrowthTable> RunAsync(IReadOnlyList<int> sizes)
    {
        var table = new GrowthTable("Sessions", "measures",
            new("loading", "measures/s", GrowthLaw.Constant), new("`POST /sessions`", "ms", GrowthLaw.Constant),
            new("page of `GET /sessions`", "ms", GrowthLaw.Constant), new("start to ready", "ms", GrowthLaw.Constant),
            new("first question (snapshot)", "ms", GrowthLaw.Constant),
            new("pool of all sources", "ms", GrowthLaw.Constant), new("`GET /associations` (every patient)", "ms", GrowthLaw.Linear),
            new("memory when ready", "MB", GrowthLaw.Constant), new("at most while loading", "MB", GrowthLaw.Constant));
        var path = scope.NewFilePath("sessions.db");
        var stored = 0;
        foreach (var size in sizes)
        {
            var (seconds, peak) = await AddSessionsAsync(path, stored, size);
            await MeasureAsync(table, path, size, (size - stored) / seconds, peak);
            stored = size;
        }

        table.Write(report);
        return table;
    }

    private async Task<(double Seconds, double Peak)> AddSessionsAsync(string path, int from, int to)
    {
        await using var service = await scope.Build.StartOnFileAsync(path);
        var seconds = await BatchUpload.UploadSessionsAsync(service.Server, "p", from / GeneratedSessions.ScoresPerSession,
            to / GeneratedSessions.ScoresPerSession);
        var peak = ProcessStatistics.PeakMegabytes(service.Server.ProcessId);
        await service.StopAsync();
        return (seconds, peak);
    }

    private async Task MeasureAsync(GrowthTable table, string path, int size, double rate, double peak)
    {
        await using var service = await scope.Build.StartOnFileAsync(path);
        var atStart = service.ResidentMegabytes;
        var first = SequentialClient.MeasureMedian(service.Server, Requests.AnalysisRequests.Repeated("/meta/pool?source=all"), 1);
        SequentialClient.MeasureMedian(service.Server, SessionRequests.NewSessions($"warm-{size}-"), Posts);
        var post = SequentialClient.MeasureMedian(service.Server, SessionRequests.NewSessions($"one-{size}-"), Posts);
        var page = SequentialClient.MeasureMedian(service.Server, Requests.AnalysisRequests.Repeated("/sessions?limit=20"), Repetitions);
        var pool = SequentialClient.MeasureMedian(service.Server, Requests.AnalysisRequests.Distinct("/meta/pool?source=all"), Repetitions);
        var associations = SequentialClient.MeasureMedian(service.Server, Requests.AnalysisRequests.Repeated("/associations"), LongRepetitions);
        table.Add(size, rate, post, page, service.TimeToReady.TotalMilliseconds, first, pool, associations, atStart, peak);
        await service.StopAsync();
    }
}
