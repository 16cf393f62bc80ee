using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Sessions.Erasure;

/// <summary><c>/erasures</c>: erases a patient.</summary>
internal static class ErasureEndpoint
{
    public static IEndpointRouteBuilder MapErasures(this IEndpointRouteBuilder app)
    {
        app.MapPost("/erasures", Erase).WithTags("Submit").WithName("erase").WithSummary("Erase a patient")
            .WithDescription(
                "Deletes all versions of all measures of the patient, their parts of sums, and their content in the change log. Later measures of the patient "
                + "are rejected with 410. Own associations change immediately, released ones with the next release. The counts are zero for an unknown "
                + "patient, including those of other sites. Needs scope `sessions:write`.")
            .RequireScope(Scopes.SessionsWrite).WithValidation<ErasureRequest>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid, ProblemKind.ContentTooLarge,
                ProblemKind.UnsupportedMediaType, ProblemKind.Unavailable);
        return app;
    }

    private static async Task<Ok<ErasureResponse>> Erase(ErasureRequest request, HttpContext context, ErasureService erasures, PrivacyKey privacy)
    {
        var tenant = context.User.Tenant();
        var erased = await erasures.EraseAsync(tenant, new PseudonymGenerator(privacy, tenant, request.SourceSystem).Patient(request.Patient),
            context.RequestAborted);
        return TypedResults.Ok(
            new ErasureResponse(erased.Log, erased.ErasedAt is { } at ? UtcTimestamp.Parse(at) : null, erased.Measures, erased.Versions, erased.Sums));
    }
}
