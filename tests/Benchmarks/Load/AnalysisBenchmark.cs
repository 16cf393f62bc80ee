using System.Diagnostics;
using System.Text.Json;

using Benchmarks.Load.RawHttp;
using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;

namespace Benchmarks.Load;

/// <summary>Cost of responses, compared with bare Kestrel and with the peer.</summary>
/// <param name="scope">How long.</param>
/// <param name="report">Where to.</param>
/// <param name="peerFolder">Where the peer is; null leaves it out.</param>
internal sealed class AnalysisBenchmark(BenchmarkContext scope, BenchmarkReport report, string? peerFolder)
{
    private const int Clients = 16;
    private const int Studies = 16;
    private const double Tolerance = 1e-3; // the peer's optimiser stops earlier

    public async Task RunAsync()
    {
        await using var service = await scope.Build.StartOnFileAsync(await CreateFilledStoreAsync());
        var (guarded, header) = await scope.Build.StartInProductionAsync(await CreateFilledStoreAsync());
        await using var production = guarded;
        List<AnalysisBenchmarkCase> rows = [.. StoredEvidenceCases(service.Server, production.Server, header), .. InlineEffectCases(service.Server)];
        var answers = rows.ConvertAll(row => row.Server.SendOnce(row.Requests.Next(), 200, 304).Body);
        await using var bare = await ServerProcess.StartBaselineAsync(answers.Select(answer => answer.Length));
        await using var peer = peerFolder is null ? null : await ServerProcess.StartPeerAsync(peerFolder);
        report.BeginTable($"Answers, of {Studies} stored studies or of a body: rate (p50, p99)", "request", "answer", "1 client", $"{Clients} clients",
            "cost of one", $"bare Kestrel, 1; {Clients} clients", $"share of it, 1; {Clients}", $"peer, 1; {Clients} clients",
            $"times the peer, 1; {Clients}; by CPU", "goals");
        foreach (var (i, row) in rows.Index())
        {
            Run(row, answers[i], bare.Server, $"/{i}", peer?.Server);
        }
    }

    private void Run(AnalysisBenchmarkCase row, byte[] answer, BenchmarkServer bare, string path, BenchmarkServer? peer)
    {
        List<ComparisonSide> sides = [new([row.Server], row.Requests), new([bare], RequestSource.Repeating(row.BaselineRequest(path), 200))];
        var first = peer is null || row.PeerRequest is null ? null : VerifyPeerResult(row, answer, peer);
        if (first is not null && !row.IsSlowForPeer)
        {
            sides.Add(new([peer!], RequestSource.Repeating(row.PeerRequest!, 200)));
        }

        var outcomes = new InterleavedComparison(scope).Run(Clients, sides);
        var (ours, limit, theirs) = (outcomes[0], outcomes[1], outcomes.Count > 2 ? outcomes[2] : null);
        var (one, many) = (theirs?.SingleClient ?? first, theirs?.ManyClients);
        report.WriteRow([.. row.EvaluateGoals(ours, limit, one, many)], row.Name, $"{FigureFormat.ThreeDigits(answer.Length / 1024.0)} kB",
            FigureFormat.RateAndLatency(ours.SingleClient), FigureFormat.RateAndLatency(ours.ManyClients), FigureFormat.CostPerRequest(ours.ManyClients),
            $"{FigureFormat.ThreeDigits(limit.SingleClient.PerSecond)}/s; {FigureFormat.RateAndLatency(limit.ManyClients)}",
            $"{ours.SingleClient.PerSecond / limit.SingleClient.PerSecond:P0}; {ours.ManyClients.PerSecond / limit.ManyClients.PerSecond:P0}",
            one is null ? "–" : $"{FigureFormat.ThreeDigits(one.PerSecond)}/s; {(many is null ? "–" : FigureFormat.RateAndLatency(many))}",
            one is null ? "–"
                : $"{FigureFormat.ThreeDigits(ours.SingleClient.PerSecond / one.PerSecond)}×; "
                    + $"{(many is null ? "–" : $"{FigureFormat.ThreeDigits(ours.ManyClients.PerSecond / many.PerSecond)}×")}; "
                    + $"{FigureFormat.ThreeDigits((many ?? one).CpuMilliseconds / ours.ManyClients.CpuMilliseconds)}×");
    }

    /// <summary>A store that a service has filled and closed.</summary>
    private async Task<string> CreateFilledStoreAsync()
    {
        var path = scope.NewFilePath("answers.db");
        await using var service = await scope.Build.StartOnFileAsync(path);
        await BatchUpload.UploadStudiesAsync(service.Server, "stored", Studies);
        await service.StopAsync();
        return path;
    }

