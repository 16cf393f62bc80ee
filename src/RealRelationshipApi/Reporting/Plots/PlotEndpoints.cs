using FluentValidation;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary><c>/meta/forest.svg</c>, <c>/meta/funnel.svg</c> and <c>/meta/cumulative.svg</c>: the question of <c>/meta/pool</c>,
/// answered as a picture.</summary>
public static class PlotEndpoints
{
    private const string CommonDescription =
        " Text is text, there is a description for who cannot see, it is light or dark as the reader has it, and holds no script. ";

    public static IEndpointRouteBuilder MapPlots(this IEndpointRouteBuilder app)
    {
        var pictures = app.MapGroup("/meta").WithTags("Look");

        DescribePlot(pictures.MapGet("/forest.svg", GetForest)).WithName("drawEvidenceForestPlot").WithSummary("Draws the stored evidence as a forest plot")
            .WithDescription(
                "Every effect with its weight and interval, subgroups with `by`, the pooled diamond, the prediction interval, and published results as open "
                    + "diamonds."
                + CommonDescription + "Needs scope `meta:read`.")
            .WithQueryParameters([.. PlotQueryParameters.Forest, .. AnalysisQueryParameters.FilterAndModel]);
        DescribePlotOfBody<ForestRequest>(pictures.MapPost("/forest.svg", PostForest)).WithName("drawEffectForestPlot")
            .WithSummary("Draws effects of the body, or a filter of the stored ones, as a forest plot")
            .WithDescription("Nothing is stored. Needs scope `meta:read`.").WithExample(AnalysisExamples.Forest);

        DescribePlot(pictures.MapGet("/funnel.svg", GetFunnel)).WithName("drawEvidenceFunnelPlot").WithSummary("Draws the stored evidence as a funnel plot")
            .WithDescription(
                "Contours of significance, the effects that trim and fill adds, and Egger's line." + CommonDescription + "Needs scope `meta:read`.")
            .WithQueryParameters([.. PlotQueryParameters.Funnel, .. AnalysisQueryParameters.FilterAndModel]);
        DescribePlotOfBody<FunnelRequest>(pictures.MapPost("/funnel.svg", PostFunnel)).WithName("drawEffectFunnelPlot")
            .WithSummary("Draws effects of the body, or a filter of the stored ones, as a funnel plot")
            .WithDescription("Nothing is stored. Needs scope `meta:read`.").WithExample(AnalysisExamples.Bias);

        DescribePlot(pictures.MapGet("/cumulative.svg", GetCumulative)).WithName("drawEvidenceCumulativePlot")
            .WithSummary("Draws how the pooled effect came to be what it is, year by year")
            .WithDescription("Each row pools what was published up to that year." + CommonDescription + "Needs scope `meta:read`.")
            .WithQueryParameters([.. PlotQueryParameters.Cumulative, .. AnalysisQueryParameters.FilterAndModel]);
        DescribePlotOfBody<CumulativeRequest>(pictures.MapPost("/cumulative.svg", PostCumulative)).WithName("drawEffectCumulativePlot")
            .WithSummary("Draws how the pooled effect of effects of the body comes to be what it is")
            .WithDescription("Effects of the body are taken one by one in the given order, a filter of the stored ones year by year. Nothing is stored. Needs "
                + "scope `meta:read`.").WithExample(AnalysisExamples.Bias);
        return app;
    }

    private static RouteHandlerBuilder DescribePlot(RouteHandlerBuilder endpoint) => endpoint.RequireScope(Scopes.MetaRead).WithResponseCaching()
        .WithMediaTypes(MediaTypes.Svg)
        .Produces<string>(200, MediaTypes.Svg).ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);

    private static RouteHandlerBuilder DescribePlotOfBody<TRequest>(RouteHandlerBuilder endpoint) where TRequest : AnalysisRequest =>
        DescribePlot(endpoint).WithValidation<TRequest>().ProducesProblems(ProblemKind.ContentTooLarge, ProblemKind.UnsupportedMediaType);

    private static Task<IResult> GetForest(HttpContext context, AnalysisService analyses, IValidator<ForestRequest> validator) =>
        AnalysisEndpoints.BindQuery(context, validator,
        query => new ForestRequest
        {
            By = query.Text("by"),
            Sort = query.Choice<ForestSortOrder>("sort"),
            References = query.Boolean("references"),
            Rows = query.Integer("rows"),
            Page = query.Integer("page"),
            Filter = AnalysisQueryParameters.ReadFilter(query),
            Model = AnalysisQueryParameters.ReadModel(query),
        },
        request => analyses.ExecuteAsync(context, request.Filter!, effects => ToResult(context, ForestPlot.Render(effects, request, ErrorLocation.InQuery))));

    private static Task<IResult> PostForest(ForestRequest request, HttpContext context, AnalysisService analyses) =>
        analyses.ExecuteAsync(context, request, effects => ToResult(context, ForestPlot.Render(effects, request, ErrorLocation.InBody)));

    private static Task<IResult> GetFunnel(HttpContext context, AnalysisService analyses, IValidator<FunnelRequest> validator) =>
        AnalysisEndpoints.BindQuery(context, validator,
        query => new FunnelRequest
        {
            TrimAndFill = query.Choice<TrimAndFillChoice>("trimAndFill"),
            Side = query.Choice<FunnelSideChoice>("side"),
            Filter = AnalysisQueryParameters.ReadFilter(query),
            Model = AnalysisQueryParameters.ReadModel(query),
        },
        request => analyses.ExecuteAsync(context, request.Filter!, effects => ToResult(context, FunnelPlot.Render(effects, request, ErrorLocation.InQuery))));

    private static Task<IResult> PostFunnel(FunnelRequest request, HttpContext context, AnalysisService analyses) =>
        analyses.ExecuteAsync(context, request, effects => ToResult(context, FunnelPlot.Render(effects, request, ErrorLocation.InBody)));

    private static Task<IResult> GetCumulative(HttpContext context, AnalysisService analyses, IValidator<CumulativeRequest> validator) =>
        AnalysisEndpoints.BindQuery(context, validator,
        query => new CumulativeRequest
        {
            Rows = query.Integer("rows"),
            Page = query.Integer("page"),
            Filter = AnalysisQueryParameters.ReadFilter(query),
            Model = AnalysisQueryParameters.ReadModel(query),
        },
        request =>
            analyses.ExecuteAsync(context, request.Filter!, effects => ToResult(context, CumulativePlot.Render(effects, request, ErrorLocation.InQuery))));

    private static Task<IResult> PostCumulative(CumulativeRequest request, HttpContext context, AnalysisService analyses) =>
        analyses.ExecuteAsync(context, request, effects => ToResult(context, CumulativePlot.Render(effects, request, ErrorLocation.InBody)));

    private static IResult ToResult(HttpContext context, (string? Picture, Problem? Problem) result)
    {
        if (result.Problem is { } problem)
        {
            return problem;
        }

        context.Response.Headers.ContentSecurityPolicy = SvgWriter.ContentSecurityPolicy;
        return TypedResults.Text(result.Picture, $"{MediaTypes.Svg}; charset=utf-8");
    }
}
