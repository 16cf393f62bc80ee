using System.Text.Json;
using System.Text.Json.Serialization;

using FluentValidation;

using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Spreadsheets;

namespace RealRelationshipApi.Studies;

/// <summary>Outcome of one item of a batch.</summary>
/// <param name="Index">Index in the batch, from 0.</param>
/// <param name="Status">HTTP status that the item would have had on its own; 424 if only other items of an atomic batch failed.</param>
/// <param name="Id">Key of the study; null if it could not be read.</param>
/// <param name="Errors">All errors of the item; pointers are relative to the item.</param>
/// <param name="Warnings">Warnings about the study.</param>
internal sealed record BatchResult(int Index, int Status, string? Id, IReadOnlyList<FieldError> Errors, IReadOnlyList<Warning> Warnings);

/// <param name="Results">Outcomes in the order of the items.</param>
/// <param name="Accepted">Number of items that were stored, or would be.</param>
/// <param name="Rejected">Number of items that were not.</param>
internal sealed record BatchResponse(IReadOnlyList<BatchResult> Results, int Accepted, int Rejected)
{
    /// <summary>How the columns of a spreadsheet were read; absent for other formats.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MappedColumn>? Mapping { get; init; }

    /// <summary>Members of a spreadsheet that the query gives, with their values.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Defaults { get; init; }

    /// <summary>Required members of a spreadsheet without a column or a default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MissingMember>? Missing { get; init; }

    /// <summary>Errors of the cells of a spreadsheet, one per rule and column, with the number of cells and the first places.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FieldError>? Errors { get; init; }

    /// <summary>Warnings about a spreadsheet as a whole.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Warning>? Warnings { get; init; }

    /// <summary>The same with the columns of the spreadsheet; unchanged without one.</summary>
    public BatchResponse With(SheetMappingResponse? sheet) => sheet is null ? this : this with
    {
        Mapping = sheet.Mapping,
        Defaults = sheet.Defaults,
        Missing = sheet.Missing,
        Errors = sheet.Errors,
        Warnings = sheet.Warnings,
    };

    internal int HttpStatus => BatchMode.StatusOf(Results.Count(r => r.Status == StatusCodes.Status201Created), Rejected);
}

