using System.Data;
using System.Data.Common;

using Microsoft.Data.Sqlite;

using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Sqlite;

/// <summary>The writer's connection: a statement is compiled the first time its text is run and kept for the next.</summary>
/// <remarks>Microsoft.Data.Sqlite compiles anew for each command object, and Dapper makes one for each call.</remarks>
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

    /// <summary>The kept statement of that text with the draft's values; the draft itself where it cannot be kept.</summary>
    /// <remarks>What is kept is never the draft: Dapper clears the parameters of a command when it is done with it.</remarks>
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
                // By its whole name SQLite finds a parameter at once; without the mark the provider tries each mark in turn, at every run.
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

            // A text longer than the size that is remembered would be cut.
            (to.Value, to.Size) = (from.Value, from.Size);
        }

        return prepared.Command;
    }

    // What fails leaves nothing behind, because the writer takes the whole piece of work back. A statement that also wants to go back by itself
    // makes SQLite walk, at its end, through every page that an open savepoint has changed (memjrnlTruncate): a batch would cost the square of its length.
    private static string WithoutStatementJournal(string statement) =>
        statement.StartsWith(Insert, StringComparison.Ordinal) ? string.Concat(InsertOrFail, statement.AsSpan(Insert.Length)) : statement;

    /// <param name="Command">Compiled.</param>
    /// <param name="Names">Of its parameters, as the drafts have them: those that Dapper made without the mark in front.</param>
    private sealed record PreparedStatement(SqliteCommand Command, string[] Names);

    private sealed class CachingCommand(PreparedStatementCache connection) : DelegatingDbCommand<SqliteCommand>(connection, connection.CreateCommand())
    {
        public override int ExecuteNonQuery() => connection.GetPrepared(Inner).ExecuteNonQuery();

        public override object? ExecuteScalar() => connection.GetPrepared(Inner).ExecuteScalar();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => connection.GetPrepared(Inner).ExecuteReader(behavior);
    }
}
