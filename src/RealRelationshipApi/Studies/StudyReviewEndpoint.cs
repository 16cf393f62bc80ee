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
            .WithSummary("Accept a pending study")
            .WithDescription(
                "With the setting `Evidence__Review=true`, new studies and new versions are `pending` and not analysed until accepted here. An accepted study "
                + "is left unchanged. Send the `ETag` of the reviewed version as `If-Match`, so that no other version is accepted. The body is empty. "
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
