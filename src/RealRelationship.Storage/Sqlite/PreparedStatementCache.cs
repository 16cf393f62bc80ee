using Microsoft.Data.Sqlite;

using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Sqlite;

/// <summary>Prepared statements by their text, until the connection closes: Microsoft.Data.Sqlite compiles one for each command object.</summary>
internal sealed class PreparedStatementCache(SqliteConnection connection)
{
    private const string Insert = "INSERT INTO";
    private const string InsertOrFail = "INSERT OR FAIL INTO";

    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);

    /// <summary>The command of a statement, with its values.</summary>
    public SqliteCommand Get(SqlStatement statement)
    {
        if (!_commands.TryGetValue(statement.Text, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = WithoutStatementJournal(statement.Text);
            command.Parameters.AddRange(statement.Parameters.Select(parameter => new SqliteParameter { ParameterName = parameter.Name }));
            _commands.Add(statement.Text, command);
        }

        for (var i = 0; i < statement.Parameters.Count; i++)
        {
            command.Parameters[i].Value = statement.ValueOf(statement.Parameters[i]);
        }

        return command;
    }

    // A failed statement needs no rollback of its own, because the writer rolls the whole item back. ABORT, the default, makes SQLite
    // walk every page that an open savepoint has changed (memjrnlTruncate): the cost of a batch would be quadratic in its length.
    private static string WithoutStatementJournal(string statement) =>
        statement.StartsWith(Insert, StringComparison.Ordinal) ? string.Concat(InsertOrFail, statement.AsSpan(Insert.Length)) : statement;
}
