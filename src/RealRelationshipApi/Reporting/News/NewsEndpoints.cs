using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Analyses.News;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Selection;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Reporting.News;

/// <summary><c>/meta/news</c>: what each evidence revision changed, as JSON and as an Atom feed.</summary>
internal static class NewsEndpoints
{
    private static readonly NewsEndpoint s_json = new() { Empty = new(), Options = NewsRequest.Options, Write = WriteJson };

    private static readonly NewsEndpoint s_atom = new() { Empty = new(), Options = NewsRequest.Options, Write = WriteAtom };

    public static IEndpointRouteBuilder MapNews(this IEndpointRouteBuilder app)
    {
        var news =
            "For each evidence revision that changed something of the question, the newest first: one sentence about what came and what it did, the pooled "
            + "effect before and after, and the conclusions that changed: the confidence sequence, which holds at every look, against 0 (`zero`, and "
            + "beside it the ordinary interval), the interval against the margin of a negligible effect (`margin`: `equivalence`, otherwise r = .10), the "
            + "sign of the prediction interval (`predictionSign`), and the verdicts of "
            + $"{string.Join(", ", Conclusions.Moderators)} (`verdict:NAME`), tested together. The news of a revision stay the same: they can be cited. "
            + "They do not span the switch from synthetic to real evidence. A page costs the fits of a pool and of three moderators for each revision that it "
            + $"covers, {NewsRequest.MaxRevisions} at most. ";
        Describe(app.MapGet("/meta/news", s_json.GetAsync), MemberSelection.Parameter).WithName("listNews")
            .WithSummary("List what each evidence revision changed")
            .WithDescription(news + "Needs scope `meta:read`.").Produces<NewsResponse>();
        Describe(app.MapGet("/meta/news.atom", s_atom.GetAsync)).WithName("getNewsFeed").WithSummary("Get the news as an Atom feed")
            .WithDescription(news + "Ids do not depend on the address of the service. Needs scope `meta:read`.")
            .ShowsDocuments().WithMediaTypes(MediaTypes.Atom, "application/xml", "text/xml").Produces<string>(200, MediaTypes.Atom);
        return app;
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, params IReadOnlyList<QueryParameter> parameters) => endpoint.WithTags("Look")
        .RequireScope(Scopes.MetaRead).WithResponseCaching().WithQueryParameters([.. s_json.Parameters, .. parameters])
        .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);

    private static IResult WriteJson(HttpContext context, NewsPage page) =>
        TypedResults.Ok(new NewsResponse([.. page.Items.Select(NewsItemResponse.Of)], Next(context, page)));

    private static IResult WriteAtom(HttpContext context, NewsPage page) => TypedResults.Text(
        new AtomFeed(context, page, context.Document(About.Type)).Write(Next(context, page)), $"{context.NegotiatedMediaTypeOf()}; charset=utf-8");

    private static string? Next(HttpContext context, NewsPage page) =>
        page.Last is { } last ? PageRequest.NextCursor(context, RevisionCursor.Text(last)) : null;
}
