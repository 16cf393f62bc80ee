using Benchmarks.Load.Bare;
using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;
using Benchmarks.Load.Wire;

using Faults.Vocabulary;

namespace Benchmarks.Load;

/// <summary>What durable writes cost on the embedded store, beside the same rows written by as little code as can be.</summary>
internal sealed class WriteRows(Scope scope, Report report)
{
    private const int Clients = 64;
    private const double LeastShareOfSingles = 0.60;
    private const double LeastShareOfBulk = 0.50;

    private readonly List<(Pace One, Pace Many, double Bare)> _studies = [];
    private readonly List<(Pace One, Pace Many)> _sessions = [];
    private readonly List<(double Service, double Bare)> _bulk = [];
    private readonly List<(double Service, double Bare)> _stream = [];

    private int Bulk => scope.IsFull ? 20_000 : 5_000;

    public async Task RunAsync()
    {
        var path = scope.File("writes.db");
        await using var service = await scope.Service.OnFileAsync(path);
        var server = service.Server;
        Drive.Run([server], Studies.Posts("warm"), Clients, scope.Warm);
        Drive.Run([server], Sessions.Posts("warm-"), Clients, scope.Warm);
        await Batch.StudiesAsync(server, "warm-bulk", Bulk / 2);
        for (var round = 0; round < scope.Rounds; round++)
        {
            await SinglesAsync(server, path, $"single-{round}");
            await BulkAsync(server, path, $"bulk-{round}");
            var posts = Sessions.Posts($"session-{round}-");
            _sessions.Add((Drive.Run([server], posts, 1, scope.Turn), Drive.Run([server], posts, Clients, scope.Turn * 2)));
            await StreamAsync(server, path, $"stream-{round}-");
        }

        Write();
    }

    private async Task SinglesAsync(Server server, string path, string prefix)
    {
        var posts = Studies.Posts(prefix);
        var (one, many) = (Drive.Run([server], posts, 1, scope.Turn), Drive.Run([server], posts, Clients, scope.Turn * 2));
        var rows = StoredStudy.Read(path, prefix);
        new Hashes().Hold(rows);
        using var store = new BareStore(scope.File("bare.db"), path, rows[0].Change.Chain);
        _studies.Add((one, many, await BareWriter.SinglesAsync(store, rows, Clients)));
    }

    private async Task BulkAsync(Server server, string path, string prefix)
    {
        var rate = Bulk / await Batch.StudiesAsync(server, prefix, Bulk);
        var rows = StoredStudy.Read(path, prefix);
        new Hashes().Hold(rows);
        using var store = new BareStore(scope.File("bare.db"), path, rows[0].Change.Chain);
        _bulk.Add((rate, BareWriter.Bulk(store, rows, store.Insert)));
    }

    private async Task StreamAsync(Server server, string path, string prefix)
    {
        var before = StoredMeasure.End(path);
        var rate = Bulk * SentSessions.Scores / await Batch.SessionsAsync(server, prefix, 0, Bulk);
        var rows = StoredMeasure.Read(path, before);
        using var store = new BareStore(scope.File("bare.db"), path, rows[0].Change.Chain);
        _stream.Add((rate, BareWriter.Bulk(store, rows, store.Insert)));
    }

    private void Write()
    {
        var (bareSingles, bareBulk, bulk) = (Median(_studies.Select(s => s.Bare)), Median(_bulk.Select(b => b.Bare)), Median(_bulk.Select(b => b.Service)));
        var (one, many) = (Pace.MedianOf(_studies.Select(s => s.One)), Pace.MedianOf(_studies.Select(s => s.Many)));
        report.Head("Durable writes, SQLite: rate (p50, p99)", "request", "1 client", $"{Clients} clients", "cost of one", "the same rows, bare", "goals");
        report.Row([Goal.ShareOf("of a bare group-commit writer", many.PerSecond / bareSingles, LeastShareOfSingles)],
            "`POST /studies`", Figures.Of(one), Figures.Of(many), Figures.CostOf(many), $"{Figures.Short(bareSingles)}/s");
        report.Row([Goal.ShareOf("of bare prepared inserts", bulk / bareBulk, LeastShareOfBulk)],
            $"`POST /studies/batch`, NDJSON of {Bulk:N0} studies", $"{Figures.Short(bulk)} studies/s", "–", "–", $"{Figures.Short(bareBulk)} studies/s");
        var (oneSession, sessions) = (Pace.MedianOf(_sessions.Select(s => s.One)), Pace.MedianOf(_sessions.Select(s => s.Many)));
        var (stream, bareStream) = (Median(_stream.Select(s => s.Service)), Median(_stream.Select(s => s.Bare)));
        report.Row([], "`POST /sessions`, two measures", Figures.Of(oneSession), Figures.Of(sessions), Figures.CostOf(sessions), "–");
        report.Row([], $"`POST /sessions`, NDJSON of {Bulk:N0} sessions", $"{Figures.Short(stream)} measures/s", "–", "–", $"{Figures.Short(bareStream)} measures/s without sums ({stream / bareStream:P0})");
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToList() is var ordered ? ordered[ordered.Count / 2] : 0;
}
