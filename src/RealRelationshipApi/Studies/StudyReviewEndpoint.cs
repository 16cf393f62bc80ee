using System.Text.Json;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
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

    /// <summary>Whether tenants may review their own studies.</summary>
    public bool SelfReview { get; set; }
}

/// <summary><c>POST /studies/{key}/review</c>: accepts, rejects or returns a pending study.</summary>
internal static class StudyReviewEndpoint
{
    public static IEndpointRouteBuilder MapStudyReview(this IEndpointRouteBuilder app)
    {
        app.MapPost($"/studies/{StudyEndpoints.KeyRoute}/review", Review).WithTags("Submit").WithName("reviewStudy")
            .WithSummary("Accept, reject or return a pending study")
            .WithDescription(
                "With the setting `Evidence__Review=true`, new studies and new versions are `pending`: not analysed, and visible only to their tenant and to "
                + "reviewers, until accepted here. A rejected new study frees its key; a returned one keeps it, and its tenant can send it again as a new "
                + "version, which is pending. Tenant, key, time and reason of the decision are in `/studies/{key}/versions`. Send the `ETag` of the reviewed "
                + "version as `If-Match`, so that no other version is accepted. Tenants review the studies of others; their own only with "
                + "`Evidence__SelfReview=true`. Needs scope `studies:review`, and to read pending studies `meta:read`.")
            .RequireScope(Scopes.StudiesReview).WithValidation<StudyReviewRequest>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound, ProblemKind.Conflict, ProblemKind.Gone,
                ProblemKind.PreconditionFailed, ProblemKind.ContentTooLarge, ProblemKind.UnsupportedMediaType, ProblemKind.Invalid, ProblemKind.Unavailable)
            .WithExampleValue("key", StudyEndpoints.ExampleKey);
        return app;
    }

    private static async Task<Results<Ok<StudyRecord>, Problem>> Review(string key, JsonBody<StudyReviewRequest> body, HttpContext context,
        Idempotency idempotency,
        IOptions<StudyReviewOptions> options)
    {
        var reviewer = StudyEndpoints.SubmitterOf(context);
        var (idempotent, problem) = idempotency.ReadHeader(context, reviewer.Tenant, JsonSerializer.SerializeToUtf8Bytes(body.Value, StrictJson.Options));
        if (problem is not null)
        {
            return problem;
        }

        var outcome = await StudyEndpoints.ExecuteOnceAsync(context, idempotency, idempotent, key, reviewer.Viewer,
            transaction => StudyReview.Decide(transaction, key, body.Value, reviewer, options.Value.SelfReview, context.Request.CheckIfMatch));
        return StudyEndpoints.ToOk(context, outcome);
    }
}
