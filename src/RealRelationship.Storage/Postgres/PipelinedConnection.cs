using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

using Dapper;

using Npgsql;

namespace RealRelationshipApi.Storage.Postgres;

/// <summary>The writer's connection: statements are gathered and go to the server in one message, so that a write costs a few round trips and not one for each.</summary>
/// <remarks>They are not prepared by name, so that a pooler in transaction mode may stand between.</remarks>
internal sealed class PipelinedConnection(NpgsqlConnection server) : DbConnection
{
    private const int LongestMessage = 500;

    private readonly List<Statement> _gathered = [];
    private long _messages;
    private Statement? _next;

    public SendingMark Mark => new(_messages, _gathered.Count);

    /// <inheritdoc cref="Pipelining.Send"/>
    public void Send(string statement, object? parameters) => Gather(new(null), statement, parameters);

    /// <inheritdoc cref="Pipelining.Ask"/>
    public Answer<T> Ask<T>(string question, object? parameters)
    {
        var answer = new Answer<T>(Flush);
        Gather(new(reader => answer.Rows = reader.Parse<T>().AsList()), question, parameters);
        return answer;
    }

    /// <inheritdoc cref="Pipelining.Change"/>
    public Answer<int> Change(string statement, object? parameters)
    {
        var answer = new Answer<int>(Flush);
        Gather(new(null) { Changed = rows => answer.Rows = [rows] }, statement, parameters);
        return answer;
    }

    /// <inheritdoc cref="Pipelining.TakeBack"/>
    public bool TakeBack(SendingMark mark)
    {
        var isAll = mark.Message == _messages;
        var from = isAll ? mark.Statement : 0;
        _gathered.RemoveRange(from, _gathered.Count - from);
        return isAll;
    }

    /// <summary>Sends what was gathered, and reads what was asked for.</summary>
    public void Flush()
    {
        if (_gathered.Count == 0)
        {
            return;
        }

        Statement[] statements = [.. _gathered];
        _gathered.Clear();
        _messages++;
        using var batch = server.CreateBatch();
        foreach (var statement in statements)
        {
            batch.BatchCommands.Add(statement.Command);
        }

        using (var reader = batch.ExecuteReader())
        {
            foreach (var statement in statements.Where(s => s.HasRows))
            {
                statement.Read?.Invoke(reader);
                reader.NextResult();
            }
        }

        // Known only after everything was read.
        foreach (var statement in statements)
        {
            statement.Changed?.Invoke((int)statement.Command.RecordsAffected);
        }
    }

    [AllowNull]
    public override string ConnectionString
    {
        get => server.ConnectionString;
        set => server.ConnectionString = value;
    }

    public override string Database => server.Database;

    public override string DataSource => server.DataSource;

    public override string ServerVersion => server.ServerVersion;

    public override ConnectionState State => server.State;

    public override void ChangeDatabase(string databaseName) => server.ChangeDatabase(databaseName);

    public override void Close() => server.Close();

    public override void Open() => server.Open();

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => throw new NotSupportedException("A transaction begins by a statement.");

    protected override DbCommand CreateDbCommand() => new Command(this, server.CreateCommand());

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            server.Dispose();
        }

        base.Dispose(disposing);
    }

    // Dapper gives the parameters their values, and runs the command: then it is copied, once for each row of parameters.
    private void Gather(Statement statement, string text, object? parameters)
    {
        _next = statement;
        try
        {
            this.Execute(text, parameters);
        }
        finally
        {
            _next = null;
        }

        if (_gathered.Count >= LongestMessage)
        {
            Flush();
        }
    }

    private sealed record Statement(Action<NpgsqlDataReader>? Read)
    {
        public NpgsqlBatchCommand Command { get; private init; } = new();

        public Action<int>? Changed { get; init; }

        /// <summary>Also of a question that was sent and nobody wants the answer of.</summary>
        public bool HasRows => Read is not null || Command.CommandText.StartsWith("SELECT", StringComparison.Ordinal);

        public Statement With(NpgsqlCommand draft)
        {
            var command = new NpgsqlBatchCommand(draft.CommandText);
            foreach (NpgsqlParameter parameter in draft.Parameters)
            {
                command.Parameters.Add(parameter.Clone());
            }

            return this with { Command = command };
        }
    }

    private sealed class Command(PipelinedConnection connection, NpgsqlCommand draft) : DraftCommand<NpgsqlCommand>(connection, draft)
    {
        public override int ExecuteNonQuery()
        {
            if (connection._next is { } statement)
            {
                connection._gathered.Add(statement.With(Draft));
                return 0;
            }

            connection.Flush();
            return Draft.ExecuteNonQuery();
        }

        public override object? ExecuteScalar()
        {
            connection.Flush();
            return Draft.ExecuteScalar();
        }

        public override void Prepare() => throw new NotSupportedException("Statements of the writer are not prepared by name.");

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior)
        {
            connection.Flush();
            return Draft.ExecuteReader(behavior);
        }
    }
}
