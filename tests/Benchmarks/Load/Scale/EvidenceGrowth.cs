using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;
using Benchmarks.Load.Wire;

namespace Benchmarks.Load.Scale;

/// <summary>What the service costs with few effects stored and with many.</summary>
internal sealed class EvidenceGrowth(Scope scope, Report report)
{
    /// <summary>The size of the goal.</summary>
    public const int MostForGoal = 1_000_000;

    private const double MostMilliseconds = 150;
    private const int OfStudy = 10;
    private const int Selected = 16;
    private const int Posts = 50;
    private const int Questions = 15;
    private const int LongQuestions = 3;
    private const int Long = 100_000;

    private const string Few = "/meta/pool?yearFrom=2020";

    /// <summary>A store of each size.</summary>
    public async Task<GrowthTable> RunAsync(IReadOnlyList<int> sizes)
    {
        var table = new GrowthTable("Evidence", "effects",
            new("loading", "effects/s", Law.Constant), new("`POST /studies`", "ms", Law.Constant), new("start to ready", "ms", Law.Constant), new("first question (snapshot)", "ms", Law.Linear),
            new("filter to 16 effects and pool", "ms", Law.Linear), new("the same after a new study", "ms", Law.Linear), new("fit of all (REML, intervals)", "ms", Law.Linear), new("pool of all, every row", "ms", Law.Linear),
            new("moderators of all", "ms", Law.Linear), new("memory when ready", "MB", Law.Constant), new("with the snapshot", "MB", Law.Linear), new("at most", "MB", Law.Linear));
        foreach (var size in sizes)
        {
            await MeasureAsync(table, size);
        }

        table.Write(report);
        return table;
    }

    private async Task MeasureAsync(GrowthTable table, int size)
    {
        var path = scope.File($"{size}.db");
        var (loading, post) = await FillAsync(path, size);
        await using var service = await scope.Service.OnFileAsync(path);
        var server = service.Server;
        var atStart = service.ResidentMegabytes;
        var first = OneByOne.Median(server, Asking.Each(i => Message.Get($"{Few}&exclude=first-{i}"), 200), 1);
        var withSnapshot = service.ResidentMegabytes;
        var questions = size > Long ? LongQuestions : Questions;
        var filter = OneByOne.Median(server, Requests.Questions.Other(Few), Questions);
        var afterPost = MedianAfterPost(server, Requests.Questions.Other($"{Few}&exclude=again"));
        var (pool, fit) = TimeWithFit(server, Requests.Questions.Other(Requests.Questions.Pool), questions);
        var moderators = OneByOne.Median(server, Requests.Questions.Other("/meta/moderators?by=outcomeType"), questions);
        table.Add(size, size / loading, post, service.UntilReady.TotalMilliseconds, first, filter, afterPost, fit, pool, moderators, atStart, withSnapshot, ProcessFigures.PeakMegabytes(server.ProcessId));
        if (size == MostForGoal)
        {
            report.Head("A million effects", "what", "filter", "fit", "goals");
            report.Row([Goal.AtMost("filter + REML", filter + fit, MostMilliseconds, "ms")], "`/meta/pool`: a question that selects 16 of them; the fit of all with every interval", $"{Figures.Short(filter)} ms", $"{Figures.Short(fit)} ms");
        }
    }

    private async Task<(double Seconds, double Post)> FillAsync(string path, int size)
    {
        await using var service = await scope.Service.OnFileAsync(path);
        var seconds = await Batch.StudiesAsync(service.Server, "stored", size / OfStudy, OfStudy);
        for (var i = 0; i < Selected; i++)
        {
            service.Server.Once(Message.Post("/studies", Message.Json, Studies.Json($"new-{i}", Studies.NewYear)), 201);
        }

        var post = OneByOne.Median(service.Server, Studies.Posts("one"), Posts);
        await service.StopAsync();
        return (seconds, post);
    }

    /// <summary>The median of questions each of which is the first after a study was stored.</summary>
    private static double MedianAfterPost(Server server, Asking asking) => Enumerable.Range(0, Questions).Select(i =>
    {
        server.Once(Message.Post("/studies", Message.Json, Studies.Json($"later-{i}")), 201);
        return OneByOne.Median(server, asking, 1);
    }).Order().ElementAt(Questions / 2);

    /// <summary>The median, and of the same requests the mean time that the service spent in fits.</summary>
    private static (double All, double Fit) TimeWithFit(Server server, Asking asking, int times)
    {
        var before = Metrics.Of(server).Sum(Metrics.FitSeconds);
        var all = OneByOne.Median(server, asking, times);
        return (all, (Metrics.Of(server).Sum(Metrics.FitSeconds) - before) * 1e3 / times);
    }
}
