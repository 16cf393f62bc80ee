using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

using Dapper;

using Npgsql;

using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Postgres;

/// <summary>The write connection: queues statements and sends them in one message,
/// so that a write takes a few round trips instead of one per statement.</summary>
/// <remarks>Statements are not prepared by name, because a pooler in transaction mode would lose them.</remarks>
internal sealed class PipelinedConnection(NpgsqlConnection server) : DbConnection
{
    private const int MaxBatchStatements = 500;

    private readonly List<QueuedStatement> _queued = [];
    private long _batchesSent;
    private QueuedStatement? _current;

    public BatchPosition Position => new(_batchesSent, _queued.Count);

    /// <inheritdoc cref="StatementPipelining.Enqueue"/>
    public void Enqueue(string statement, object? parameters) => QueueStatement(new(null), statement, parameters);

    /// <inheritdoc cref="StatementPipelining.EnqueueQuery"/>
    public PendingRows<T> EnqueueQuery<T>(string statement, object? parameters)
    {
        var pending = new PendingRows<T>(Flush);
        QueueStatement(new(reader => pending.Rows = reader.Parse<T>().AsList()), statement, parameters);
        return pending;
    }

    /// <inheritdoc cref="StatementPipelining.EnqueueUpdate"/>
    public PendingRows<int> EnqueueUpdate(string statement, object? parameters)
    {
        var pending = new PendingRows<int>(Flush);
        QueueStatement(new(null) { Changed = rows => pending.Rows = [rows] }, statement, parameters);
        return pending;
    }

    /// <inheritdoc cref="StatementPipelining.TryDiscardAfter"/>
    public bool TryDiscardAfter(BatchPosition position)
    {
        var isAll = position.Batch == _batchesSent;
        var from = isAll ? position.Statement : 0;
        _queued.RemoveRange(from, _queued.Count - from);
        return isAll;
    }

    /// <summary>Sends the queued statements and reads their results.</summary>
    public void Flush()
    {
        if (_queued.Count == 0)
        {
            return;
        }

        QueuedStatement[] statements = [.. _queued];
        _queued.Clear();
        _batchesSent++;
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

        // Available only after all results were read.
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

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) =>
        throw new NotSupportedException("A transaction begins by a statement.");

    protected override DbCommand CreateDbCommand() => new PipelinedCommand(this, server.CreateCommand());

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            server.Dispose();
        }

        base.Dispose(disposing);
    }

    // Dapper binds the parameters and executes the command, which is copied instead, once per parameter object.
    private void QueueStatement(QueuedStatement statement, string text, object? parameters)
    {
        _current = statement;
        try
        {
            this.Execute(text, parameters);
        }
        finally
        {
            _current = null;
        }

        if (_queued.Count >= MaxBatchStatements)
        {
            Flush();
        }
    }

    private sealed record QueuedStatement(Action<NpgsqlDataReader>? Read)
    {
        public NpgsqlBatchCommand Command { get; private init; } = new();

        public Action<int>? Changed { get; init; }

        /// <summary>Whether the statement returns rows, including a query whose result is ignored.</summary>
        public bool HasRows => Read is not null || Command.CommandText.StartsWith("SELECT", StringComparison.Ordinal);

        public QueuedStatement WithCommand(NpgsqlCommand source)
        {
            var command = new NpgsqlBatchCommand(source.CommandText);
            foreach (NpgsqlParameter parameter in source.Parameters)
            {
                command.Parameters.Add(parameter.Clone());
            }

            return this with { Command = command };
        }
    }

    private sealed class PipelinedCommand(PipelinedConnection connection, NpgsqlCommand inner) : DelegatingDbCommand<NpgsqlCommand>(connection, inner)
    {
        public override int ExecuteNonQuery()
        {
            if (connection._current is { } statement)
            {
                connection._queued.Add(statement.WithCommand(Inner));
                return 0;
            }

            connection.Flush();
            return Inner.ExecuteNonQuery();
        }

        public override object? ExecuteScalar()
        {
            connection.Flush();
            return Inner.ExecuteScalar();
        }

        public override void Prepare() => throw new NotSupportedException("Statements of the writer are not prepared by name.");

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior)
        {
            connection.Flush();
            return Inner.ExecuteReader(behavior);
        }
    }
}
