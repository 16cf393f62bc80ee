using System.Buffers;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions.Csv;
using RealRelationshipApi.Sessions.Imports;
using RealRelationshipApi.Sessions.Ingest;
using RealRelationshipApi.Sessions.Refusals;

namespace RealRelationshipApi.Sessions;

/// <summary><c>/sessions</c>: session measurements of a site.</summary>
internal static class SessionEndpoints
{
    private const int MaxArrayLength = BatchMode.MaxAtomicItems;

    public static IEndpointRouteBuilder MapSessions(this IEndpointRouteBuilder app)
    {
        app.MapPost("/sessions", Post).WithTags("Submit").WithName("submitSessions").WithSummary("Submit session measurements")
            .WithDescription(
                "Accepts one session, a JSON array, or an NDJSON stream (one session per line). Returns one outcome per measure, in order: 201 if all were "
                + "accepted and some are new, 200 if none is new, 207 if some were rejected; an error in one measure does not affect the others. Versions "
                + "may arrive in any order and repeatedly; the final state is the same. CSV has one row per score, with the columns patient, therapist, "
                + "session, sessionNumber, slot, date, instrument, scale, rater, score, aggregation, item1…, sourceId, version and status; of these patient, "
                + "date, instrument, and score or items are required. With `Prefer: respond-async`, NDJSON is accepted with 202 and stored in the "
                + "background; `Location` is the URL of its progress. Keys are stored as keyed hashes and scores are encrypted; only released associations "
                + "are visible to others. Needs scope `sessions:write`.")
            .RequireScope(Scopes.SessionsWrite).Accepts<SessionRequest>(MediaTypes.Json, MediaTypes.Ndjson, MediaTypes.Csv)
            .WithQueryParameters([BatchMode.AtomicParameter, BatchMode.ValidateOnlyParameter, .. SessionCsvOptions.Parameters]).WithCsvCharsets()
            .Produces<SessionResponse>(StatusCodes.Status201Created).Produces<SessionResponse>().Produces<ImportResponse>(StatusCodes.Status202Accepted)
            .Produces<SessionBatchResponse>(StatusCodes.Status207MultiStatus)
            .WithMetadata(new DisableRequestSizeLimitAttribute())
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Conflict, ProblemKind.Gone, ProblemKind.ContentTooLarge,
                ProblemKind.UnsupportedMediaType, ProblemKind.Invalid,
                ProblemKind.Unavailable);

