using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

using Faults.Support;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Analyses.Sensitivity;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace Faults.Scenarios;

/// <summary>Cancels analyses that would take minutes at different moments, and measures until they have ended.</summary>
internal static class Cancellations
{
    // 10 ms of work, while other work has the processors.
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(100);

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var moments = run.Scaled(5, 50);
        (string Name, Action Analyse)[] cases =
        [
            Case<PoolRequest, PoolResponse>("pool of one large sample", EffectBody.Json(3_000, perSample: 2_990), PoolAnalysis.Run),
            Case<BiasRequest, BiasResponse>("bias", EffectBody.Json(100_000), BiasAnalysis.Run),
            Case<SensitivityRequest, SensitivityResponse>("sensitivity", EffectBody.Json(300_000), SensitivityAnalysis.Run),
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
            for (var moment = 1; moment <= moments; moment++)
            {
                using var source = new CancellationTokenSource();
                var ended = Task.Run(() => EndsByCancellation(analyse, source.Token), CancellationToken.None);
                await Task.Delay(moment * 2_000 / moments, CancellationToken.None);
                var cancelled = Stopwatch.GetTimestamp();
                await source.CancelAsync();
                var byCancellation = await ended;
                var took = Stopwatch.GetElapsedTime(cancelled);
                if (byCancellation && took > slowest.Item2)
                {
                    slowest = (name, took);
                }

                if (took > s_limit)
                {
                    violations.Add(string.Create(CultureInfo.InvariantCulture, $"{name} ended {took.TotalMilliseconds:0} ms after it was cancelled"));
                }
            }
        }

        return new($"{cases.Length} long analyses, each cancelled at {moments} moments", string.Create(CultureInfo.InvariantCulture,
            $"all ended within {slowest.Item2.TotalMilliseconds:0} ms ({slowest.Item1})"), violations);
    }

    private static bool EndsByCancellation(Action analyse, CancellationToken token)
    {
        using var scope = new CancellationScope(token);
        try
        {
            analyse();
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private static (string Name, Action Analyse) Case<TRequest, TResponse>(string name, string json,
        Func<EffectSet, TRequest, ErrorLocation, (TResponse? Response, Problem? Problem)> analyse) where TRequest : AnalysisRequest where TResponse : class
    {
        var request = JsonSerializer.Deserialize<TRequest>(json, StrictJson.Options)!;
        var effects = InlineEffectMapper.ToEffectSet(request.Effects!, request.Model?.Measure, []);
        return (name, () => analyse(effects, request, ErrorLocation.InBody));
    }
}
