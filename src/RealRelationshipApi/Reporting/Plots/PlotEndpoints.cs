using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary><c>/meta/forest.svg</c>, <c>/meta/funnel.svg</c> and <c>/meta/cumulative.svg</c>: the question of <c>/meta/pool</c>,
/// answered as a picture.</summary>
internal static class PlotEndpoints
{
    private const string CommonDescription =
        " Text is text, there is a description for who cannot see, it is light or dark as the reader has it, and holds no script. ";

    private static readonly EffectSetEndpoint<ForestRequest, string> s_forest =
        new() { Empty = new(), Options = ForestRequest.Options, Run = ForestPlot.Render, Write = WriteSvg };

    private static readonly EffectSetEndpoint<FunnelRequest, string> s_funnel =
        new() { Empty = new(), Options = FunnelRequest.Options, Run = FunnelPlot.Render, Write = WriteSvg };

    private static readonly EffectSetEndpoint<CumulativeRequest, string> s_cumulative =
        new() { Empty = new(), Options = CumulativeRequest.Options, Run = CumulativePlot.Render, Write = WriteSvg };

    public static IEndpointRouteBuilder MapPlots(this IEndpointRouteBuilder app)
    {
        var pictures = app.MapGroup("/meta").WithTags("Look");

        DescribePlot(pictures.MapGet("/forest.svg", s_forest.GetAsync)).WithName("drawEvidenceForestPlot")
            .WithSummary("Draws the stored evidence as a forest plot")
            .WithDescription(
                "Every effect with its weight and interval, subgroups with `by`, the pooled diamond, the prediction interval, and published results as open "
                + "diamonds."
                + CommonDescription + "Needs scope `meta:read`.")
            .WithQueryParameters(s_forest.Parameters);
        DescribePlotOfBody<ForestRequest>(pictures.MapPost("/forest.svg", s_forest.PostAsync)).WithName("drawEffectForestPlot")
            .WithSummary("Draws effects of the body, or a filter of the stored ones, as a forest plot")
            .WithDescription("Nothing is stored. Needs scope `meta:read`.").WithExample(AnalysisExamples.Forest);

        DescribePlot(pictures.MapGet("/funnel.svg", s_funnel.GetAsync)).WithName("drawEvidenceFunnelPlot")
            .WithSummary("Draws the stored evidence as a funnel plot")
            .WithDescription(
                "Contours of significance, the effects that trim and fill adds, and Egger's line." + CommonDescription + "Needs scope `meta:read`.")
            .WithQueryParameters(s_funnel.Parameters);
        DescribePlotOfBody<FunnelRequest>(pictures.MapPost("/funnel.svg", s_funnel.PostAsync)).WithName("drawEffectFunnelPlot")
            .WithSummary("Draws effects of the body, or a filter of the stored ones, as a funnel plot")
            .WithDescription("Nothing is stored. Needs scope `meta:read`.").WithExample(AnalysisExamples.Bias);

        DescribePlot(pictures.MapGet("/cumulative.svg", s_cumulative.GetAsync)).WithName("drawEvidenceCumulativePlot")
            .WithSummary("Draws how the pooled effect came to be what it is, year by year")
            .WithDescription("Each row pools what was published up to that year." + CommonDescription + "Needs scope `meta:read`.")
            .WithQueryParameters(s_cumulative.Parameters);
        DescribePlotOfBody<CumulativeRequest>(pictures.MapPost("/cumulative.svg", s_cumulative.PostAsync)).WithName("drawEffectCumulativePlot")
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

    private static IResult WriteSvg(HttpContext context, string picture)
    {
        context.Response.Headers.ContentSecurityPolicy = SvgWriter.ContentSecurityPolicy;
        return TypedResults.Text(picture, $"{MediaTypes.Svg}; charset=utf-8");
    }
}
