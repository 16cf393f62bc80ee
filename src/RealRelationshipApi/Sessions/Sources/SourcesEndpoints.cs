using System.Security.Cryptography;
using System.Text;

using FluentValidation;

using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Security;
using RealRelationshipApi.Security.RateLimiting;
using RealRelationshipApi.Sessions.Reports;

namespace RealRelationshipApi.Sessions.Sources;

/// <summary><c>/sources</c>: what a site declares of its source systems.</summary>
internal static class SourcesEndpoints
{
    private static readonly QueryParameter s_validateOnly =
        new("validateOnly", QueryParameterType.Boolean, "Validates the request without storing anything.") { Default = "false" };

    public static IEndpointRouteBuilder MapSources(this IEndpointRouteBuilder app)
    {
        app.MapGet("/sources", Get).WithTags("Look").WithName("readSources").WithSummary("Get the declared source systems")
            .WithDescription("Returns the current declarations of your own site, empty before the first. PUT needs their `ETag` as `If-Match`. Needs scope "
                + "`admin`.")
            .RequireScope(Scopes.Admin)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Unavailable);

        app.MapGet("/sources/conflicts", GetConflicts).WithTags("Look").WithName("listSourceConflicts").WithSummary("List contradictory linked sessions")
            .WithDescription(
                "Returns sessions whose key is the same in several source systems of a group, but which these date to different days. Keys are pseudonyms. "
                + "Needs scope `sessions:read`.")
            .RequireScope(Scopes.SessionsRead).WithQueryParameters(PageRequest.LimitParameter, PageRequest.CursorParameter)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid, ProblemKind.Unavailable);

        app.MapPut("/sources", Declare).WithTags("Submit").WithName("declareSources").WithSummary("Declare source systems")
            .WithDescription(
                "Replaces the declarations of your own site: time zones and defaults of its source systems, systems that share the keys of patients, sessions "
                + "and therapists, and what they call an instrument. In a group, each later message and erasure applies to the key in all of its systems; "
                + "what is never sent again stays unlinked. Groups can only grow. Send the `ETag` of the current version as `If-Match`. Needs scope `admin`.")
            .RequireScope(Scopes.Admin).WithQueryParameters(s_validateOnly).WithValidation<SourcesRequest>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.PreconditionFailed, ProblemKind.ContentTooLarge,
                ProblemKind.UnsupportedMediaType, ProblemKind.Invalid, ProblemKind.PreconditionRequired, ProblemKind.Unavailable);
        return app;
    }

    private static async Task<Results<Ok<SourcesResponse>, StatusCodeHttpResult, Problem>> Get(HttpContext context, Database database,
        SourceCatalogue catalogue)
    {
        var declared = await database.ReadAsync(connection => catalogue.Read(connection, context.User.Tenant()), context.RequestAborted);
        return context.OkOrNotModified(declared.Content, ETagOf(declared.Content));
    }

    private static async Task<Results<Ok<SourcesResponse>, Problem>> Declare(JsonBody<SourcesRequest> body, HttpContext context, SourceCatalogue catalogue,
        InstrumentCatalogue instruments, GroupCommitWriter writer)
    {
        var query = new QueryReader(context.Request.Query);
        var isValidation = query.Boolean(s_validateOnly.Name) ?? false;
        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        var tenant = context.User.Tenant();
        var (declared, problem) = await writer.WriteAsync<(SourcesResponse?, Problem?)>(transaction =>
        {
            var current = catalogue.Read(transaction.Connection, tenant);
            if (context.Request.RequireIfMatch(ETagOf(current.Content)) is { } stale)
            {
                return (null, stale);
            }

            FieldError[] errors = [.. current.Check(body.Value, instruments.GetInstruments(transaction.Connection, tenant))];
            if (errors.Length > 0)
            {
                return (null, Problem.Invalid(errors));
            }

            var content = SourceRow.ToContent(body.Value);
            return SourceRow.ReadCurrent(transaction.Connection, tenant, transaction.CreateHash)?.Content == content ? (current.Content, null)
                : isValidation ? (new SourceRow(tenant, current.Content.Version + 1, 0, "", content, []).ToResponse(), null)
                : (SourceRow.Insert(transaction, tenant, current.Content.Version + 1, content).ToResponse(), null);
        }, context.RequestAborted);
        if (problem is not null)
        {
            return problem;
        }

        if (!isValidation)
        {
            context.Response.SetETag(ETagOf(declared!));
        }

        return TypedResults.Ok(declared!);
    }

    // A page ends between two patients.
    private static async Task<Results<Ok<SessionConflictsResponse>, Problem>> GetConflicts(HttpContext context, Database database, ColumnEncryption encryption,
        SourceCatalogue catalogue, ComputeLimiter limiter)
    {
        if (PageRequest.From(context.Request, out var problem) is not { } page)
        {
            return problem!;
        }

        // A page may need the links, and the measures, of all patients.
        var tenant = context.User.Tenant();
        return await ReportEndpoints.ReadAsync(context, database, limiter, connection =>
        {
            var found = SessionConflicts.Find(connection, encryption, tenant, catalogue.Read(connection, tenant), page.After)
                .GroupBy(c => c.SortKey).Take(page.Limit + 1).ToList();
            return new SessionConflictsResponse([.. found.Take(page.Limit).SelectMany(c => c)],
                found.Count > page.Limit ? PageRequest.NextCursor(context, found[page.Limit - 1].Key) : null);
        });
    }

    private static string ETagOf(SourcesResponse declared)
    {
        var content = SourceRow.ToContent(new() { Systems = declared.Systems, Groups = declared.Groups, Codings = declared.Codings });
        return $"\"{declared.Version}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 8))}\"";
    }
}
