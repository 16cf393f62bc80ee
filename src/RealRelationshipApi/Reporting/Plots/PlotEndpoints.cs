using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Coverage;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Reporting.Plots.Diagnostics;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary><c>/meta/forest.svg</c>, <c>/meta/funnel.svg</c> and <c>/meta/cumulative.svg</c>: plots of the result of <c>/meta/pool</c>.</summary>
internal static class PlotEndpoints
{
    internal const string CommonDescription =
        " The SVG has a text alternative, supports light and dark colour schemes, and contains no script. ";

    private static readonly EffectSetEndpoint<ForestRequest, string> s_forest =
        new()
        {
            Empty = new(), Options = ForestRequest.Options, Run = ForestPlot.Render, Write = WriteSvg, Uses = OptionUse.Prediction,
            Cost = (size, request) => request.By is null ? AnalysisCost.Pool(size) : AnalysisCost.Moderators(size),
            Moderators = request => request.By is { } by ? [by] : [],
        };

    private static readonly EffectSetEndpoint<FunnelRequest, string> s_funnel =
        new()
        {
            Empty = new(), Options = FunnelRequest.Options, Run = FunnelPlot.Render, Write = WriteSvg, Uses = OptionUse.None,
            Cost = (size, _) => AnalysisCost.Biases(size, new()),
        };

    private static readonly EffectSetEndpoint<BubbleRequest, string> s_bubble =
        new()
        {
            Empty = new() { Terms = [] }, Options = BubbleRequest.Options, Run = BubblePlot.Render, Write = WriteBubbles, Uses = OptionUse.Prediction,
            Size = (effects, request) => AnalysisSize.Of(effects, request.AsRegression),
            Cost = (size, request) => AnalysisCost.Regression(size, request.AsRegression with { At = BubblePlot.Points }),
        };

    private static readonly EffectSetEndpoint<CumulativeRequest, string> s_cumulative =
        new()
        {
            Empty = new(), Options = CumulativeRequest.Options, Run = CumulativePlot.Render, Write = WriteSvg, Uses = OptionUse.Sequence,
            Cost = (size, _) => AnalysisCost.Cumulative(size),
        };

    private static readonly EffectSetEndpoint<RiskOfBiasPlotRequest, string> s_riskOfBias =
        new()
        {
            Empty = new(), Options = RiskOfBiasPlotRequest.Options, Run = RiskOfBiasPlot.Render, Write = WriteCells, HasModel = false, AllowsNoEffects = true,
            Cost = (size, _) => AnalysisCost.Coverage(size),
        };

    private static readonly EffectSetEndpoint<CoverageRequest, string> s_coverage =
        new()
        {
            Empty = new(), Run = CoveragePlot.Render, Write = WriteCells, HasModel = false, AllowsNoEffects = true,
            Cost = (size, _) => AnalysisCost.Coverage(size),
        };

