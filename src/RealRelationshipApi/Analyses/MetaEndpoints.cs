using FluentValidation;

using RealRelationshipApi.Access;
using RealRelationshipApi.Http;
using RealRelationshipApi.Meta.TakeAway;

namespace RealRelationshipApi.Meta;

/// <summary><c>/meta</c>: every analysis, over the stored evidence (GET) and over effects of the body (POST).</summary>
public static class MetaEndpoints
{
    private static readonly ProblemKind[] s_refusals = [ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid];

    private static readonly ProblemKind[] s_refusalsOfBodies = [.. s_refusals, ProblemKind.TooLarge, ProblemKind.UnsupportedMediaType];

    public static IEndpointRouteBuilder MapMeta(this IEndpointRouteBuilder app)
    {
        var meta = app.MapGroup("/meta").WithTags("Analyse").KeepsAnswers();

        meta.MapGet("/pool", Pool).WithName("pool").WithSummary("Pools the stored evidence")
            .WithDescription("How strongly the real relationship goes with outcome: estimate, intervals, heterogeneity, every study's weight. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).Takes(QuestionParameters.Question).Produces<PoolAnswer>(200, MediaTypes.Json, MediaTypes.Csv).OrTable("studies").Refuses(s_refusals);
        meta.MapPost("/pool", PoolOf).WithName("poolOf").WithSummary("Pools effects of the body, or a filter of the stored evidence")
            .WithDescription("A calculator that stores nothing. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).Validates<PoolRequest>().Produces<PoolAnswer>().Refuses(s_refusalsOfBodies).WithExample(MetaExamples.Pool);

        meta.MapGet("/moderators", ModeratorsOfStore).WithName("moderators").WithSummary("Breaks the stored evidence down by moderators")
            .WithDescription("For each `by`: the pooled effect of every level, the omnibus test, contrasts, what could have been found, and a verdict: "
                + "`differ`, `equivalent` or `cannotTell`. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).Takes([.. QuestionParameters.Moderators, .. QuestionParameters.Question]).Produces<ModeratorsAnswer>(200, MediaTypes.Json, MediaTypes.Csv).OrTable("moderators.levels").Refuses(s_refusals);
        meta.MapPost("/moderators", ModeratorsOf).WithName("moderatorsOf").WithSummary("Breaks effects of the body, or a filter of the stored evidence, down by moderators")
            .WithDescription("A calculator that stores nothing. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).Validates<ModeratorsRequest>().Produces<ModeratorsAnswer>().Refuses(s_refusalsOfBodies).WithExample(MetaExamples.Moderators);

        meta.MapGet("/regression", RegressionOfStore).WithName("regression").WithSummary("Regresses the stored effects on moderators")
            .WithDescription("Meta-regression with categorical and continuous terms together. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).Takes([.. QuestionParameters.Regression, .. QuestionParameters.Question]).Produces<RegressionAnswer>(200, MediaTypes.Json, MediaTypes.Csv).OrTable("coefficients").Refuses(s_refusals);
        meta.MapPost("/regression", RegressionOf).WithName("regressionOf").WithSummary("Regresses effects of the body, or a filter of the stored ones, on moderators")
            .WithDescription("A calculator that stores nothing. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).Validates<RegressionRequest>().Produces<RegressionAnswer>().Refuses(s_refusalsOfBodies).WithExample(MetaExamples.Regression);

        meta.MapGet("/bias", BiasOfStore).WithName("bias").WithSummary("Tests the stored effects for small-study effects and selection")
            .WithDescription("Egger, PEESE, rank correlation, trim and fill, fail-safe N, selection model, Henmi–Copas interval, excess significance, sensitivity to selection; "
                + "each part says on which effects it rests. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).Takes([.. QuestionParameters.Bias, .. QuestionParameters.Question]).Produces<BiasAnswer>(200, MediaTypes.Json, MediaTypes.Csv).OrTable("parts").Refuses(s_refusals);
        meta.MapPost("/bias", BiasOf).WithName("biasOf").WithSummary("Tests effects of the body, or a filter of the stored ones, for small-study effects and selection")
            .WithDescription("A calculator that stores nothing. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).Validates<BiasRequest>().Produces<BiasAnswer>().Refuses(s_refusalsOfBodies).WithExample(MetaExamples.Bias);

        meta.MapGet("/sensitivity", SensitivityOfStore).WithName("sensitivity").WithSummary("Shows what the pooled estimate of the stored effects hangs on")
            .WithDescription("Subsets, leave-one-out, influence, cumulative, shrunken effects, other estimators, other rho. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).Takes(QuestionParameters.Question).Produces<SensitivityAnswer>(200, MediaTypes.Json, MediaTypes.Csv).OrTable("subsets").Refuses(s_refusals);
        meta.MapPost("/sensitivity", SensitivityOf).WithName("sensitivityOf").WithSummary("Shows what the pooled estimate of effects of the body, or a filter of the stored ones, hangs on")
            .WithDescription("A calculator that stores nothing. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).Validates<SensitivityRequest>().Produces<SensitivityAnswer>().Refuses(s_refusalsOfBodies).WithExample(MetaExamples.Bias);

        meta.MapGet("/changes", ChangesOfStore).WithName("changes").WithSummary("Says which effects moved the estimate between two revisions of the evidence")
            .WithDescription("The pools of `from` and `to`, and every effect that is not in both with the same numbers: added, removed (with the reason) or changed, "
                + "net of what happened in between, in the order in which it came about. The changes are applied in that order, and `shift` says by how much each moved the pooled effect: "
                + "the shifts add up to `moved`. All fits are of the model that is resolved at `to` (at `from` where nothing is left at `to`); `otherModelAtFrom` warns where `from` alone "
                + "would have had another. A shift is null where nothing could be fitted before or after its change (`noShift`), and effects of one sample alone are pooled as one composite. "
                + $"More than {EvidenceChanges.Most:N0} changed effects are refused. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).Takes([.. QuestionParameters.Changes, .. QuestionParameters.QuestionOfChanges]).Produces<ChangesAnswer>(200, MediaTypes.Json, MediaTypes.Csv).OrTable("changes").Refuses(s_refusals);
        meta.MapPost("/changes", ChangesOf).WithName("changesOf").WithSummary("Says which effects of a filter moved the estimate between two revisions of the evidence")
            .WithDescription("As by GET. Effects of the body are refused: they have no history. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).Validates<ChangesRequest>().Produces<ChangesAnswer>().Refuses(s_refusalsOfBodies).WithExample(MetaExamples.Changes);

        HasTables(meta.MapGet("/pool.csv", Pool), "pool", QuestionParameters.Question, "studies", "excluded", "warnings");
        HasTables(meta.MapGet("/moderators.csv", ModeratorsOfStore), "moderators", [.. QuestionParameters.Moderators, .. QuestionParameters.Question], "moderators.levels", "moderators.coefficients", "moderators.contrasts", "moderators", "excluded", "warnings");
        HasTables(meta.MapGet("/regression.csv", RegressionOfStore), "regression", [.. QuestionParameters.Regression, .. QuestionParameters.Question], "coefficients", "excluded", "warnings");
        HasTables(meta.MapGet("/bias.csv", BiasOfStore), "bias", [.. QuestionParameters.Bias, .. QuestionParameters.Question], "parts", "trimAndFill.filled", "excluded", "warnings");
        HasTables(meta.MapGet("/sensitivity.csv", SensitivityOfStore), "sensitivity", QuestionParameters.Question, "subsets", "leaveOneOut", "influence", "cumulative", "shrunken", "estimators", "rho", "excluded", "warnings");
        HasTables(meta.MapGet("/changes.csv", ChangesOfStore), "changes", [.. QuestionParameters.Changes, .. QuestionParameters.QuestionOfChanges], "changes", "excluded", "warnings");
        return app;
    }

    private static void HasTables(RouteHandlerBuilder endpoint, string name, IReadOnlyList<QueryParameter> parameters, params string[] tables) =>
        endpoint.WithName($"{name}Table").WithSummary($"Gives a table of /meta/{name} as CSV")
            .WithDescription($"One row an item, a column a member, with the JSON paths as heads. Tables: `{string.Join("`, `", tables)}`. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).Takes([.. Tables.Parameters(tables), .. parameters]).AsTable(tables).Produces<string>(200, MediaTypes.Csv).Refuses(s_refusals);

    private static Task<IResult> Pool(HttpContext context, StoredQuestions questions, IValidator<PoolRequest> validator) => OfStore(context, questions, validator,
        query => new PoolRequest { Filter = QuestionParameters.ReadFilter(query), Model = QuestionParameters.ReadModel(query) },
        PoolAnalysis.Run);

    private static Task<IResult> PoolOf(PoolRequest request, HttpContext context, StoredQuestions questions) => OfBody(context, questions, request, PoolAnalysis.Run);

    private static Task<IResult> ModeratorsOfStore(HttpContext context, StoredQuestions questions, IValidator<ModeratorsRequest> validator) => OfStore(context, questions, validator,
        query => new ModeratorsRequest
        {
            By = query.Texts("by"),
            TauSquared = query.Choice<TauSquaredChoice>("tauSquared"),
            EquivalenceMargin = query.Number("equivalenceMargin"),
            Filter = QuestionParameters.ReadFilter(query),
            Model = QuestionParameters.ReadModel(query),
        },
        ModeratorsAnalysis.Run, "by");

    private static Task<IResult> ModeratorsOf(ModeratorsRequest request, HttpContext context, StoredQuestions questions) =>
        OfBody(context, questions, request, ModeratorsAnalysis.Run);

    private static Task<IResult> RegressionOfStore(HttpContext context, StoredQuestions questions, IValidator<RegressionRequest> validator) => OfStore(context, questions, validator,
        query => new RegressionRequest
        {
            Terms = query.Texts("terms"),
            Permutations = query.Whole("permutations"),
            Bootstrap = query.Whole("bootstrap"),
            Seed = query.Whole("seed"),
            Filter = QuestionParameters.ReadFilter(query),
            Model = QuestionParameters.ReadModel(query),
        },
        RegressionAnalysis.Run, "terms");

    private static Task<IResult> RegressionOf(RegressionRequest request, HttpContext context, StoredQuestions questions) =>
        OfBody(context, questions, request, RegressionAnalysis.Run);

    private static Task<IResult> BiasOfStore(HttpContext context, StoredQuestions questions, IValidator<BiasRequest> validator) => OfStore(context, questions, validator,
        query => new BiasRequest
        {
            Predictor = query.Choice<Predictor>("predictor"),
            TrimAndFill = query.Choice<TrimAndFillChoice>("trimAndFill"),
            Side = query.Choice<Side>("side"),
            Steps = query.Numbers("steps") is { Count: > 0 } steps ? steps : null,
            Direction = query.Choice<Direction>("direction"),
            SelectionRatio = query.Number("selectionRatio"),
            OrwinTarget = query.Number("orwinTarget"),
            Filter = QuestionParameters.ReadFilter(query),
            Model = QuestionParameters.ReadModel(query),
        },
        BiasAnalysis.Run);

    private static Task<IResult> BiasOf(BiasRequest request, HttpContext context, StoredQuestions questions) => OfBody(context, questions, request, BiasAnalysis.Run);

    private static Task<IResult> SensitivityOfStore(HttpContext context, StoredQuestions questions, IValidator<SensitivityRequest> validator) => OfStore(context, questions, validator,
        query => new SensitivityRequest { Filter = QuestionParameters.ReadFilter(query), Model = QuestionParameters.ReadModel(query) },
        SensitivityAnalysis.Run);

    private static Task<IResult> SensitivityOf(SensitivityRequest request, HttpContext context, StoredQuestions questions) =>
        OfBody(context, questions, request, SensitivityAnalysis.Run);

    private static Task<IResult> ChangesOfStore(HttpContext context, StoredQuestions questions, IValidator<ChangesRequest> validator) =>
        OfQuery(context, validator, QuestionParameters.ReadChanges, request => Changes(request, context, questions, Asked.InQuery));

    private static Task<IResult> ChangesOf(ChangesRequest request, HttpContext context, StoredQuestions questions) => Changes(request, context, questions, Asked.InBody);

    private static Task<IResult> Changes(ChangesRequest request, HttpContext context, StoredQuestions questions, Asked asked) =>
        questions.AnswerAsync(context, request, asked, changes => Computed(ChangesAnalysis.Run(changes, request, asked, context.RequestAborted)));

    private static Task<IResult> OfStore<TRequest, TAnswer>(HttpContext context, StoredQuestions questions, IValidator<TRequest> validator,
        Func<QueryReader, TRequest> read, Func<EffectSet, TRequest, Asked, (TAnswer? Answer, Problem? Problem)> run, string? required = null)
        where TRequest : QuestionRequest
        where TAnswer : AnalysisAnswer =>
        OfQuery(context, validator, read, request => questions.AnswerAsync(context, request.Filter!, effects => Computed(run(effects, request, Asked.InQuery))), required);

    /// <summary>A question in the query string is read into the same request as one in a body, and keeps the same rules.</summary>
    internal static async Task<IResult> OfQuery<TRequest>(HttpContext context, IValidator<TRequest> validator, Func<QueryReader, TRequest> read,
        Func<TRequest, Task<IResult>> answer, string? required = null)
    {
        var query = new QueryReader(context.Request.Query);
        var request = read(query);
        if (required is not null && !context.Request.Query.ContainsKey(required))
        {
            query.Require(required, "is required: a filter field, year, or moderators.NAME");
        }
        // A parameter that could not be read is not held to the rules as well.
        var broken = validator.Faults(request).Select(StoredQuestions.AsQuery).Where(fault => query.Faults.All(unread => unread.Pointer != fault.Pointer));
        FieldError[] faults = [.. query.Faults, .. broken];
        return faults.Length > 0
            ? Problem.Invalid(faults)
            : await answer(request);
    }

    private static Task<IResult> OfBody<TRequest, TAnswer>(HttpContext context, StoredQuestions questions, TRequest request,
        Func<EffectSet, TRequest, Asked, (TAnswer? Answer, Problem? Problem)> run)
        where TRequest : QuestionRequest
        where TAnswer : AnalysisAnswer =>
        questions.AnswerAsync(context, request, effects => Computed(run(effects, request, Asked.InBody)));

    private static IResult Computed<T>((T? Answer, Problem? Problem) result) where T : AnalysisAnswer =>
        result.Problem is { } problem ? problem : TypedResults.Ok(result.Answer);
}
