using System.Globalization;

using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Imports;

/// <summary><c>/sessions/imports</c>: progress of background imports.</summary>
internal static class ImportEndpoints
{
    private const string RespondAsyncPreference = "respond-async";

    public static IEndpointRouteBuilder MapImports(this IEndpointRouteBuilder app)
    {
        app.MapGet("/sessions/imports/{id}", Read).WithTags("Look").WithName("readImport").WithSummary("Get the progress of an import")
            .WithDescription(
                "Returns the progress of NDJSON sent to `POST /sessions` with `Prefer: respond-async`: counts, and the lines with errors. Available for "
                    + "30 days. Needs scope `sessions:write`.")
            .RequireScope(Scopes.SessionsWrite).WithMetadata(new ParameterExample("id", "8c5f1d0a9b3e4c7788aa01f2d3e4b5c6"))
            .WithQueryParameters(PageRequest.LimitParameter, PageRequest.CursorParameter)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound, ProblemKind.Invalid, ProblemKind.Unavailable);
        return app;
    }

    /// <summary>Whether the request has <c>Prefer: respond-async</c> (RFC 7240, 4.1).</summary>
    internal static bool PrefersAsync(HttpRequest request) =>
        request.Headers["Prefer"].SelectMany(value => (value ?? "").Split([',', ';'], StringSplitOptions.TrimEntries))
            .Contains(RespondAsyncPreference, StringComparer.OrdinalIgnoreCase);

    /// <summary>Spools the whole body and returns the location of its progress.</summary>
    internal static async Task<JsonHttpResult<ImportResponse>> AcceptAsync(HttpContext context, ImportWorker imports)
    {
        var tenant = context.User.Tenant();
        var id = await imports.AcceptAsync(context.Request.BodyReader, Sender.From(context.User), context.RequestAborted);
        context.Response.Headers["Preference-Applied"] = RespondAsyncPreference;
        var import = await imports.ReadAsync(tenant, id, 0, 0, context.RequestAborted);
        context.Response.Headers.Location = $"/sessions/imports/{id}";
        return TypedResults.Json(import, StrictJson.Options, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<Results<Ok<ImportResponse>, Problem>> Read(string id, HttpContext context, ImportWorker imports)
    {
        if (PageRequest.From(context.Request, out var problem) is not { } page)
        {
            return problem!;
        }

        if (!long.TryParse(page.After.Length == 0 ? "0" : page.After, NumberStyles.None, CultureInfo.InvariantCulture, out var after))
        {
            return Problem.Invalid([new FieldError("?cursor", ErrorCodes.NotAValue, "is not a cursor that this service gave")]);
        }

        var found = await imports.ReadAsync(context.User.Tenant(), id, after, page.Limit + 1, context.RequestAborted);
        if (found is null)
        {
            return new Problem(ProblemKind.NotFound, "There is no such import.");
        }

        return TypedResults.Ok(found.Faults.Count <= page.Limit ? found : found with
        {
            Faults = [.. found.Faults.Take(page.Limit)],
            Next = PageRequest.NextCursor(context, found.Faults[page.Limit - 1].Line.ToString(CultureInfo.InvariantCulture)),
        });
    }
}
