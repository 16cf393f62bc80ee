using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

using Faults.Support;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Bayes;
using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Diagnostics;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Multiverse;
using RealRelationshipApi.Analyses.Plan;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Analyses.Sensitivity;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Reporting.Exports;

namespace Faults.Scenarios;

/// <summary>Compares the estimated with the measured cost of each kind of analysis.</summary>
internal static partial class CostEstimates
{
    // Below, fixed costs dominate.
    private const double MinSeconds = 0.02;
    private const double MaxFactor = 5;

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var scale = run.IsLong ? 4 : 1;
        List<string> violations = [];
        var cases = new List<(string Name, double Estimated, double Measured, double EstimatedBytes, double Bytes)>();
        Pool("independent", EffectBody.Json(25_000 * scale));
        Pool("nested", EffectBody.Json(10_000 * scale, perSample: 4));
        Pool("one large sample", EffectBody.Json(300 * scale, perSample: 280 * scale));
        const string byStudy = "\"model\": { \"cluster\": \"study\" }";
        Pool("one cluster of many samples", EffectBody.Json(12_000 * scale, 2, options: byStudy, chained: 10_000 * scale));
        Measure<ModeratorsRequest, ModeratorsResponse>("moderators, one cluster of many samples",
            EffectBody.Json(3_000 * scale, 2, 5, 1, $"\"by\": [\"m0\"], {byStudy}", 2_500 * scale), ModeratorsAnalysis.Run,
            (s, _) => AnalysisCost.Moderators(s));
        const string fourLevel = "\"model\": { \"dependence\": \"fourLevel\" }";
        Pool("four levels", EffectBody.Json(1_000 * scale, 2, options: fourLevel, perStudy: 8));
        Pool("four levels, a large study", EffectBody.Json(400 * scale, 2, options: fourLevel, perStudy: 380 * scale));
        Measure<ModeratorsRequest, ModeratorsResponse>("moderators, four levels",
            EffectBody.Json(500 * scale, 2, 5, 1, $"\"by\": [\"m0\"], {fourLevel}", perStudy: 8), ModeratorsAnalysis.Run,
            (s, _) => AnalysisCost.Moderators(s));
        Sensitivity("four levels", EffectBody.Json(120, 2, options: fourLevel, perStudy: 8));
        Measure<DiagnosticsRequest, object>("subsets", EffectBody.Json(13), Subsets, SubsetTable.Cost);
        Measure<ArchiveRequest, object>("archive, independent", EffectBody.Json(200 * scale), Archive, ArchiveAnalysis.Cost);
        Measure<ArchiveRequest, object>("archive, nested", EffectBody.Json(200 * scale, 2), Archive, ArchiveAnalysis.Cost);
        Bias("independent", EffectBody.Json(2_000 * scale));
        Bias("nested", EffectBody.Json(2_000 * scale, perSample: 4));
        Bias("terms", EffectBody.Json(500 * scale, 1, 5, 1, "\"terms\": [\"m0\"]"));
        Bias("every selection model", EffectBody.Json(200 * scale, 1, 1, 0,
            "\"selectionModels\": [\"halfNormal\", \"negativeExponential\", \"logistic\", \"power\", \"beta\", \"pUniformStar\"]"));
        Measure<BayesRequest, BayesResponse>("posteriors", EffectBody.Json(2_000 * scale), BayesAnalysis.Run, AnalysisCost.Bayes);
        Measure<BayesRequest, BayesResponse>("posteriors, 4 per sample", EffectBody.Json(4_000 * scale, perSample: 4), BayesAnalysis.Run,
            AnalysisCost.Bayes);
        Measure<BayesRequest, BayesResponse>("posteriors under several priors", EffectBody.Json(1_000 * scale, options: "\"priorSensitivity\": true"),
            BayesAnalysis.Run, AnalysisCost.Bayes);
        Measure<DiagnosticsRequest, DiagnosticsResponse>("diagnostics, all subsets", EffectBody.Json(14), DiagnosticsAnalysis.Run, AnalysisCost.Diagnostics);
        Measure<DiagnosticsRequest, DiagnosticsResponse>("diagnostics, some subsets", EffectBody.Json(100 * scale), DiagnosticsAnalysis.Run,
            AnalysisCost.Diagnostics);
        foreach (var perSample in new[] { 1, 4 })
        {
            Measure<MultiverseRequest, MultiverseResponse>($"multiverse, {perSample} per sample",
                EffectBody.Json(100 * scale, perSample, 4, 2, "\"by\": [\"m0\", \"m1\"]"), MultiverseAnalysis.Run, AnalysisCost.Multiverse);
        }

