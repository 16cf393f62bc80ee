using System.Data;

using Dapper;

using RealRelationship.Storage.Postgres;

namespace RealRelationship.Storage.Writing;

/// <summary>Statements that go out without waiting for one another. Where the store is a file there is nothing to wait for, and each is run at once.</summary>
/// <remarks>
/// <code>
/// Send, Ask, Change, Ask ─► one message to the server ─► every answer          when one is looked at, or something else is run
/// </code>
/// A failure of what was sent is that of whatever is waited for next.
/// </remarks>
internal static class StatementPipelining
{
    /// <summary>Runs a statement whose answer nobody needs.</summary>
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

    /// <summary>Asks for rows that are looked at later.</summary>
    public static PendingRows<T> EnqueueQuery<T>(this IDbConnection connection, string statement, object? parameters = null) =>
        connection is PipelinedConnection pipelined ? pipelined.EnqueueQuery<T>(statement, parameters)
            : new(connection.Query<T>(statement, parameters).AsList());

    /// <summary>Runs a statement; how many rows it changed is looked at later.</summary>
    public static PendingRows<int> EnqueueUpdate(this IDbConnection connection, string statement, object? parameters = null) =>
        connection is PipelinedConnection pipelined ? pipelined.EnqueueUpdate(statement, parameters) : new([connection.Execute(statement, parameters)]);

    /// <summary>Waits until everything that was sent was done.</summary>
    public static void Flush(this IDbConnection connection) => (connection as PipelinedConnection)?.Flush();

    /// <summary>Where the sending stands, for <see cref="TryDiscardAfter"/>.</summary>
    public static BatchPosition? GetBatchPosition(this IDbConnection connection) => (connection as PipelinedConnection)?.Position;

    /// <summary>Drops what was sent after a mark and is not under way yet.</summary>
    /// <returns>Whether that was all of it, so that the store saw nothing.</returns>
    public static bool TryDiscardAfter(this IDbConnection connection, BatchPosition? position) =>
        position is not null && connection is PipelinedConnection pipelined && pipelined.TryDiscardAfter(position);
}

/// <summary>A place in what is sent: the message, and the statement of it.</summary>
internal sealed record BatchPosition(long Batch, int Statement);

/// <summary>The rows that a question gave; whoever looks at them waits for them.</summary>
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
