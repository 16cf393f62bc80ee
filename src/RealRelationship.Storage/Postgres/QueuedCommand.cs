using Npgsql;

using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Postgres;

/// <summary>A queued statement, and what reads its result.</summary>
internal abstract class QueuedCommand(SqlStatement statement)
{
    public SqlStatement Statement => statement;

    /// <summary>Reads the rows of a query; null for a statement without rows.</summary>
    public Action<NpgsqlDataReader>? ReadRows { get; init; }

    /// <summary>Reads the number of changed rows.</summary>
    public Action<int>? ReadCount { get; init; }

    /// <summary>Whether it sets the tenant: nobody reads its row, and merged statements may be sent before it.</summary>
    public bool IsTenant { get; init; }

    /// <summary>What was sent.</summary>
    public NpgsqlBatchCommand? Command { get; private set; }

    public virtual NpgsqlBatchCommand ToCommand()
    {
        Command = new NpgsqlBatchCommand(Statement.Text);
        foreach (var parameter in Statement.Parameters)
        {
            Command.Parameters.Add(new NpgsqlParameter(parameter.Name, parameter.Type) { Value = Statement.ValueOf(parameter) });
        }

        return Command;
    }
}

/// <summary>A queued statement that is sent as it is.</summary>
internal sealed class SingleCommand(SqlStatement statement) : QueuedCommand(statement);

/// <summary>A queued statement that can be sent together with others of the same text.</summary>
internal sealed class MergeableCommand(SqlStatement statement, Func<IReadOnlyList<MergeableCommand>, QueuedCommand> merge) : QueuedCommand(statement)
{
    /// <summary>Sets the result; its type depends on the statement.</summary>
    public Action<object>? SetResult { get; init; }

    /// <summary>One statement for several of this text, in order.</summary>
    public QueuedCommand Merge(IReadOnlyList<MergeableCommand> commands) => merge(commands);
}

/// <summary>One statement on the parameters of many, as arrays: the server parses and plans it once.</summary>
internal sealed class MergedCommand(string text, IReadOnlyList<MergeableCommand> commands) : QueuedCommand(commands[0].Statement)
{
    public override NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var parameter in PostgresArrays.ToParameters([.. commands.Select(c => c.Statement)]))
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
