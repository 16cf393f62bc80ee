using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;

using Dapper;

using Microsoft.Extensions.Logging;

using RealRelationship.Storage.Ledger;

namespace RealRelationship.Storage.Writing;

/// <summary>The write connection and its transactions: each group of items is committed together, and retried together.</summary>
/// <remarks>All members are called on one thread at a time.</remarks>
internal sealed class GroupCommit(Database database, ChangeLog changes, StoreHeadFile headFile, EvidenceRevisionMonitor revisionMonitor,
    CorruptionGuard corruptionGuard, TimeProvider clock, TimeSpan retryTimeout, ILogger log) : IDisposable
{
    private const int MaxGroupSize = 256;
    private static readonly TimeSpan s_maxGroupDuration = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_maxRetryDelay = TimeSpan.FromSeconds(1);

    // An unconfirmed commit is looked up for longer than a failover takes.
    private const int UnconfirmedRetryFactor = 4;

    private readonly List<QueuedWrite> _group = new(MaxGroupSize);
    private SqlBatch? _batch;
    private UnconfirmedCommit? _unconfirmed;

    /// <exception cref="StoragePreconditionException">The store cannot be used.</exception>
    public void OpenStore()
    {
        try
        {
            var writer = OpenWriter().Connection;
            headFile.Open(writer);
            revisionMonitor.Advance(writer.ExecuteScalar<long>("SELECT evidence FROM revision"));
        }
        catch (DbException error)
        {
            throw new StoragePreconditionException($"{database.Name} cannot be used as a store: {error.Message}", error);
        }
    }

    /// <summary>Commits an item together with those that are queued meanwhile, and completes all of them, with their results or with an error.</summary>
    public void Write(QueuedWrite first, BlockingCollection<QueuedWrite> queue)
    {
        _group.Add(first);
        if (corruptionGuard.Reason is { } damage)
        {
            // Queued before the damage was found: a frame written after a failed sync would stand behind the damage.
            FailGroup(new StorageCorruptionException(damage), StorageErrorKind.Corrupted);
        }
        else
        {
            WriteWithRetry(queue);
        }

        _group.Clear();
    }

    public void Dispose()
    {
        if (_batch is not { Connection: var connection })
        {
            return;
        }

        if (corruptionGuard.Reason is null)
        {
            RunHousekeeping(database.BeforeClose, connection);
        }

        connection.Dispose();
    }

    private SqlBatch OpenWriter() => _batch ??= database.CreateBatch(database.OpenWriter());

    private void WriteWithRetry(BlockingCollection<QueuedWrite> queue)
    {
        var started = Stopwatch.GetTimestamp();
        for (var delay = TimeSpan.FromMilliseconds(10); ; delay = delay * 2 < s_maxRetryDelay ? delay * 2 : s_maxRetryDelay)
        {
            try
            {
                WriteGroup(queue);
                return;
            }
            catch (Exception error)
            {
                var kind = HandleFailure(error);
                if (!MayRetry(kind, Stopwatch.GetElapsedTime(started)))
                {
                    FailGroup(error, kind);
                    return;
                }
            }

            corruptionGuard.Stopping.WaitHandle.WaitOne(delay);
        }
    }

    // No outcome is reported before a server was asked for it.
    private bool MayRetry(StorageErrorKind kind, TimeSpan elapsed) => corruptionGuard.Reason is null && _unconfirmed switch
    {
        null => kind == StorageErrorKind.Transient && elapsed <= retryTimeout,
        { Outcome: CommitOutcome.Unknown, Head: null } => false,
        { Outcome: CommitOutcome.InProgress } => elapsed <= retryTimeout,
        _ => elapsed <= UnconfirmedRetryFactor * retryTimeout,
    };

    private void WriteGroup(BlockingCollection<QueuedWrite> queue)
    {
        var started = Stopwatch.GetTimestamp();
        var batch = OpenWriter();
        if (_unconfirmed is { } earlier && ResolveUnconfirmedCommit(earlier, batch))
        {
            CompleteGroup(earlier.Head?.Evidence ?? 0, started, earlier.Changes);
            AdvanceHead(earlier.Head);
            return;
        }

        var transaction = CommitGroup(batch, queue);
        database.ThrowIfDisplaced();
        CompleteGroup(transaction.NewEvidence ?? 0, started, transaction.Changes);
        AdvanceHead(transaction.NewHead);
        if (transaction.PurgesDeletedRows)
        {
            database.SchedulePurge();
        }

        RunHousekeeping(database.AfterCommit, batch.Connection);
    }

    private void AdvanceHead(ChangeLogHead? head)
    {
        if (head is not null)
        {
            headFile.Advance(head);
        }
    }

    // A savepoint makes the engine copy every page changed after it. Rejections are return values, and exceptions
    // are rare enough to run the whole group again.
    private WriteTransaction CommitGroup(SqlBatch batch, BlockingCollection<QueuedWrite> queue)
    {
        var (transaction, id) = BeginTransaction(batch);
        if (RunItems(transaction, queue) && TryCommit(transaction, id, batch))
        {
            return transaction;
        }

        transaction.Rollback();
        (transaction, id) = BeginTransaction(batch);
        foreach (var item in _group)
        {
            RunItem(item, transaction, usesSavepoints: true);
        }

        Commit(transaction, id);
        return transaction;
    }

    // Rows that are sent with COMMIT may violate a constraint.
    private bool TryCommit(WriteTransaction transaction, TransactionId? id, SqlBatch batch)
    {
        try
        {
            Commit(transaction, id);
            return true;
        }
        catch (Exception error) when (batch.SendsTogether && _unconfirmed is null && ClassifyError(error) == StorageErrorKind.Constraint)
        {
            return false;
        }
    }

    private void Commit(WriteTransaction transaction, TransactionId? id)
    {
        _unconfirmed = id is null ? null : new(id, transaction.NewHead, transaction.Changes);
        try
        {
            transaction.Commit();
        }
        catch (Exception error) when (!database.MayHaveCommitted(error))
        {
            _unconfirmed = null;
            throw;
        }

        _unconfirmed = null;
    }

    // A visible commit may not have reached the synchronous standbys yet; one more commit after it waits for them.
    private bool ResolveUnconfirmedCommit(UnconfirmedCommit unconfirmed, SqlBatch batch)
    {
        unconfirmed.Outcome = database.GetCommitOutcome(batch.Connection, unconfirmed.Transaction);
        if (unconfirmed.Outcome == CommitOutcome.NotCommitted)
        {
            _unconfirmed = null;
            return false;
        }

        if (unconfirmed.Outcome == CommitOutcome.InProgress || (unconfirmed.Outcome == CommitOutcome.Unknown && unconfirmed.Head is null))
        {
            throw new StorageUnavailableException($"The outcome of a commit is not known: {unconfirmed.Outcome}.");
        }

        database.BeginTransaction(batch.Connection);
        var isCommitted = unconfirmed.Head is not { } head || ChangeLog.Contains(batch.Connection, head);
        batch.Commit();
        _unconfirmed = null;
        return isCommitted;
    }

    private (WriteTransaction Transaction, TransactionId? Id) BeginTransaction(SqlBatch batch)
    {
        var id = database.BeginTransaction(batch.Connection);
        return (new(batch, changes, clock), id);
    }

    /// <returns>Whether all items succeeded.</returns>
    private bool RunItems(WriteTransaction transaction, BlockingCollection<QueuedWrite> queue)
    {
        var started = Stopwatch.GetTimestamp();
        if (_batch!.SendsTogether)
        {
            return RunTogether(transaction, queue, started);
        }

        for (var i = 0; i < _group.Count || TryTakeNext(queue, started); i++)
        {
            if (!RunItem(_group[i], transaction, usesSavepoints: false))
            {
                return false;
            }
        }

        return true;
    }

    // Those that claim are cheap together, and end the group: what arrives meanwhile claims in the next one. Others take their time one by one.
    private bool RunTogether(WriteTransaction transaction, BlockingCollection<QueuedWrite> queue, long started)
    {
        try
        {
            var done = 0;
            do
            {
                while (_group[^1].ClaimKey is not null && TryTakeNext(queue, started))
                {
                }

                transaction.WriteAll([.. _group.Skip(done).Where(item => !item.IsAbandoned)]);
                done = _group.Count;
            }
            while (_group[^1].ClaimKey is null && TryTakeNext(queue, started));

            return true;
        }
        catch (Exception error) when (!AbortsTransaction(error))
        {
            return false;
        }
    }

    private bool TryTakeNext(BlockingCollection<QueuedWrite> queue, long started)
    {
        if (_group.Count >= MaxGroupSize || Stopwatch.GetElapsedTime(started) >= s_maxGroupDuration || !queue.TryTake(out var next))
        {
            return false;
        }

        _group.Add(next);
        return true;
    }

    /// <returns>Whether the transaction can go on: the item succeeded, or its savepoint was rolled back.</returns>
    private bool RunItem(QueuedWrite item, WriteTransaction transaction, bool usesSavepoints) =>
        item.IsAbandoned || transaction.RunItem(item.Tenant, () => item.Run(transaction, AbortsTransaction), usesSavepoints) || usesSavepoints;

    private void CompleteGroup(long evidence, long started, IReadOnlyList<ChangeKind> changes)
    {
        StorageMetrics.RecordCommit(_group.Count, Stopwatch.GetElapsedTime(started), changes);
        revisionMonitor.Advance(evidence);
        _group.ForEach(item => item.Complete());
    }

    // The group is durable already: a failed checkpoint is retried after the next commit, unless it indicates corruption.
    private void RunHousekeeping(Action<DbConnection> work, DbConnection connection)
    {
        try
        {
            work(connection);
        }
        catch (Exception error) when (error is DbException or StorageCorruptionException)
        {
            if (ClassifyError(error) == StorageErrorKind.Corrupted)
            {
                corruptionGuard.Stop(error.Message);
            }

            log.LogWarning("The log of the store could not be folded back: {Reason}", error.Message);
        }
    }

    private StorageErrorKind ClassifyError(Exception error) => database.ClassifyError(error, _batch?.Connection);

    private bool AbortsTransaction(Exception error) => ClassifyError(error) is not (StorageErrorKind.None or StorageErrorKind.Constraint);

    private StorageErrorKind HandleFailure(Exception error)
    {
        var kind = ClassifyError(error);
        if (kind == StorageErrorKind.Corrupted)
        {
            corruptionGuard.Stop(error.Message);
        }

        if (kind == StorageErrorKind.Transient)
        {
            log.LogInformation("A commit of {Items} writes is tried again: {Reason}", _group.Count, error.Message);
        }

        AbandonTransaction();
        return kind;
    }

    private void FailGroup(Exception error, StorageErrorKind kind)
    {
        var detail = UnconfirmedCommit.Describe(_unconfirmed, kind);
        _unconfirmed = null;
        log.LogError(error, "A commit of {Items} writes failed", _group.Count);
        var failure = new StorageUnavailableException(detail, error);
        _group.ForEach(item => item.Fail(failure));
    }

    private void AbandonTransaction()
    {
        try
        {
            if (database.ReopensWriterAfterErrors)
            {
                _batch?.Close();
                _batch = null;
            }
            else
            {
                _batch?.Connection.Execute("ROLLBACK");
            }
        }
        catch (DbException)
        {
            // SQLite already rolled back by itself (sqlite.org/lang_transaction.html, "Response To Errors").
            log.LogDebug("Nothing was left to roll back");
        }
    }
}
