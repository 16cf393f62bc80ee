using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Security.RateLimiting;
using RealRelationshipApi.Sessions.Reports;

namespace RealRelationshipApi.Sessions.Completeness;

/// <summary>How sessions are grouped.</summary>
internal enum CompletenessGrouping { Month, Therapist, Source }

/// <summary><c>/sessions/completeness</c>: how many of a site's sessions have scores of the relationship, of an outcome, and of both.</summary>
internal static class CompletenessEndpoint
{
    private static readonly QueryParameter s_by = QueryParameter.Choice<CompletenessGrouping>("by",
        "Groups sessions by month of their first score (UTC), by therapist or by source system (one for each patient, where several share keys).",
        CompletenessGrouping.Month);

    public static IEndpointRouteBuilder MapCompleteness(this IEndpointRouteBuilder app)
    {
        app.MapGet("/sessions/completeness", Read).WithTags("Look").WithName("readCompleteness").WithSummary("Count complete sessions of your own site")
            .WithDescription(
                "Counts your own sessions: those with a score of the relationship, of an outcome, and of both, which only can be associated; and scores "
                + "without session. Therapists are pseudonyms, null if unknown. Reads the record of each patient: the cost grows with their number. Needs "
                + "scope `sessions:read`.")
            .RequireScope(Scopes.SessionsRead).WithQueryParameters(s_by)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid, ProblemKind.Unavailable);
        return app;
    }

    private static async Task<Results<Ok<CompletenessResponse>, Problem>> Read(HttpContext context, Database database, ColumnEncryption encryption,
        ComputeLimiter limiter)
    {
        var query = new QueryReader(context.Request.Query);
        var by = query.Choice<CompletenessGrouping>(s_by.Name) ?? CompletenessGrouping.Month;
        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        var tenant = context.User.Tenant();
        return await ReportEndpoints.ReadAsync(context, database, limiter,
            connection => new CompletenessResponse(by, CompletenessReader.Read(connection, encryption, tenant, by)));
    }
}

/// <param name="By">How sessions are grouped.</param>
/// <param name="Groups">Sorted by value, null first.</param>
internal sealed record CompletenessResponse(CompletenessGrouping By, IReadOnlyList<CompletenessGroup> Groups);

/// <param name="Value">Month as yyyy-MM, pseudonym of the therapist, or name of the source system; null for an unknown therapist.</param>
/// <param name="Patients">Number of patients.</param>
/// <param name="Sessions">Number of sessions that have a key.</param>
/// <param name="WithRelationship">Number of these with a score of the relationship.</param>
/// <param name="WithOutcome">Number of these with a score of an outcome.</param>
/// <param name="WithBoth">Number of these with both.</param>
/// <param name="ScoresWithoutSession">Number of scores that belong to no session.</param>
internal sealed record CompletenessGroup(string? Value, long Patients, long Sessions, long WithRelationship, long WithOutcome, long WithBoth,
    long ScoresWithoutSession);
