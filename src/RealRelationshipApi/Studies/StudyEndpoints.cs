using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies;

/// <summary><c>/studies</c>: published evidence and stage-1 summaries.</summary>
public static class StudyEndpoints
{
    internal const string Key = "{key:regex(^[a-z0-9-]{{1,64}}$)}";

    internal static readonly QueryParameter ValidateOnly =
        new("validateOnly", QueryKind.Flag, "Run every check and store nothing.") { Default = "false" };

    public static IEndpointRouteBuilder MapStudies(this IEndpointRouteBuilder app)
    {
        var studies = app.MapGroup("/studies").WithTags("Submit");
        var seen = app.MapGroup("/studies").WithTags("Look");

        studies.MapPost("", Submit).WithName("submitStudy").WithSummary("Submits a study")
            .WithDescription("Stores a study with its effects; each effect is converted to Fisher z and turned so that positive means stronger relationship, better outcome. "
                + "The same study again is answered with 200 and stored once. The example is real: Stefana et al. (2025), two effects of one sample. Needs scope `studies:write`.")
            .RequireScope(Scopes.StudiesWrite).Takes(ValidateOnly).Validates<StudyRequest>()
            .Produces<StudyRecord>(StatusCodes.Status201Created).Produces<StudyRecord>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Conflict, ProblemKind.TooLarge, ProblemKind.UnsupportedMediaType, ProblemKind.Invalid,
                ProblemKind.Unavailable)
            .WithExample(StudyExamples.Stefana2025);

        seen.MapGet("", List).WithName("listStudies").WithSummary("Lists current studies")
            .WithDescription("In the order of their keys; retracted ones are left out. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).Takes(Page.LimitParameter, Page.CursorParameter)
            .Produces<StudyList>().ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);

        seen.MapGet($"/{Key}", Read).WithName("readStudy").WithSummary("Reads a study")
            .WithDescription("The current version, with how each effect is stored. The `ETag` is what PUT and DELETE need as `If-Match`. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).Produces<StudyRecord>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound, ProblemKind.Gone)
            .WithExampleValue("key", StudyExamples.ExistingKey);

        studies.MapPut($"/{Key}", Replace).WithName("replaceStudy").WithSummary("Replaces a study")
            .WithDescription("Makes a new version; the old ones stay readable. Send the `ETag` that GET gave as `If-Match` (`*` means whatever is current). "
                + "Needs scope `studies:write` and the tenant that submitted the study, or `admin`.")
            .RequireScope(Scopes.StudiesWrite).Validates<StudyRequest>().Produces<StudyRecord>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound, ProblemKind.Conflict, ProblemKind.Stale, ProblemKind.TooLarge,
                ProblemKind.UnsupportedMediaType, ProblemKind.Invalid, ProblemKind.PreconditionRequired, ProblemKind.Unavailable)
            .WithExample(StudyExamples.Replacement).WithExampleValue("key", StudyExamples.ReplaceableKey);

