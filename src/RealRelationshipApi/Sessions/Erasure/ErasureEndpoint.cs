using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions.Ingest;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Sessions.Erasure;

/// <summary><c>/erasures</c>: erases a patient.</summary>
internal static class ErasureEndpoint
{
    public static IEndpointRouteBuilder MapErasures(this IEndpointRouteBuilder app)
    {
        app.MapPost("/erasures", Erase).WithTags("Submit").WithName("erase").WithSummary("Erase a patient")
            .WithDescription(
                "Deletes all versions of all measures of the patient, their parts of sums, and their content in the change log. Later measures of the patient "
                + "are rejected with 410. Own associations change immediately. Released numbers are frozen: they stay, also in answers to `asOf`, until the "
                + "next release; when fewer patients or therapists than the minimum are left, the association leaves all releases, past ones too. The counts "
                + "are zero for an unknown patient, including those of other sites. Needs scope `sessions:write`.")
            .RequireScope(Scopes.SessionsWrite).WithValidation<ErasureRequest>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid, ProblemKind.ContentTooLarge,
                ProblemKind.UnsupportedMediaType, ProblemKind.Unavailable);
        return app;
    }

    private static async Task<Results<Ok<ErasureResponse>, Problem>> Erase(JsonBody<ErasureRequest> body, HttpContext context, ErasureService erasures,
        Database database, SourceCatalogue sources, PrivacyKey privacy)
    {
        var tenant = context.User.Tenant();
        if (Sender.From(context.User) is var sender && !sender.MaySendFor(body.Value.SourceSystem))
        {
            return Problem.Invalid([new FieldError("#/sourceSystem", Sender.OtherSystemCode, sender.OtherSystemDetail)]);
        }

        var declared = await database.ReadAsync(connection => sources.Read(connection, tenant), context.RequestAborted);
        var systems = declared.GroupOf(body.Value.SourceSystem).Where(s => s != body.Value.SourceSystem).Prepend(body.Value.SourceSystem);
        var erased = await erasures.EraseAsync(tenant,
            [.. systems.Select(system => new PseudonymGenerator(privacy, tenant, system).Patient(body.Value.Patient))],
            context.RequestAborted);
        return TypedResults.Ok(
            new ErasureResponse(erased.Log, erased.ErasedAt is { } at ? UtcTimestamp.Parse(at) : null, erased.Measures, erased.Versions, erased.Sums));
    }
}
