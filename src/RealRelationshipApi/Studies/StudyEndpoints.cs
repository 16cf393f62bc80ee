using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Security.RateLimiting;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Search;

namespace RealRelationshipApi.Studies;

/// <summary><c>/studies</c>: published evidence and stage-1 summaries.</summary>
internal static class StudyEndpoints
{
    internal const string KeyRoute = "{key:regex(^[a-z0-9-]{{1,64}}$)}";

    /// <summary>A study of the demonstration data.</summary>
    internal const string ExampleKey = "illustration-01";

    private const string ReplaceableExampleKey = "illustration-16";

    public static IEndpointRouteBuilder MapStudies(this IEndpointRouteBuilder app)
    {
        var submitGroup = app.MapGroup("/studies").WithTags("Submit");
        var lookGroup = app.MapGroup("/studies").WithTags("Look");

        submitGroup.MapPost("", Submit).WithName("submitStudy").WithSummary("Submit a study")
            .WithDescription(
                "Stores a study with its effects. Each effect is converted to Fisher z and oriented so that positive means that a stronger relationship goes "
                + "with better outcome. Returns 200 if the study is already stored. A study that a review returned is sent again in the same way. "
                + "The example is real: Stefana et al. (2025), two effects of one sample. Needs scope `studies:write`.")
            .RequireScope(Scopes.StudiesWrite).WithQueryParameters(BatchMode.ValidateOnlyParameter).WithValidation<StudyRequest>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Conflict, ProblemKind.ContentTooLarge,
                ProblemKind.UnsupportedMediaType, ProblemKind.Invalid,
                ProblemKind.Unavailable);

        lookGroup.MapGet("", List).WithName("listStudies").WithSummary("List studies")
            .WithDescription("Returns the current versions, by default sorted by key and without retracted studies. Pending, rejected and returned ones are "
                + "visible to their tenant and to reviewers only: `?status=pending&sort=recorded` is the inbox of a reviewer, the oldest first. A cursor "
                + "belongs to its filter and order. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithQueryParameters(StudyListRequest.Parameters)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid, ProblemKind.Unavailable);

        lookGroup.MapGet($"/{KeyRoute}", Read).WithName("readStudy").WithSummary("Get a study")
            .WithDescription(
                "Returns the current version with the converted effects. PUT and DELETE need its `ETag` as `If-Match`. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithoutCompression()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound, ProblemKind.Gone)
            .WithExampleValue("key", ExampleKey);

        submitGroup.MapPut($"/{KeyRoute}", Replace).WithName("replaceStudy").WithSummary("Replace a study")
            .WithDescription("Creates a new version and keeps the old ones. Send the `ETag` of the current version as `If-Match` (`*` matches any version). "
                + "Needs scope `studies:write` and the tenant that submitted the study, or `operator`.")
            .RequireScope(Scopes.StudiesWrite).WithValidation<StudyRequest>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound, ProblemKind.Conflict, ProblemKind.PreconditionFailed,
                ProblemKind.ContentTooLarge,
                ProblemKind.UnsupportedMediaType, ProblemKind.Invalid, ProblemKind.PreconditionRequired, ProblemKind.Unavailable)
            .WithExampleValue("key", ReplaceableExampleKey);

        submitGroup.MapDelete($"/{KeyRoute}", Retract).WithName("retractStudy").WithSummary("Retract a study")
            .WithDescription("Excludes the study from later analyses; results as of earlier revisions still include it. Send the `ETag` of the current version "
                + "as `If-Match` (`*` matches any version). Needs scope `studies:write` and the tenant that submitted the study, or `operator`.")
            .RequireScope(Scopes.StudiesWrite)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound, ProblemKind.Gone, ProblemKind.PreconditionFailed,
                ProblemKind.PreconditionRequired,
                ProblemKind.Unavailable)
            .WithExampleValue("key", ReplaceableExampleKey);

        lookGroup.MapGet($"/{KeyRoute}/versions", Versions).WithName("readStudyVersions").WithSummary("List the versions of a study")
            .WithDescription("Returns all versions, oldest first, including retractions. The tenant of the study and reviewers also see pending, rejected "
                + "and returned versions, who made each version (`changedBy`) and the `reason` of a review. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound)
            .WithExampleValue("key", ExampleKey);

        return app;
    }

    private static async Task<Results<Created<StudyRecord>, Ok<StudyRecord>, Problem>> Submit(JsonBody<StudyRequest> body, HttpContext context,
        GroupCommitWriter writer, Idempotency idempotency)
    {
        var query = new QueryReader(context.Request.Query);
        var validateOnly = query.Boolean(BatchMode.ValidateOnlyParameter.Name) ?? false;
        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        var (study, errors) = Study.From(body.Value);
        if (study is null)
        {
            return Problem.Invalid(errors);
        }

        var submitter = SubmitterOf(context);
        var (idempotent, problem) = idempotency.ReadHeader(context, submitter.Tenant, Convert.FromHexString(study.ContentHash));
        if (problem is not null)
        {
            return problem;
        }

        var outcome = validateOnly
            ? await writer.WriteAsync(transaction => transaction.InSavepoint(() => StudyStore.Submit(transaction, study, submitter),
                commitIf: _ => false) with
            { Status = StatusCodes.Status200OK }, context.RequestAborted)
            : await ExecuteOnceAsync(context, idempotency, idempotent, study.Key, submitter.Viewer, new StudySubmission(study, submitter));
        if (outcome.Problem is { } rejection)
        {
            return rejection;
        }

        var stored = outcome.Study!;
        context.Response.SetETag(stored.ETag);
        return outcome.Status == StatusCodes.Status201Created ? TypedResults.Created($"/studies/{stored.Key}", stored) : TypedResults.Ok(stored);
    }

