using FluentValidation;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Spreadsheets;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Selection;
using RealRelationshipApi.Http.Spreadsheets;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Spreadsheets;

namespace RealRelationshipApi.Analyses;

/// <summary>An operation with its OpenAPI documentation.</summary>
internal sealed record Operation(RouteHandlerBuilder Endpoint, string Id, string Summary, string Description)
{
    public RouteHandlerBuilder Describe() =>
        Endpoint.WithName(Id).WithSummary(Summary).WithDescription($"{Description} Needs scope `meta:read`.").RequireScope(Scopes.MetaRead);
}

/// <summary>Defines the endpoints of an analysis: GET over the stored evidence, POST over effects or a filter in the body, and CSV.</summary>
internal abstract class AnalysisEndpoint<TRequest, TResponse> where TRequest : AnalysisRequest where TResponse : class
{
    private static readonly ProblemKind[] s_queryProblems = [ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid];

    /// <summary>A request without options.</summary>
    public required TRequest Empty { get; init; }

    /// <summary>The options of this analysis, in addition to filter and model.</summary>
    public IReadOnlyList<RequestOption<TRequest>> Options { get; init; } = [];

    /// <summary>Whether a model is fitted, so that its options are parameters.</summary>
    public bool HasModel { get; init; } = true;

    /// <summary>The options of the model that the response depends on, of those that not every analysis uses.</summary>
    public OptionUse Uses { get; init; } = OptionUse.All;

    /// <summary>How a response is written; default JSON.</summary>
    public Func<HttpContext, TResponse, IResult> Write { get; init; } = (_, response) => TypedResults.Ok(response);

    /// <summary>Lists of the response with one row per effect or sample; long ones are left out by default.</summary>
    public IReadOnlyList<RowTable<TResponse>> Rows { get; init; } = [];

    /// <summary>All query parameters of the GET operation.</summary>
    public virtual IReadOnlyList<QueryParameter> Parameters =>
        [.. Options.Parameters(), .. HasModel ? AnalysisRequest.FilterAndModel.Refuse(Uses) : AnalysisRequest.FilterOnly];

    /// <summary>Documents the three operations. They are mapped by the caller, where the request delegate generator knows the types.</summary>
    /// <param name="name">Last part of the path.</param>
    /// <param name="get">The GET operation.</param>
    /// <param name="post">The POST operation.</param>
    /// <param name="csv">The GET operation <c>{name}.csv</c>.</param>
    /// <param name="tables">Lists of the response available as CSV, the one for <c>Accept: text/csv</c> first.</param>
    public void Describe(string name, Operation get, Operation post, RouteHandlerBuilder csv, params string[] tables)
    {
        get.Describe().WithQueryParameters([.. Parameters, MemberSelection.Parameter]).Produces<TResponse>(200, MediaTypes.Json, MediaTypes.Csv)
            .WithCsvTable(tables[0])
            .ProducesProblems(s_queryProblems);
        DescribeBody(post.Describe(), MemberSelection.Parameter).Produces<TResponse>()
            .ProducesProblems([.. s_queryProblems, ProblemKind.ContentTooLarge, ProblemKind.UnsupportedMediaType]);
        new Operation(csv, $"download{char.ToUpperInvariant(name[0])}{name[1..]}Table", $"Download /meta/{name} as CSV",
            $"Returns a table with one row per item and one column per member, named by JSON path. Tables: `{string.Join("`, `", tables)}`.").Describe()
            .WithQueryParameters([.. CsvTables.TableParameters(tables), .. Parameters]).AsCsvTable(tables)
            .Produces<string>(200, MediaTypes.Csv).ProducesProblems(s_queryProblems);
    }

    public async Task<IResult> GetAsync(HttpContext context, AnalysisService analyses, IValidator<TRequest> validator)
    {
        var (request, problem) = Bind(context.Request.Query, validator);
        return request is null ? problem! : await HandleAsync(request, context, analyses, ErrorLocation.InQuery);
    }

