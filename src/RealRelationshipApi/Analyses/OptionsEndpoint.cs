using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Analyses;

/// <summary><c>/meta/options</c>: lists filters, model options and options of the analyses.</summary>
internal static class OptionsEndpoint
{
    public static IEndpointRouteBuilder MapOptions(this IEndpointRouteBuilder app)
    {
        app.MapGet("/meta/options", GetOptions).WithTags("Look").WithName("listOptions")
            .WithSummary("List filters and options")
            .WithDescription("Returns all filters, model options and options of the analyses with their values and defaults. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithResponseCaching().WithQueryParameters(FilterTable.MinRevision).Produces<OptionsResponse>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);
        return app;
    }

    private static Task<IResult> GetOptions(HttpContext context, AnalysisService analyses) => analyses.ReadAsync(context, evidence =>
        TypedResults.Ok(new OptionsResponse(
            Describe(FilterTable.Options), Describe(ModelTable.Options), Describe(ModeratorsRequest.Options), Describe(ChangesRequest.Options),
            Describe(RegressionRequest.Options), Describe(BiasRequest.Options), [Describe(AnalysisRequest.DefaultsParameter)],
            [.. EvidenceSnapshot.ModeratorFields, .. evidence.FreeModerators.Select(name => EvidenceSnapshot.FreeModeratorPrefix + name)])));

    private static IReadOnlyList<OptionResponse> Describe<TRequest>(IReadOnlyList<RequestOption<TRequest>> options) =>
        [.. options.Select(option => Describe(option.Parameter))];

    private static OptionResponse Describe(QueryParameter p) =>
        new(p.Name, EnumNames<QueryParameterType>.Of(p.Kind), p.Values, p.Default, p.Repeatable, p.Description);
}

/// <summary>The options of each operation; <c>all</c> are those of every one.</summary>
internal sealed record OptionsResponse(IReadOnlyList<OptionResponse> Filter, IReadOnlyList<OptionResponse> Model, IReadOnlyList<OptionResponse> Moderators,
    IReadOnlyList<OptionResponse> Changes, IReadOnlyList<OptionResponse> Regression, IReadOnlyList<OptionResponse> Bias, IReadOnlyList<OptionResponse> All,
    IReadOnlyList<string> ModeratorFields);

/// <summary>An option with its values, the default first if there is one.</summary>
internal sealed record OptionResponse(string Name, string Kind, IReadOnlyList<string> Values, string? Default, bool Repeatable, string Description);
