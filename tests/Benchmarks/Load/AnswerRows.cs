using System.Diagnostics;
using System.Text.Json;

using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;
using Benchmarks.Load.Wire;

namespace Benchmarks.Load;

/// <summary>What answers cost, beside the limit and beside the peer.</summary>
/// <param name="scope">How long.</param>
/// <param name="report">Where to.</param>
/// <param name="peerFolder">Where the peer is; null leaves it out.</param>
internal sealed class AnswerRows(Scope scope, Report report, string? peerFolder)
{
    private const int Clients = 16;
    private const int Studies = 16;
    private const double SameAnswer = 1e-3; // the peer's optimiser stops earlier

    public async Task RunAsync()
    {
        await using var service = await scope.Service.OnFileAsync(await FilledAsync());
        var (guarded, header) = await scope.Service.InProductionAsync(await FilledAsync());
        await using var production = guarded;
        List<AnswerRow> rows = [.. Stored(service.Server, production.Server, header), .. Calculated(service.Server)];
        var answers = rows.ConvertAll(row => row.Server.Once(row.Asking.Next(), 200, 304).Body);
        await using var bare = await ChildProcess.BareAsync(answers.Select(answer => answer.Length));
        await using var peer = peerFolder is null ? null : await ChildProcess.PeerAsync(peerFolder);
        report.Head($"Answers, of {Studies} stored studies or of a body: rate (p50, p99)", "request", "answer", "1 client", $"{Clients} clients", "cost of one", $"bare Kestrel, 1; {Clients} clients", $"share of it, 1; {Clients}", $"peer, 1; {Clients} clients", $"times the peer, 1; {Clients}; by CPU", "goals");
        foreach (var (i, row) in rows.Index())
        {
            Run(row, answers[i], bare.Server, $"/{i}", peer?.Server);
        }
    }

    private void Run(AnswerRow row, byte[] answer, Server bare, string path, Server? peer)
    {
        List<Side> sides = [new([row.Server], row.Asking), new([bare], Asking.Always(row.Bare(path), 200))];
        var first = peer is null || row.Peer is null ? null : HoldTogether(row, answer, peer);
        if (first is not null && !row.IsSlowForPeer)
        {
            sides.Add(new([peer!], Asking.Always(row.Peer!, 200)));
        }

        var outcomes = new Comparison(scope).Run(Clients, sides);
        var (ours, limit, theirs) = (outcomes[0], outcomes[1], outcomes.Count > 2 ? outcomes[2] : null);
        var (one, many) = (theirs?.One ?? first, theirs?.Many);
        report.Row([.. row.Goals(ours, limit, one, many)], row.Name, $"{Figures.Short(answer.Length / 1024.0)} kB", Figures.Of(ours.One), Figures.Of(ours.Many), Figures.CostOf(ours.Many),
            $"{Figures.Short(limit.One.PerSecond)}/s; {Figures.Of(limit.Many)}",
            $"{ours.One.PerSecond / limit.One.PerSecond:P0}; {ours.Many.PerSecond / limit.Many.PerSecond:P0}",
            one is null ? "–" : $"{Figures.Short(one.PerSecond)}/s; {(many is null ? "–" : Figures.Of(many))}",
            one is null ? "–" : $"{Figures.Short(ours.One.PerSecond / one.PerSecond)}×; {(many is null ? "–" : $"{Figures.Short(ours.Many.PerSecond / many.PerSecond)}×")}; {Figures.Short((many ?? one).CpuMilliseconds / ours.Many.CpuMilliseconds)}×");
    }

    /// <summary>A store that a service has filled and closed.</summary>
    private async Task<string> FilledAsync()
    {
        var path = scope.File("answers.db");
        await using var service = await scope.Service.OnFileAsync(path);
        await Batch.StudiesAsync(service.Server, "stored", Studies);
        await service.StopAsync();
        return path;
    }

    private static IEnumerable<AnswerRow> Stored(Server service, Server production, string header)
    {
        var tag = Questions.ETagIn(service.Once(Message.Get(Questions.Pool), 200).Head);
        yield return new("`GET /meta/pool`, asked before", service, Questions.Same(Questions.Pool), path => Message.Get(path)) { LeastShare = 0.85 };
        yield return new("the same in Production, with an API key", production, Asking.Always(Message.Get(Questions.Pool, header), 200), path => Message.Get(path, header));
        yield return new("`GET /meta/pool`, a new question each time", service, Questions.Other(Questions.Pool), path => Message.Get($"{path}?exclude=none-1")) { LeastShare = 0.50 };
        yield return new("`GET /meta/pool`, `If-None-Match`: 304", service, Asking.Always(Questions.Conditional(Questions.Pool, tag), 304), path => Questions.Conditional(path, tag));
    }

    private static IEnumerable<AnswerRow> Calculated(Server service)
    {
        yield return Row("`POST /meta/pool`, k = 16", Questions.Pool, Evidence.Of(16), Questions.Independent) with { LeastShare = 0.30, LeastTimes = 50 };
        yield return Row("`POST /meta/pool`, k = 100", Questions.Pool, Evidence.Of(100), Questions.Independent);
        yield return Row("`POST /meta/pool`, k = 1,000", Questions.Pool, Evidence.Of(1_000), Questions.Independent) with { IsSlowForPeer = true };
        yield return Row("`POST /meta/pool`, three-level, 300 × 4", Questions.Pool, Evidence.Of(300, 4), Questions.ThreeLevel) with { IsSlowForPeer = true, LeastTimes = 50 };
        yield return Row("`POST /meta/pool`, three-level, 1,000 × 5", Questions.Pool, Evidence.Of(1_000, 5), Questions.ThreeLevel) with { IsSlowForPeer = true, LeastTimes = 500 };
        yield return Row("`POST /meta/pool`, correlated hierarchical, 300 × 4", Questions.Pool, Evidence.Of(300, 4), Questions.CorrelatedHierarchical) with { Peer = null };
        yield return Row("`POST /meta/sensitivity`, k = 16", Questions.Sensitivity, Evidence.Of(16), Questions.Independent) with { Peer = null };

        AnswerRow Row(string name, string path, Evidence effects, string model) =>
            new(name, service, Asking.Always(Questions.Of(path, effects, model), 200), bare => Questions.Of(bare, effects, model)) { Peer = Questions.Of(path, effects, model, "Connection: close") };
    }

    /// <summary>Asks the peer once: a rate counts only for the right answer.</summary>
    private static Pace HoldTogether(AnswerRow row, byte[] ours, Server peer)
    {
        var (before, started) = (Spent.By([peer]), Stopwatch.GetTimestamp());
        var theirs = peer.Once(row.Peer!, 200).Body;
        var took = Stopwatch.GetTimestamp() - started;
        var (here, there) = (EffectIn(ours), EffectIn(theirs));
        return Math.Abs(here - there) <= SameAnswer
            ? Pace.Of([took], Stopwatch.GetElapsedTime(0, took), Spent.By([peer]) - before, new Dictionary<int, int>())
            : throw new InvalidOperationException($"{row.Name}: the service answers {here}, the peer {there}.");
    }

    private static double EffectIn(byte[] answer)
    {
        using var parsed = JsonDocument.Parse(answer);
        return parsed.RootElement.GetProperty("pooled").GetProperty("effect").GetDouble();
    }
}