    public async Task<IResult> PostAsync(HttpContext context, AnalysisService analyses, IValidator<TRequest> validator, IValidator<Statistic> statistics)
    {
        var query = new QueryReader(context.Request.Query);
        if (SheetBody.IsSheet(SheetBody.TypeOf(context.Request)))
        {
            return await PostSheetAsync(context, query, analyses, validator, statistics);
        }

        foreach (var name in context.Request.Query.Keys)
        {
            query.AddInvalid(name, "is for a spreadsheet only (text/csv or XLSX): in JSON the body says it");
        }

        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        var (request, problem) = await JsonBody.ReadAsync<TRequest>(context.Request, context.RequestAborted);
        return request is null ? problem!
            : validator.GetErrors(request) is { Count: > 0 } errors ? Problem.Invalid(errors)
            : await HandleAsync(request, context, analyses, ErrorLocation.InBody);
    }

    /// <summary>Documents the body of a POST operation and, for spreadsheets, the query beside it.</summary>
    /// <param name="post">The operation.</param>
    /// <param name="selectable">The parameter <c>select</c>, if it returns JSON.</param>
    public RouteHandlerBuilder DescribeBody(RouteHandlerBuilder post, params IReadOnlyList<QueryParameter> selectable) => TakesSheets
        ? post.Accepts<TRequest>(MediaTypes.Json, [.. SheetBody.Types]).WithCsvCharsets()
            .WithQueryParameters(
                [.. selectable, BatchMode.ValidateOnlyParameter, .. Options.Parameters().Select(Optional), .. ModelParameters.Refuse(Uses),
                    .. SheetOptions.Parameters])
        : post.Accepts<TRequest>(MediaTypes.Json).WithQueryParameters(selectable);

    /// <summary>Whether the analysis can be of effects in the body, and so of a spreadsheet.</summary>
    protected virtual bool TakesSheets => HasModel;

    private static IReadOnlyList<QueryParameter> ModelParameters { get; } = [.. ModelTable.Parameters, AnalysisRequest.DefaultsParameter];

    // In JSON it is a member of the body.
    private static QueryParameter Optional(QueryParameter parameter) => parameter with { Required = false, Example = null };

    private async Task<IResult> PostSheetAsync(HttpContext context, QueryReader query, AnalysisService analyses, IValidator<TRequest> validator,
        IValidator<Statistic> statistics)
    {
        string[] own = [.. Options.Parameters().Concat(ModelParameters).Select(parameter => parameter.Name)];
        var isOnlyValidated = query.Boolean(BatchMode.ValidateOnlyParameter.Name) ?? false;
        var options = SheetOptions.From(context.Request.Query.Keys.Except(own), query);
        var template = (TRequest)((AnalysisRequest)Options.Read(Empty, query) with
        {
            Model = ModelTable.Options.Read(new ModelRequest(), query),
            Defaults = query.Choice<DefaultsChoice>(AnalysisRequest.DefaultsParameter.Name),
        });
        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        var (sheet, unread) = SheetBody.Read(context.Request, await SheetBody.ReadAllAsync(context.Request, context.RequestAborted), options.SheetName);
        if (sheet is null)
        {
            return unread!;
        }

        var table = EffectSheetReader.Read(sheet, options, template.Model!.Measure, statistics);
        if (isOnlyValidated)
        {
            return TypedResults.Ok(table.Response);
        }

        if (table.Errors.Count > 0)
        {
            return Problem.Malformed([.. table.Errors]);
        }

        var request = (TRequest)((AnalysisRequest)template with
        {
            Effects = table.Effects,
            Model = template.Model with { Measure = table.Measure ?? template.Model.Measure },
            SheetWarnings = table.Response.Warnings,
        });
        foreach (var missing in Options.Where(option => option.Parameter.Required && !context.Request.Query.ContainsKey(option.Parameter.Name)))
        {
            query.AddMissing(missing.Parameter.Name, missing.Requirement);
        }

        FieldError[] errors =
        [
            .. query.Errors, .. table.WithPlaces(validator.GetErrors(request), sheet.LineName)
                .Where(error => query.Errors.All(missing => missing.Pointer != error.Pointer)),
        ];
        return errors.Length > 0 ? Problem.Invalid(errors) : await HandleAsync(request, context, analyses, ErrorLocation.BesideSheet);
    }

