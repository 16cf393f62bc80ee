using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Analyses.Sensitivity;
using RealRelationshipApi.Evidence;

namespace RealRelationshipApi.Analyses;

/// <summary><c>/meta</c>: every analysis, over the stored evidence (GET) and over effects of the body (POST).</summary>
internal static class AnalysisEndpoints
{
    private const string Calculator = "A calculator that stores nothing.";

    public static IEndpointRouteBuilder MapAnalyses(this IEndpointRouteBuilder app)
    {
        var meta = app.MapGroup("/meta").WithTags("Analyse").WithResponseCaching();

        var pool = new EffectSetEndpoint<PoolRequest, PoolResponse> { Empty = new(), Run = PoolAnalysis.Run };
        pool.Describe("pool",
            new(meta.MapGet("/pool", pool.GetAsync), "poolEvidence", "Pools the stored evidence",
                "How strongly the real relationship goes with outcome: estimate, intervals, heterogeneity, every study's weight."),
            new(meta.MapPost("/pool", pool.PostAsync), "poolEffects", "Pools effects of the body, or a filter of the stored evidence", Calculator),
            meta.MapGet("/pool.csv", pool.GetAsync), AnalysisExamples.Pool, "studies", "excluded", "warnings");

        var moderators = new EffectSetEndpoint<ModeratorsRequest, ModeratorsResponse>
        {
            Empty = new() { By = [] }, Options = ModeratorsRequest.Options, Run = ModeratorsAnalysis.Run,
        };
        moderators.Describe("moderators",
            new(meta.MapGet("/moderators", moderators.GetAsync), "analyzeEvidenceModerators", "Breaks the stored evidence down by moderators",
                "For each `by`: the pooled effect of every level, the omnibus test, contrasts, what could have been found, and a verdict: "
                    + "`differ`, `equivalent` or `cannotTell`."),
            new(meta.MapPost("/moderators", moderators.PostAsync), "analyzeEffectModerators",
                "Breaks effects of the body, or a filter of the stored evidence, down by moderators", Calculator),
            meta.MapGet("/moderators.csv", moderators.GetAsync),
            AnalysisExamples.Moderators, "moderators.levels", "moderators.coefficients", "moderators.contrasts", "moderators", "excluded", "warnings");

        var regression = new EffectSetEndpoint<RegressionRequest, RegressionResponse>
        {
            Empty = new() { Terms = [] }, Options = RegressionRequest.Options, Run = RegressionAnalysis.Run,
        };
        regression.Describe("regression",
            new(meta.MapGet("/regression", regression.GetAsync), "regressEvidence", "Regresses the stored effects on moderators",
                "Meta-regression with categorical and continuous terms together."),
            new(meta.MapPost("/regression", regression.PostAsync), "regressEffects",
                "Regresses effects of the body, or a filter of the stored ones, on moderators", Calculator),
            meta.MapGet("/regression.csv", regression.GetAsync), AnalysisExamples.Regression, "coefficients", "excluded", "warnings");

        var bias = new EffectSetEndpoint<BiasRequest, BiasResponse> { Empty = new(), Options = BiasRequest.Options, Run = BiasAnalysis.Run };
        bias.Describe("bias",
            new(meta.MapGet("/bias", bias.GetAsync), "testEvidenceBias", "Tests the stored effects for small-study effects and selection",
                "Egger, PEESE, rank correlation, trim and fill, fail-safe N, selection model, Henmi–Copas interval, excess significance, sensitivity to "
                    + "selection; each part says on which effects it rests."),
            new(meta.MapPost("/bias", bias.PostAsync), "testEffectBias",
                "Tests effects of the body, or a filter of the stored ones, for small-study effects and selection", Calculator),
            meta.MapGet("/bias.csv", bias.GetAsync), AnalysisExamples.Bias, "parts", "trimAndFill.filled", "excluded", "warnings");

        var sensitivity = new EffectSetEndpoint<SensitivityRequest, SensitivityResponse> { Empty = new(), Run = SensitivityAnalysis.Run };
        sensitivity.Describe("sensitivity",
            new(meta.MapGet("/sensitivity", sensitivity.GetAsync), "analyzeEvidenceSensitivity",
                "Shows what the pooled estimate of the stored effects hangs on",
                "Subsets, leave-one-out, influence, cumulative, shrunken effects, other estimators, other rho."),
            new(meta.MapPost("/sensitivity", sensitivity.PostAsync), "analyzeEffectSensitivity",
                "Shows what the pooled estimate of effects of the body, or a filter of the stored ones, hangs on", Calculator),
            meta.MapGet("/sensitivity.csv", sensitivity.GetAsync),
            AnalysisExamples.Bias, "subsets", "leaveOneOut", "influence", "cumulative", "shrunken", "estimators", "rho", "excluded", "warnings");

        var changes = new ChangesEndpoint { Empty = new() { From = AsOf.Start }, Options = ChangesRequest.Options };
        changes.Describe("changes",
            new(meta.MapGet("/changes", changes.GetAsync), "explainEvidenceChanges",
                "Says which effects moved the estimate between two revisions of the evidence",
                "The pools of `from` and `to`, and every effect that is not in both with the same numbers: added, removed (with the reason) or changed, "
                + "net of what happened in between, in the order in which it came about. The changes are applied in that order, and `shift` says by how much "
                + "each moved the pooled effect: the shifts add up to `moved`. All fits are of the model that is resolved at `to` (at `from` where nothing is "
                + "left at `to`); `otherModelAtFrom` warns where `from` alone would have had another. A shift is null where nothing could be fitted before or "
                + "after its change (`noShift`), and effects of one sample alone are pooled as one composite. More than "
                + $"{EvidenceDiff.MaxChanges:N0} changed effects are refused."),
            new(meta.MapPost("/changes", changes.PostAsync), "explainFilteredChanges",
                "Says which effects of a filter moved the estimate between two revisions of the evidence",
                "As by GET. Effects of the body are refused: they have no history."),
            meta.MapGet("/changes.csv", changes.GetAsync), AnalysisExamples.Changes, "changes", "excluded", "warnings");
        return app;
    }
}
