using System.Data;

using Dapper;

using RealRelationship.Storage.Postgres;

namespace RealRelationship.Storage.Writing;

/// <summary>Queues statements and sends them in one round trip. With an embedded database each runs at once.</summary>
/// <remarks>
/// <code>
/// Enqueue, EnqueueQuery, EnqueueUpdate ─► one message ─► all results      on Flush, when a result is read, or when another statement runs
/// </code>
/// The error of a queued statement is thrown by whatever flushes the queue.
/// </remarks>
internal static class StatementPipelining
{
    /// <summary>Queues a statement without a result.</summary>
    public static void Enqueue(this IDbConnection connection, string statement, object? parameters = null)
    {
        if (connection is PipelinedConnection pipelined)
        {
            pipelined.Enqueue(statement, parameters);
        }
        else
        {
            connection.Execute(statement, parameters);
        }
    }

    /// <summary>Queues a query; its rows are read later.</summary>
    public static PendingRows<T> EnqueueQuery<T>(this IDbConnection connection, string statement, object? parameters = null) =>
        connection is PipelinedConnection pipelined ? pipelined.EnqueueQuery<T>(statement, parameters)
            : new(connection.Query<T>(statement, parameters).AsList());

    /// <summary>Queues a statement; the number of changed rows is read later.</summary>
    public static PendingRows<int> EnqueueUpdate(this IDbConnection connection, string statement, object? parameters = null) =>
        connection is PipelinedConnection pipelined ? pipelined.EnqueueUpdate(statement, parameters) : new([connection.Execute(statement, parameters)]);

    /// <summary>Sends the queue and waits for all results.</summary>
    public static void Flush(this IDbConnection connection) => (connection as PipelinedConnection)?.Flush();

    /// <summary>The current position in the queue, for <see cref="TryDiscardAfter"/>.</summary>
    public static BatchPosition? GetBatchPosition(this IDbConnection connection) => (connection as PipelinedConnection)?.Position;

    /// <summary>Removes the statements after a position that were not sent yet.</summary>
    /// <returns>Whether all of them were removed, so that the server saw none.</returns>
    public static bool TryDiscardAfter(this IDbConnection connection, BatchPosition? position) =>
        position is not null && connection is PipelinedConnection pipelined && pipelined.TryDiscardAfter(position);
}

/// <summary>A position in the queue: number of batches sent, and of statements queued since.</summary>
internal sealed record BatchPosition(long Batch, int Statement);

/// <summary>The rows of a queued query; reading them flushes the queue.</summary>
internal sealed class PendingRows<T>
{
    private readonly Action? _flush;
    private List<T>? _rows;

    public PendingRows(List<T> rows) => _rows = rows;

    public PendingRows(Action flush) => _flush = flush;

    public List<T> Rows
    {
        get
        {
            if (_rows is null)
            {
                _flush!();
            }

            return _rows ?? throw new InvalidOperationException("The question failed, or was taken back.");
        }
        internal set => _rows = value;
    }
}