    public static IEndpointRouteBuilder MapPlots(this IEndpointRouteBuilder app)
    {
        var pictures = app.MapGroup("/meta").WithTags("Look");

        DescribePlot(app.MapGet("/meta/forest.svg", s_forest.GetAsync)).WithTags("Analyse").WithName("drawEvidenceForestPlot")
            .WithSummary("Draw a forest plot of stored effects")
            .WithDescription(
                "Shows effects with weights and intervals, subgroups by `by`, the pooled effect as a diamond, the prediction interval, and published results "
                + "as open diamonds."
                + CommonDescription + "Needs scope `meta:read`.")
            .WithQueryParameters(s_forest.Parameters);
        DescribePlotOfBody(s_forest, app.MapPost("/meta/forest.svg", s_forest.PostAsync)).WithTags("Analyse").WithName("drawEffectForestPlot")
            .WithSummary("Draw a forest plot of given or filtered effects")
            .WithDescription($"Nothing is stored. {AnalysisEndpoints.Spreadsheets} Needs scope `meta:read`.");

        DescribePlot(pictures.MapGet("/funnel.svg", s_funnel.GetAsync)).WithName("drawEvidenceFunnelPlot")
            .WithSummary("Draw a funnel plot of stored effects")
            .WithDescription(
                "Shows contours of significance, effects added by trim and fill, and the line of Egger's regression." + CommonDescription
                    + "Needs scope `meta:read`.")
            .WithQueryParameters(s_funnel.Parameters);
        DescribePlotOfBody(s_funnel, pictures.MapPost("/funnel.svg", s_funnel.PostAsync)).WithName("drawEffectFunnelPlot")
            .WithSummary("Draw a funnel plot of given or filtered effects")
            .WithDescription($"Nothing is stored. {AnalysisEndpoints.Spreadsheets} Needs scope `meta:read`.");

        DescribePlot(pictures.MapGet("/bubble.svg", s_bubble.GetAsync)).WithExampleValue("synthetic", "include").WithName("drawEvidenceBubblePlot")
            .WithSummary("Draw a meta-regression of stored effects")
            .WithDescription(
                "Shows effects along a number, as circles whose areas are their weights, with the line of the regression on `terms`, its confidence band and "
                + "the prediction band of a new study. Other numbers are at their means, levels have equal weights; a factor that interacts with the number "
                + "has one line for each of up to four levels." + CommonDescription + "Needs scope `meta:read`.")
            .WithQueryParameters(s_bubble.Parameters);
        DescribePlotOfBody(s_bubble, pictures.MapPost("/bubble.svg", s_bubble.PostAsync)).WithName("drawEffectBubblePlot")
            .WithSummary("Draw a meta-regression of given or filtered effects")
            .WithDescription($"Nothing is stored. {AnalysisEndpoints.Spreadsheets} Needs scope `meta:read`.");

        DescribePlot(pictures.MapGet("/cumulative.svg", s_cumulative.GetAsync)).WithName("drawEvidenceCumulativePlot")
            .WithSummary("Draw a cumulative plot of stored effects")
            .WithDescription("Each row shows the pooled effect of studies published up to that year; with `sequential=anytime` of those entered up to a "
                + "revision, with the confidence sequence, which holds at every look, below the interval." + CommonDescription + "Needs scope `meta:read`.")
            .WithQueryParameters(s_cumulative.Parameters);
        DescribePlotOfBody(s_cumulative, pictures.MapPost("/cumulative.svg", s_cumulative.PostAsync)).WithName("drawEffectCumulativePlot")
            .WithSummary("Draw a cumulative plot of given or filtered effects")
            .WithDescription("Effects in the body are added in the given order, filtered stored effects by year. Nothing is stored. "
                + $"{AnalysisEndpoints.Spreadsheets} Needs scope `meta:read`.");

        DescribePlot(pictures.MapGet("/riskOfBias.svg", s_riskOfBias.GetAsync)).WithName("drawEvidenceRiskOfBias")
            .WithSummary("Draw the risk of bias of stored studies")
            .WithDescription(
                "Shows the judgements of each assessed study by domain, in the order of QUIPS, and overall, by colour and symbol; `sameSource` has a column "
                + "of its own. Each page has up to 500 studies." + CommonDescription + "Needs scope `meta:read`.")
            .WithQueryParameters(s_riskOfBias.Parameters);

        DescribePlot(pictures.MapGet("/coverage.svg", s_coverage.GetAsync)).WithName("drawEvidenceCoverage")
            .WithSummary("Draw the coverage of stored evidence")
            .WithDescription(
                "Shows effects and participants by raters and type of outcome for each level with evidence, over all countries; empty cells say so."
                + CommonDescription + "Needs scope `meta:read`.")
            .WithQueryParameters(s_coverage.Parameters);
        return app.MapDiagnosticPlots();
    }

    internal static RouteHandlerBuilder DescribePlot(RouteHandlerBuilder endpoint) => endpoint.RequireScope(Scopes.MetaRead).WithResponseCaching()
        .WithMediaTypes(MediaTypes.Svg)
        .Produces<string>(200, MediaTypes.Svg).ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);

    internal static RouteHandlerBuilder DescribePlotOfBody<TRequest>(EffectSetEndpoint<TRequest, string> plot, RouteHandlerBuilder endpoint)
        where TRequest : AnalysisRequest =>
        plot.DescribeBody(DescribePlot(endpoint)).ProducesProblems(ProblemKind.ContentTooLarge, ProblemKind.UnsupportedMediaType);

    internal static IResult WriteSvg(HttpContext context, string picture) => WriteSvg(context, picture, SvgWriter.ContentSecurityPolicy);

    private static IResult WriteCells(HttpContext context, string picture) => WriteSvg(context, picture, SvgWriter.CellContentSecurityPolicy);

    private static IResult WriteBubbles(HttpContext context, string picture) => WriteSvg(context, picture, BubblePlot.ContentSecurityPolicy);

    internal static IResult WriteSvg(HttpContext context, string picture, string policy)
    {
        context.Response.Headers.ContentSecurityPolicy = policy;
        return TypedResults.Text(picture, $"{MediaTypes.Svg}; charset=utf-8");
    }
}