    /// <summary>Errors of a query string, without running it.</summary>
    public IReadOnlyList<FieldError> FindErrors(IQueryCollection parameters, IValidator<TRequest> validator) =>
        [.. StrictQuery.FindErrors(parameters, Parameters).Concat(Bind(parameters, validator).Problem?.Errors ?? []).Distinct()];

    /// <summary>Resolves the evidence revisions of a request.</summary>
    protected abstract Task<(EvidenceRevisions Revisions, Problem? Problem)> ResolveAsync(TRequest request, AnalysisService analyses,
        ErrorLocation location, CancellationToken cancellationToken);

    /// <summary>Selects the effects of the request and analyses them.</summary>
    protected abstract Task<(TResponse? Response, Problem? Problem)> RunAsync(TRequest request, EvidenceStates evidence, AnalysisService analyses,
        ErrorLocation location, AnalysisRun run);

    // A query is read into the same request type as a body and validated by the same rules.
    private (TRequest? Request, Problem? Problem) Bind(IQueryCollection parameters, IValidator<TRequest> validator)
    {
        var query = new QueryReader(parameters);
        var request = (TRequest)((AnalysisRequest)Options.Read(Empty, query) with
        {
            Filter = FilterTable.Options.Read(new FilterRequest(), query),
            Model = ModelTable.Options.Read(new ModelRequest(), query),
            Add = AddedEffects.Read(query),
            Defaults = query.Choice<DefaultsChoice>(AnalysisRequest.DefaultsParameter.Name),
        });
        foreach (var missing in Options.Where(option => option.Parameter.Required && !parameters.ContainsKey(option.Parameter.Name)))
        {
            query.AddMissing(missing.Parameter.Name, missing.Requirement);
        }

        // Parameters that could not be parsed are not validated.
        var ruleErrors = validator.GetErrors(request).Select(ErrorLocation.ToQueryPointer)
            .Where(error => query.Errors.All(unread => unread.Pointer != error.Pointer));
        FieldError[] errors = [.. query.Errors, .. ruleErrors];
        return errors.Length > 0 ? (null, Problem.Invalid(errors)) : (request, null);
    }

    private async Task<IResult> HandleAsync(TRequest asked, HttpContext context, AnalysisService analyses, ErrorLocation location)
    {
        if (UnusedOptions.Errors(asked.Model, Uses, location) is { Count: > 0 } refused)
        {
            return Problem.Invalid(refused);
        }

        var request = (TRequest)asked.WithDefaults();
        var (revisions, unknown) = await ResolveAsync(request, analyses, location, context.RequestAborted);
        if (unknown is not null)
        {
            return unknown;
        }

        // What-if responses are never cached.
        var hasETag = location == ErrorLocation.InQuery && request.Add is null;
        return await analyses.RespondAsync(context, revisions, hasETag, request.Effects?.Count, async (evidence, run) =>
        {
            var (response, problem) = await RunAsync(request, evidence, analyses, location, run);
            return response is null ? problem! : Write(context, RowTables.Limit(context, response, Rows));
        });
    }
}

/// <summary>An analysis of one set of effects.</summary>
internal sealed class EffectSetEndpoint<TRequest, TResponse> : AnalysisEndpoint<TRequest, TResponse> where TRequest : AnalysisRequest where TResponse : class
{
    /// <summary>Computes the response from the selected effects, or returns a problem.</summary>
    public required Func<EffectSet, TRequest, ErrorLocation, (TResponse? Response, Problem? Problem)> Run { get; init; }

    /// <summary>Estimates the cost of <see cref="Run"/>; default that of pooling.</summary>
    public Func<AnalysisSize, TRequest, AnalysisCost> Cost { get; init; } = (size, _) => AnalysisCost.Pool(size);