        Sensitivity("independent", EffectBody.Json(1_000 * scale));
        Sensitivity("nested", EffectBody.Json(600 * scale, perSample: 4));
        foreach (var (levels, perSample) in new[] { (5, 1), (40, 1), (5, 4), (20, 4) })
        {
            Measure<ModeratorsRequest, ModeratorsResponse>($"moderators, {levels} levels, {perSample} per sample",
                EffectBody.Json(2_000 * scale, perSample, levels, 1, "\"by\": [\"m0\"]"), ModeratorsAnalysis.Run, (s, _) => AnalysisCost.Moderators(s));
        }

        // Without differences between levels no contrast reaches the threshold, so that all looks count.
        Measure<ModeratorsRequest, ModeratorsResponse>("moderators, 5 levels, at every look",
            EffectBody.Json(500 * scale, 1, 5, 1, "\"by\": [\"m0\"], \"model\": { \"sequential\": \"anytime\" }"), ModeratorsAnalysis.Run,
            (s, request) => AnalysisCost.Moderators(s) + AnalysisCost.Anytime(s, request.Model));
        Regress("independent", EffectBody.Json(2_000 * scale, 1, 10, 3, "\"terms\": [\"m0\", \"m1\", \"m2\"]"));
        Regress("nested", EffectBody.Json(2_000 * scale, 4, 10, 2, "\"terms\": [\"m0\", \"m1\"]"));
        Regress("permutations", EffectBody.Json(100 * scale, 1, 4, 1, "\"terms\": [\"m0\"], \"permutations\": 5000"));
        Regress("bootstrap", EffectBody.Json(200 * scale, 4, 4, 1, "\"terms\": [\"m0\"], \"bootstrap\": 500"));
        foreach (var perSample in new[] { 1, 4 })
        {
            const string contrast = "\"target\": \"contrast\", \"by\": \"m0\", \"a\": \"l0\", \"b\": \"l1\", \"power\": 0.99";
            foreach (var (target, options) in new[] { ("power", "\"target\": \"excludesMargin\", \"value\": 0.3"), ("contrast", contrast),
                ("width", "\"target\": \"width\", \"value\": 0.001"), ("studies", "\"target\": \"excludesMargin\", \"value\": 0.3, \"n\": 50") })
            {
                Measure<PlanRequest, PlanResponse>($"plan, {target}, {perSample} per sample", EffectBody.Json(40 * scale, perSample, 3, 1, options),
                    PlanAnalysis.Run, AnalysisCost.Plan);
            }
        }

        foreach (var (name, studies, effects, atOnce) in new[]
            { ("independent, in turn", 400, 1, false), ("independent, at once", 400, 1, true), ("nested, at once", 60, 3, true) })
        {
            var (cost, compare) = Changes(studies * scale, effects, atOnce);
            AddCase($"changes, {name}", cost, compare, compare());
        }

        var (ofNews, news) = News(300 * scale);
        // The second run is compiled.
        _ = news();
        AddCase("news of 20 revisions", ofNews, news, Array.Empty<object>());
        await foreach (var (name, estimated, measured) in HistoryAsync(run, 200 * scale))
        {
            cases.Add((name, estimated, measured, 0, 0));
        }

        var (ofSite, client, service) = await AssociationsAsync(run, 3_000 * scale);
        await using (service)
        {
            byte[] Associations() => client.GetByteArrayAsync(new Uri("/associations", UriKind.Relative)).GetAwaiter().GetResult();
            var bytes = Associations();
            var seconds = MeasureSeconds(Associations);
            cases.Add(("associations of a site", ofSite.Seconds, seconds, ofSite.ResponseBytes, bytes.Length));
        }

