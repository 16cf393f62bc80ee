using System.Collections.Concurrent;

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
/// write does not wait for others. With a server, the claims of a group are sent in one message and its rows with COMMIT in another one
/// (<see cref="SqlBatch"/>, <see cref="IClaimingWrite"/>).
/// Callers get their results only after COMMIT returned. Transient failures (a conflict, a lost connection) are retried with the same items;
/// if the response to a COMMIT was lost, the writer first asks the engine whether it was committed. After corruption nothing is written.
/// </remarks>
public sealed class GroupCommitWriter(Database database, StoreUpgrader upgrade, ChangeLog changes, StoreHeadFile headFile,
    EvidenceRevisionMonitor revisionMonitor, CorruptionGuard corruptionGuard, TimeProvider clock, IOptions<StorageOptions> options,
    ILogger<GroupCommitWriter> log) : IHostedService, IDisposable
{
    private readonly BlockingCollection<QueuedWrite> _queue = new(options.Value.MaxQueuedWrites);
    private readonly GroupCommit _groups = new(database, changes, headFile, revisionMonitor, corruptionGuard, clock, options.Value.WriteTimeout, log);
    private Thread? _thread;
    private volatile bool _isDisposed;

    /// <summary>Number of queued writes.</summary>
    public int QueuedWrites => _queue.Count;

    /// <summary>Opens the store, migrates it and starts accepting writes.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await database.WaitUntilReachableAsync(cancellationToken);
        headFile.RequireStore();
        foreach (var done in upgrade.UpgradeIfNeeded(isExplicit: false))
        {
            log.LogInformation("{Done}", done);
        }

        _groups.OpenStore();
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

        return Task.Run(() =>
        {
            _thread?.Join();
            headFile.Flush();
        }, cancellationToken);
    }

    /// <summary>Runs <paramref name="work"/> in the writer's transaction and returns its result once it is durable.</summary>
    /// <param name="work">The work. It may run again after a retry, so it must change nothing but the store.</param>
    /// <param name="cancellationToken">If cancelled before its turn, the work does not run.</param>
    /// <exception cref="StorageUnavailableException">The queue is full, the service is stopping, or the commit failed.</exception>
    /// <exception cref="StorageCorruptionException">The store is corrupted.</exception>
    public Task<T> WriteAsync<T>(Func<WriteTransaction, T> work, CancellationToken cancellationToken = default) =>
        WriteAsync(new UnclaimedWrite<T>(work), cancellationToken);

    /// <summary>Runs <paramref name="write"/> in the writer's transaction and returns its result once it is durable.</summary>
    /// <inheritdoc cref="WriteAsync{T}(Func{WriteTransaction, T}, CancellationToken)"/>
    /// <param name="write">The write.</param>
    /// <param name="cancellationToken">If cancelled before its turn, the write does not run.</param>
    public Task<T> WriteAsync<T>(ClaimingWrite<T> write, CancellationToken cancellationToken = default)
    {
        var item = new QueuedWrite<T>(write, cancellationToken);
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
        _groups.Dispose();
        _queue.Dispose();
    }

    private void RunWriteLoop()
    {
        while (_queue.TryTake(out var first, Timeout.Infinite))
        {
            _groups.Write(first, _queue);
        }
    }
}
