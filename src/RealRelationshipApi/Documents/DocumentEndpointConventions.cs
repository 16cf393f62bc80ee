using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Documents;

/// <summary>Metadata that the operations of all documents share.</summary>
internal static class DocumentEndpointConventions
{
    /// <summary>Documents the operation that returns a document.</summary>
    public static RouteHandlerBuilder ReadsDocument(this RouteHandlerBuilder endpoint, string id, string summary, string description) => endpoint
        .WithTags("Look").WithName(id).WithSummary(summary)
        .WithDescription($"{description} PUT needs the `ETag` as `If-Match`; before the first PUT, version is 0. Needs scope `meta:read`.")
        .RequireScope(Scopes.MetaRead).WithoutCompression()
        .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Unavailable);

    /// <summary>Documents the operation that replaces a document.</summary>
    public static RouteHandlerBuilder ReplacesDocument<T>(this RouteHandlerBuilder endpoint, string id, string summary, string description)
        where T : Document => endpoint
        .WithTags("Submit").WithName(id).WithSummary(summary)
        .WithDescription($"{description} Send all of it, and the `ETag` of the current version as `If-Match`. Each version is a change of the log and stays in "
            + "the store; an equal one makes none. It writes one row, whatever the evidence. Needs scope `operator`.")
        .RequireScope(Scopes.Operator).WithQueryParameters(BatchMode.ValidateOnlyParameter).WithValidation<T>()
        .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.PreconditionFailed, ProblemKind.ContentTooLarge,
            ProblemKind.UnsupportedMediaType, ProblemKind.Invalid, ProblemKind.PreconditionRequired, ProblemKind.Unavailable);
}
