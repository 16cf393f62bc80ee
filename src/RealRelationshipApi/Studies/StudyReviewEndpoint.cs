using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies;

/// <summary>Review of studies before they are pooled.</summary>
internal sealed class StudyReviewOptions
{
    public const string Section = "Evidence";

    /// <summary>Whether submitted studies are pending until a caller with <c>studies:review</c> accepts them.</summary>
    public bool Review { get; set; }
}

/// <summary><c>POST /studies/{key}/review</c>: accepts a pending study.</summary>
internal static class StudyReviewEndpoint
{
    public static IEndpointRouteBuilder MapStudyReview(this IEndpointRouteBuilder app)
    {
        app.MapPost($"/studies/{StudyEndpoints.KeyRoute}/review", Accept).WithTags("Submit").WithName("reviewStudy")
            .WithSummary("Accepts a study that waits for review")
            .WithDescription(
                "With `Evidence__Review=true` a study, and every new version of one, is `pending` and enters no pool until it is accepted here. One that is "
                + "accepted already stays so. Send the `ETag` of the version that you read as `If-Match`, so that no other one is accepted. Takes no body. "
                + "Needs scope `studies:review`.")
            .RequireScope(Scopes.StudiesReview)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound, ProblemKind.Conflict, ProblemKind.Gone,
                ProblemKind.PreconditionFailed, ProblemKind.Invalid, ProblemKind.Unavailable)
            .WithExampleValue("key", StudyEndpoints.ExampleKey);
        return app;
    }

    /// <summary>Whether studies submitted by this request need a review.</summary>
    internal static bool IsRequired(HttpContext context) => context.RequestServices.GetRequiredService<IOptions<StudyReviewOptions>>().Value.Review;

    private static async Task<Results<Ok<StudyRecord>, Problem>> Accept(string key, HttpContext context, Idempotency idempotency)
    {
        var tenant = context.User.Tenant();
        var (idempotent, problem) = idempotency.ReadHeader(context, tenant, []);
        if (problem is not null)
        {
            return problem;
        }

        var outcome = await StudyEndpoints.ExecuteOnceAsync(context, idempotency, idempotent, key,
            transaction => StudyStore.Accept(transaction, key, tenant, context.Request.CheckIfMatch));
        return StudyEndpoints.ToOk(context, outcome);
    }
}
