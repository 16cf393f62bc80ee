using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Selection;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies.Search;

namespace RealRelationshipApi.Analyses.News;

/// <summary><c>/meta/revisions</c>: the evidence revisions that <c>asOf</c> takes.</summary>
internal static class RevisionsEndpoint
{
    public static IEndpointRouteBuilder MapRevisions(this IEndpointRouteBuilder app)
    {
        app.MapGet("/meta/revisions", GetRevisions).WithTags("Look").WithName("listRevisions").WithSummary("List evidence revisions")
            .WithDescription("Returns the evidence revisions, the newest first, each with the change that made it and the number of studies that can be pooled "
                + "then. `asOf` of the analyses takes a revision. It costs one count over the studies. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithResponseCaching()
            .WithQueryParameters(PageRequest.LimitParameter, PageRequest.CursorParameter, FilterTable.MinRevision, MemberSelection.Parameter)
            .Produces<RevisionsResponse>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);
        return app;
    }

    private static async Task<IResult> GetRevisions(HttpContext context, AnalysisService analyses)
    {
        var query = new QueryReader(context.Request.Query);
        var (limit, cursor) = (query.Integer(PageRequest.LimitParameter) ?? PageRequest.DefaultLimit, RevisionCursor.Read(query));
        var filter = new FilterRequest { MinRevision = query.Integer(FilterTable.MinRevision.Name) };
        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        var (revisions, problem) = await analyses.ResolveAsync(filter, ErrorLocation.InQuery, context.RequestAborted);
        return problem ?? await analyses.RespondAsync(context, revisions, hasETag: true, effects: 0, async (_, run) =>
        {
            var upTo = RevisionCursor.FirstOf(cursor, revisions.Current!.Value);
            var listed = await analyses.QueryAsync(connection => EvidenceRevisionQuery.Read(connection, upTo, (int)limit), run.Token);
            return TypedResults.Ok(new RevisionsResponse(listed,
                listed is [.., { Revision: > 1 and var last }] ? PageRequest.NextCursor(context, RevisionCursor.Text(last)) : null));
        });
    }
}

/// <summary>A page of the evidence revisions.</summary>
/// <param name="Revisions">The revisions, the newest first.</param>
/// <param name="Next">Cursor of the next page; null on the last one.</param>
internal sealed record RevisionsResponse(IReadOnlyList<RevisionResponse> Revisions, string? Next);
