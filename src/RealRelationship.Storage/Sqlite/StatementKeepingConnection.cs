using System.Data;
using System.Data.Common;

using Microsoft.Data.Sqlite;

namespace RealRelationshipApi.Storage.Sqlite;

/// <summary>The writer's connection: a statement is compiled the first time its text is run and kept for the next.</summary>
/// <remarks>Microsoft.Data.Sqlite compiles anew for each command object, and Dapper makes one for each call.</remarks>
internal sealed class StatementKeepingConnection(string connectionString) : SqliteConnection(connectionString)
{
    private const int MostStatements = 256;
    private const string Insert = "INSERT INTO";
    private const string InsertOrFail = "INSERT OR FAIL INTO";

    private readonly Dictionary<string, Statement> _kept = new(StringComparer.Ordinal);

    protected override DbCommand CreateDbCommand() => new Command(this);

    protected override void Dispose(bool disposing)
    {
        foreach (var statement in _kept.Values)
        {
            statement.Command.Dispose();
        }

        _kept.Clear();
        base.Dispose(disposing);
    }

    /// <summary>The kept statement of that text with the draft's values; the draft itself where it cannot be kept.</summary>
    /// <remarks>What is kept is never the draft: Dapper clears the parameters of a command when it is done with it.</remarks>
    private SqliteCommand Kept(SqliteCommand draft)
    {
        if (!_kept.TryGetValue(draft.CommandText, out var kept))
        {
            if (_kept.Count >= MostStatements)
            {
                return draft;
            }

            kept = new(new SqliteCommand(WithoutJournal(draft.CommandText), this) { CommandTimeout = draft.CommandTimeout },
                [.. draft.Parameters.Cast<SqliteParameter>().Select(parameter => parameter.ParameterName)]);
            foreach (var name in kept.Names)
            {
                // By its whole name SQLite finds a parameter at once; without the mark the provider tries each mark in turn, at every run.
                kept.Command.Parameters.Add(new SqliteParameter { ParameterName = name.StartsWith('@') ? name : $"@{name}" });
            }

            _kept.Add(draft.CommandText, kept);
        }

        if (kept.Names.Length != draft.Parameters.Count)
        {
            return draft;
        }

        for (var i = 0; i < kept.Names.Length; i++)
        {
            var (to, from) = (kept.Command.Parameters[i], draft.Parameters[i]);
            if (from.ParameterName != kept.Names[i])
            {
                return draft;
            }

            // A text longer than the size that is remembered would be cut.
            (to.Value, to.Size) = (from.Value, from.Size);
        }

        return kept.Command;
    }

    // What fails leaves nothing behind, because the writer takes the whole piece of work back. A statement that also wants to go back by itself
    // makes SQLite walk, at its end, through every page that an open savepoint has changed (memjrnlTruncate): a batch would cost the square of its length.
    private static string WithoutJournal(string statement) =>
        statement.StartsWith(Insert, StringComparison.Ordinal) ? string.Concat(InsertOrFail, statement.AsSpan(Insert.Length)) : statement;

    /// <param name="Command">Compiled.</param>
    /// <param name="Names">Of its parameters, as the drafts have them: those that Dapper made without the mark in front.</param>
    private sealed record Statement(SqliteCommand Command, string[] Names);

    private sealed class Command(StatementKeepingConnection connection) : DraftCommand<SqliteCommand>(connection, connection.CreateCommand())
    {
        public override int ExecuteNonQuery() => connection.Kept(Draft).ExecuteNonQuery();

        public override object? ExecuteScalar() => connection.Kept(Draft).ExecuteScalar();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => connection.Kept(Draft).ExecuteReader(behavior);
    }
}