/// <summary>Submits many studies: each is validated, converted and stored in order, as if submitted alone.</summary>
internal sealed class StudyBatchService(GroupCommitWriter writer, IValidator<StudyRequest> validator, Idempotency idempotency,
    IServiceProvider validators)
{
    private const int ItemsPerWrite = 128;
    private const int MaxPendingWrites = 3;
    private const int MaxItemsWithAllErrors = 10_000;

    /// <param name="items">The studies, enumerated once; an item that could not be parsed has its errors.</param>
    /// <param name="mode">How to process the batch.</param>
    /// <param name="submitter">The owner of the studies.</param>
    /// <param name="cancellationToken">Cancels before the next chunk is written.</param>
    public async Task<BatchResponse> SubmitAsync(IEnumerable<BatchItem> items, BatchMode mode, Submitter submitter, CancellationToken cancellationToken)
    {
        if (mode is { Atomic: false, ValidateOnly: false })
        {
            return ToResponse(await SubmitInChunksAsync(items, mode, submitter, cancellationToken));
        }

        ValidatedItem[] studies = [.. items.Select(Validate)];
        return RejectIncomplete(studies, mode)
            ?? ToResponse(await writer.WriteAsync(transaction => Store(transaction, studies, mode, submitter), cancellationToken));
    }

    /// <summary>Submits a batch once per Idempotency-Key, in one transaction.</summary>
    public async Task<(BatchResponse? Response, Problem? Problem)> SubmitOnceAsync(HttpContext context, IdempotentRequest request,
        IEnumerable<BatchItem> items, BatchMode mode, Submitter submitter)
    {
        ValidatedItem[] studies = [.. items.Select(Validate)];
        if (RejectIncomplete(studies, mode) is { } rejection)
        {
            return (rejection, null);
        }

        return await idempotency.ExecuteOnceAsync(context, request,
            execute: transaction => ToResponse(Store(transaction, studies, mode, submitter)),
            toStored: response => response.Accepted == 0 ? null
                : new(response.HttpStatus, [.. response.Results.Select(r => (r.Status, r.Id ?? ""))]),
            replay: (_, stored) => ToResponse(
                [.. stored.Items.Select((item, i) => new BatchResult(i, item.Status, item.Id.Length > 0 ? item.Id : null, [], []))]));
    }

    // An atomic batch with an invalid item needs no transaction.
    private static BatchResponse? RejectIncomplete(IReadOnlyList<ValidatedItem> studies, BatchMode mode) =>
        mode is { Atomic: true, ValidateOnly: false } && studies.Any(s => s.Study is null)
            ? ToResponse([.. studies.Select(s => s.Rejection ?? FailedDependency(s))]) : null;

    // Validates a chunk while previous ones are being written, so that the writer never idles and can commit several together.
    private async Task<IReadOnlyList<BatchResult>> SubmitInChunksAsync(IEnumerable<BatchItem> items, BatchMode mode, Submitter submitter,
        CancellationToken cancellationToken)
    {
        var results = new List<BatchResult>();
        var writing = new Queue<Task<List<BatchResult>>>();
        foreach (var part in items.Select((item, index) => (item, index)).Chunk(ItemsPerWrite))
        {
            ValidatedItem[] studies = [.. part.Select(p => Validate(p.item, p.index))];
            if (writing.Count == MaxPendingWrites)
            {
                results.AddRange(await writing.Dequeue());
            }

            writing.Enqueue(writer.WriteAsync(transaction => Store(transaction, studies, mode, submitter), cancellationToken));
        }

        foreach (var part in writing)
        {
            results.AddRange(await part);
        }

        return results;
    }

    private static BatchResponse ToResponse(IReadOnlyList<BatchResult> results)
    {
        var accepted = results.Count(r => !IsRejected(r));
        return new(results, accepted, results.Count - accepted);
    }

    private ValidatedItem Validate(BatchItem item, int index)
    {
        if (item.Errors.Count > 0)
        {
            return Reject(index, item.Id, StatusCodes.Status400BadRequest, item.Errors);
        }

        StudyRequest request;
        try
        {
            request = item.Json.Deserialize<StudyRequest>(StrictJson.Options) ?? throw new InvalidJsonValueException("may not be null");
        }
        catch (JsonException error)
        {
            return Reject(index, item.Id, StatusCodes.Status400BadRequest,
                item.InCallerTerms(JsonDiagnosis.FindErrors(item.Json, typeof(StudyRequest), error, validators)));
        }
        if (validator.GetErrors(request) is { Count: > 0 } errors)
        {
            return Reject(index, request.Key, Problem.Invalid(errors).Kind.Status, item.InCallerTerms(errors));
        }

        var (study, conversionErrors) = Study.From(request);
        return study is null
            ? Reject(index, request.Key, StatusCodes.Status422UnprocessableEntity, item.InCallerTerms(conversionErrors))
            : new(index, item, study, null);
    }

    // Runs against the store even if nothing is to be stored, so that conflicts between items are found.
    private static List<BatchResult> Store(WriteTransaction transaction, IReadOnlyList<ValidatedItem> part, BatchMode mode, Submitter submitter)
    {
        if (mode is { Atomic: false, ValidateOnly: false })
        {
            return StoreEach();
        }

        var results = transaction.InSavepoint(StoreEach, commitIf: all => !mode.ValidateOnly && !all.Exists(IsRejected));
        var isBatchAccepted = !results.Exists(IsRejected);
        return results.ConvertAll(r => r with { Status = mode.StatusOf(r.Status, !IsRejected(r), isBatchAccepted) });

        List<BatchResult> StoreEach()
        {
            var submissions = part.Select(item => item.Study is null ? null : new StudySubmission(item.Study, submitter)).ToList();
            transaction.WriteAll([.. submissions.OfType<StudySubmission>()]);
            return [.. part.Zip(submissions, (item, submission) => submission is null ? item.Rejection! : ToResult(item, submission.Result!))];
        }
    }

    private static bool IsRejected(BatchResult result) => result.Status >= 300;

    private static BatchResult ToResult(ValidatedItem item, StudyOutcome outcome) =>
        new(item.Index, outcome.Status, outcome.Key, outcome.Problem is { } problem ? item.Item.InCallerTerms(ToErrors(problem)) : [], outcome.Warnings);

    private static IReadOnlyList<FieldError> ToErrors(Problem problem) =>
        problem.Errors.Count > 0 ? problem.Errors : [new("#", problem.Kind.Slug, problem.Detail ?? problem.Kind.Explanation)];

    private static BatchResult FailedDependency(ValidatedItem item) => new(item.Index, StatusCodes.Status424FailedDependency, item.Study!.Key, [], []);

    // Of a long batch of invalid items each lists its first error only.
    private static ValidatedItem Reject(int index, string? id, int status, IReadOnlyList<FieldError> errors) =>
        new(index, null!, null, new(index, status, id, index < MaxItemsWithAllErrors ? errors : [errors[0]], []));

    private sealed record ValidatedItem(int Index, BatchItem Item, Study? Study, BatchResult? Rejection);
}
