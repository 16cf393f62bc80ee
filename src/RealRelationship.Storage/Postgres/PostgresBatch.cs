using System.Data.Common;

using Dapper;

using Npgsql;

using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Postgres;

/// <summary>Sends the queued statements in one message, so that a write takes a few round trips instead of one per statement.</summary>
/// <remarks>Statements are not prepared by name, because a pooler in transaction mode would lose them.</remarks>
internal sealed class PostgresBatch(NpgsqlConnection connection) : SqlBatch
{
    public const string SetTenantSql = "SELECT set_config('realrelationship.site', @site, true)";
    public const string Channel = "realrelationship";
    private const int MaxStatements = 500;

    private readonly List<QueuedCommand> _queue = [];
    private long _batchesSent;

    public override DbConnection Connection => connection;

    public override BatchPosition Position => new(_batchesSent, _queue.Count);

    public override void Enqueue(SqlStatement statement) => Enqueue(new QueuedCommand(ToCommand(statement)));

    public override QueuedResult<List<T>> EnqueueQuery<T>(SqlStatement statement)
    {
        var result = new QueuedResult<List<T>>(this);
        Enqueue(new QueuedCommand(ToCommand(statement)) { ReadRows = reader => result.Value = reader.Parse<T>().AsList() });
        return result;
    }

    public override QueuedResult<int> EnqueueUpdate(SqlStatement statement)
    {
        var result = new QueuedResult<int>(this);
        Enqueue(new QueuedCommand(ToCommand(statement)) { ReadCount = rows => result.Value = rows });
        return result;
    }

    public override void SetTenant(string tenant) => EnqueueQuery<string>(new(SetTenantSql, new { site = tenant }));

    public override void NotifyEvidenceChanged() => Enqueue(new SqlStatement($"NOTIFY {Channel}"));

    public override void Flush()
    {
        if (_queue.Count == 0)
        {
            return;
        }

        QueuedCommand[] sent = [.. _queue];
        _queue.Clear();
        _batchesSent++;
        using var batch = connection.CreateBatch();
        foreach (var queued in sent)
        {
            batch.BatchCommands.Add(queued.Command);
        }

        using (var reader = batch.ExecuteReader())
        {
            foreach (var queued in sent.Where(q => q.ReadRows is not null))
            {
                queued.ReadRows!(reader);
                reader.NextResult();
            }
        }

        // Available only after all results were read.
        foreach (var queued in sent)
        {
            queued.ReadCount?.Invoke((int)queued.Command.RecordsAffected);
        }
    }

    public override bool TryDiscardAfter(BatchPosition position)
    {
        var isUnsent = position.Batch == _batchesSent;
        var from = isUnsent ? position.Statement : 0;
        _queue.RemoveRange(from, _queue.Count - from);
        return isUnsent;
    }

    private void Enqueue(QueuedCommand command)
    {
        _queue.Add(command);
        if (_queue.Count >= MaxStatements)
        {
            Flush();
        }
    }

    private static NpgsqlBatchCommand ToCommand(SqlStatement statement)
    {
        var command = new NpgsqlBatchCommand(statement.Text);
        foreach (var parameter in statement.Parameters)
        {
            command.Parameters.Add(new NpgsqlParameter(parameter.Name, parameter.Type) { Value = statement.ValueOf(parameter) });
        }

        return command;
    }

    private sealed record QueuedCommand(NpgsqlBatchCommand Command)
    {
        /// <summary>Reads the rows of a query; null for a statement without rows.</summary>
        public Action<NpgsqlDataReader>? ReadRows { get; init; }

        /// <summary>Reads the number of changed rows.</summary>
        public Action<int>? ReadCount { get; init; }
    }
}
