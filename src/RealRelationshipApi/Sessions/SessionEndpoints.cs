using System.Buffers;

using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

using RealRelationshipApi.Access;
using RealRelationshipApi.Http;
using RealRelationshipApi.Sessions.Imports;
using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Sessions;

/// <summary><c>/sessions</c>: what was scored after sessions, by the systems of a site.</summary>
public static class SessionEndpoints
{
    private const int LargestArray = 10_000;

    public static IEndpointRouteBuilder MapSessions(this IEndpointRouteBuilder app)
    {
        app.MapPost("/sessions", Post).WithTags("Submit").WithName("submitSessions").WithSummary("Submits session measurements")
            .WithDescription("One session, a JSON array, or NDJSON (one session a line, read as it comes). Each measure is answered in its place: versions may come in any order and any number "
                + "of times, and end in the same state. With `Prefer: respond-async` NDJSON is taken over whole, answered with 202, and stored in the background; the address in `Location` says how far it is. Keys are stored as keyed hashes, scores are sealed; only released associations ever leave the site. Needs scope `sessions:write`.")
            .NeedsScope(Scopes.SessionsWrite).Accepts<SessionRequest>(MediaTypes.Json, MediaTypes.Ndjson)
            .Produces<SessionAnswer>(StatusCodes.Status201Created).Produces<SessionAnswer>().Produces<ImportAnswer>(StatusCodes.Status202Accepted).Produces<SessionBatchAnswer>(StatusCodes.Status207MultiStatus)
            .WithMetadata(new DisableRequestSizeLimitAttribute())
            .Refuses(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Conflict, ProblemKind.Gone, ProblemKind.TooLarge, ProblemKind.UnsupportedMediaType, ProblemKind.Invalid,
                ProblemKind.Unavailable)
            .WithExample(SessionExamples.One).WithExample(SessionExamples.Lines, MediaTypes.Ndjson);

        app.MapGet("/sessions", List).WithTags("Look").WithName("listSessions").WithSummary("Lists your own sessions")
            .WithDescription("Current measures of the caller's own site. Keys come back as pseudonyms, the same for the same key. Needs scope `sessions:read`.")
            .NeedsScope(Scopes.SessionsRead).Takes(Page.LimitParameter, Page.CursorParameter)
            .Produces<SessionList>().Refuses(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid, ProblemKind.Unavailable);

        app.MapPost("/sessions/search", Search).WithTags("Look").WithName("searchSessions").WithSummary("Finds your own sessions by your own keys")
            .WithDescription("The sessions of a patient, or the one of a measure. Keys stand in the body, so that none is ever in an address or a log. Needs scope `sessions:read`.")
            .NeedsScope(Scopes.SessionsRead).Validates<SessionSearch>()
            .Produces<SessionList>().Refuses(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid, ProblemKind.TooLarge, ProblemKind.UnsupportedMediaType, ProblemKind.Unavailable)
            .WithExample(SessionExamples.Search);
        return app;
    }

    private static async Task<IResult> Post(HttpContext context, SessionIntake intake, Idempotency idempotency, SessionImports imports, Database database, Sealer sealer, IOptions<LimitOptions> limits)
    {
        var type = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var parsed) ? parsed.MediaType.ToString() : null;
        var tenant = context.User.Tenant();
        if (type == MediaTypes.Ndjson)
        {
            context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
            return context.Request.Headers.ContainsKey(Idempotency.Header) ? new Problem(ProblemKind.Invalid, "A stream takes no Idempotency-Key: its measures have keys of their own.")
                : ImportEndpoints.IsAsked(context.Request) ? await ImportEndpoints.TakeAsync(context, imports, database, sealer)
                : await StreamAsync(context, intake, tenant);
        }

        var body = await ReadAsync(context, limits.Value.MaxBodyBytes);
        var (isArray, sessions) = SessionBody.ReadJson(body);
        if (sessions.Count > LargestArray)
        {
            return new Problem(ProblemKind.TooLarge, $"An array may hold {LargestArray} sessions at the most; send more as NDJSON.");
        }

