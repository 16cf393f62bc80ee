using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;

using Dapper;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using RealRelationship.Storage.Backup;
using RealRelationship.Storage.Ledger;

namespace RealRelationship.Storage.Writing;

/// <summary>Group commit: one thread and one connection write the queued items of many callers in one durable transaction.</summary>
/// <remarks>
/// <code>
/// callers ─► bounded queue ─► BEGIN ─► each item ─► COMMIT (durable) ─► callers
///                               └── an item failed: ROLLBACK, BEGIN ─► SAVEPOINT, item, RELEASE for each ─► COMMIT
/// </code>
/// While one group is written, the next one accumulates in the queue: groups grow with the load, and a single
/// write does not wait for others. With a server, the statements of an item are sent in one or two messages (<see cref="StatementPipelining"/>).
/// Callers get their results only after COMMIT returned. Transient failures (a conflict, a lost connection) are retried with the same items;
/// if the response to a COMMIT was lost, the writer first asks the engine whether it was committed. After corruption nothing is written.
/// </remarks>
public sealed class GroupCommitWriter(Database database, StoreUpgrader upgrade, ChangeLog changes, EvidenceRevisionMonitor revisionMonitor,
    CorruptionGuard corruptionGuard, TimeProvider clock, IOptions<StorageOptions> options,
    ILogger<GroupCommitWriter> log) : IHostedService, IDisposable
{
    private const int MaxGroupSize = 256;
    private static readonly TimeSpan s_maxGroupDuration = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_maxRetryDelay = TimeSpan.FromSeconds(1);

    private readonly BlockingCollection<QueuedWrite> _queue = new(options.Value.MaxQueuedWrites);
    private readonly List<QueuedWrite> _group = new(MaxGroupSize);
    private readonly TimeSpan _retryTimeout = options.Value.WriteTimeout;
    private Thread? _thread;
    private DbConnection? _connection;
    private UnconfirmedCommit? _unconfirmed;
    private string? _tenant;
    private volatile bool _isDisposed;

    /// <summary>Number of queued writes.</summary>
    public int QueuedWrites => _queue.Count;

    /// <summary>Opens the store, migrates it and starts accepting writes.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await database.WaitUntilReachableAsync(cancellationToken);
        foreach (var done in upgrade.UpgradeIfNeeded(isExplicit: false))
        {
            log.LogInformation("{Done}", done);
        }

        OpenStore();
        _thread = new Thread(RunWriteLoop) { Name = "writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Stops accepting writes and commits those in the queue.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_isDisposed)
        {
            _queue.CompleteAdding();
        }

        return Task.Run(() => _thread?.Join(), cancellationToken);
    }

    /// <summary>Runs <paramref name="work"/> in the writer's transaction and returns its result once it is durable.</summary>
    /// <param name="work">The work. It may run again after a retry, so it must change nothing but the store.</param>
    /// <param name="cancellationToken">If cancelled before its turn, the work does not run.</param>
    /// <exception cref="StorageUnavailableException">The queue is full, the service is stopping, or the commit failed.</exception>
    /// <exception cref="StorageCorruptionException">The store is corrupted.</exception>
    public Task<T> WriteAsync<T>(Func<WriteTransaction, T> work, CancellationToken cancellationToken = default)
    {
        var item = new QueuedWrite<T>(work, cancellationToken);
        if (_queue.IsAddingCompleted)
        {
            throw new StorageUnavailableException("The service is stopping.");
        }

        if (corruptionGuard.Reason is not null)
        {
            throw new StorageCorruptionException("The store is damaged; nothing is written any more.");
        }

        if (!_queue.TryAdd(item, 0, cancellationToken))
        {
            ServiceMeter.Rejections.Add(1, new KeyValuePair<string, object?>("limit", "waitingWrites"));
            throw new StorageUnavailableException("Too many writes are waiting.");
        }

        return item.Result;
    }

    public void Dispose()
    {
        // Registered both as itself and as a hosted service, so that the container disposes it twice.
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        _queue.CompleteAdding();
        _thread?.Join();
        database.CloseIdleReaderConnections();
        if (corruptionGuard.Reason is null && _connection is not null)
        {
            RunHousekeeping(database.BeforeClose);
        }

        _connection?.Dispose();
        _queue.Dispose();
    }

    private void OpenStore()
    {
        try
        {
            _connection = database.OpenWriter();
            revisionMonitor.Advance(_connection.ExecuteScalar<long>("SELECT evidence FROM revision"));
        }
        catch (DbException error)
        {
            throw new StoragePreconditionException($"{database.Name} cannot be used as a store: {error.Message}", error);
        }
    }

    private void RunWriteLoop()
    {
        while (_queue.TryTake(out var first, Timeout.Infinite))
        {
            _group.Add(first);
            WriteGroupWithRetry();
            _group.Clear();
        }
    }

    private void WriteGroupWithRetry()
    {
        var started = Stopwatch.GetTimestamp();
        for (var delay = TimeSpan.FromMilliseconds(10); ; delay = delay * 2 < s_maxRetryDelay ? delay * 2 : s_maxRetryDelay)
        {
            try
            {
                WriteGroup();
                return;
            }
            catch (Exception error)
            {
                if (!ShouldRetry(error) || corruptionGuard.Reason is not null || Stopwatch.GetElapsedTime(started) > _retryTimeout)
                {
                    FailGroup(error);
                    return;
                }
            }

            corruptionGuard.Stopping.WaitHandle.WaitOne(delay);
        }
    }

    private void WriteGroup()
    {
        var started = Stopwatch.GetTimestamp();
        _connection ??= database.OpenWriter();
        if (_unconfirmed is { } earlier && ResolveUnconfirmedCommit(earlier, _connection))
        {
            CompleteGroup(earlier.Head?.Evidence ?? 0, started, earlier.Changes);
            return;
        }

        var (transaction, name) = RunGroup(_connection);
        if (transaction.NewEvidence is not null)
        {
            database.NotifyEvidenceChanged(_connection);
        }

        _unconfirmed = name is null ? null : new(name, transaction.NewHead, transaction.Changes);
        transaction.Commit();
        _unconfirmed = null;
        CompleteGroup(transaction.NewEvidence ?? 0, started, transaction.Changes);
        if (transaction.PurgesDeletedRows)
        {
            database.SchedulePurge();
        }

        RunHousekeeping(database.AfterCommit);
    }

    // A visible commit may not have reached the synchronous standbys yet; one more commit after it waits for them.
    private bool ResolveUnconfirmedCommit(UnconfirmedCommit unconfirmed, DbConnection connection)
    {
        var committed = database.WasCommitted(connection, unconfirmed.Transaction)
            ?? throw new StorageUnavailableException("The transaction whose answer was lost is still running.");
        if (!committed)
        {
            _unconfirmed = null;
            return false;
        }

        database.BeginTransaction(connection);
        var isThere = unconfirmed.Head is not { } head || ChangeLog.Contains(connection, head);
        connection.Execute("COMMIT");
        _unconfirmed = null;
        return isThere;
    }

    // A savepoint makes the engine copy every page changed after it. Rejections are return values, and exceptions
    // are rare enough to run the whole group again.
    private (WriteTransaction Transaction, string? Name) RunGroup(DbConnection connection)
    {
        var begun = BeginTransaction(connection);
        if (RunGroup(begun.Transaction, usesSavepoints: false))
        {
            return begun;
        }

        begun.Transaction.Rollback();
        begun = BeginTransaction(connection);
        RunGroup(begun.Transaction, usesSavepoints: true);
        return begun;
    }

    private (WriteTransaction Transaction, string? Name) BeginTransaction(DbConnection connection)
    {
        var name = database.BeginTransaction(connection);
        _tenant = null;
        return (new(connection, changes, clock), name);
    }

    private bool RunGroup(WriteTransaction transaction, bool usesSavepoints)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < _group.Count || TryTakeNext(started); i++)
        {
            if (!RunItem(_group[i], transaction, usesSavepoints))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryTakeNext(long started)
    {
        if (_group.Count >= MaxGroupSize || Stopwatch.GetElapsedTime(started) >= s_maxGroupDuration || !_queue.TryTake(out var next))
        {
            return false;
        }

        _group.Add(next);
        return true;
    }

    /// <returns>Whether the transaction can go on: the item succeeded, or its savepoint was rolled back.</returns>
    private bool RunItem(QueuedWrite item, WriteTransaction transaction, bool usesSavepoints)
    {
        if (item.IsAbandoned)
        {
            return true;
        }

        SetTenant(item.Tenant);
        return transaction.RunItem(() => item.Run(transaction, AbortsTransaction), usesSavepoints) || usesSavepoints;
    }

    // Set before the item's savepoint: a rollback to that would restore the previous tenant.
    private void SetTenant(string tenant)
    {
        if (tenant != _tenant)
        {
            database.SetTenant(_connection!, tenant);
            _tenant = tenant;
        }
    }

    private void CompleteGroup(long evidence, long started, IReadOnlyList<ChangeKind> changes)
    {
        StorageMetrics.RecordCommit(_group.Count, Stopwatch.GetElapsedTime(started), changes);
        revisionMonitor.Advance(evidence);
        _group.ForEach(item => item.Complete());
    }

    // The group is durable already: a failed checkpoint is retried after the next commit, unless it indicates corruption.
    private void RunHousekeeping(Action<DbConnection> work)
    {
        try
        {
            work(_connection!);
        }
        catch (Exception error) when (error is DbException or StorageCorruptionException)
        {
            if (database.ClassifyError(error, _connection) == StorageErrorKind.Corrupted)
            {
                corruptionGuard.Stop(error.Message);
            }

            log.LogWarning("The log of the store could not be folded back: {Reason}", error.Message);
        }
    }

    private bool AbortsTransaction(Exception error) => database.ClassifyError(error, _connection) is not (StorageErrorKind.None or StorageErrorKind.Constraint);

    private bool ShouldRetry(Exception error)
    {
        var fault = database.ClassifyError(error, _connection);
        if (fault == StorageErrorKind.Corrupted)
        {
            corruptionGuard.Stop(error.Message);
        }

        if (fault == StorageErrorKind.Transient)
        {
            log.LogInformation("A commit of {Items} writes is tried again: {Reason}", _group.Count, error.Message);
        }

        AbandonTransaction();
        return fault == StorageErrorKind.Transient || _unconfirmed is not null;
    }

    private void FailGroup(Exception error)
    {
        _unconfirmed = null;
        log.LogError(error, "A commit of {Items} writes failed", _group.Count);
        var failure = new StorageUnavailableException("The write could not be made durable.", error);
        _group.ForEach(item => item.Fail(failure));
    }

    private void AbandonTransaction()
    {
        try
        {
            if (database.ReopensWriterAfterErrors)
            {
                _connection?.Dispose();
                _connection = null;
            }
            else
            {
                _connection?.Execute("ROLLBACK");
            }
        }
        catch (DbException)
        {
            // SQLite already rolled back by itself (sqlite.org/lang_transaction.html, "Response To Errors").
            log.LogDebug("Nothing was left to roll back");
        }
    }

    /// <summary>A transaction with a lost COMMIT response: the engine's identifier, the log head that it wrote, and its changes.</summary>
    private sealed record UnconfirmedCommit(string Transaction, ChangeLogHead? Head, IReadOnlyList<ChangeKind> Changes);
}
