using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Agreement;
using RealRelationshipApi.Analyses.Bayes;
using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Certainty;
using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Analyses.Coverage;
using RealRelationshipApi.Analyses.Diagnostics;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Multiverse;
using RealRelationshipApi.Analyses.Plan;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Analyses.Sensitivity;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Selection;
using RealRelationshipApi.Studies.Coding;

namespace RealRelationshipApi.Analyses;

/// <summary><c>/meta</c>: the analyses, over the stored evidence (GET) and over effects in the body (POST).</summary>
internal static class AnalysisEndpoints
{
    private const string Calculator =
        "Analyses effects given in the body, or stored effects selected by a filter, with hypothetical ones beside them (`add`). Nothing is stored. "
        + Spreadsheets;

    /// <summary>What a POST operation says about spreadsheets.</summary>
    internal const string Spreadsheets =
        "The body may be a spreadsheet, CSV or XLSX, with one row per effect: `r` and `n`, `yi` and `vi`, or the usual headers that `/meta/options` lists. "
        + "Options of the model and of the analysis are then in the query, and so is the value of a missing column, such as `n=80`; other columns are "
        + "moderators. With `validateOnly` the response shows how the columns are read: `rows`, `mapping`, `defaults`, `missing`, `errors` and `warnings`.";

    public static IEndpointRouteBuilder MapAnalyses(this IEndpointRouteBuilder app)
    {
        var meta = app.MapGroup("/meta").WithTags("Analyse").WithResponseCaching();

        var pool = new EffectSetEndpoint<PoolRequest, PoolResponse>
        {
            Empty = new(), Run = PoolAnalysis.Run,
            Rows = [new("studies", response => response.Studies.Count, response => response with { Studies = [] })],
        };
        pool.Describe("pool",
            new(meta.MapGet("/pool", pool.GetAsync), "poolEvidence", "Pool stored effects",
                "Returns the pooled association of the real relationship with outcome: estimate, intervals, heterogeneity and the weight of each study."),
            new(meta.MapPost("/pool", pool.PostAsync), "poolEffects", "Pool given or filtered effects", Calculator),
            meta.MapGet("/pool.csv", pool.GetAsync), "studies", "excluded", "warnings");

        var moderators = new EffectSetEndpoint<ModeratorsRequest, ModeratorsResponse>
        {
            Empty = new() { By = [] }, Options = ModeratorsRequest.Options, Run = ModeratorsAnalysis.Run, Uses = OptionUse.Prediction | OptionUse.Sequence,
            Cost = (size, _) => AnalysisCost.Moderators(size), Moderators = request => request.By,
        };
        moderators.Describe("moderators",
            new(meta.MapGet("/moderators", moderators.GetAsync), "analyzeEvidenceModerators", "Analyse moderators of stored effects",
                "Returns for each moderator the pooled effect of each level, the omnibus test, contrasts, the minimum detectable difference, and a verdict: "
                    + "`differ`, `equivalent` or `cannotTell`."),
            new(meta.MapPost("/moderators", moderators.PostAsync), "analyzeEffectModerators",
                "Analyse moderators of given or filtered effects", Calculator),
            meta.MapGet("/moderators.csv", moderators.GetAsync),
            "moderators.levels", "moderators.coefficients", "moderators.contrasts", "moderators", "excluded", "warnings");

        var regression = new EffectSetEndpoint<RegressionRequest, RegressionResponse>
        {
            Empty = new() { Terms = [] }, Options = RegressionRequest.Options, Run = RegressionAnalysis.Run, Uses = OptionUse.Prediction,
            Cost = AnalysisCost.Regression, Size = AnalysisSize.Of,
        };
        // With the synthetic studies, there is something to regress when a first real one has been added.
        regression.Describe("regression",
            new(meta.MapGet("/regression", regression.GetAsync).WithExampleValue("synthetic", "include"), "regressEvidence",
                "Regress stored effects on moderators",
                "Meta-regression on moderators, their powers (`a^2`) and interactions (`a:b`): coefficients with variance inflation, tests of terms, intervals "
                + "of the residual tau², and a likelihood-ratio test with information criteria, by maximum likelihood; on request predicted values (`at`), "
                + "`marginalMeans`, permutation p-values and a location–scale model (`scaleTerms`). It costs a few fits; a permutation a small part of one."),
            new(meta.MapPost("/regression", regression.PostAsync), "regressEffects",
                "Regress given or filtered effects on moderators", Calculator),
            meta.MapGet("/regression.csv", regression.GetAsync).WithExampleValue("synthetic", "include"),
            "coefficients", "termTests", "predicted", "marginalMeans", "excluded", "warnings");

        var bayes = new EffectSetEndpoint<BayesRequest, BayesResponse>
        {
            Empty = new(), Options = BayesRequest.Options, Run = BayesAnalysis.Run, Cost = AnalysisCost.Bayes, Uses = OptionUse.Posterior,
            Rows = [new("studies", response => response.Studies.Count, response => response with { Studies = [] })],
        };
        bayes.Describe("bayes",
            new(meta.MapGet("/bayes", bayes.GetAsync), "estimateEvidencePosterior", "Estimate the posterior of stored effects",
                "Bayesian random-effects model by quadrature, without random draws: posteriors of mean, tau and the effect of a new study, each study's effect "
                + "drawn towards the mean, and Bayes factors of effect and heterogeneity by averaging four models. μ has a normal prior (`priorMuMean`, "
                + "`priorMuSd`), tau a half-normal, half-Cauchy or uniform one (`priorTau`, `priorTauScale`); `priorSensitivity` adds the results under "
                + "others. Intervals have the posterior probability `confidence`; `estimator`, `test` and `robust` are not used. Dependent effects enter as "
                + "one composite per sample. It costs a few pools, with `priorSensitivity` five times as much."),
            new(meta.MapPost("/bayes", bayes.PostAsync), "estimateEffectPosterior", "Estimate the posterior of given or filtered effects", Calculator),
            meta.MapGet("/bayes.csv", bayes.GetAsync), "studies", CsvTables.PartsTable, "models", "inclusion", "priorSensitivity", "excluded", "warnings");

        var bias = new EffectSetEndpoint<BiasRequest, BiasResponse>
        {
            Empty = new(), Options = BiasRequest.Options, Run = BiasAnalysis.Run, Cost = AnalysisCost.Biases,
            Moderators = request => request.ModeratorNames, Uses = OptionUse.None,
            Rows =
            [
                new("trimAndFill.filled", response => response.TrimAndFill?.Filled.Count ?? 0,
                    response => response with { TrimAndFill = response.TrimAndFill! with { Filled = [] } }),
            ],
        };
        bias.Describe("bias",
            new(meta.MapGet("/bias", bias.GetAsync), "testEvidenceBias", "Test stored effects for publication bias",
                "Egger's test, PEESE, rank correlation, trim and fill, fail-safe N, selection model, Henmi–Copas interval, test of excess significance, "
                    + "sensitivity to selection, UWLS, UWLS+3 and WAAP. The step selection model takes cut points (`steps`), assumed `weights` and moderators "
                    + "(`terms`); `selectionModels` adds other weight functions and p-uniform*. Each result has a `basis`: the effects it was computed from."),
            new(meta.MapPost("/bias", bias.PostAsync), "testEffectBias",
                "Test given or filtered effects for publication bias", Calculator),
            meta.MapGet("/bias.csv", bias.GetAsync), "parts", "trimAndFill.filled", "selectionModels", "excluded", "warnings");

        var sensitivity = new EffectSetEndpoint<SensitivityRequest, SensitivityResponse>
        {
            Empty = new(), Run = SensitivityAnalysis.Run, Cost = (size, _) => AnalysisCost.Sensitivity(size),
            Uses = OptionUse.Prediction | OptionUse.Sequence,
            Rows =
            [
                new("leaveOneOut", response => response.LeaveOneOut.Count, response => response with { LeaveOneOut = [] }),
                new("influence", response => response.Influence.Count, response => response with { Influence = [] }),
                new("cumulative", response => response.Cumulative.Count, response => response with { Cumulative = [] }),
                new("shrunken", response => response.Shrunken.Count, response => response with { Shrunken = [] }),
            ],
        };
        sensitivity.Describe("sensitivity",
            new(meta.MapGet("/sensitivity", sensitivity.GetAsync), "analyzeEvidenceSensitivity",
                "Analyse the sensitivity of the pooled effect of stored effects",
                "Subsets, leave-one-out, influence, cumulative analysis, shrunken effects, other estimators and other values of rho."),
            new(meta.MapPost("/sensitivity", sensitivity.PostAsync), "analyzeEffectSensitivity",
                "Analyse the sensitivity of the pooled effect of given or filtered effects", Calculator),
            meta.MapGet("/sensitivity.csv", sensitivity.GetAsync),
            "subsets", "leaveOneOut", "influence", "cumulative", "shrunken", "estimators", "rho", "excluded", "warnings");

        var diagnostics = new EffectSetEndpoint<DiagnosticsRequest, DiagnosticsResponse>
        {
            Empty = new(), Options = DiagnosticsRequest.Options, Run = DiagnosticsAnalysis.Run, Cost = AnalysisCost.Diagnostics,
            Write = (context, response) => TypedResults.Ok(SubsetTable.AddLink(context, response)),
            Rows =
            [
                new("baujat", response => response.Baujat.Count, response => response with { Baujat = [] }),
                new("radial.points", response => response.Radial.Points.Count,
                    response => response with { Radial = response.Radial with { Points = [] } }),
            ],
        };
        diagnostics.Describe("diagnostics",
            new(meta.MapGet("/diagnostics", diagnostics.GetAsync), "diagnoseEvidence", "Diagnose the heterogeneity of stored effects",
                "Numbers of the Baujat, radial and GOSH plots and the profile likelihood of τ²: which effects heterogeneity comes from, which move the pooled "
                + "effect, and how well τ² is known. The model is fitted to all subsets of up to "
                + $"{Gosh.MaxExhaustive} rows, or to `subsets` random ones of more. Dependent effects enter as one composite per sample."),
            new(meta.MapPost("/diagnostics", diagnostics.PostAsync), "diagnoseEffects", "Diagnose the heterogeneity of given or filtered effects", Calculator),
            meta.MapGet("/diagnostics.csv", diagnostics.GetAsync), "baujat", "radial.points", "profile.points", "gosh.members", "gosh.quantiles", "excluded",
            "warnings");
        // Not cached by the service, so that it is not buffered.
        SubsetTable.Map(app);

        var multiverse = new EffectSetEndpoint<MultiverseRequest, MultiverseResponse>
        {
            Empty = new(), Options = MultiverseRequest.Options, Run = MultiverseAnalysis.Run, Cost = AnalysisCost.Multiverse,
            Moderators = request => request.ModeratorNames,
        };
        multiverse.Describe("multiverse",
            new(meta.MapGet("/multiverse", multiverse.GetAsync), "exploreEvidenceMultiverse", "Pool stored effects under every combination of choices",
                "Pools the effects under every combination of `estimators`, `dependences`, `rhos` and the levels of the moderators `by` (all effects, or one "
                + $"level), up to {MultiverseRequest.MaxSpecifications:N0} specifications, and orders them by effect: the specification curve (Simonsohn, "
                + "Simmons and Nelson 2020). The test of the median changes the signs of the effects of each sample together, with the weights of each "
                + "specification as they are. Declare the choices before you see the results."),
            new(meta.MapPost("/multiverse", multiverse.PostAsync), "exploreEffectMultiverse",
                "Pool given or filtered effects under every combination of choices", Calculator),
            meta.MapGet("/multiverse.csv", multiverse.GetAsync), "specifications", "choices", "leftOut", "excluded", "warnings");

        var plan = new EffectSetEndpoint<PlanRequest, PlanResponse>
        {
            Empty = new() { Target = PlanTarget.ExcludesZero }, Options = PlanRequest.Options, Run = PlanAnalysis.Run, Cost = AnalysisCost.Plan,
            Moderators = request => request.ModeratorNames, Uses = OptionUse.Equivalence,
        };
        plan.Describe("plan",
            new(meta.MapGet("/plan", plan.GetAsync), "planForEvidence", "Plan new studies beside stored effects",
                "Returns how many participants one new study needs, or with `n` how many studies of that size are needed, so that the confidence interval of "
                + "the estimate is no wider than `value`, or excludes 0, a margin or an equal level with enough power. New effects are drawn around "
                + "`assumedR` with the present τ² and their sampling error; for power the model is fitted again with each, by quadrature; for a width τ² is "
                + "held, and the width is its expectation. Heterogeneity limits what one study can do: `notReachable` with the `limit` of a study without "
                + $"sampling error. At most {StudyPlanning.MaxStudies} studies are considered. It costs about 1,000 pools, with `n` up to 5,000."),
            new(meta.MapPost("/plan", plan.PostAsync), "planForEffects", "Plan new studies beside given or filtered effects", Calculator),
            meta.MapGet("/plan.csv", plan.GetAsync), "curve", "excluded", "warnings");

        var certainty = new EffectSetEndpoint<CertaintyRequest, CertaintyResponse>
        {
            Empty = new(), Run = CertaintyAnalysis.Run, Cost = (size, _) => AnalysisCost.Certainty(size),
            Uses = OptionUse.Prediction | OptionUse.Equivalence,
            Write = (context, response) => TypedResults.Ok(SignedCertainty.AddTo(response, context.Document(CertaintyRecord.Type))),
        };
        certainty.Describe("certainty",
            new(meta.MapGet("/certainty", certainty.GetAsync).ShowsDocuments(), "judgeEvidenceCertainty", "Judge the certainty of stored evidence",
                "Returns for each domain what the numbers propose, and what people signed with `PUT /certainty`: risk of bias by the weight of judged studies; "
                + "inconsistency by the prediction interval and imprecision by the confidence interval, against 0 and the margin (`equivalence`, otherwise "
                + "r = .10), and by the optimal information size; publication bias by Egger's test and the eligible samples without a usable coefficient, not "
                + "assessable under 10 samples; indirectness is for people to judge. `overall` is null until all of it is signed. This is not GRADE: the "
                + "body of evidence is associational. It costs two pools and a regression."),
            new(meta.MapPost("/certainty", certainty.PostAsync).ShowsDocuments(), "judgeEffectCertainty", "Judge the certainty of given or filtered effects",
                Calculator),
            meta.MapGet("/certainty.csv", certainty.GetAsync).ShowsDocuments(), "domains", "excluded", "warnings");

        var coverage = new EffectSetEndpoint<CoverageRequest, CoverageResponse>
        {
            Empty = new(), Run = CoverageAnalysis.Run, Cost = (size, _) => AnalysisCost.Coverage(size), HasModel = false, AllowsNoEffects = true,
        };
        coverage.Describe("coverage",
            new(meta.MapGet("/coverage", coverage.GetAsync), "countEvidenceCoverage", "Count stored evidence by raters, outcome, level and country",
                "Returns a cell for each combination of raters, type of outcome, level and country that the filter admits, also those without evidence; all "
                + $"levels unless `level` selects some. Empty cells are listed for the {CoverageAnalysis.MaxCountries} countries with the most effects. It "
                + "costs one pass over the effects."),
            new(meta.MapPost("/coverage", coverage.PostAsync), "countEffectCoverage", "Count given or filtered effects by raters, outcome, level and country",
                "Counts effects given in the body, by their `moderators`, or stored effects selected by a filter. Nothing is stored."),
            meta.MapGet("/coverage.csv", coverage.GetAsync), "cells", "excluded", "warnings");

        var changes = new ChangesEndpoint { Empty = new() { From = AsOf.Start }, Options = ChangesRequest.Options, Uses = OptionUse.Prediction };
        changes.Describe("changes",
            new(meta.MapGet("/changes", changes.GetAsync), "explainEvidenceChanges",
                "Explain which studies changed the pooled effect between two revisions",
                "Returns the pooled effects at `from` and `to`, and the net difference between them: one item per study and revision, with its effects that "
                + "were added, removed (with the reason) or changed. Revisions are applied in their order. Studies that changed at the same revision have no "
                + "order: `shift` is their Shapley value, the mean over all orders of the change of the pooled effect. The shifts do not depend on names and "
                + $"add up to `moved`. All orders count for up to {ShapleyAttribution.MaxExact} studies per revision; for up to "
                + $"{ShapleyAttribution.MaxSampled} orders are sampled with a fixed seed, with a `shiftStandardError` (`ordersSampled`); more studies share "
                + "one item (`tooManyChanges`). Orders through a state without an estimate are left out and counted (`ordersLeftOut`). `first` marks where the "
                + "estimate began; such an item has no shift. All fits use the model resolved at `to` (at `from` if no effect is left at `to`); the warning "
                + "`otherModelAtFrom` is given if `from` alone would resolve to another model. A shift is null if no model could be fitted before or after its "
                + "change (`noShift`). Effects of a single sample are pooled as one composite. "
                + $"More than {EvidenceDiff.MaxChanges:N0} changed effects are rejected."),
            new(meta.MapPost("/changes", changes.PostAsync), "explainFilteredChanges",
                "Explain which filtered studies changed the pooled effect between two revisions",
                "Same as GET. Effects in the body are rejected, as they have no history."),
            meta.MapGet("/changes.csv", changes.GetAsync), "changes", "changes.effects", "excluded", "warnings");

        // Not cached by the service: codings are no evidence, and move no revision.
        var agreement = new AgreementEndpoint { Empty = new() };
        new Operation(app.MapGet("/meta/agreement", agreement.GetAsync), "compareSelectedCodings", "Compare the codings of the selected effects",
                $"Compares further codings with the stored effects that the filter selects. {AgreementResponse.Rules} The codings are those of now, also with "
                + "`asOf`.").Describe()
            .WithTags("Analyse").ShowsCodings().WithQueryParameters([.. agreement.Parameters, MemberSelection.Parameter]).Produces<AgreementResponse>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);
        return app;
    }
}