    /// <summary>Names of the moderators that the cost depends on.</summary>
    public Func<TRequest, IReadOnlyList<string>> Moderators { get; init; } = _ => [];

    /// <summary>The size of a question; null if it will be rejected. By default that of its <see cref="Moderators"/>.</summary>
    public Func<EffectSet, TRequest, AnalysisSize?>? Size { get; init; }

    /// <summary>Adds to the response what depends on other revisions, too; null for nothing.</summary>
    public Func<TResponse, TRequest, EvidenceSnapshot, AnalysisService, AnalysisRun, Task<(TResponse? Response, Problem? Problem)>>? Complete { get; init; }

    /// <summary>Whether <see cref="Run"/> accepts an empty set of effects.</summary>
    public bool AllowsNoEffects { get; init; }

    protected override Task<(EvidenceRevisions Revisions, Problem? Problem)> ResolveAsync(TRequest request, AnalysisService analyses, ErrorLocation location,
        CancellationToken cancellationToken) => request.Effects is not null
            ? Task.FromResult((EvidenceRevisions.None, (Problem?)null))
            : analyses.ResolveAsync(request.Filter ?? new FilterRequest(), location, cancellationToken);

    protected override async Task<(TResponse? Response, Problem? Problem)> RunAsync(TRequest request, EvidenceStates evidence, AnalysisService analyses,
        ErrorLocation location, AnalysisRun run)
    {
        var effects = request.Effects is { } inline ? InlineEffectMapper.ToEffectSet(inline, request.Model?.Measure, request.SheetWarnings)
            : HypotheticalEffects.AddTo(EvidenceSelection.Apply(request.ResolvedFilter, evidence.Current!), request.Add, request.Model?.Measure);
        effects = effects with { Warnings = [.. effects.Warnings, .. UnusedOptions.Warnings(request, Uses)] };
        var size = effects.Count == 0 ? null : Size is not null ? Size(effects, request) : AnalysisSize.Of(effects, request.Model, Moderators(request));
        if (size is not null && await run.AdmitAsync(size, CostOf) is { } rejection)
        {
            return (null, rejection);
        }

        if (NeedsHistory())
        {
            var history = await analyses.HistoryAsync(EvidenceEntries.StudiesWithHistory(evidence.Current!), run.Token);
            var filter = EvidenceSelection.Resolve(request.ResolvedFilter, evidence.Current!);
            effects = effects with { Entries = EvidenceEntries.Of(effects, filter, history) };
        }

        var (response, problem) = RunUntilCancelled(effects, request, location, run);
        return response is null || Complete is null || evidence.Current is null ? (response, problem)
            : await Complete(response, request, evidence.Current, analyses, run);

        // The stored effects are pooled without the added ones, too.
        AnalysisCost CostOf(AnalysisSize asked) => Cost(asked, request) + AnalysisCost.Anytime(asked, request.Model)
            + (NeedsHistory() ? AnalysisCost.History(EvidenceEntries.CountVersions(evidence.Current!)) : default)
            + (request.Add is null ? default : AnalysisCost.Pool(asked));

        bool NeedsHistory() => request.Model?.Sequential == SequentialChoice.Anytime && effects is { IsStored: true, Count: > 0 };
    }

    private (TResponse? Response, Problem? Problem) RunUntilCancelled(EffectSet effects, TRequest request, ErrorLocation location, AnalysisRun run)
    {
        using var scope = new CancellationScope(run.Token);
        return TryRun(effects, request, location);
    }

    private (TResponse? Response, Problem? Problem) TryRun(EffectSet effects, TRequest request, ErrorLocation location)
    {
        if (effects.Count == 0 && !AllowsNoEffects)
        {
            return (null, Problem.NotComputable("noEffects", effects.EmptyReason));
        }

        try
        {
            return Run(effects, request, location);
        }
        catch (StatisticsException error)
        {
            return (null, Problem.NotComputable(error.Code, error.Message));
        }
    }
}
