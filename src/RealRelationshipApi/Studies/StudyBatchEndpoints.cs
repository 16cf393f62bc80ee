using System.Text.Json;

using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Spreadsheets;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Spreadsheets;

namespace RealRelationshipApi.Studies;

/// <summary><c>POST /studies/batch</c>: submits many studies as JSON, NDJSON, CSV or XLSX.</summary>
internal static class StudyBatchEndpoints
{
    public static IEndpointRouteBuilder MapStudyBatches(this IEndpointRouteBuilder app)
    {
        app.MapPost("/studies/batch", SubmitBatch).WithTags("Submit").WithName("submitStudies").WithSummary("Submit many studies")
            .WithDescription(
                "Accepts a JSON array, NDJSON (one study per line), or a spreadsheet as CSV or XLSX (one row per effect). Returns one outcome per "
                    + "study, in order: 201 if all were accepted and some are new, 200 if none is new, 207 if some were rejected. Columns of a spreadsheet "
                    + "are those of `/effects.csv`, or have the usual headers that `/meta/options` lists; any other member in the query, such as "
                    + "`kind=primary`, is the value of a missing column, and an unknown head becomes a moderator. With `validateOnly`, the response "
                    + "shows how the columns were read. Needs scope `studies:write`.")
            .RequireScope(Scopes.StudiesWrite)
            .WithQueryParameters([BatchMode.AtomicParameter, BatchMode.ValidateOnlyParameter, .. SheetOptions.Parameters]).WithCsvCharsets()
            .Accepts<IReadOnlyList<StudyRequest>>(MediaTypes.Json, [MediaTypes.Ndjson, .. SheetBody.Types])
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
        var type = SheetBody.TypeOf(context.Request);
        var options = SheetBody.IsSheet(type) ? SheetOptions.From(context.Request.Query.Keys, query) : null;
        if (options is null)
        {
            SheetOptions.RejectAll(context.Request.Query.Keys, query);
        }

        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        if (type == MediaTypes.Ndjson && context.Request.Headers.ContainsKey(Idempotency.Header))
        {
            return new Problem(ProblemKind.Invalid, "A stream takes no Idempotency-Key: its studies have keys of their own.");
        }

        var body = await SheetBody.ReadAllAsync(context.Request, context.RequestAborted);
        if (type is MediaTypes.Ndjson or MediaTypes.Csv && body.Span.Count((byte)'\n') > StudyBatchReader.MaxItems)
        {
            return StudyBatchReader.TooManyItems();
        }

        var (items, columns, problem) = options is null ? ReadJson(type, ByteOrderMark.Skip(body))
            : ReadSheet(context.Request, body, options);
        if (mode.ValidateOnly && columns is { } found && problem is not null)
        {
            return TypedResults.Json(new BatchResponse([], 0, 0).With(found), StrictJson.Options);
        }

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
        return batchProblem is not null ? batchProblem
            : TypedResults.Json(response!.With(columns), StrictJson.Options, statusCode: response.HttpStatus);
    }

    private static (IEnumerable<BatchItem> Items, SheetMappingResponse? Columns, Problem? Problem) ReadJson(string? mediaType, ReadOnlyMemory<byte> body)
    {
        try
        {
            if (mediaType == MediaTypes.Ndjson)
            {
                return (StudyBatchReader.ReadNdjson(body), null, null);
            }

            var (items, problem) = StudyBatchReader.ReadJson(body);
            return (items, null, problem);
        }
        catch (JsonException error)
        {
            return ([], null, StrictJson.ToProblem(error));
        }
    }

    private static (IEnumerable<BatchItem> Items, SheetMappingResponse? Columns, Problem? Problem) ReadSheet(HttpRequest request, ReadOnlyMemory<byte> body,
        SheetOptions options)
    {
        var (sheet, problem) = SheetBody.Read(request, body, options.SheetName);
        if (sheet is null)
        {
            return ([], null, problem);
        }

        var table = StudySheetReader.Read(sheet, options);
        return (table.Items, table.Response, table.Problem);
    }
}
