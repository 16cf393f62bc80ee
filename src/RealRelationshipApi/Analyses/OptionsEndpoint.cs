using RealRelationshipApi.Analyses.Bayes;
using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Analyses.Diagnostics;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Multiverse;
using RealRelationshipApi.Analyses.Plan;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Selection;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies.Csv;
using RealRelationshipApi.Studies.Spreadsheets;

namespace RealRelationshipApi.Analyses;

/// <summary><c>/meta/options</c>: lists filters, model options and options of the analyses.</summary>
internal static class OptionsEndpoint
{
    public static IEndpointRouteBuilder MapOptions(this IEndpointRouteBuilder app)
    {
        app.MapGet("/meta/options", GetOptions).WithTags("Look").WithName("listOptions")
            .WithSummary("List filters and options")
            .WithDescription("Returns all filters, model options and options of the analyses with their values and defaults, and the headers and values that a "
                + "spreadsheet may have. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithResponseCaching().WithQueryParameters(FilterTable.MinRevision, MemberSelection.Parameter)
            .Produces<OptionsResponse>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);
        return app;
    }

    private static Task<IResult> GetOptions(HttpContext context, AnalysisService analyses) => analyses.ReadAsync(context, evidence =>
        TypedResults.Ok(new OptionsResponse(
            Describe(FilterTable.Options), Describe(ModelTable.Options), Describe(ModeratorsRequest.Options), Describe(ChangesRequest.Options),
            Describe(RegressionRequest.Options), Describe(BiasRequest.Options), [Describe(AnalysisRequest.DefaultsParameter), Describe(AddedEffects.Parameter)],
            [.. EvidenceSnapshot.ModeratorFields, .. evidence.FreeModerators.Select(name => EvidenceSnapshot.FreeModeratorPrefix + name)],
            [.. SheetColumns.All.Select(Describe)])
        {
            Plan = Describe(PlanRequest.Options),
            Diagnostics = Describe(DiagnosticsRequest.Options),
            Multiverse = Describe(MultiverseRequest.Options),
            Bayes = Describe(BayesRequest.Options),
        }));

    private static SheetColumnResponse Describe(StudyCsvColumn column) => new(column.Name, [.. SheetColumns.NamesOf(column)],
        [.. column.Choices.Select(choice => new SheetValueResponse(choice, [.. SheetValues.SynonymsOf(choice)]))]);

    private static IReadOnlyList<OptionResponse> Describe<TRequest>(IReadOnlyList<RequestOption<TRequest>> options) =>
        [.. options.Select(option => Describe(option.Parameter))];

    private static OptionResponse Describe(QueryParameter p) =>
        new(p.Name, EnumNames<QueryParameterType>.Of(p.Kind), p.Values, p.Default, p.Repeatable, p.Description);
}

/// <summary>The options of each operation; <c>all</c> are those of all that fit a model.</summary>
/// <param name="Filter">Filters of stored effects.</param>
/// <param name="Model">Options of the model.</param>
/// <param name="Moderators">Options of <c>/meta/moderators</c>.</param>
/// <param name="Changes">Options of <c>/meta/changes</c>.</param>
/// <param name="Regression">Options of <c>/meta/regression</c>.</param>
/// <param name="Bias">Options of <c>/meta/bias</c>.</param>
/// <param name="All">Options of all that fit a model.</param>
/// <param name="ModeratorFields">Fields of stored effects that can be moderators.</param>
/// <param name="Spreadsheet">Columns that a spreadsheet may have.</param>
internal sealed record OptionsResponse(IReadOnlyList<OptionResponse> Filter, IReadOnlyList<OptionResponse> Model, IReadOnlyList<OptionResponse> Moderators,
    IReadOnlyList<OptionResponse> Changes, IReadOnlyList<OptionResponse> Regression, IReadOnlyList<OptionResponse> Bias, IReadOnlyList<OptionResponse> All,
    IReadOnlyList<string> ModeratorFields, IReadOnlyList<SheetColumnResponse> Spreadsheet)
{
    /// <summary>Options of <c>/meta/plan</c>.</summary>
    public required IReadOnlyList<OptionResponse> Plan { get; init; }

    /// <summary>Options of <c>/meta/diagnostics</c>.</summary>
    public required IReadOnlyList<OptionResponse> Diagnostics { get; init; }

    /// <summary>Options of <c>/meta/multiverse</c>.</summary>
    public required IReadOnlyList<OptionResponse> Multiverse { get; init; }

    /// <summary>Options of <c>/meta/bayes</c>.</summary>
    public required IReadOnlyList<OptionResponse> Bayes { get; init; }
}

/// <summary>A column of a spreadsheet.</summary>
/// <param name="Member">The member that it is read as.</param>
/// <param name="Heads">Headers that mean it; case and everything but letters and digits do not count.</param>
/// <param name="Values">Values of a choice.</param>
internal sealed record SheetColumnResponse(string Member, IReadOnlyList<string> Heads, IReadOnlyList<SheetValueResponse> Values);

/// <summary>A value of a choice, with its other names.</summary>
/// <param name="Value">Value of the member.</param>
/// <param name="Synonyms">Other names that it may have in a file.</param>
internal sealed record SheetValueResponse(string Value, IReadOnlyList<string> Synonyms);

/// <summary>An option with its values, the default first if there is one.</summary>
/// <param name="Name">Name of the query parameter and of the member in a body.</param>
/// <param name="Kind">text, number, integer, boolean or choice.</param>
/// <param name="Values">Values of a choice, the default first.</param>
/// <param name="Default">The default; null if there is none.</param>
/// <param name="Repeatable">Whether it may be repeated, meaning “or”.</param>
/// <param name="Description">What it does.</param>
internal sealed record OptionResponse(string Name, string Kind, IReadOnlyList<string> Values, string? Default, bool Repeatable, string Description);
