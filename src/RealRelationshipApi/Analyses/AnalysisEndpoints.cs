using FluentValidation;

using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Analyses.Sensitivity;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Analyses;

/// <summary><c>/meta</c>: every analysis, over the stored evidence (GET) and over effects of the body (POST).</summary>
public static class AnalysisEndpoints
{
    private static readonly ProblemKind[] s_queryProblems = [ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid];

    private static readonly ProblemKind[] s_bodyProblems = [.. s_queryProblems, ProblemKind.ContentTooLarge, ProblemKind.UnsupportedMediaType];

    public static IEndpointRouteBuilder MapAnalyses(this IEndpointRouteBuilder app)
    {
        var meta = app.MapGroup("/meta").WithTags("Analyse").WithResponseCaching();

        meta.MapGet("/pool", GetPool).WithName("poolEvidence").WithSummary("Pools the stored evidence")
            .WithDescription(
                "How strongly the real relationship goes with outcome: estimate, intervals, heterogeneity, every study's weight. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithQueryParameters(AnalysisQueryParameters.FilterAndModel)
            .Produces<PoolResponse>(200, MediaTypes.Json, MediaTypes.Csv).WithCsvTable("studies").ProducesProblems(s_queryProblems);
        meta.MapPost("/pool", PostPool).WithName("poolEffects").WithSummary("Pools effects of the body, or a filter of the stored evidence")
            .WithDescription("A calculator that stores nothing. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithValidation<PoolRequest>().Produces<PoolResponse>().ProducesProblems(s_bodyProblems)
            .WithExample(AnalysisExamples.Pool);

        meta.MapGet("/moderators", GetModerators).WithName("analyzeEvidenceModerators").WithSummary("Breaks the stored evidence down by moderators")
            .WithDescription("For each `by`: the pooled effect of every level, the omnibus test, contrasts, what could have been found, and a verdict: "
                + "`differ`, `equivalent` or `cannotTell`. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithQueryParameters([.. AnalysisQueryParameters.Moderators, .. AnalysisQueryParameters.FilterAndModel])
            .Produces<ModeratorsResponse>(200, MediaTypes.Json, MediaTypes.Csv).WithCsvTable("moderators.levels").ProducesProblems(s_queryProblems);
        meta.MapPost("/moderators", PostModerators).WithName("analyzeEffectModerators")
            .WithSummary("Breaks effects of the body, or a filter of the stored evidence, down by moderators")
            .WithDescription("A calculator that stores nothing. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithValidation<ModeratorsRequest>().Produces<ModeratorsResponse>().ProducesProblems(s_bodyProblems)
            .WithExample(AnalysisExamples.Moderators);

        meta.MapGet("/regression", GetRegression).WithName("regressEvidence").WithSummary("Regresses the stored effects on moderators")
            .WithDescription("Meta-regression with categorical and continuous terms together. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithQueryParameters([.. AnalysisQueryParameters.Regression, .. AnalysisQueryParameters.FilterAndModel])
            .Produces<RegressionResponse>(200, MediaTypes.Json, MediaTypes.Csv).WithCsvTable("coefficients").ProducesProblems(s_queryProblems);
        meta.MapPost("/regression", PostRegression).WithName("regressEffects")
            .WithSummary("Regresses effects of the body, or a filter of the stored ones, on moderators")
            .WithDescription("A calculator that stores nothing. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithValidation<RegressionRequest>().Produces<RegressionResponse>().ProducesProblems(s_bodyProblems)
            .WithExample(AnalysisExamples.Regression);

        meta.MapGet("/bias", GetBias).WithName("testEvidenceBias").WithSummary("Tests the stored effects for small-study effects and selection")
            .WithDescription(
                "Egger, PEESE, rank correlation, trim and fill, fail-safe N, selection model, Henmi–Copas interval, excess significance, sensitivity to "
                    + "selection; "
                + "each part says on which effects it rests. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithQueryParameters([.. AnalysisQueryParameters.Bias, .. AnalysisQueryParameters.FilterAndModel])
            .Produces<BiasResponse>(200, MediaTypes.Json, MediaTypes.Csv).WithCsvTable("parts").ProducesProblems(s_queryProblems);
        meta.MapPost("/bias", PostBias).WithName("testEffectBias")
            .WithSummary("Tests effects of the body, or a filter of the stored ones, for small-study effects and selection")
            .WithDescription("A calculator that stores nothing. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithValidation<BiasRequest>().Produces<BiasResponse>().ProducesProblems(s_bodyProblems)
            .WithExample(AnalysisExamples.Bias);

        meta.MapGet("/sensitivity", GetSensitivity).WithName("analyzeEvidenceSensitivity")
            .WithSummary("Shows what the pooled estimate of the stored effects hangs on")
            .WithDescription("Subsets, leave-one-out, influence, cumulative, shrunken effects, other estimators, other rho. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithQueryParameters(AnalysisQueryParameters.FilterAndModel)
            .Produces<SensitivityResponse>(200, MediaTypes.Json, MediaTypes.Csv).WithCsvTable("subsets").ProducesProblems(s_queryProblems);
        meta.MapPost("/sensitivity", PostSensitivity).WithName("analyzeEffectSensitivity")
            .WithSummary("Shows what the pooled estimate of effects of the body, or a filter of the stored ones, hangs on")
            .WithDescription("A calculator that stores nothing. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithValidation<SensitivityRequest>().Produces<SensitivityResponse>().ProducesProblems(s_bodyProblems)
            .WithExample(AnalysisExamples.Bias);

        meta.MapGet("/changes", GetChanges).WithName("explainEvidenceChanges")
            .WithSummary("Says which effects moved the estimate between two revisions of the evidence")
            .WithDescription(
                "The pools of `from` and `to`, and every effect that is not in both with the same numbers: added, removed (with the reason) or changed, "
                + "net of what happened in between, in the order in which it came about. The changes are applied in that order, and `shift` says by how much "
                + "each moved the pooled effect: "
                + "the shifts add up to `moved`. All fits are of the model that is resolved at `to` (at `from` where nothing is left at `to`); "
                + "`otherModelAtFrom` warns where `from` alone "
                + "would have had another. A shift is null where nothing could be fitted before or after its change (`noShift`), and effects of one sample "
                + "alone are pooled as one composite. "
                + $"More than {EvidenceDiff.MaxChanges:N0} changed effects are refused. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithQueryParameters([.. AnalysisQueryParameters.Changes, .. AnalysisQueryParameters.FilterAndModelOfChanges])
            .Produces<ChangesResponse>(200, MediaTypes.Json, MediaTypes.Csv).WithCsvTable("changes").ProducesProblems(s_queryProblems);
        meta.MapPost("/changes", PostChanges).WithName("explainFilteredChanges")
            .WithSummary("Says which effects of a filter moved the estimate between two revisions of the evidence")
            .WithDescription("As by GET. Effects of the body are refused: they have no history. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithValidation<ChangesRequest>().Produces<ChangesResponse>().ProducesProblems(s_bodyProblems)
            .WithExample(AnalysisExamples.Changes);

        DescribeCsvTables(meta.MapGet("/pool.csv", GetPool), "pool", AnalysisQueryParameters.FilterAndModel, "studies", "excluded", "warnings");
        DescribeCsvTables(meta.MapGet("/moderators.csv", GetModerators), "moderators",
            [.. AnalysisQueryParameters.Moderators, .. AnalysisQueryParameters.FilterAndModel], "moderators.levels", "moderators.coefficients",
            "moderators.contrasts", "moderators", "excluded", "warnings");
        DescribeCsvTables(meta.MapGet("/regression.csv", GetRegression), "regression",
            [.. AnalysisQueryParameters.Regression, .. AnalysisQueryParameters.FilterAndModel], "coefficients", "excluded", "warnings");
        DescribeCsvTables(meta.MapGet("/bias.csv", GetBias), "bias", [.. AnalysisQueryParameters.Bias, .. AnalysisQueryParameters.FilterAndModel], "parts",
            "trimAndFill.filled", "excluded", "warnings");
        DescribeCsvTables(meta.MapGet("/sensitivity.csv", GetSensitivity), "sensitivity", AnalysisQueryParameters.FilterAndModel, "subsets", "leaveOneOut",
            "influence", "cumulative", "shrunken", "estimators", "rho", "excluded", "warnings");
        DescribeCsvTables(meta.MapGet("/changes.csv", GetChanges), "changes",
            [.. AnalysisQueryParameters.Changes, .. AnalysisQueryParameters.FilterAndModelOfChanges], "changes", "excluded", "warnings");
        return app;
    }

    private static void DescribeCsvTables(RouteHandlerBuilder endpoint, string name, IReadOnlyList<QueryParameter> parameters, params string[] tables) =>
        endpoint.WithName($"download{char.ToUpperInvariant(name[0])}{name[1..]}Table").WithSummary($"Gives a table of /meta/{name} as CSV")
            .WithDescription(
                $"One row an item, a column a member, with the JSON paths as heads. Tables: `{string.Join("`, `", tables)}`. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithQueryParameters([.. CsvTables.TableParameters(tables), .. parameters]).AsCsvTable(tables)
            .Produces<string>(200, MediaTypes.Csv).ProducesProblems(s_queryProblems);

    private static Task<IResult> GetPool(HttpContext context, AnalysisService analyses, IValidator<PoolRequest> validator) =>
        HandleQuery(context, analyses, validator,
        query => new PoolRequest { Filter = AnalysisQueryParameters.ReadFilter(query), Model = AnalysisQueryParameters.ReadModel(query) },
        PoolAnalysis.Run);

    private static Task<IResult> PostPool(PoolRequest request, HttpContext context, AnalysisService analyses) =>
        HandleBody(context, analyses, request, PoolAnalysis.Run);

    private static Task<IResult> GetModerators(HttpContext context, AnalysisService analyses, IValidator<ModeratorsRequest> validator) =>
        HandleQuery(context, analyses, validator,
        query => new ModeratorsRequest
        {
            By = query.Texts("by"),
            TauSquared = query.Choice<TauSquaredChoice>("tauSquared"),
            EquivalenceMargin = query.Number("equivalenceMargin"),
            Filter = AnalysisQueryParameters.ReadFilter(query),
            Model = AnalysisQueryParameters.ReadModel(query),
        },
        ModeratorsAnalysis.Run, "by");

    private static Task<IResult> PostModerators(ModeratorsRequest request, HttpContext context, AnalysisService analyses) =>
        HandleBody(context, analyses, request, ModeratorsAnalysis.Run);

    private static Task<IResult> GetRegression(HttpContext context, AnalysisService analyses, IValidator<RegressionRequest> validator) =>
        HandleQuery(context, analyses, validator,
        query => new RegressionRequest
        {
            Terms = query.Texts("terms"),
            Permutations = query.Integer("permutations"),
            Bootstrap = query.Integer("bootstrap"),
            Seed = query.Integer("seed"),
            Filter = AnalysisQueryParameters.ReadFilter(query),
            Model = AnalysisQueryParameters.ReadModel(query),
        },
        RegressionAnalysis.Run, "terms");

    private static Task<IResult> PostRegression(RegressionRequest request, HttpContext context, AnalysisService analyses) =>
        HandleBody(context, analyses, request, RegressionAnalysis.Run);

    private static Task<IResult> GetBias(HttpContext context, AnalysisService analyses, IValidator<BiasRequest> validator) =>
        HandleQuery(context, analyses, validator,
        query => new BiasRequest
        {
            Predictor = query.Choice<EggerPredictor>("predictor"),
            TrimAndFill = query.Choice<TrimAndFillChoice>("trimAndFill"),
            Side = query.Choice<FunnelSideChoice>("side"),
            Steps = query.Numbers("steps") is { Count: > 0 } steps ? steps : null,
            Direction = query.Choice<SelectionDirectionChoice>("direction"),
            SelectionRatio = query.Number("selectionRatio"),
            OrwinTarget = query.Number("orwinTarget"),
            Filter = AnalysisQueryParameters.ReadFilter(query),
            Model = AnalysisQueryParameters.ReadModel(query),
        },
        BiasAnalysis.Run);

    private static Task<IResult> PostBias(BiasRequest request, HttpContext context, AnalysisService analyses) =>
        HandleBody(context, analyses, request, BiasAnalysis.Run);

    private static Task<IResult> GetSensitivity(HttpContext context, AnalysisService analyses, IValidator<SensitivityRequest> validator) =>
        HandleQuery(context, analyses, validator,
        query => new SensitivityRequest { Filter = AnalysisQueryParameters.ReadFilter(query), Model = AnalysisQueryParameters.ReadModel(query) },
        SensitivityAnalysis.Run);

    private static Task<IResult> PostSensitivity(SensitivityRequest request, HttpContext context, AnalysisService analyses) =>
        HandleBody(context, analyses, request, SensitivityAnalysis.Run);

    private static Task<IResult> GetChanges(HttpContext context, AnalysisService analyses, IValidator<ChangesRequest> validator) =>
        BindQuery(context, validator, AnalysisQueryParameters.ReadChanges, request => HandleChanges(request, context, analyses, ErrorLocation.InQuery));

    private static Task<IResult> PostChanges(ChangesRequest request, HttpContext context, AnalysisService analyses) =>
        HandleChanges(request, context, analyses, ErrorLocation.InBody);

    private static Task<IResult> HandleChanges(ChangesRequest request, HttpContext context, AnalysisService analyses, ErrorLocation location) =>
        analyses.ExecuteAsync(context, request, location, changes => ToResult(ChangesAnalysis.Run(changes, request, location, context.RequestAborted)));

    private static Task<IResult> HandleQuery<TRequest, TAnswer>(HttpContext context, AnalysisService analyses, IValidator<TRequest> validator,
        Func<QueryReader, TRequest> read, Func<EffectSet, TRequest, ErrorLocation, (TAnswer? Answer, Problem? Problem)> run, string? required = null)
        where TRequest : AnalysisRequest
        where TAnswer : AnalysisResponse =>
        BindQuery(context, validator, read,
            request => analyses.ExecuteAsync(context, request.Filter!, effects => ToResult(run(effects, request, ErrorLocation.InQuery))), required);

    /// <summary>A question in the query string is read into the same request as one in a body, and keeps the same rules.</summary>
    internal static async Task<IResult> BindQuery<TRequest>(HttpContext context, IValidator<TRequest> validator, Func<QueryReader, TRequest> read,
        Func<TRequest, Task<IResult>> execute, string? required = null)
    {
        var query = new QueryReader(context.Request.Query);
        var request = read(query);
        if (required is not null && !context.Request.Query.ContainsKey(required))
        {
            query.AddMissing(required, "is required: a filter field, year, or moderators.NAME");
        }
        // A parameter that could not be read is not held to the rules as well.
        var ruleErrors = validator.GetErrors(request).Select(AnalysisService.ToQueryPointer)
            .Where(error => query.Errors.All(unread => unread.Pointer != error.Pointer));
        FieldError[] errors = [.. query.Errors, .. ruleErrors];
        return errors.Length > 0
            ? Problem.Invalid(errors)
            : await execute(request);
    }

    private static Task<IResult> HandleBody<TRequest, TAnswer>(HttpContext context, AnalysisService analyses, TRequest request,
        Func<EffectSet, TRequest, ErrorLocation, (TAnswer? Answer, Problem? Problem)> run)
        where TRequest : AnalysisRequest
        where TAnswer : AnalysisResponse =>
        analyses.ExecuteAsync(context, request, effects => ToResult(run(effects, request, ErrorLocation.InBody)));

    private static IResult ToResult<T>((T? Answer, Problem? Problem) result) where T : AnalysisResponse =>
        result.Problem is { } problem ? problem : TypedResults.Ok(result.Answer);
}
