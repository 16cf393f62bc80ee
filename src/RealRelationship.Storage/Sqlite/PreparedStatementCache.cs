using System.Data;
using System.Data.Common;

using Microsoft.Data.Sqlite;

using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Sqlite;

/// <summary>The write connection: caches prepared statements by their text.</summary>
/// <remarks>Microsoft.Data.Sqlite compiles a statement for each command object, and Dapper creates one for each call.</remarks>
internal sealed class PreparedStatementCache(string connectionString) : SqliteConnection(connectionString)
{
    private const int MaxStatements = 256;
    private const string Insert = "INSERT INTO";
    private const string InsertOrFail = "INSERT OR FAIL INTO";

    private readonly Dictionary<string, PreparedStatement> _statements = new(StringComparer.Ordinal);

    protected override DbCommand CreateDbCommand() => new CachingCommand(this);

    protected override void Dispose(bool disposing)
    {
        foreach (var statement in _statements.Values)
        {
            statement.Command.Dispose();
        }

        _statements.Clear();
        base.Dispose(disposing);
    }

    /// <summary>The prepared command of the same text with the values of the original; the original if it cannot be cached.</summary>
    /// <remarks>The original is never cached itself: Dapper clears its parameters afterwards.</remarks>
    private SqliteCommand GetPrepared(SqliteCommand original)
    {
        if (!_statements.TryGetValue(original.CommandText, out var prepared))
        {
            if (_statements.Count >= MaxStatements)
            {
                return original;
            }

            prepared = new(new SqliteCommand(WithoutStatementJournal(original.CommandText), this) { CommandTimeout = original.CommandTimeout },
                [.. original.Parameters.Cast<SqliteParameter>().Select(parameter => parameter.ParameterName)]);
            foreach (var name in prepared.Names)
            {
                // SQLite finds a parameter by its full name at once; without the prefix the provider tries each prefix in turn, on every run.
                prepared.Command.Parameters.Add(new SqliteParameter { ParameterName = name.StartsWith('@') ? name : $"@{name}" });
            }

            _statements.Add(original.CommandText, prepared);
        }

        if (prepared.Names.Length != original.Parameters.Count)
        {
            return original;
        }

        for (var i = 0; i < prepared.Names.Length; i++)
        {
            var (to, from) = (prepared.Command.Parameters[i], original.Parameters[i]);
            if (from.ParameterName != prepared.Names[i])
            {
                return original;
            }

            // A text longer than the cached size would be truncated.
            (to.Value, to.Size) = (from.Value, from.Size);
        }

        return prepared.Command;
    }

    // A failed statement needs no rollback of its own, because the writer rolls the whole item back. ABORT, the default, makes SQLite
    // walk every page that an open savepoint has changed (memjrnlTruncate): the cost of a batch would be quadratic in its length.
    private static string WithoutStatementJournal(string statement) =>
        statement.StartsWith(Insert, StringComparison.Ordinal) ? string.Concat(InsertOrFail, statement.AsSpan(Insert.Length)) : statement;

    /// <param name="Command">The prepared command.</param>
    /// <param name="Names">Parameter names of the original command; Dapper leaves out the prefix.</param>
    private sealed record PreparedStatement(SqliteCommand Command, string[] Names);

    private sealed class CachingCommand(PreparedStatementCache connection) : DelegatingDbCommand<SqliteCommand>(connection, connection.CreateCommand())
    {
        public override int ExecuteNonQuery() => connection.GetPrepared(Inner).ExecuteNonQuery();

        public override object? ExecuteScalar() => connection.GetPrepared(Inner).ExecuteScalar();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => connection.GetPrepared(Inner).ExecuteReader(behavior);
    }
}
