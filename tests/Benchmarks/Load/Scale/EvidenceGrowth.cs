using Benchmarks.Load.RawHttp;
using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;

using RealRelationship.Testing.Processes;

namespace Benchmarks.Load.Scale;

/// <summary>What the service costs with few effects stored and with many.</summary>
internal sealed class EvidenceGrowth(BenchmarkContext scope, BenchmarkReport report)
{
    /// <summary>The size of the goal.</summary>
    public const int GoalSize = 1_000_000;

    private const double MaxMilliseconds = 150;
    private const int EffectsPerStudy = 10;
    private const int SelectedStudies = 16;
    private const int Posts = 50;
    private const int Repetitions = 15;
    private const int LongRepetitions = 3;
    private const int LongSize = 100_000;

    private const string SmallSelectionPath = "/meta/pool?yearFrom=2020";

    /// <summary>A store of each size.</summary>
    public async Task<GrowthTable> RunAsync(IReadOnlyList<int> sizes)
    {
        var table = new GrowthTable("Evidence", "effects",
            new("loading", "effects/s", GrowthLaw.Constant), new("`POST /studies`", "ms", GrowthLaw.Constant), new("start to ready", "ms", GrowthLaw.Constant),
            new("first question (snapshot)", "ms", GrowthLaw.Linear),
            new("filter to 16 effects and pool", "ms", GrowthLaw.Linear), new("the same after a new study", "ms", GrowthLaw.Linear),
            new("fit of all (REML, intervals)", "ms", GrowthLaw.Linear), new("pool of all, every row", "ms", GrowthLaw.Linear),
            new("moderators of all", "ms", GrowthLaw.Linear), new("memory when ready", "MB", GrowthLaw.Constant),
            new("with the snapshot", "MB", GrowthLaw.Linear), new("at most", "MB", GrowthLaw.Linear));
        foreach (var size in sizes)
        {
            await MeasureAsync(table, size);
        }

        table.Write(report);
        return table;
    }

    private async Task MeasureAsync(GrowthTable table, int size)
    {
        var path = scope.NewFilePath($"{size}.db");
        var (loading, post) = await CreateStoreAsync(path, size);
        await using var service = await scope.Build.StartOnFileAsync(path);
        var server = service.Server;
        var atStart = service.ResidentMegabytes;
        var first = SequentialClient.MeasureMedian(server, RequestSource.Numbered(i => RawHttpRequest.Get($"{SmallSelectionPath}&exclude=first-{i}"), 200), 1);
        var withSnapshot = service.ResidentMegabytes;
        var questions = size > LongSize ? LongRepetitions : Repetitions;
        var filter = SequentialClient.MeasureMedian(server, Requests.AnalysisRequests.Distinct(SmallSelectionPath), Repetitions);
        var afterPost = MedianAfterPost(server, Requests.AnalysisRequests.Distinct($"{SmallSelectionPath}&exclude=again"));
        var (pool, fit) = TimeWithFit(server, Requests.AnalysisRequests.Distinct(Requests.AnalysisRequests.Pool), questions);
        var moderators = SequentialClient.MeasureMedian(server, Requests.AnalysisRequests.Distinct("/meta/moderators?by=outcomeType"), questions);
        table.Add(size, size / loading, post, service.TimeToReady.TotalMilliseconds, first, filter, afterPost, fit, pool, moderators, atStart, withSnapshot,
            ProcessStatistics.PeakMegabytes(server.ProcessId));
        if (size == GoalSize)
        {
            report.BeginTable("A million effects", "what", "filter", "fit", "goals");
            report.WriteRow([BenchmarkGoal.Max("filter + REML", filter + fit, MaxMilliseconds, "ms")],
                "`/meta/pool`: a question that selects 16 of them; the fit of all with every interval", $"{FigureFormat.ThreeDigits(filter)} ms",
                $"{FigureFormat.ThreeDigits(fit)} ms");
        }
    }

    private async Task<(double Seconds, double Post)> CreateStoreAsync(string path, int size)
    {
        await using var service = await scope.Build.StartOnFileAsync(path);
        var seconds = await BatchUpload.UploadStudiesAsync(service.Server, "stored", size / EffectsPerStudy, EffectsPerStudy);
        for (var i = 0; i < SelectedStudies; i++)
        {
            service.Server.SendOnce(RawHttpRequest.Post("/studies", RawHttpRequest.Json, StudyRequests.Json($"new-{i}", StudyRequests.NewYear)), 201);
        }

        var post = SequentialClient.MeasureMedian(service.Server, StudyRequests.NewStudies("one"), Posts);
        await service.StopAsync();
        return (seconds, post);
    }

    /// <summary>The median of questions each of which is the first after a study was stored.</summary>
    private static double MedianAfterPost(BenchmarkServer server, RequestSource asking) => Enumerable.Range(0, Repetitions).Select(i =>
    {
        server.SendOnce(RawHttpRequest.Post("/studies", RawHttpRequest.Json, StudyRequests.Json($"later-{i}")), 201);
        return SequentialClient.MeasureMedian(server, asking, 1);
    }).Order().ElementAt(Repetitions / 2);

    /// <summary>The median, and of the same requests the mean time that the service spent in fits.</summary>
    private static (double All, double Fit) TimeWithFit(BenchmarkServer server, RequestSource asking, int times)
    {
        var before = ScrapedMetrics.ScrapeFrom(server).Sum(ScrapedMetrics.FitSeconds);
        var all = SequentialClient.MeasureMedian(server, asking, times);
        return (all, (ScrapedMetrics.ScrapeFrom(server).Sum(ScrapedMetrics.FitSeconds) - before) * 1e3 / times);
    }
}
