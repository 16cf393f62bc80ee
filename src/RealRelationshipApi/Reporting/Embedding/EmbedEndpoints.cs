using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Options;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Reporting.Exports;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Reporting.Embedding;

/// <summary><c>/badge.svg</c> and <c>/embed</c>: the estimate for pages of others, under public reading.</summary>
internal static class EmbedEndpoints
{
    // Badge and page show the estimate, and no more than its prediction interval.
    private const OptionUse Uses = OptionUse.Prediction;

    // Without hypothetical effects: pages of others show the evidence.
    private static readonly IReadOnlyList<QueryParameter> s_parameters =
        [.. AnalysisRequest.FilterAndModel.Where(parameter => parameter != AddedEffects.Parameter).Refuse(Uses)];

    private static readonly EffectSetEndpoint<PoolRequest, EmbedContext> s_badge = Endpoint(WriteBadge);

    private static readonly EffectSetEndpoint<PoolRequest, EmbedContext> s_page = Endpoint(WritePage);

    public static IEndpointRouteBuilder MapEmbedding(this IEndpointRouteBuilder app)
    {
        Describe(app.MapGet("/badge.svg", s_badge.GetAsync)).WithName("drawBadge").WithSummary("Draw the estimate as a badge")
            .WithDescription("A small picture with the pooled correlation and its interval, for the filter and model of `/meta/pool`. It answers only under "
                + "`Access__PublicRead`, otherwise with 404. Needs scope `meta:read`.")
            .WithMediaTypes(MediaTypes.Svg).Produces<string>(200, MediaTypes.Svg);
        Describe(app.MapGet("/embed", s_page.GetAsync)).WithName("getEmbeddedPage").WithSummary("Get the estimate as a page for a frame")
            .WithDescription("The pooled correlation and its forest plot as a small page without script or form, for the filter and model of `/meta/pool`. "
                + "Pages of the origins in `Embed__AllowedOrigins` may show it in a frame. To clients that accept `text/html` errors are pages, too. It "
                + "answers only under `Access__PublicRead`, otherwise with 404. Needs scope `meta:read`.")
            .ShowsDocuments().WithMediaTypes(MediaTypes.Html).Produces<string>(200, MediaTypes.Html);
        return app;
    }

    private static EffectSetEndpoint<PoolRequest, EmbedContext> Endpoint(Func<HttpContext, EmbedContext, IResult> write) =>
        new() { Empty = new(), Run = Pool, AllowsNoEffects = true, Write = write, Uses = Uses };

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint) => endpoint.WithTags("Look").RequireScope(Scopes.MetaRead).RequirePublicRead()
        .WithResponseCaching().WithQueryParameters(s_parameters)
        .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound, ProblemKind.Invalid);

    // Without an estimate, pages of others show why.
    private static (EmbedContext? Context, Problem? Problem) Pool(EffectSet effects, PoolRequest request, ErrorLocation location)
    {
        var (data, filter) = (ResponseMapper.Data(effects), Phrasing.Describe(request.Filter));
        if (effects.Count == 0)
        {
            return (new(null, filter, data, effects.EmptyReason), null);
        }

        try
        {
            var (pool, problem) = PoolAnalysis.Run(effects, request, location);
            return pool is null ? (null, problem) : (new(pool, filter, data, ""), null);
        }
        catch (StatisticsException error)
        {
            return (new(null, filter, data, error.Message), null);
        }
    }

    private static IResult WriteBadge(HttpContext context, EmbedContext embedded)
    {
        context.Response.Headers.ContentSecurityPolicy = Badge.ContentSecurityPolicy;
        return TypedResults.Text(Badge.Render(embedded.Pool, embedded.Filter), $"{MediaTypes.Svg}; charset=utf-8");
    }

    /// <summary>Content security policy of the page: frames of the configured origins only.</summary>
    public static string ContentSecurityPolicyOf(HttpContext context)
    {
        var origins = context.RequestServices.GetRequiredService<IOptions<EmbedOptions>>().Value.OriginList;
        return "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; "
            + $"frame-ancestors {(origins.Count == 0 ? "'none'" : string.Join(' ', origins))}";
    }

    private static IResult WritePage(HttpContext context, EmbedContext embedded)
    {
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicyOf(context);
        var query = new QueryBuilder(context.Request.Query).ToString();
        return TypedResults.Text(EmbedPage.Render(EvidenceCitation.Of(context, embedded.Data), embedded.Pool, embedded.Filter, embedded.EmptyReason, query),
            "text/html; charset=utf-8");
    }

    /// <summary>What is embedded.</summary>
    /// <param name="Pool">Null if nothing can be pooled.</param>
    /// <param name="Filter">The filter in words; null for all of the evidence.</param>
    /// <param name="Data">Provenance of the result.</param>
    /// <param name="EmptyReason">Why nothing can be pooled.</param>
    private sealed record EmbedContext(PoolResponse? Pool, string? Filter, DataProvenanceResponse Data, string EmptyReason);
}
