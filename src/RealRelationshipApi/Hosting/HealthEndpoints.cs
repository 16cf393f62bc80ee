using Dapper;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Storage;

/// <summary><c>/health</c>: whether the process lives, and whether it can do its work.</summary>
public static class HealthEndpoints
{
    private const long LeastFreeBytes = 64L * 1024 * 1024;

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => TypedResults.Ok(new HealthAnswer("live", null, null)))
            .WithTags("Operate").WithName("live").WithSummary("Says that the process lives").WithDescription("Depends on nothing. Open to everyone.")
            .Produces<HealthAnswer>().Refuses().AllowAnonymous();
        app.MapGet("/health/ready", Ready)
            .WithTags("Operate").WithName("ready").WithSummary("Says whether the service can do its work")
            .WithDescription("Reads the store, its schema and the free space of its disk. Open to everyone.")
            .Produces<HealthAnswer>().Refuses(ProblemKind.Unavailable).AllowAnonymous();
        return app;
    }

    private static async Task<IResult> Ready(HttpContext context, Database database, FailStop failStop)
    {
        if (failStop.Reason is not null)
        {
            return new Problem(ProblemKind.Unavailable, "The store is damaged.");
        }

        try
        {
            var schema = await database.ReadAsync(connection => connection.ExecuteScalar<long>("SELECT max(number) FROM migration"), context.RequestAborted);
            var free = database.FreeBytes;
            return free < LeastFreeBytes
                ? new Problem(ProblemKind.Unavailable, "The disk of the store is nearly full.")
                : TypedResults.Ok(new HealthAnswer("ready", schema, free));
        }
        catch (Exception error) when (database.FaultOf(error) != StorageFault.None)
        {
            return new Problem(ProblemKind.Unavailable, "The store cannot be read.");
        }
    }
}

/// <param name="Status">live or ready.</param>
/// <param name="Schema">The newest schema step of the store.</param>
/// <param name="FreeBytes">Free space on the disk of the store.</param>
public sealed record HealthAnswer(string Status, long? Schema, long? FreeBytes);
