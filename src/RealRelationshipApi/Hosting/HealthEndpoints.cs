using Dapper;

using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationship.Storage;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Hosting;

/// <summary><c>/health</c>: whether the process lives, and whether it can do its work.</summary>
internal static class HealthEndpoints
{
    private const long MinFreeBytes = 64L * 1024 * 1024;

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => TypedResults.Ok(new HealthResponse("live", null, null)))
            .WithTags("Operate").WithName("getLiveness").WithSummary("Says that the process lives").WithDescription("Depends on nothing. Open to everyone.")
            .ProducesProblems().AllowAnonymous();
        app.MapGet("/health/ready", Ready)
            .WithTags("Operate").WithName("getReadiness").WithSummary("Says whether the service can do its work")
            .WithDescription("Reads the store, its schema and the free space of its disk. Open to everyone.")
            .ProducesProblems(ProblemKind.Unavailable).AllowAnonymous();
        return app;
    }

    private static async Task<Results<Ok<HealthResponse>, Problem>> Ready(HttpContext context, Database database, CorruptionGuard corruptionGuard)
    {
        if (corruptionGuard.Reason is not null)
        {
            return new Problem(ProblemKind.Unavailable, "The store is damaged.");
        }

        try
        {
            var schema = await database.ReadAsync(connection => connection.ExecuteScalar<long>("SELECT max(number) FROM migration"), context.RequestAborted);
            var free = database.FreeBytes;
            return free < MinFreeBytes
                ? new Problem(ProblemKind.Unavailable, "The disk of the store is nearly full.")
                : TypedResults.Ok(new HealthResponse("ready", schema, free));
        }
        catch (Exception error) when (database.ClassifyError(error) != StorageErrorKind.None)
        {
            return new Problem(ProblemKind.Unavailable, "The store cannot be read.");
        }
    }
}

/// <param name="Status">live or ready.</param>
/// <param name="Schema">The newest schema step of the store.</param>
/// <param name="FreeBytes">Free space on the disk of the store.</param>
internal sealed record HealthResponse(string Status, long? Schema, long? FreeBytes);
