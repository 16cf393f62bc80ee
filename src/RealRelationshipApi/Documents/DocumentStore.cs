using Dapper;

using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;

namespace RealRelationshipApi.Documents;

/// <summary>Reads and replaces the documents of the operator.</summary>
internal sealed class DocumentStore(Database database, ChangeLog log, EvidenceRevisionMonitor monitor, GroupCommitWriter writer)
{
    private DocumentSet? _cached;

    /// <summary>The documents as this process knows them: own changes at once, those of other processes within half a second.</summary>
    /// <exception cref="TamperedDataException">A document was edited in the store.</exception>
    public async Task<DocumentSet> CurrentAsync(CancellationToken cancellationToken)
    {
        if (monitor.Documents == EvidenceRevisionMonitor.UnreadDocuments)
        {
            await monitor.RefreshAsync(cancellationToken);
        }

        if (Volatile.Read(ref _cached) is { } cached && cached.ChangeNumber >= monitor.Documents)
        {
            return cached;
        }

        var read = await ReadAsync(cancellationToken);
        Volatile.Write(ref _cached, read);
        return read;
    }

    /// <summary>Responds with the stored document and its ETag.</summary>
    public async Task<Results<Ok<T>, StatusCodeHttpResult, Problem>> GetAsync<T>(DocumentType<T> type, HttpContext context) where T : Document
    {
        var document = (await ReadAsync(context.RequestAborted)).Get(type);
        return context.OkOrNotModified(document, DocumentSet.ETagOf(document));
    }

    /// <summary>Replaces a document: 428 or 412 unless <c>If-Match</c> has the ETag of the current one. An equal document makes no version.</summary>
    public async Task<Results<Ok<T>, Problem>> ReplaceAsync<T>(DocumentType<T> type, T sent, HttpContext context) where T : Document
    {
        var query = new QueryReader(context.Request.Query);
        var isValidation = query.Boolean(BatchMode.ValidateOnlyParameter.Name) ?? false;
        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        var (stored, change, problem) = await writer.WriteAsync<(T?, long, Problem?)>(transaction =>
        {
            var connection = transaction.Connection;
            var current = DocumentSet.Read(connection, log).Get(type);
            if (context.Request.RequireIfMatch(DocumentSet.ETagOf(current)) is { } stale)
            {
                return (null, 0, stale);
            }

            var state = new DocumentContext<T>(current, connection.ExecuteScalar<long>("SELECT evidence FROM revision"), UtcTimestamp.Parse(transaction.Now()));
            FieldError[] errors = [.. type.Check(sent, state)];
            if (errors.Length > 0)
            {
                return (null, 0, Problem.Invalid(errors));
            }

            var content = DocumentRow.ToContent(type.Complete(sent, state));
            if (content == DocumentRow.ToContent(current))
            {
                return (current, 0, null);
            }

            var (version, user) = (current.Version + 1, context.User);
            var row = isValidation ? new(type.Name, version, "", "", 0, 0, transaction.Now(), content, [])
                : DocumentRow.Insert(transaction, type.Name, version, user.Tenant(), user.Actor(), content);
            return (row.ToDocument<T>(), row.ChangeNumber, null);
        }, context.RequestAborted);
        if (problem is not null)
        {
            return problem;
        }

        if (!isValidation)
        {
            monitor.AdvanceDocuments(change);
            context.Response.SetETag(DocumentSet.ETagOf(stored!));
        }

        return TypedResults.Ok(stored!);
    }

    private Task<DocumentSet> ReadAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(connection => DocumentSet.Read(connection, log), cancellationToken);
}
