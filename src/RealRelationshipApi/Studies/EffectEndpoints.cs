using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Security.RateLimiting;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Csv;

namespace RealRelationshipApi.Studies;

/// <summary><c>/effects</c>: every effect as a flat row, for R users.</summary>
internal static class EffectEndpoints
{
    public static IEndpointRouteBuilder MapEffects(this IEndpointRouteBuilder app)
    {
        app.MapGet("/effects", List).WithTags("Look").WithName("listEffects").WithSummary("List effects as flat rows")
            .WithDescription(
                "Returns all effects of accepted studies, with `yi` and `vi` on Fisher z. JSON is paged; `Accept: text/csv` returns the whole table. "
                    + "Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithQueryParameters([PageRequest.LimitParameter, PageRequest.CursorParameter, .. CsvFormat.Parameters])
            .WithMediaTypes(MediaTypes.Json, MediaTypes.Csv)
            .Produces<EffectListResponse>(200, MediaTypes.Json, MediaTypes.Csv)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid, ProblemKind.Unavailable);
        app.MapGet("/effects.csv", DownloadCsv).WithTags("Look").WithName("downloadEffects").WithSummary("Download all effects as CSV")
            .WithDescription("Returns one row per effect, starting with `yi,vi,r,n`. The table can be sent to `POST /studies/batch`. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithQueryParameters([.. CsvFormat.Parameters]).WithMediaTypes(MediaTypes.Csv)
            .Produces<string>(200, MediaTypes.Csv).ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Unavailable);
        return app;
    }

    private static async Task<Results<Ok<EffectListResponse>, PushStreamHttpResult, Problem>> List(HttpContext context, Database database, ChangeLog log,
        ComputeLimiter limiter)
    {
        // All parameters are checked for both formats, so that a wrong one is always reported.
        var query = new QueryReader(context.Request.Query);
        var (page, format) = (PageRequest.From(query), CsvFormat.From(query));
        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        if (context.NegotiatedMediaTypeOf() == MediaTypes.Csv)
        {
            return await ReadCsvAsync(context, database, log, limiter, format) is { } csv ? csv : ComputeLimiter.Reject();
        }

        var rows = await database.ReadAsync(connection => StudyQueries.PooledFrom(connection, EffectTableRow.StudyOf(page.After), page.Limit + 1)
            .SelectMany(EffectTableRow.Of).Where(row => string.CompareOrdinal(row.SortKey, page.After) > 0).Take(page.Limit + 1).ToList(),
            context.RequestAborted);
        var more = rows.Count > page.Limit;
        if (more)
        {
            rows.RemoveAt(page.Limit);
        }

        return TypedResults.Ok(new EffectListResponse(rows, more ? PageRequest.NextCursor(context, rows[^1].SortKey) : null));
    }

    private static async Task<Results<PushStreamHttpResult, Problem>> DownloadCsv(HttpContext context, Database database, ChangeLog log, ComputeLimiter limiter)
    {
        var query = new QueryReader(context.Request.Query);
        var format = CsvFormat.From(query);
        return query.Errors.Count > 0 ? Problem.Invalid(query.Errors)
            : await ReadCsvAsync(context, database, log, limiter, format) is { } csv ? csv : ComputeLimiter.Reject();
    }

    // Only reading holds a slot of the limiter, so that slow clients block nobody. Null if the wait for one would be too long.
    private static async Task<PushStreamHttpResult?> ReadCsvAsync(HttpContext context, Database database, ChangeLog log, ComputeLimiter limiter,
        CsvFormat format)
    {
        IReadOnlyList<StudyRecord> studies;
        using (var lease = await limiter.TryAcquireAsync(RateLimitClient.For(context), isCostly: true, context.RequestAborted))
        {
            if (lease is null)
            {
                return null;
            }

            studies = await ReadPooledStudiesAsync(context, database, log);
        }

        return TypedResults.Stream(stream => CsvTableWriter.WriteAsync(stream, StudyCsvTable.ToRows(studies), format, context.RequestAborted),
            $"{MediaTypes.Csv}; charset=utf-8", "effects.csv");
    }

    private static async Task<IReadOnlyList<StudyRecord>> ReadPooledStudiesAsync(HttpContext context, Database database, ChangeLog log)
    {
        var studies = await database.ReadAsync(connection => StudyQueries.AsOf(connection, StudyQueries.CurrentRevision(connection), log),
            context.RequestAborted);
        return [.. studies.Where(s => s is { Status: StudyStatus.Accepted, Kind: not StudyKind.Reference })];
    }
}

/// <summary>A page of effects.</summary>
/// <param name="Effects">Sorted by study key and by position in the study.</param>
/// <param name="Next">Cursor of the next page; null on the last page.</param>
internal sealed record EffectListResponse(IReadOnlyList<EffectTableRow> Effects, string? Next);
