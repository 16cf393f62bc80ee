using Dapper;

using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationship.Storage;

using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security.RateLimiting;

namespace RealRelationshipApi.Hosting;

/// <summary><c>/health</c>: liveness and readiness.</summary>
internal static class HealthEndpoints
{
    private const long MinFreeBytes = 64L * 1024 * 1024;
    private const string Reads = "reads";
    private const string Writes = "writes";

    private static readonly QueryParameter s_part = new("part", QueryParameterType.Choice, "Part of the service to check; default: both.")
    { Values = [Reads, Writes] };

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => TypedResults.Ok(new HealthResponse("live", null, null)))
            .WithTags("Operate").WithName("getLiveness").WithSummary("Check liveness").WithDescription("Succeeds while the process runs. Needs no key.")
            .ProducesProblems().AllowAnonymous();
        app.MapGet("/health/ready", Ready)
            .WithTags("Operate").WithName("getReadiness").WithSummary("Check readiness")
            .WithDescription("Checks the store, its schema version and free disk space; with `part` only what reads or writes need. Needs no key.")
            .WithQueryParameters(s_part)
            .ProducesProblems(ProblemKind.Invalid, ProblemKind.Unavailable).AllowAnonymous();
        return app;
    }

    private static async Task<Results<Ok<HealthResponse>, Problem>> Ready(HttpContext context, Database database, CorruptionGuard corruptionGuard,
        ComputeLimiter analyses)
    {
        var query = new QueryReader(context.Request.Query);
        var part = query.Text(s_part.Name);
        if (part is not (null or Reads or Writes))
        {
            query.AddInvalid(s_part.Name, $"must be {Reads} or {Writes}");
        }

        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        if (corruptionGuard.Reason is not null)
        {
            return new Problem(ProblemKind.Unavailable, "The store is damaged.");
        }

        if (database.IsDisplaced)
        {
            return new Problem(ProblemKind.Unavailable, "Neither reads nor writes are ready: the file of the store was removed or replaced.");
        }

        try
        {
            var schema = await database.ReadAsync(connection => connection.ExecuteScalar<long>("SELECT max(number) FROM migration"), context.RequestAborted);
            var free = database.FreeBytes;
            return part != Reads && free < MinFreeBytes ? new Problem(ProblemKind.Unavailable, "Writes are not ready: the disk of the store is nearly full.")
                : part != Writes && analyses.IsBlocked ? new Problem(ProblemKind.Unavailable, "Reads are not ready: analyses wait, and none begins.")
                : TypedResults.Ok(new HealthResponse("ready", schema, free));
        }
        catch (Exception error) when (database.ClassifyError(error) != StorageErrorKind.None)
        {
            return new Problem(ProblemKind.Unavailable, "The store cannot be read.");
        }
    }
}

/// <param name="Status">live or ready.</param>
/// <param name="Schema">Schema version of the store.</param>
/// <param name="FreeBytes">Free space on the disk of the store, in bytes.</param>
internal sealed record HealthResponse(string Status, long? Schema, long? FreeBytes);
