using System.Data;

using Microsoft.Data.Sqlite;

using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Sqlite;

/// <summary>Prepared statements, until the connection closes.</summary>
internal sealed class PreparedStatementCache
{
    private const string Insert = "INSERT INTO";
    private const string InsertOrFail = "INSERT OR FAIL INTO";

    private readonly SqliteConnection _connection;
    private readonly Dictionary<SqlText, PreparedStatement> _statements = [];

    public PreparedStatementCache(SqliteConnection connection)
    {
        _connection = connection;
        connection.StateChange += (_, change) =>
        {
            if (change.CurrentState == ConnectionState.Closed)
            {
                Clear();
            }
        };
    }

    public PreparedStatement Get(SqlStatement statement)
    {
        if (!_statements.TryGetValue(statement.Form, out var prepared))
        {
            prepared = new(_connection, WithoutStatementJournal(statement.Text), statement.Parameters);
            _statements.Add(statement.Form, prepared);
        }

        return prepared;
    }

    // SQLite keeps the file open until the last statement is finalized (sqlite.org/c3ref/close.html).
    private void Clear()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
    }

    // A failed statement needs no rollback of its own, because the writer rolls the whole item back. ABORT, the default, makes SQLite
    // walk every page that an open savepoint has changed (memjrnlTruncate): the cost of a batch would be quadratic in its length.
    private static string WithoutStatementJournal(string statement) =>
        statement.StartsWith(Insert, StringComparison.Ordinal) ? string.Concat(InsertOrFail, statement.AsSpan(Insert.Length)) : statement;
}