        app.MapGet("/sessions", List).WithTags("Look").WithName("listSessions").WithSummary("List your own sessions")
            .WithDescription("Returns the current measures of your own site. Keys are replaced by pseudonyms, equal ones for equal keys. Needs scope "
                + "`sessions:read`.")
            .RequireScope(Scopes.SessionsRead).WithQueryParameters(PageRequest.LimitParameter, PageRequest.CursorParameter)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid, ProblemKind.Unavailable);

        app.MapPost("/sessions/search", Search).WithTags("Look").WithName("searchSessions").WithSummary("Search your own sessions by key")
            .WithDescription(
                "Returns the sessions of a patient or of a measure. Keys are sent in the body, so that they appear in no URL or log. Needs scope "
                    + "`sessions:read`.")
            .RequireScope(Scopes.SessionsRead).WithValidation<SessionSearchRequest>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid, ProblemKind.ContentTooLarge,
                ProblemKind.UnsupportedMediaType, ProblemKind.Unavailable);
        return app;
    }

    private static async Task<Results<JsonHttpResult<SessionResponse>, JsonHttpResult<SessionBatchResponse>, SessionStreamResponse,
        JsonHttpResult<ImportResponse>, Problem>> Post(HttpContext context, SessionIngestion ingestion, Idempotency idempotency, ImportWorker imports,
        IOptions<LimitOptions> limits, SessionCsvImporter csv, RefusalCounts refusals, TimeProvider clock)
    {
        var type = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var parsed) ? parsed.MediaType.ToString() : null;
        var tenant = context.User.Tenant();
        var query = new QueryReader(context.Request.Query);
        var mode = BatchMode.From(query);
        var isStream = type is MediaTypes.Ndjson or MediaTypes.Csv;
        if (isStream && mode.Atomic)
        {
            query.AddInvalid(BatchMode.AtomicParameter.Name, "is for one session or an array: a stream is stored in groups");
        }

        var csvOptions = type == MediaTypes.Csv ? SessionCsvOptions.From(context, query, clock.GetUtcNow()) : null;
        if (csvOptions is null)
        {
            SessionCsvOptions.RejectAll(query);
        }

        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        if (isStream)
        {
            context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
            if (context.Request.Headers.ContainsKey(Idempotency.Header))
            {
                return new Problem(ProblemKind.Invalid, "A stream takes no Idempotency-Key: its measures have keys of their own.");
            }

            if (csvOptions is not null)
            {
                var (response, csvProblem) = await csv.RunAsync(context, Sender.From(context.User), csvOptions, mode);
                return csvProblem is null ? response!
                    : mode.ValidateOnly ? csvProblem
                    : await refusals.RecordAsync(tenant, csvProblem, context.RequestAborted);
            }

            return ImportEndpoints.PrefersAsync(context.Request) && !mode.ValidateOnly
                ? await ImportEndpoints.AcceptAsync(context, imports)
                : await StoreStreamAsync(context, ingestion, tenant, mode);
        }

        var body = await ReadBodyAsync(context, limits.Value.MaxBodyBytes);
        var (isArray, sessions) = SessionBodyReader.ReadJson(body);
        if (sessions.Count > MaxArrayLength)
        {
            var tooMany = new Problem(ProblemKind.ContentTooLarge, $"An array may hold {MaxArrayLength} sessions at the most; send more as NDJSON.");
            return await refusals.RecordAsync(tenant, tooMany, context.RequestAborted);
        }

        var intake = await ingestion.LoadContextAsync(Sender.From(context.User), context.RequestAborted);
        var (idempotent, problem) = idempotency.ReadHeader(context, tenant, body.Span);
        if (problem is not null)
        {
            return problem;
        }

        PreparedSession[] prepared = [.. sessions.Select(s => ingestion.Prepare(s, intake))];
        var (outcomes, keyProblem) = await ingestion.StoreOnceAsync(context, idempotent, tenant, prepared, mode);
        if (keyProblem is not null)
        {
            return keyProblem;
        }

        if (isArray)
        {
            return ToBatchResponse(outcomes!);
        }

        return outcomes![0].Status is StatusCodes.Status200OK or StatusCodes.Status201Created or StatusCodes.Status207MultiStatus
            ? TypedResults.Json(SessionResponse.From(outcomes[0]), StrictJson.Options, statusCode: outcomes[0].Status) : ToProblem(outcomes[0], clock);
    }

    private static async Task<SessionStreamResponse> StoreStreamAsync(HttpContext context, SessionIngestion ingestion, string tenant, BatchMode mode)
    {
        var intake = await ingestion.LoadContextAsync(Sender.From(context.User), context.RequestAborted);
        var results = new SessionStreamResponse(context.RequestServices.GetRequiredService<ImportSpool>());
        context.Response.RegisterForDispose(results);
        await SessionStreamProcessor.RunAsync(SessionBodyReader.ReadLinesAsync(context.Request.BodyReader, context.RequestAborted),
            session => ingestion.Prepare(session, intake),
            async group => results.Add(await ingestion.StoreAsync(tenant, group, mode, context.RequestAborted)), after: 0, context.RequestAborted);
        return results;
    }

    // Bodies that are read into memory have a limit; streams have none.
    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context, long maxBytes)
    {
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > maxBytes)
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

    private static Problem ToProblem(SessionOutcome outcome, TimeProvider clock) =>
        outcome.Status is StatusCodes.Status400BadRequest or StatusCodes.Status422UnprocessableEntity
        ? Problem.Invalid(outcome.AllErrors)
        : new Problem(ProblemKind.FromStatus(outcome.Status), outcome.Status == StatusCodes.Status410Gone ? "The data of this patient were erased." : null,
            outcome.AllErrors)
        {
            RetryAfterSeconds = outcome.Status == StatusCodes.Status429TooManyRequests ? ConflictLimit.RetryAfterSeconds(clock) : null,
        };

    private static JsonHttpResult<SessionBatchResponse> ToBatchResponse(IReadOnlyList<SessionOutcome> outcomes)
    {
        SessionResult[] results = [.. outcomes.Select((outcome, i) => SessionResult.From(i, outcome))];
        var accepted = results.Count(r => r.IsAccepted);
        return TypedResults.Json(new SessionBatchResponse(results, accepted, results.Length - accepted), StrictJson.Options,
            statusCode: BatchMode.StatusOf(outcomes.Count(o => o.Status == StatusCodes.Status201Created), outcomes.Count(o => !o.IsComplete)));
    }

    private static async Task<Results<Ok<SessionListResponse>, Problem>> List(HttpContext context, Database database,
        ColumnEncryption encryption)
    {
        if (PageRequest.From(context.Request, out var problem) is not { } page)
        {
            return problem!;
        }

        var sessions = await database.ReadAsync(
            connection => SessionQueries.List(connection, encryption, context.User.Tenant(), page.After, page.Limit + 1), context.RequestAborted);
        return TypedResults.Ok(sessions.Count <= page.Limit
            ? new SessionListResponse(sessions, null)
            : new SessionListResponse([.. sessions.Take(page.Limit)], PageRequest.NextCursor(context, sessions[page.Limit - 1].SortKey)));
    }

    private static async Task<Ok<SessionListResponse>> Search(JsonBody<SessionSearchRequest> body, HttpContext context, Database database,
        ColumnEncryption encryption, PrivacyKey privacy)
    {
        var (tenant, search) = (context.User.Tenant(), body.Value);
        var pseudonyms = new PseudonymGenerator(privacy, tenant, search.SourceSystem);
        var sessions = await database.ReadAsync(connection => search.Patient is { } patient
            ? SessionQueries.ListByPatient(connection, encryption, tenant, pseudonyms.Patient(patient))
            : SessionQueries.ListByMeasure(connection, encryption, tenant, pseudonyms.Measure(search.SourceId!)), context.RequestAborted);
        var wanted = search.Session is { } session ? pseudonyms.Session(session).ToString() : null;
        return TypedResults.Ok(new SessionListResponse([.. sessions.Where(s => wanted is null || s.Session == wanted)], null));
    }
}
