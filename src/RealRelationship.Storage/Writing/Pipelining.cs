using System.Data;

using Dapper;

using RealRelationshipApi.Storage.Postgres;

namespace RealRelationshipApi.Storage;

/// <summary>Statements that go out without waiting for one another. Where the store is a file there is nothing to wait for, and each is run at once.</summary>
/// <remarks>
/// <code>
/// Send, Ask, Change, Ask ─► one message to the server ─► every answer          when one is looked at, or something else is run
/// </code>
/// A failure of what was sent is that of whatever is waited for next.
/// </remarks>
internal static class Pipelining
{
    /// <summary>Runs a statement whose answer nobody needs.</summary>
    public static void Send(this IDbConnection connection, string statement, object? parameters = null)
    {
        if (connection is PipelinedConnection pipelined)
        {
            pipelined.Send(statement, parameters);
        }
        else
        {
            connection.Execute(statement, parameters);
        }
    }

    /// <summary>Asks for rows that are looked at later.</summary>
    public static Answer<T> Ask<T>(this IDbConnection connection, string question, object? parameters = null) =>
        connection is PipelinedConnection pipelined ? pipelined.Ask<T>(question, parameters) : new(connection.Query<T>(question, parameters).AsList());

    /// <summary>Runs a statement; how many rows it changed is looked at later.</summary>
    public static Answer<int> Change(this IDbConnection connection, string statement, object? parameters = null) =>
        connection is PipelinedConnection pipelined ? pipelined.Change(statement, parameters) : new([connection.Execute(statement, parameters)]);

    /// <summary>Waits until everything that was sent was done.</summary>
    public static void Await(this IDbConnection connection) => (connection as PipelinedConnection)?.Flush();

    /// <summary>Where the sending stands, for <see cref="TakeBack"/>.</summary>
    public static SendingMark? Mark(this IDbConnection connection) => (connection as PipelinedConnection)?.Mark;

    /// <summary>Drops what was sent after a mark and is not under way yet.</summary>
    /// <returns>Whether that was all of it, so that the store saw nothing.</returns>
    public static bool TakeBack(this IDbConnection connection, SendingMark? mark) => mark is not null && connection is PipelinedConnection pipelined && pipelined.TakeBack(mark);
}

/// <summary>A place in what is sent: the message, and the statement of it.</summary>
internal sealed record SendingMark(long Message, int Statement);

/// <summary>The rows that a question gave; whoever looks at them waits for them.</summary>
internal sealed class Answer<T>
{
    private readonly Action? _wait;
    private List<T>? _rows;

    public Answer(List<T> rows) => _rows = rows;

    public Answer(Action wait) => _wait = wait;

    public List<T> Rows
    {
        get
        {
            if (_rows is null)
            {
                _wait!();
            }

            return _rows ?? throw new InvalidOperationException("The question failed, or was taken back.");
        }
        internal set => _rows = value;
    }
}
