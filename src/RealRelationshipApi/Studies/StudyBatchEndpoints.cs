using System.Text.Json;

using Microsoft.Net.Http.Headers;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Csv;

namespace RealRelationshipApi.Studies;

/// <summary><c>POST /studies/batch</c>: many studies at once, as JSON, NDJSON or CSV.</summary>
public static class StudyBatchEndpoints
{
    private const int LargestAtomic = 10_000;

    private static readonly QueryParameter s_atomic = new("atomic", QueryKind.Flag, $"All or nothing; at most {LargestAtomic} studies.") { Default = "false" };

    public static IEndpointRouteBuilder MapStudyBatches(this IEndpointRouteBuilder app)
    {
        app.MapPost("/studies/batch", Take).WithTags("Submit").WithName("submitStudies").WithSummary("Submits many studies")
            .WithDescription("A JSON array, NDJSON (one study a line) or CSV (one row an effect, columns as `/effects.csv` gives them). Each study is answered in its place. "
                + "Needs scope `studies:write`.")
            .RequireScope(Scopes.StudiesWrite).Takes(s_atomic, StudyEndpoints.ValidateOnly)
            .Accepts<IReadOnlyList<StudyRequest>>(MediaTypes.Json, MediaTypes.Ndjson, MediaTypes.Csv)
            .Produces<BatchResponse>(StatusCodes.Status207MultiStatus)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Conflict, ProblemKind.TooLarge, ProblemKind.UnsupportedMediaType, ProblemKind.Invalid,
                ProblemKind.Unavailable)
            .WithExample(StudyExamples.Batch).WithExample(StudyExamples.BatchCsv, MediaTypes.Csv).WithExample(StudyExamples.BatchNdjson, MediaTypes.Ndjson);
        return app;
    }

    private static async Task<IResult> Take(HttpContext context, StudyBatch batch, Idempotency idempotency)
    {
        var query = new QueryReader(context.Request.Query);
        var mode = new BatchMode(query.Flag(s_atomic.Name) ?? false, query.Flag(StudyEndpoints.ValidateOnly.Name) ?? false);
        if (query.Faults.Count > 0)
        {
            return Problem.Invalid(query.Faults);
        }

        var type = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var parsed) ? parsed.MediaType.ToString() : null;
        if (type == MediaTypes.Ndjson && context.Request.Headers.ContainsKey(Idempotency.Header))
        {
            return new Problem(ProblemKind.Invalid, "A stream takes no Idempotency-Key: its studies have keys of their own.");
        }

        var body = await ReadAllAsync(context.Request, context.RequestAborted);
        var (items, problem) = ItemsOf(type, BatchReader.WithoutByteOrderMark(body));
        if (problem is not null)
        {
            return problem;
        }

        if (mode.Atomic)
        {
            items = [.. items];
            if (items.Count() > LargestAtomic)
            {
                return new Problem(ProblemKind.TooLarge, $"An atomic batch may hold {LargestAtomic} studies at the most; this one has {items.Count()}.");
            }
        }

        var (idempotent, unusable) = idempotency.Read(context, body.Span);
        return unusable ?? await idempotency.OneAtATimeAsync(idempotent, async () =>
        {
            var (answer, refusal, isReplayed) = await batch.TakeAsync(items, mode, StudyEndpoints.AuthorOf(context), idempotent, context.RequestAborted);
            if (isReplayed)
            {
                context.Response.Headers[Idempotency.ReplayedHeader] = "true";
            }

            return refusal is not null ? refusal : TypedResults.Json(answer, StrictJson.Options, statusCode: StatusCodes.Status207MultiStatus);
        });
    }

    private static (IEnumerable<BatchItem> Items, Problem? Problem) ItemsOf(string? mediaType, ReadOnlyMemory<byte> body)
    {
        try
        {
            return mediaType switch
            {
                MediaTypes.Csv => StudyCsvReader.Read(body),
                MediaTypes.Ndjson => (BatchReader.ReadNdjson(body), null),
                _ => BatchReader.ReadJson(body),
            };
        }
        catch (JsonException error)
        {
            return ([], StrictJson.ProblemOf(error));
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
