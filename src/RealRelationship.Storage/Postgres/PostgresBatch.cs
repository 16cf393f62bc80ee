using System.Data.Common;

using Dapper;

using Npgsql;

using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Postgres;

/// <summary>Sends the queued statements in one message, so that a write takes a few round trips instead of one per statement.</summary>
/// <remarks>Those of the same text become one where the writer allows it (<see cref="PostgresMerge"/>). Statements are not prepared by name,
/// because a pooler in transaction mode would lose them.</remarks>
internal sealed class PostgresBatch : SqlBatch
{
    public const string SetTenantSql = "SELECT set_config('realrelationship.site', @site, true)";
    public const string Channel = "realrelationship";
    private const int MaxStatements = 500;
    private const int MaxMergeable = 8192;

    // The function of the server that warns when its wait is cancelled (src/backend/replication/syncrep.c). The text depends on the language.
    private const string ReplicationWait = "SyncRepWaitForLSN";

    private readonly List<QueuedCommand> _queue = [];
    private readonly NpgsqlConnection _connection;
    private readonly TimeSpan _commitTimeout;
    private int _mergeable;
    private long _batchesSent;
    private Task _commit = Task.CompletedTask;
    private volatile bool _isReplicationWaitCancelled;

    /// <param name="connection">The connection.</param>
    /// <param name="commitTimeout">How long <see cref="Commit"/> waits for the response.</param>
    public PostgresBatch(NpgsqlConnection connection, TimeSpan commitTimeout)
    {
        (_connection, _commitTimeout) = (connection, commitTimeout);
        connection.Notice += (_, notice) => _isReplicationWaitCancelled |= notice.Notice.Routine == ReplicationWait;
    }

    public override DbConnection Connection => _connection;

    public override BatchPosition Position => new(_batchesSent, _queue.Count);

    public override bool SendsTogether => true;

    public override void Enqueue(SqlStatement statement) => Enqueue(new SingleCommand(statement));

    public override void EnqueueRow(SqlStatement statement) => Enqueue(new MergeableCommand(statement, PostgresMerge.Rows));

    public override QueuedResult<List<T>> EnqueueQuery<T>(SqlStatement statement)
    {
        var result = new QueuedResult<List<T>>(this);
        Enqueue(new SingleCommand(statement) { ReadRows = reader => result.Value = reader.Parse<T>().AsList() });
        return result;
    }

    public override QueuedResult<List<T>> EnqueueLookup<T>(SqlStatement statement)
    {
        var result = new QueuedResult<List<T>>(this);
        Enqueue(new MergeableCommand(statement, PostgresMerge.Queries<T>)
        {
            ReadRows = reader => result.Value = reader.Parse<T>().AsList(),
            SetResult = rows => result.Value = (List<T>)rows,
        });
        return result;
    }

    public override QueuedResult<int> EnqueueUpdate(SqlStatement statement)
    {
        var result = new QueuedResult<int>(this);
        Enqueue(new SingleCommand(statement) { ReadCount = rows => result.Value = rows });
        return result;
    }

    public override QueuedResult<int> EnqueueClaim(SqlStatement statement)
    {
        var result = new QueuedResult<int>(this);
        Enqueue(new MergeableCommand(statement, PostgresMerge.Claims)
        {
            ReadCount = rows => result.Value = rows,
            SetResult = rows => result.Value = (int)rows,
        });
        return result;
    }

    public override void SetTenant(string tenant) =>
        Enqueue(new SingleCommand(new(SetTenantSql, new { site = tenant })) { IsTenant = true, ReadRows = _ => { } });

    public override void NotifyEvidenceChanged() => Enqueue(new SqlStatement($"NOTIFY {Channel}"));

    public override void Flush()
    {
        if (_queue.Count == 0)
        {
            return;
        }

        var sent = TakeQueue();
        using var batch = CreateBatch(sent);
        using (var reader = batch.ExecuteReader())
        {
            foreach (var queued in sent.Where(q => q.ReadRows is not null))
            {
                queued.ReadRows!(reader);
                reader.NextResult();
            }
        }

        ReportCounts(sent);
    }

    /// <remarks>
    /// A commit has no timeout of the driver, which would send a cancel request: the server would then end its wait for the synchronous
    /// standbys and report success (postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION-HA). Only the caller stops waiting.
    /// </remarks>
    /// <exception cref="NpgsqlException">The response did not come in time, or an administrator cancelled the wait for the standbys.</exception>
    public override void Commit()
    {
        if (_queue.Exists(queued => queued is { ReadRows: not null, IsTenant: false }))
        {
            Flush();
        }

        Enqueue(new SqlStatement("COMMIT"));
        _commit = CommitAsync(TakeQueue());
        if (Task.WaitAny([_commit], _commitTimeout) < 0)
        {
            throw new NpgsqlException($"The server did not confirm a commit within {_commitTimeout.TotalSeconds:0.#} s.");
        }

        _commit.GetAwaiter().GetResult();
    }

    /// <remarks>Closing a connection during a commit would wait for the response; it is closed after that.</remarks>
    public override void Close() =>
        _ = _commit.ContinueWith(_ => _connection.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    public override bool TryDiscardAfter(BatchPosition position)
    {
        var isUnsent = position.Batch == _batchesSent;
        var from = isUnsent ? position.Statement : 0;
        _queue.RemoveRange(from, _queue.Count - from);
        _mergeable = _queue.Count(queued => queued is MergeableCommand);
        return isUnsent;
    }

    private void Enqueue(QueuedCommand command)
    {
        if (_mergeable >= MaxMergeable || _queue.Count - _mergeable >= MaxStatements)
        {
            Flush();
        }

        _queue.Add(command);
        _mergeable += command is MergeableCommand ? 1 : 0;
    }

    private async Task CommitAsync(List<QueuedCommand> sent)
    {
        await using var batch = CreateBatch(sent);
        batch.Timeout = 0;
        await batch.ExecuteNonQueryAsync();
        ReportCounts(sent);
        if (_isReplicationWaitCancelled)
        {
            throw new NpgsqlException("An administrator cancelled the wait of a commit for the synchronous standbys.");
        }
    }

    private List<QueuedCommand> TakeQueue()
    {
        var sent = PostgresMerge.Merge(_queue);
        _queue.Clear();
        _mergeable = 0;
        _batchesSent++;
        return sent;
    }

    private NpgsqlBatch CreateBatch(List<QueuedCommand> sent)
    {
        var batch = _connection.CreateBatch();
        foreach (var queued in sent)
        {
            batch.BatchCommands.Add(queued.ToCommand());
        }

        return batch;
    }

    // Available only after all results were read.
    private static void ReportCounts(List<QueuedCommand> sent)
    {
        foreach (var queued in sent)
        {
            queued.ReadCount?.Invoke((int)queued.Command!.RecordsAffected);
        }
    }
}