    private static async Task<Results<Ok<StudyListResponse>, Problem>> List(HttpContext context, Database database, ComputeLimiter limiter)
    {
        var query = new QueryReader(context.Request.Query);
        var request = StudyListRequest.From(context.Request, query);
        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        using var lease = request.IsCostly ? await limiter.TryAcquireAsync(RateLimitClient.For(context), isCostly: true, context.RequestAborted) : null;
        if (request.IsCostly && lease is null)
        {
            return ComputeLimiter.Reject();
        }

        var viewer = SubmitterOf(context).Viewer;
        var studies = await database.ReadAsync(connection => StudyListQuery.Read(connection, request, request.Limit + 1, viewer), context.RequestAborted);
        var items = studies.Take(request.Limit).ToList();
        return TypedResults.Ok(new StudyListResponse([.. items.Select(item => item.Study)],
            studies.Count > request.Limit ? StudyListRequest.NextCursor(context, items[^1].SortValue, items[^1].Study.Key) : null));
    }

    private static async Task<Results<Ok<StudyRecord>, StatusCodeHttpResult, Problem>> Read(string key, HttpContext context, Database database)
    {
        var current = await database.ReadAsync(connection => StudyQueries.Find(connection, key, SubmitterOf(context).Viewer), context.RequestAborted);
        return current switch
        {
            null => StudyNotFound(key),
            { Status: StudyStatus.Retracted } => new Problem(ProblemKind.Gone,
                $"Study '{key}' was retracted. Its history stays under /studies/{key}/versions.")
            { ETag = current.ETag },
            _ => context.OkOrNotModified(current, current.ETag),
        };
    }

    private static async Task<Results<Ok<StudyRecord>, Problem>> Replace(string key, JsonBody<StudyRequest> body, HttpContext context, GroupCommitWriter writer)
    {
        if (body.Value.Key != key)
        {
            return Problem.Invalid([new FieldError("#/key", "keyMismatch", $"must be '{key}', as in the path")]);
        }

        var (study, errors) = Study.From(body.Value);
        if (study is null)
        {
            return Problem.Invalid(errors);
        }

        var submitter = SubmitterOf(context);
        var outcome = await writer.WriteAsync(transaction => StudyStore.Replace(transaction, study, submitter, context.Request.RequireIfMatch),
            context.RequestAborted);
        return ToOk(context, outcome);
    }

    private static async Task<Results<NoContent, Problem>> Retract(string key, HttpContext context, GroupCommitWriter writer)
    {
        var submitter = SubmitterOf(context);
        var outcome = await writer.WriteAsync(transaction => StudyStore.Retract(transaction, key, submitter, context.Request.RequireIfMatch),
            context.RequestAborted);
        if (outcome.Problem is { } problem)
        {
            return problem;
        }

        context.Response.SetETag(outcome.Study!.ETag);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<StudyVersionsResponse>, Problem>> Versions(string key, HttpContext context, Database database)
    {
        var versions = await database.ReadAsync(connection => StudyQueries.History(connection, key, SubmitterOf(context).Viewer),
            context.RequestAborted);
        return versions.Count > 0 ? TypedResults.Ok(new StudyVersionsResponse(versions)) : StudyNotFound(key);
    }

    /// <summary>Executes a write of one study once per Idempotency-Key. A replay returns what the caller may see of the study by then.</summary>
    internal static Task<StudyOutcome> ExecuteOnceAsync(HttpContext context, Idempotency idempotency, IdempotentRequest? request, string key,
        StudyViewer viewer, Func<WriteTransaction, StudyOutcome> execute) =>
        ExecuteOnceAsync(context, idempotency, request, key, viewer, new UnclaimedWrite<StudyOutcome>(execute));

    private static async Task<StudyOutcome> ExecuteOnceAsync(HttpContext context, Idempotency idempotency, IdempotentRequest? request, string key,
        StudyViewer viewer, ClaimingWrite<StudyOutcome> write)
    {
        var (outcome, problem) = await idempotency.ExecuteOnceAsync(context, request, write,
            toStored: outcome => outcome.IsAccepted ? new(outcome.Status, [(outcome.Status, key)]) : null,
            replay: (transaction, stored) => StudyQueries.Find(transaction.Connection, key, viewer) is { } study ? new(stored.Status, key, study, null)
                : StudyOutcome.Rejected(key, StudyNotFound(key)));
        return problem is null ? outcome! : StudyOutcome.Rejected(key, problem);
    }

    internal static Results<Ok<StudyRecord>, Problem> ToOk(HttpContext context, StudyOutcome outcome)
    {
        if (outcome.Problem is { } problem)
        {
            return problem;
        }

        context.Response.SetETag(outcome.Study!.ETag);
        return TypedResults.Ok(outcome.Study);
    }

    internal static Submitter SubmitterOf(HttpContext context) =>
        new(context.User.Tenant(), context.User.Actor(), context.User.HasScope(Scopes.Operator), context.User.HasScope(Scopes.StudiesReview),
            context.RequestServices.GetRequiredService<IOptions<StudyReviewOptions>>().Value.Review);

    internal static Problem StudyNotFound(string key) => new(ProblemKind.NotFound, $"There is no study '{key}'.");
}

/// <summary>A page of studies.</summary>
/// <param name="Studies">In the order of <c>sort</c>.</param>
/// <param name="Next">Cursor of the next page; null on the last page.</param>
internal sealed record StudyListResponse(IReadOnlyList<StudyRecord> Studies, string? Next);

/// <summary>All versions of a study, oldest first.</summary>
/// <param name="Versions">The versions, oldest first.</param>
internal sealed record StudyVersionsResponse(IReadOnlyList<StudyRecord> Versions);