        studies.MapDelete($"/{Key}", Retract).WithName("retractStudy").WithSummary("Retracts a study")
            .WithDescription("Takes the study out of every later pool; answers as of an earlier revision keep it. Send the `ETag` that GET gave as `If-Match` "
                + "(`*` means whatever is current). Needs scope `studies:write` and the tenant that submitted the study, or `admin`.")
            .RequireScope(Scopes.StudiesWrite).Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound, ProblemKind.Gone, ProblemKind.Stale, ProblemKind.PreconditionRequired,
                ProblemKind.Unavailable)
            .WithExampleValue("key", StudyExamples.ReplaceableKey);

        seen.MapGet($"/{Key}/versions", Versions).WithName("readStudyVersions").WithSummary("Reads the history of a study")
            .WithDescription("Every version, the first first, retractions included. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).Produces<StudyVersions>().ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.NotFound)
            .WithExampleValue("key", StudyExamples.ExistingKey);

        return app;
    }

    private static async Task<IResult> Submit(StudyRequest request, HttpContext context, GroupCommitWriter writer, Idempotency idempotency)
    {
        var query = new QueryReader(context.Request.Query);
        var validateOnly = query.Flag(ValidateOnly.Name) ?? false;
        if (query.Faults.Count > 0)
        {
            return Problem.Invalid(query.Faults);
        }

        var (study, faults) = Study.From(request);
        if (study is null)
        {
            return Problem.Invalid(faults);
        }

        var (idempotent, problem) = idempotency.Read(context, Convert.FromHexString(study.ContentHash));
        if (problem is not null)
        {
            return problem;
        }

        var author = AuthorOf(context);
        return await idempotency.OneAtATimeAsync(validateOnly ? null : idempotent, async () => Answer(context, await writer.WriteAsync(
            transaction => validateOnly
                ? transaction.InSavepoint(() => StudyStore.Submit(transaction, study, author), commitIf: _ => false) with { Status = StatusCodes.Status200OK }
                : Once(transaction, study.Key, idempotency, idempotent, () => StudyStore.Submit(transaction, study, author)),
            context.RequestAborted)));
    }

    /// <summary>Does the work on a study unless this request was answered before.</summary>
    internal static StudyOutcome Once(WriteTransaction transaction, string key, Idempotency idempotency, IdempotentRequest? idempotent, Func<StudyOutcome> work)
    {
        var (earlier, problem) = Idempotency.Earlier(transaction, idempotent);
        if (problem is not null)
        {
            return StudyOutcome.Refused(key, problem);
        }

        if (earlier is not null)
        {
            return new(earlier.Status, key, StudyReads.Current(transaction.Connection, key), null) { IsReplayed = true };
        }

        var outcome = work();
        if (outcome.IsAccepted)
        {
            idempotency.Remember(transaction, idempotent, outcome.Status, [(outcome.Status, key)]);
        }

        return outcome;
    }

    private static async Task<IResult> List(HttpContext context, Database database)
    {
        if (Page.From(context.Request, out var problem) is not { } page)
        {
            return problem!;
        }

        var studies = await database.ReadAsync(connection => StudyReads.List(connection, page.After, page.Limit + 1), context.RequestAborted);
        var more = studies.Count > page.Limit;
        var shown = more ? [.. studies.Take(page.Limit)] : studies;
        return TypedResults.Ok(new StudyList(shown, more ? page.Next(context, shown[^1].Key) : null));
    }

    private static async Task<IResult> Read(string key, HttpContext context, Database database)
    {
        var current = await database.ReadAsync(connection => StudyReads.Current(connection, key), context.RequestAborted);
        return current switch
        {
            null => NoSuchStudy(key),
            { Status: StudyStatus.Retracted } retracted => new Problem(ProblemKind.Gone, $"Study '{key}' was retracted. Its history stays under /studies/{key}/versions.") { ETag = retracted.ETag },
            var study => Found(context, study),
        };
    }

    private static IResult Found(HttpContext context, StudyRecord study)
    {
        context.Response.Tag(study.ETag);
        return context.Request.AlreadyHas(study.ETag) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(study);
    }

    private static async Task<IResult> Replace(string key, StudyRequest request, HttpContext context, GroupCommitWriter writer)
    {
        if (request.Key != key)
        {
            return Problem.Invalid([new FieldError("#/key", "keyMismatch", $"must be '{key}', as in the path")]);
        }

        var (study, faults) = Study.From(request);
        if (study is null)
        {
            return Problem.Invalid(faults);
        }

        var author = AuthorOf(context);
        return Answer(context, await writer.WriteAsync(
            transaction => StudyStore.Replace(transaction, study, author, context.Request.RequireMatch), context.RequestAborted));
    }

    private static async Task<IResult> Retract(string key, HttpContext context, GroupCommitWriter writer)
    {
        var author = AuthorOf(context);
        return Answer(context, await writer.WriteAsync(
            transaction => StudyStore.Retract(transaction, key, author, context.Request.RequireMatch), context.RequestAborted));
    }

    private static async Task<IResult> Versions(string key, HttpContext context, Database database)
    {
        return await database.ReadAsync(connection => StudyReads.History(connection, key), context.RequestAborted) is { Count: > 0 } versions ? TypedResults.Ok(new StudyVersions(versions)) : NoSuchStudy(key);
    }

    internal static Author AuthorOf(HttpContext context) => new(context.User.Tenant(), context.User.HasScope(Scopes.Admin), StudyReview.IsNeeded(context));

    private static Problem NoSuchStudy(string key) => new(ProblemKind.NotFound, $"There is no study '{key}'.");

    internal static IResult Answer(HttpContext context, StudyOutcome outcome)
    {
        if (outcome.Problem is { } problem)
        {
            return problem;
        }

        var study = outcome.Study!;
        context.Response.Tag(study.ETag);
        if (outcome.IsReplayed)
        {
            context.Response.Headers[Idempotency.ReplayedHeader] = "true";
        }

        return outcome.Status switch
        {
            StatusCodes.Status201Created => TypedResults.Created($"/studies/{study.Key}", study),
            StatusCodes.Status204NoContent => TypedResults.NoContent(),
            _ => TypedResults.Ok(study),
        };
    }
}

/// <summary>A page of studies.</summary>
/// <param name="Studies">In the order of their keys.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record StudyList(IReadOnlyList<StudyRecord> Studies, string? Next);

/// <summary>The history of a study, the first version first.</summary>
public sealed record StudyVersions(IReadOnlyList<StudyRecord> Versions);