        var instruments = await intake.InstrumentsAsync(tenant, context.RequestAborted);
        var (idempotent, problem) = idempotency.Read(context, body.Span);
        return problem ?? await idempotency.OneAtATimeAsync(idempotent, async () =>
        {
            PreparedSession[] prepared = [.. sessions.Select(s => intake.Prepare(s, instruments, tenant))];
            var (outcomes, isReplayed, refusal) = await intake.StoreOnceAsync(tenant, prepared, idempotency, idempotent, context.RequestAborted);
            if (isReplayed)
            {
                context.Response.Headers[Idempotency.ReplayedHeader] = "true";
            }

            return refusal ?? (isArray ? Batch(outcomes) : Single(outcomes[0]));
        });
    }

    private static async Task<IResult> StreamAsync(HttpContext context, SessionIntake intake, string tenant)
    {
        var instruments = await intake.InstrumentsAsync(tenant, context.RequestAborted);
        var results = new StreamResults(context.RequestServices.GetRequiredService<ImportFolder>());
        context.Response.RegisterForDispose(results);
        await SessionStream.RunAsync(context.Request.BodyReader, session => intake.Prepare(session, instruments, tenant),
            async group => results.Add(await intake.StoreAsync(tenant, group, context.RequestAborted)), after: 0, context.RequestAborted);
        return results;
    }

    // What is held whole has a limit; a stream needs none.
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context, long most)
    {
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > most)
            {
                throw new BadHttpRequestException("The body is too large; send it as NDJSON.", StatusCodes.Status413PayloadTooLarge);
            }

            if (read.IsCompleted)
            {
                var whole = read.Buffer.ToArray();
                body.AdvanceTo(read.Buffer.End);
                return whole;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static IResult Single(SessionOutcome outcome)
    {
        if (outcome.Status is StatusCodes.Status200OK or StatusCodes.Status201Created or StatusCodes.Status207MultiStatus)
        {
            return TypedResults.Json(SessionAnswer.Of(outcome), StrictJson.Options, statusCode: outcome.Status);
        }

        return outcome.Status is StatusCodes.Status400BadRequest or StatusCodes.Status422UnprocessableEntity
            ? Problem.Invalid(outcome.AllFaults)
            : new Problem(ProblemKind.OfStatus(outcome.Status), outcome.Status == StatusCodes.Status410Gone ? "The data of this patient were erased." : null, outcome.AllFaults);
    }

    private static IResult Batch(IReadOnlyList<SessionOutcome> outcomes)
    {
        SessionResult[] results = [.. outcomes.Select((outcome, i) => SessionResult.Of(i, outcome))];
        var accepted = results.Count(r => r.IsAccepted);
        return TypedResults.Json(new SessionBatchAnswer(results, accepted, results.Length - accepted), StrictJson.Options, statusCode: StatusCodes.Status207MultiStatus);
    }

    private static async Task<IResult> List(HttpContext context, Database database, Sealer sealer)
    {
        if (Page.From(context.Request, out var problem) is not { } page)
        {
            return problem!;
        }

        await using var connection = await database.OpenReaderAsync(context.RequestAborted);
        var sessions = SessionReads.List(connection, sealer, context.User.Tenant(), page.After, page.Limit + 1);
        return TypedResults.Ok(sessions.Count <= page.Limit
            ? new SessionList(sessions, null)
            : new SessionList([.. sessions.Take(page.Limit)], page.Next(context, sessions[page.Limit - 1].SortKey)));
    }

    private static async Task<IResult> Search(SessionSearch search, HttpContext context, Database database, Sealer sealer, PrivacyKey privacy)
    {
        var tenant = context.User.Tenant();
        var names = new Pseudonyms(privacy, tenant, search.SourceSystem);
        await using var connection = await database.OpenReaderAsync(context.RequestAborted);
        var sessions = search.Patient is { } patient
            ? SessionReads.OfPatient(connection, sealer, tenant, names.Patient(patient))
            : SessionReads.OfMeasure(connection, sealer, tenant, names.Measure(search.SourceId!));
        var wanted = search.Session is { } session ? names.Session(session).ToString() : null;
        return TypedResults.Ok(new SessionList([.. sessions.Where(s => wanted is null || s.Session == wanted)], null));
    }
}
