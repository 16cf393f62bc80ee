using System.Globalization;
using System.Text.Json;

using Faults.Support;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Bayes;
using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Diagnostics;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Multiverse;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Analyses.Sensitivity;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace Faults.Scenarios;

/// <summary>Cancels analyses that would take minutes at different moments, and measures the work until they have ended.</summary>
internal static class Cancellations
{
    // Of the processor time of the thread, which other work on the machine hardly lengthens, without its garbage collections: 10 ms for 20,000
    // effects. The largest cases have five times as many, so that they last, and a core that is shared takes twice as long.
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(100);

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var moments = run.Scaled(5, 50);
        (string Name, Action Analyse)[] cases =
        [
            Case<PoolRequest, PoolResponse>("pool of one large sample", EffectBody.Json(3_000, perSample: 2_990), PoolAnalysis.Run),
            Case<BiasRequest, BiasResponse>("bias", EffectBody.Json(100_000), BiasAnalysis.Run),
            Case<BayesRequest, BayesResponse>("posteriors", EffectBody.Json(100_000, options: "\"priorSensitivity\": true"), BayesAnalysis.Run),
            Case<DiagnosticsRequest, DiagnosticsResponse>("subsets", EffectBody.Json(20_000, options: "\"subsets\": 100000"), DiagnosticsAnalysis.Run),
            Case<MultiverseRequest, MultiverseResponse>("multiverse", EffectBody.Json(20_000, 1, 9, 2, "\"by\": [\"m0\", \"m1\"]"), MultiverseAnalysis.Run),
            Case<SensitivityRequest, SensitivityResponse>("sensitivity", EffectBody.Json(100_000), SensitivityAnalysis.Run),
            Case<SensitivityRequest, SensitivityResponse>("nested sensitivity", EffectBody.Json(20_000, perSample: 4), SensitivityAnalysis.Run),
            Case<ModeratorsRequest, ModeratorsResponse>("moderators", EffectBody.Json(20_000, 1, 90, 1, "\"by\": [\"m0\"]"), ModeratorsAnalysis.Run),
            Case<ModeratorsRequest, ModeratorsResponse>("nested moderators", EffectBody.Json(4_000, 4, 40, 1, "\"by\": [\"m0\"]"), ModeratorsAnalysis.Run),
            Case<RegressionRequest, RegressionResponse>("regression", EffectBody.Json(20_000, 1, 90, 3, "\"terms\": [\"m0\", \"m1\", \"m2\"]"),
                RegressionAnalysis.Run),
        ];
        List<string> violations = [];
        var slowest = ("", TimeSpan.Zero);
        foreach (var (name, analyse) in cases)
        {
            // The first time, which is not judged, code is compiled.
            for (var moment = 0; moment <= moments; moment++)
            {
                using var source = new CancellationTokenSource();
                var started = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
                var ended = Task.Run(() => WorkUntilCancelled(analyse, started, source.Token), CancellationToken.None);
                var thread = await started.Task;
                await Task.Delay(Math.Max(1, moment) * 2_000 / moments, CancellationToken.None);
                var before = ProcessorTime(thread) - GC.GetTotalPauseDuration();
                await source.CancelAsync();
                var (byCancellation, after) = await ended;
                var took = after - before;
                if (moment == 0)
                {
                    continue;
                }

                if (byCancellation && took > slowest.Item2)
                {
                    slowest = (name, took);
                }

                if (took > s_limit)
                {
                    violations.Add(string.Create(CultureInfo.InvariantCulture, $"{name} worked for {took.TotalMilliseconds:0} ms after it was cancelled"));
                }
            }
        }

        return new($"{cases.Length} long analyses, each cancelled at {moments} moments", string.Create(CultureInfo.InvariantCulture,
            $"all ended within {slowest.Item2.TotalMilliseconds:0} ms of work ({slowest.Item1})"), violations);
    }

    // True if the analysis ended by the cancellation, and the processor time of its thread without garbage collections.
    private static (bool ByCancellation, TimeSpan Work) WorkUntilCancelled(Action analyse, TaskCompletionSource<string> started, CancellationToken token)
    {
        var thread = File.ResolveLinkTarget("/proc/thread-self", returnFinalTarget: false)!.FullName;
        started.SetResult(thread);
        using var scope = new CancellationScope(token);
        try
        {
            analyse();
            return (false, ProcessorTime(thread) - GC.GetTotalPauseDuration());
        }
        catch (OperationCanceledException)
        {
            return (true, ProcessorTime(thread) - GC.GetTotalPauseDuration());
        }
    }

    // The first number of schedstat (proc(5)): nanoseconds on a processor.
    private static TimeSpan ProcessorTime(string thread) =>
        TimeSpan.FromMicroseconds(long.Parse(File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture) / 1_000);

    private static (string Name, Action Analyse) Case<TRequest, TResponse>(string name, string json,
        Func<EffectSet, TRequest, ErrorLocation, (TResponse? Response, Problem? Problem)> analyse) where TRequest : AnalysisRequest where TResponse : class
    {
        var request = JsonSerializer.Deserialize<TRequest>(json, StrictJson.Options)!;
        var effects = InlineEffectMapper.ToEffectSet(request.Effects!, request.Model?.Measure, []);
        return (name, () => analyse(effects, request, ErrorLocation.InBody));
    }
}
