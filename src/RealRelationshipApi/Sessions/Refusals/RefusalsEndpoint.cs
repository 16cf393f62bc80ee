using System.Globalization;

using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationship.Storage;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Sessions.Refusals;

/// <summary><c>/sessions/refusals</c>: how much of what a site sent was refused, by day and reason.</summary>
internal static class RefusalsEndpoint
{
    private static readonly QueryParameter s_days = new("days", QueryParameterType.Integer, "Number of days, up to today (UTC).")
    {
        Default = "90", Minimum = 1, Maximum = RefusalCounts.MaxDays,
    };

    public static IEndpointRouteBuilder MapRefusals(this IEndpointRouteBuilder app)
    {
        app.MapGet("/sessions/refusals", Read).WithTags("Look").WithName("countRefusals").WithSummary("Count refused measures of your own site")
            .WithDescription(
                "Returns the number of refused measures by day (UTC) and error code, from all formats and imports; days without are left out. A session, row, "
                + "resource or file that could not be divided into measures counts once, each for its first error; a validation counts nothing. Only numbers "
                + "and codes are stored, for a year; the errors themselves are in the response to the sender. Reads one row per day and code. Needs scope "
                + "`sessions:read`.")
            .RequireScope(Scopes.SessionsRead).WithQueryParameters(s_days)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid, ProblemKind.Unavailable);
        return app;
    }

    private static async Task<Results<Ok<RefusalsResponse>, Problem>> Read(HttpContext context, Database database, TimeProvider clock)
    {
        var query = new QueryReader(context.Request.Query);
        var days = query.Integer(s_days) ?? long.Parse(s_days.Default!, CultureInfo.InvariantCulture);
        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        var tenant = context.User.Tenant();
        var to = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var from = Text(to.AddDays(1 - (int)days));
        var refusals = await database.ReadAsync(connection => RefusalCounts.Read(connection, tenant, from), context.RequestAborted);
        return TypedResults.Ok(new RefusalsResponse(from, Text(to), refusals.Sum(r => r.Count), refusals));
    }

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <param name="From">First day.</param>
/// <param name="To">Last day, today.</param>
/// <param name="Total">Number of refused measures.</param>
/// <param name="Refusals">By day and reason.</param>
internal sealed record RefusalsResponse(string From, string To, long Total, IReadOnlyList<RefusalCount> Refusals);
