using System.Text.Json;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Csv;

namespace RealRelationshipApi.Studies;

/// <summary><c>POST /studies/batch</c>: submits many studies as JSON, NDJSON or CSV.</summary>
internal static class StudyBatchEndpoints
{
    public static IEndpointRouteBuilder MapStudyBatches(this IEndpointRouteBuilder app)
    {
        app.MapPost("/studies/batch", SubmitBatch).WithTags("Submit").WithName("submitStudies").WithSummary("Submit many studies")
            .WithDescription(
                "Accepts a JSON array, NDJSON (one study per line) or CSV (one row per effect, with the columns of `/effects.csv`). Returns one outcome per "
                    + "study, in order: 201 if all were accepted and some are new, 200 if none is new, 207 if some were rejected. Needs scope `studies:write`.")
            .RequireScope(Scopes.StudiesWrite).WithQueryParameters(BatchMode.AtomicParameter, BatchMode.ValidateOnlyParameter)
            .Accepts<IReadOnlyList<StudyRequest>>(MediaTypes.Json, MediaTypes.Ndjson, MediaTypes.Csv)
            .Produces<BatchResponse>(StatusCodes.Status201Created).Produces<BatchResponse>().Produces<BatchResponse>(StatusCodes.Status207MultiStatus)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Conflict, ProblemKind.ContentTooLarge,
                ProblemKind.UnsupportedMediaType, ProblemKind.Invalid,
                ProblemKind.Unavailable);
        return app;
    }

    private static async Task<Results<JsonHttpResult<BatchResponse>, Problem>> SubmitBatch(HttpContext context, StudyBatchService batch,
        Idempotency idempotency)
    {
        var query = new QueryReader(context.Request.Query);
        var mode = BatchMode.From(query);
        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        var type = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var parsed) ? parsed.MediaType.ToString() : null;
        if (type == MediaTypes.Ndjson && context.Request.Headers.ContainsKey(Idempotency.Header))
        {
            return new Problem(ProblemKind.Invalid, "A stream takes no Idempotency-Key: its studies have keys of their own.");
        }

        var body = await ReadAllAsync(context.Request, context.RequestAborted);
        if (type is MediaTypes.Ndjson or MediaTypes.Csv && body.Span.Count((byte)'\n') > StudyBatchReader.MaxItems)
        {
            return StudyBatchReader.TooManyItems();
        }

        var (items, problem) = ReadItems(type, StudyBatchReader.WithoutByteOrderMark(body));
        if (problem is not null)
        {
            return problem;
        }

        if (mode.Atomic)
        {
            items = [.. items];
            if (items.Count() > BatchMode.MaxAtomicItems)
            {
                return new Problem(ProblemKind.ContentTooLarge,
                    $"An atomic batch may hold {BatchMode.MaxAtomicItems} studies at the most; this one has {items.Count()}.");
            }
        }

        var submitter = StudyEndpoints.SubmitterOf(context);
        var (idempotent, headerProblem) = idempotency.ReadHeader(context, submitter.Tenant, body.Span);
        if (headerProblem is not null)
        {
            return headerProblem;
        }

        var (response, batchProblem) = idempotent is null || mode.ValidateOnly
            ? (await batch.SubmitAsync(items, mode, submitter, context.RequestAborted), null)
            : await batch.SubmitOnceAsync(context, idempotent, items, mode, submitter);
        return batchProblem is not null ? batchProblem : TypedResults.Json(response, StrictJson.Options, statusCode: response!.HttpStatus);
    }

    private static (IEnumerable<BatchItem> Items, Problem? Problem) ReadItems(string? mediaType, ReadOnlyMemory<byte> body)
    {
        try
        {
            return mediaType switch
            {
                MediaTypes.Csv => StudyCsvReader.Read(body),
                MediaTypes.Ndjson => (StudyBatchReader.ReadNdjson(body), null),
                _ => StudyBatchReader.ReadJson(body),
            };
        }
        catch (JsonException error)
        {
            return ([], StrictJson.ToProblem(error));
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
