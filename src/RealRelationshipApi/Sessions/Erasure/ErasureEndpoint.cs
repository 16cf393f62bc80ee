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
        app.MapPost("/erasures", Erase).WithTags("Submit").WithName("erase").WithSummary("Erases a patient")
            .WithDescription(
                "Removes every version of every measure, the sums they are part of, and what the history says of them; later measures of the patient are "
                + "refused with 410. Own associations follow at once, released ones with the next release. A patient of whom nothing is known, also "
                + "another site's, is answered with zero counts. Needs scope `sessions:write`.")
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
