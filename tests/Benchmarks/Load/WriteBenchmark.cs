using Benchmarks.Load.Baseline;
using Benchmarks.Load.RawHttp;
using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;

using RealRelationship.Testing.Traffic;

namespace Benchmarks.Load;

/// <summary>Cost of durable writes to SQLite, compared with minimal code that writes the same rows.</summary>
internal sealed class WriteBenchmark(BenchmarkContext scope, BenchmarkReport report)
{
    private const int Clients = 64;
    private const double MinShareOfSingles = 0.60;
    private const double MinShareOfBulk = 0.50;

    private readonly List<(LoadResult One, LoadResult Many, double Bare)> _studies = [];
    private readonly List<(LoadResult One, LoadResult Many)> _sessions = [];
    private readonly List<(double Service, double Bare)> _bulk = [];
    private readonly List<(double Service, double Bare)> _stream = [];

    private int BulkCount => scope.IsFull ? 20_000 : 5_000;

    public async Task RunAsync()
    {
        var path = scope.NewFilePath("writes.db");
        await using var service = await scope.Build.StartOnFileAsync(path);
        var server = service.Server;
        ClosedLoopLoad.Run([server], StudyRequests.NewStudies("warm"), Clients, scope.WarmupDuration);
        ClosedLoopLoad.Run([server], SessionRequests.NewSessions("warm-"), Clients, scope.WarmupDuration);
        await BatchUpload.UploadStudiesAsync(server, "warm-bulk", BulkCount / 2);
        for (var round = 0; round < scope.Rounds; round++)
        {
            await MeasureSinglesAsync(server, path, $"single-{round}");
            await MeasureBulkAsync(server, path, $"bulk-{round}");
            var posts = SessionRequests.NewSessions($"session-{round}-");
            _sessions.Add((ClosedLoopLoad.Run([server], posts, 1, scope.TurnDuration), ClosedLoopLoad.Run([server], posts, Clients, scope.TurnDuration * 2)));
            await MeasureStreamAsync(server, path, $"stream-{round}-");
        }

        Write();
    }

    private async Task MeasureSinglesAsync(BenchmarkServer server, string path, string prefix)
    {
        var posts = StudyRequests.NewStudies(prefix);
        var (one, many) = (ClosedLoopLoad.Run([server], posts, 1, scope.TurnDuration), ClosedLoopLoad.Run([server], posts, Clients, scope.TurnDuration * 2));
        var rows = StoredStudyRows.Read(path, prefix);
        new ChangeLogHashes().VerifySameHashes(rows);
        using var store = new BaselineStore(scope.NewFilePath("bare.db"), path, rows[0].Change.Chain);
        _studies.Add((one, many, await BaselineWriter.MeasureSinglesAsync(store, rows, Clients)));
    }

    private async Task MeasureBulkAsync(BenchmarkServer server, string path, string prefix)
    {
        var rate = BulkCount / await BatchUpload.UploadStudiesAsync(server, prefix, BulkCount);
        var rows = StoredStudyRows.Read(path, prefix);
        new ChangeLogHashes().VerifySameHashes(rows);
        using var store = new BaselineStore(scope.NewFilePath("bare.db"), path, rows[0].Change.Chain);
        _bulk.Add((rate, BaselineWriter.MeasureBulk(store, rows, store.Insert)));
    }

    private async Task MeasureStreamAsync(BenchmarkServer server, string path, string prefix)
    {
        var before = StoredMeasureRows.LastChangeNumber(path);
        var rate = BulkCount * GeneratedSessions.ScoresPerSession / await BatchUpload.UploadSessionsAsync(server, prefix, 0, BulkCount);
        var rows = StoredMeasureRows.Read(path, before);
        using var store = new BaselineStore(scope.NewFilePath("bare.db"), path, rows[0].Change.Chain);
        _stream.Add((rate, BaselineWriter.MeasureBulk(store, rows, store.Insert)));
    }

    private void Write()
    {
        var (bareSingles, bareBulk, bulk) = (Median(_studies.Select(s => s.Bare)), Median(_bulk.Select(b => b.Bare)), Median(_bulk.Select(b => b.Service)));
        var (one, many) = (LoadResult.MedianOf(_studies.Select(s => s.One)), LoadResult.MedianOf(_studies.Select(s => s.Many)));
        report.BeginTable("Durable writes, SQLite: rate (p50, p99)", "request", "1 client", $"{Clients} clients", "cost of one", "the same rows, bare",
            "goals");
        report.WriteRow([BenchmarkGoal.MinShare("of a bare group-commit writer", many.PerSecond / bareSingles, MinShareOfSingles)],
            "`POST /studies`", FigureFormat.RateAndLatency(one), FigureFormat.RateAndLatency(many), FigureFormat.CostPerRequest(many),
            $"{FigureFormat.ThreeDigits(bareSingles)}/s");
        report.WriteRow([BenchmarkGoal.MinShare("of bare prepared inserts", bulk / bareBulk, MinShareOfBulk)],
            $"`POST /studies/batch`, NDJSON of {BulkCount:N0} studies", $"{FigureFormat.ThreeDigits(bulk)} studies/s", "–", "–",
            $"{FigureFormat.ThreeDigits(bareBulk)} studies/s");
        var (oneSession, sessions) = (LoadResult.MedianOf(_sessions.Select(s => s.One)), LoadResult.MedianOf(_sessions.Select(s => s.Many)));
        var (stream, bareStream) = (Median(_stream.Select(s => s.Service)), Median(_stream.Select(s => s.Bare)));
        report.WriteRow([], "`POST /sessions`, two measures", FigureFormat.RateAndLatency(oneSession), FigureFormat.RateAndLatency(sessions),
            FigureFormat.CostPerRequest(sessions), "–");
        report.WriteRow([], $"`POST /sessions`, NDJSON of {BulkCount:N0} sessions", $"{FigureFormat.ThreeDigits(stream)} measures/s", "–", "–",
            $"{FigureFormat.ThreeDigits(bareStream)} measures/s without sums ({stream / bareStream:P0})");
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToList() is var ordered ? ordered[ordered.Count / 2] : 0;
}
