using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Multiverse;
using RealRelationshipApi.Http;

namespace RealRelationshipApi.Reporting.Plots.Diagnostics;

/// <summary>Pictures of <c>/meta/diagnostics</c>, <c>/meta/multiverse</c> and <c>/meta/bayes</c>.</summary>
internal static class DiagnosticPlotEndpoints
{
    private static readonly string s_policy = SvgWriter.PolicyWith(PlotFrame.Style);

    private static readonly EffectSetEndpoint<DiagnosticPlotRequest, string> s_baujat = Plain(BaujatPlot.Render, size => AnalysisCost.Sensitivity(size));

    private static readonly EffectSetEndpoint<DiagnosticPlotRequest, string> s_radial = Plain(RadialPlot.Render, AnalysisCost.Pool);

    private static readonly EffectSetEndpoint<DiagnosticPlotRequest, string> s_profile = Plain(ProfilePlot.Render, AnalysisCost.Profile);

    private static readonly EffectSetEndpoint<DiagnosticPlotRequest, string> s_drapery = Plain(DraperyPlot.Render, AnalysisCost.Pool);

    private static readonly EffectSetEndpoint<GoshPlotRequest, string> s_gosh = new()
    {
        Empty = new(), Options = GoshPlotRequest.Options, Run = GoshPlot.Render, Write = WriteSvg, Cost = AnalysisCost.Subsets,
    };

    private static readonly EffectSetEndpoint<OrchardRequest, string> s_orchard = new()
    {
        Empty = new(), Options = OrchardRequest.Options, Run = OrchardPlot.Render, Write = WriteSvg, Moderators = request => request.ModeratorNames,
        Cost = (size, request) => request.By is null ? AnalysisCost.Pool(size) : AnalysisCost.Moderators(size),
    };

    private static readonly EffectSetEndpoint<MultiverseRequest, string> s_multiverse = new()
    {
        Empty = new(), Options = MultiverseRequest.Options, Run = MultiversePlot.Render, Write = WriteSvg, Moderators = request => request.ModeratorNames,
        Cost = AnalysisCost.Multiverse,
    };

    private static readonly EffectSetEndpoint<PosteriorPlotRequest, string> s_posterior = new()
    {
        Empty = new(), Run = PosteriorPlot.Render, Write = WriteSvg, Cost = (size, _) => AnalysisCost.Bayes(size, new()), Uses = OptionUse.Posterior,
    };

    private static readonly EffectSetEndpoint<PosteriorPlotRequest, string> s_priors = new()
    {
        Empty = new(), Run = PriorSensitivityPlot.Render,
        Write = (context, picture) => PlotEndpoints.WriteSvg(context, picture, SvgWriter.ContentSecurityPolicy),
        Cost = (size, _) => AnalysisCost.Bayes(size, new() { PriorSensitivity = true }), Uses = OptionUse.Posterior,
    };

    public static IEndpointRouteBuilder MapDiagnosticPlots(this IEndpointRouteBuilder app)
    {
        var pictures = app.MapGroup("/meta").WithTags("Look");
        Describe(s_baujat, pictures.MapGet("/baujat.svg", s_baujat.GetAsync), pictures.MapPost("/baujat.svg", s_baujat.PostAsync), "BaujatPlot",
            "a Baujat plot", "Each point is a row; further right it contributes more to heterogeneity, higher up it moves the pooled effect more.");
        Describe(s_radial, pictures.MapGet("/radial.svg", s_radial.GetAsync), pictures.MapPost("/radial.svg", s_radial.PostAsync), "RadialPlot",
            "a radial plot", "Shows standardised effects against precision; the pooled effect is the slope of a line from the origin (Galbraith).");
        Describe(s_profile, pictures.MapGet("/profile.svg", s_profile.GetAsync), pictures.MapPost("/profile.svg", s_profile.PostAsync), "ProfilePlot",
            "the profile likelihood of τ", "Shows the restricted likelihood of τ (with `estimator=ml` the full one) and the interval by the likelihood ratio.");
        Describe(s_drapery, pictures.MapGet("/drapery.svg", s_drapery.GetAsync), pictures.MapPost("/drapery.svg", s_drapery.PostAsync), "DraperyPlot",
            "a drapery plot", "Shows the p-value of each value of the effect, for each row and for the pooled effect: intervals of all levels at once.");
        Describe(s_gosh, pictures.MapGet("/gosh.svg", s_gosh.GetAsync), pictures.MapPost("/gosh.svg", s_gosh.PostAsync), "GoshPlot",
            "a GOSH plot", "Shows pooled effect and I² of all subsets of up to 20 rows, or of a sample of subsets of more, as a map of their number.");
        Describe(s_orchard, pictures.MapGet("/orchard.svg", s_orchard.GetAsync), pictures.MapPost("/orchard.svg", s_orchard.PostAsync), "OrchardPlot",
            "an orchard plot", "Shows effects sized by precision around the pooled effect, with confidence and prediction interval, for each level of `by`.");
        Describe(s_multiverse, pictures.MapGet("/multiverse.svg", s_multiverse.GetAsync), pictures.MapPost("/multiverse.svg", s_multiverse.PostAsync),
            "MultiversePlot", "the specification curve", "Shows the pooled effect of every specification of `/meta/multiverse` in ascending order, with "
                + "its interval, and the choices that made it.");
        Describe(s_posterior, pictures.MapGet("/bayes.svg", s_posterior.GetAsync), pictures.MapPost("/bayes.svg", s_posterior.PostAsync),
            "PosteriorPlot", "the posterior of the mean", "Shows the density of the mean before and after the effects, with its interval, and of the effect of "
                + "a new study, as in `/meta/bayes`.");
        Describe(s_priors, pictures.MapGet("/priorSensitivity.svg", s_priors.GetAsync), pictures.MapPost("/priorSensitivity.svg", s_priors.PostAsync),
            "PriorSensitivityPlot", "the mean under other priors", "Shows the posterior of the mean and the Bayes factor of an effect under each prior of "
                + "`priorSensitivity` of `/meta/bayes`.");
        return app;
    }

    private static EffectSetEndpoint<DiagnosticPlotRequest, string> Plain(
        Func<Evidence.EffectSet, DiagnosticPlotRequest, ErrorLocation, (string?, Http.Problems.Problem?)> render, Func<AnalysisSize, AnalysisCost> cost) =>
        new() { Empty = new(), Run = render, Write = WriteSvg, Cost = (size, _) => cost(size) };

    private static void Describe<TRequest>(EffectSetEndpoint<TRequest, string> plot, RouteHandlerBuilder get, RouteHandlerBuilder post, string name,
        string what, string description) where TRequest : AnalysisRequest
    {
        PlotEndpoints.DescribePlot(get).WithName($"drawEvidence{name}").WithSummary($"Draw {what} of stored effects")
            .WithDescription($"{description}{PlotEndpoints.CommonDescription}Needs scope `meta:read`.").WithQueryParameters(plot.Parameters);
        PlotEndpoints.DescribePlotOfBody(plot, post).WithName($"drawEffect{name}").WithSummary($"Draw {what} of given or filtered effects")
            .WithDescription($"Nothing is stored. {AnalysisEndpoints.Spreadsheets} Needs scope `meta:read`.");
    }

    private static IResult WriteSvg(HttpContext context, string picture) => PlotEndpoints.WriteSvg(context, picture, s_policy);
}
