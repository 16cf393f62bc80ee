using FluentValidation;

using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Coding;

/// <summary><c>/studies/{key}/codings</c> and <c>/studies/{key}/agreement</c>: independent codings of a study, and how far they agree.</summary>
internal static class StudyCodingEndpoints
{
    public static IEndpointRouteBuilder MapStudyCodings(this IEndpointRouteBuilder app)
    {
        app.MapPost($"/studies/{StudyEndpoints.KeyRoute}/codings", Submit).WithTags("Submit").WithName("submitCoding")
            .WithSummary("Submit another coder's coding of a study")
            .WithDescription(
                "Stores what another coder read from the publication, independently of the study's own coding: one coding for each coder, replaced by sending "
                + "it again; earlier versions stay in the history. It changes no analysis. Send the effect keys of the study, so that the right effects are "
                + "compared. A coder of the study itself is refused (`sameCoder`). Whoever sees the study sees its codings. "
                + "Needs scope `studies:write` and the tenant of the study, `studies:review` or `operator`.")
            .RequireScope(Scopes.StudiesWrite).WithValidation<StudyCodingRequest>()
            .Produces<StudyCoding>(StatusCodes.Status201Created)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound, ProblemKind.Gone, ProblemKind.ContentTooLarge,
                ProblemKind.UnsupportedMediaType, ProblemKind.Invalid, ProblemKind.Unavailable)
            .WithExampleValue("key", StudyEndpoints.ExampleKey);

        app.MapGet($"/studies/{StudyEndpoints.KeyRoute}/codings", List).WithTags("Look").WithName("listCodings").WithSummary("List the codings of a study")
            .WithDescription("Returns the latest coding of each further coder, sorted by coder; empty if nobody else coded the study. "
                + "Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound)
            .WithExampleValue("key", StudyEndpoints.ExampleKey);

        app.MapGet($"/studies/{StudyEndpoints.KeyRoute}/agreement", Compare).WithTags("Look").WithName("compareCodings")
            .WithSummary("Compare the codings of a study")
            .WithDescription($"Compares each further coding with the study's own. {AgreementResponse.Rules} Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound)
            .WithExampleValue("key", StudyEndpoints.ExampleKey);
        return app;
    }

    private static async Task<Results<Created<StudyCoding>, Ok<StudyCoding>, Problem>> Submit(string key, JsonBody<StudyCodingRequest> body,
        HttpContext context,
        GroupCommitWriter writer, IValidator<StudyRequest> studies)
    {
        var submitter = StudyEndpoints.SubmitterOf(context);
        var outcome = await writer.WriteAsync(transaction => StudyCodingStore.Submit(transaction, key, body.Value, submitter, studies), context.RequestAborted);
        return outcome switch
        {
            { Problem: { } problem } => problem,
            { Status: StatusCodes.Status201Created } => TypedResults.Created($"/studies/{key}/codings", outcome.Coding!.ToCoding(withAuthor: true)),
            _ => TypedResults.Ok(outcome.Coding!.ToCoding(withAuthor: true)),
        };
    }

    private static async Task<Results<Ok<StudyCodingsResponse>, Problem>> List(string key, HttpContext context, Database database)
    {
        var viewer = StudyEndpoints.SubmitterOf(context).Viewer;
        var (study, codings) = await ReadAsync(key, viewer, database, context.RequestAborted);
        return study is null ? StudyEndpoints.StudyNotFound(key)
            : TypedResults.Ok(new StudyCodingsResponse(
                [.. codings.Select(row => row.ToCoding(viewer.SeesAll || viewer.Tenant == row.Tenant || viewer.Tenant == study.Tenant))]));
    }

    private static async Task<Results<Ok<AgreementResponse>, Problem>> Compare(string key, HttpContext context, Database database)
    {
        var (study, codings) = await ReadAsync(key, StudyEndpoints.SubmitterOf(context).Viewer, database, context.RequestAborted);
        return study is null ? StudyEndpoints.StudyNotFound(key)
            : TypedResults.Ok(AgreementResponse.Of([CodingComparison.Of(study, [.. codings.Select(row => row.ToCoding(withAuthor: false))])]));
    }

    private static Task<(StudyRecord? Study, IReadOnlyList<StudyCodingRow> Codings)> ReadAsync(string key, StudyViewer viewer, Database database,
        CancellationToken cancellationToken) =>
        database.ReadAsync(connection => StudyQueries.Find(connection, key, viewer) is { } study ? (study, StudyCodingRow.Latest(connection, key))
            : ((StudyRecord?)null, []), cancellationToken);
}