        foreach (var (name, estimated, measured, estimatedBytes, bytes) in cases)
        {
            run.Log(string.Create(CultureInfo.InvariantCulture,
                $"{name}: estimated {estimated:0.000} s, measured {measured:0.000} s; response estimated {estimatedBytes / 1e3:0} kB, is {bytes / 1e3:0} kB"));
            if (measured > MinSeconds && (estimated > MaxFactor * measured || measured > MaxFactor * estimated))
            {
                violations.Add(string.Create(CultureInfo.InvariantCulture, $"{name} takes {measured:0.000} s, estimated as {estimated:0.000} s"));
            }

            if (bytes > 2 * estimatedBytes + 10_000)
            {
                violations.Add(string.Create(CultureInfo.InvariantCulture, $"the response of {name} has {bytes:N0} bytes, estimated as {estimatedBytes:N0}"));
            }
        }

        return new($"{cases.Count} analyses on one core", $"{violations.Count} estimates off by more than a factor of {MaxFactor}", violations);

        void AddCase<TResponse>(string name, AnalysisCost cost, Func<TResponse?> analyse, TResponse? response) =>
            cases.Add((name, cost.Seconds, MeasureSeconds(analyse), cost.ResponseBytes,
                response is null ? 0 : JsonSerializer.SerializeToUtf8Bytes(response, StrictJson.Options).Length));

        void Pool(string name, string json) => Measure<PoolRequest, PoolResponse>($"pool, {name}", json, PoolAnalysis.Run, (s, _) => AnalysisCost.Pool(s));

        void Bias(string name, string json) => Measure<BiasRequest, BiasResponse>($"bias, {name}", json, BiasAnalysis.Run, AnalysisCost.Biases);

        void Sensitivity(string name, string json) => Measure<SensitivityRequest, SensitivityResponse>($"sensitivity, {name}", json, SensitivityAnalysis.Run,
            (s, _) => AnalysisCost.Sensitivity(s));

        void Regress(string name, string json) => Measure<RegressionRequest, RegressionResponse>($"regression, {name}", json, RegressionAnalysis.Run,
            AnalysisCost.Regression);

        void Measure<TRequest, TResponse>(string name, string json, Func<EffectSet, TRequest, ErrorLocation, (TResponse? Response, Problem? Problem)> analyse,
            Func<AnalysisSize, TRequest, AnalysisCost> costOf) where TRequest : AnalysisRequest where TResponse : class
        {
            var request = JsonSerializer.Deserialize<TRequest>(json, StrictJson.Options)!;
            var effects = InlineEffectMapper.ToEffectSet(request.Effects!, request.Model?.Measure, []);
            var size = AnalysisSize.Of(effects, request.Model, request switch
            {
                ModeratorsRequest moderators => moderators.By,
                RegressionRequest regression => regression.Terms,
                MultiverseRequest multiverse => multiverse.ModeratorNames,
                BiasRequest bias => bias.ModeratorNames,
                PlanRequest plan => plan.ModeratorNames,
                _ => [],
            })!;
            var cost = costOf(size, request);
            // The second run is compiled.
            var (response, problem) = analyse(effects, request, ErrorLocation.InBody);
            if (problem is not null)
            {
                violations.Add($"{name}: {problem.Detail}");
            }

            AddCase(name, cost, () => analyse(effects, request, ErrorLocation.InBody).Response, response);
        }
    }

    /// <summary>All blocks of <c>/meta/gosh.csv</c>.</summary>
    private static (object? Bytes, Problem? Problem) Subsets(EffectSet effects, DiagnosticsRequest request, ErrorLocation location)
    {
        var (table, problem) = SubsetTable.Create(effects, request, location);
        var bytes = 0L;
        table?.WriteAsync(block =>
        {
            bytes += block.Length;
            return ValueTask.CompletedTask;
        }, () => new(new MemoryStream()), default, CancellationToken.None).GetAwaiter().GetResult();
        return (bytes, problem);
    }

    private static (object? Archive, Problem? Problem) Archive(EffectSet effects, ArchiveRequest request, ErrorLocation location) =>
        ArchiveAnalysis.Run(effects, request, location) is { Problem: { } problem } ? (null, problem) : (Array.Empty<object>(), null);

    // The quicker of two runs, because code is also compiled in the background.
    private static double MeasureSeconds<T>(Func<T> compute)
    {
        return Math.Min(Once(), Once());

        double Once()
        {
            var started = Environment.CpuUsage.UserTime;
            _ = compute();
            return (Environment.CpuUsage.UserTime - started).TotalSeconds;
        }
    }
}