    private static IEnumerable<AnalysisBenchmarkCase> StoredEvidenceCases(BenchmarkServer service, BenchmarkServer production, string header)
    {
        var tag = AnalysisRequests.ReadETag(service.SendOnce(RawHttpRequest.Get(AnalysisRequests.Pool), 200).Head);
        yield return new("`GET /meta/pool`, asked before", service, AnalysisRequests.Repeated(AnalysisRequests.Pool),
            path => RawHttpRequest.Get(path))
        { MinShareOfBaseline = 0.85 };
        yield return new("the same in Production, with an API key", production, RequestSource.Repeating(RawHttpRequest.Get(AnalysisRequests.Pool, header), 200),
            path => RawHttpRequest.Get(path, header));
        yield return new("`GET /meta/pool`, a new question each time", service, AnalysisRequests.Distinct(AnalysisRequests.Pool),
            path => RawHttpRequest.Get($"{path}?exclude=none-1"))
        { MinShareOfBaseline = 0.50 };
        yield return new("`GET /meta/pool`, `If-None-Match`: 304", service,
            RequestSource.Repeating(AnalysisRequests.Conditional(AnalysisRequests.Pool, tag), 304), path => AnalysisRequests.Conditional(path, tag));
    }

    private static IEnumerable<AnalysisBenchmarkCase> InlineEffectCases(BenchmarkServer service)
    {
        yield return Row("`POST /meta/pool`, k = 16", AnalysisRequests.Pool, GeneratedEffects.Generate(16),
            AnalysisRequests.Independent) with
        { MinShareOfBaseline = 0.30, MinSpeedup = 50 };
        yield return Row("`POST /meta/pool`, k = 100", AnalysisRequests.Pool, GeneratedEffects.Generate(100), AnalysisRequests.Independent);
        yield return Row("`POST /meta/pool`, k = 1,000", AnalysisRequests.Pool, GeneratedEffects.Generate(1_000),
            AnalysisRequests.Independent) with
        { IsSlowForPeer = true };
        yield return Row("`POST /meta/pool`, three-level, 300 × 4", AnalysisRequests.Pool, GeneratedEffects.Generate(300, 4),
            AnalysisRequests.ThreeLevel) with
        { IsSlowForPeer = true, MinSpeedup = 50 };
        yield return Row("`POST /meta/pool`, three-level, 1,000 × 5", AnalysisRequests.Pool, GeneratedEffects.Generate(1_000, 5),
            AnalysisRequests.ThreeLevel) with
        { IsSlowForPeer = true, MinSpeedup = 500 };
        yield return Row("`POST /meta/pool`, correlated hierarchical, 300 × 4", AnalysisRequests.Pool, GeneratedEffects.Generate(300, 4),
            AnalysisRequests.CorrelatedHierarchical) with
        { PeerRequest = null };
        yield return Row("`POST /meta/sensitivity`, k = 16", AnalysisRequests.Sensitivity, GeneratedEffects.Generate(16),
            AnalysisRequests.Independent) with
        { PeerRequest = null };

        AnalysisBenchmarkCase Row(string name, string path, GeneratedEffects effects, string model) =>
            new(name, service, RequestSource.Repeating(AnalysisRequests.WithInlineEffects(path, effects, model), 200),
                bare => AnalysisRequests.WithInlineEffects(bare, effects, model))
            {
                PeerRequest = AnalysisRequests.WithInlineEffects(path, effects, model,
                    "Connection: close")
            };
    }

    /// <summary>Sends one request to the peer, whose response must be correct for its rate to count.</summary>
    private static LoadResult VerifyPeerResult(AnalysisBenchmarkCase row, byte[] ours, BenchmarkServer peer)
    {
        var (before, started) = (ResourceUsage.Measure([peer]), Stopwatch.GetTimestamp());
        var theirs = peer.SendOnce(row.PeerRequest!, 200).Body;
        var took = Stopwatch.GetTimestamp() - started;
        var (here, there) = (ReadEffect(ours), ReadEffect(theirs));
        return Math.Abs(here - there) <= Tolerance
            ? LoadResult.FromDurations([took], Stopwatch.GetElapsedTime(0, took), ResourceUsage.Measure([peer]) - before, new Dictionary<int, int>())
            : throw new InvalidOperationException($"{row.Name}: the service answers {here}, the peer {there}.");
    }

    private static double ReadEffect(byte[] answer)
    {
        using var parsed = JsonDocument.Parse(answer);
        return parsed.RootElement.GetProperty("pooled").GetProperty("effect").GetDouble();
    }
}
