using System.Data;

using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Security;
using RealRelationshipApi.Security.RateLimiting;

namespace RealRelationshipApi.Sessions.Reports;

/// <summary><c>/sessions/therapists</c>, <c>/sessions/trends</c> and <c>/sessions/access</c>: what a quality manager sees of the own site.</summary>
internal static class ReportEndpoints
{
    public static IEndpointRouteBuilder MapReports(this IEndpointRouteBuilder app)
    {
        app.MapGet("/sessions/therapists", CompareTherapists).WithTags("Analyse").WithName("compareTherapists")
            .WithSummary("Compare the therapists of your own site")
            .WithDescription(
                $"Returns, for each series of relationship and outcome scores, the mean of each therapist with at least {TherapistsReader.MinPatients} "
                + "patients, shrunken towards the mean of all therapists by a random-intercept model (REML; empirical Bayes), with 95 % intervals. Treatment "
                + "outcome is the last score adjusted for the first. Differences can be due to the patients, and of twenty alike therapists one interval "
                + "excludes the mean by chance. Therapists are pseudonyms. Reads the record of each patient: the cost grows with their number. Needs scope "
                + "`sessions:read`.")
            .RequireScope(Scopes.SessionsRead)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Unavailable);

        app.MapGet("/sessions/trends", ReadTrends).WithTags("Look").WithName("readTrends").WithSummary("Get scores of your own site by session number")
            .WithDescription(
                "Returns, for each series of relationship and outcome scores, mean, standard deviation and 95 % interval by session number, and the median of "
                + "the means as centre line of a run chart. Later sessions are of the treatments that last longer, so that a change of the mean can come from "
                + "who stays. Reads the record of each patient: the cost grows with their number. Needs scope `sessions:read`.")
            .RequireScope(Scopes.SessionsRead)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Unavailable);

        app.MapGet("/sessions/access", ReadAccess).WithTags("Look").WithName("readAccess").WithSummary("Get the site and scopes of your own key")
            .WithDescription("Returns the site of the caller, its scopes, and the source system that its key is bound to. Needs scope `sessions:read`.")
            .RequireScope(Scopes.SessionsRead)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden);
        return app;
    }

    private static Task<Results<Ok<TherapistsResponse>, Problem>> CompareTherapists(HttpContext context, Database database, ColumnEncryption encryption,
        InstrumentCatalogue instruments, ComputeLimiter limiter)
    {
        var tenant = context.User.Tenant();
        return ReadAsync(context, database, limiter, connection => new TherapistsResponse(TherapistsReader.MinPatients, TherapistsReader.Confidence,
            TherapistsReader.Read(connection, encryption, tenant, instruments.GetInstruments(connection, tenant))));
    }

    private static Task<Results<Ok<TrendsResponse>, Problem>> ReadTrends(HttpContext context, Database database, ColumnEncryption encryption,
        InstrumentCatalogue instruments, ComputeLimiter limiter)
    {
        var tenant = context.User.Tenant();
        return ReadAsync(context, database, limiter, connection => new TrendsResponse(TrendsReader.MinTreatments, TrendsReader.Confidence,
            TrendsReader.Read(connection, encryption, tenant, instruments.GetInstruments(connection, tenant))));
    }

    private static Ok<AccessResponse> ReadAccess(HttpContext context) => TypedResults.Ok(new AccessResponse(context.User.Tenant(),
        [.. Scopes.All.Where(scope => context.User.HasClaim(Caller.ScopeClaim, scope))], context.User.BoundSourceSystem()));

    /// <summary>Reads a report that costs more than a page of rows, in a slot of the limiter.</summary>
    internal static async Task<Results<Ok<T>, Problem>> ReadAsync<T>(HttpContext context, Database database, ComputeLimiter limiter,
        Func<IDbConnection, T> read)
    {
        using var lease = await limiter.TryAcquireAsync(RateLimitClient.For(context), isCostly: true, context.RequestAborted);
        return lease is null ? ComputeLimiter.Reject() : TypedResults.Ok(await database.ReadAsync(read, context.RequestAborted));
    }
}

/// <summary>What a key may do.</summary>
/// <param name="Site">The tenant.</param>
/// <param name="Scopes">The scopes.</param>
/// <param name="SourceSystem">The only source system that it may send for; null if it is not bound to one.</param>
internal sealed record AccessResponse(string Site, IReadOnlyList<string> Scopes, string? SourceSystem);
