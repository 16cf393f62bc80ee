using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics;

using Dapper;

using Microsoft.Extensions.Options;

using RealRelationshipApi.Http.Telemetry;
using RealRelationshipApi.Storage.Moving;

namespace RealRelationshipApi.Storage;

/// <summary>The only place that writes: one thread, one connection, many callers in one durable commit.</summary>
/// <remarks>
/// <code>
/// callers ─► bounded queue ─► BEGIN ─► work of each ─► COMMIT (durable) ─► callers
///                               └── one failed: ROLLBACK, BEGIN ─► SAVEPOINT, work, RELEASE of each ─► COMMIT
/// </code>
/// While one group is being written the next one gathers in the queue, so the group grows with the load and a lone
/// writer waits for nobody. Where the store is a server the statements of a piece of work go to it in one or two messages (<see cref="Pipelining"/>). A caller hears of success only after COMMIT returned. What may succeed when it is done again
/// (a conflict, a lost connection) is done again, with the same work; when the answer to a COMMIT was lost, the engine is
/// asked what became of it first. After damage nothing is written any more.
/// </remarks>
public sealed class Writer(Database database, Upgrade upgrade, ChangeLog changes, RevisionWatch watch, FailStop failStop, TimeProvider clock, IOptions<StorageOptions> options,
    ILogger<Writer> log) : IHostedService, IDisposable
{
    private const int LargestGroup = 256;
    private static readonly TimeSpan s_longestGroup = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);

    private readonly BlockingCollection<WriteItem> _queue = new(options.Value.QueueLength);
    private readonly List<WriteItem> _group = new(LargestGroup);
    private Thread? _thread;
    private DbConnection? _connection;
    private Uncertain? _uncertain;
    private string? _site;
    private volatile bool _isDisposed;

    /// <summary>How many writes wait for their turn.</summary>
    public int Waiting => _queue.Count;

    /// <summary>Opens the store, brings its schema up to date and starts taking writes.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await database.WaitUntilReachableAsync(cancellationToken);
        foreach (var done in upgrade.Run(isAsked: false))
        {
            log.LogInformation("{Done}", done);
        }

        Open();
        _thread = new Thread(WriteUntilStopped) { Name = "writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Takes no more, and writes what was taken.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_isDisposed)
        {
            _queue.CompleteAdding();
        }

        return Task.Run(() => _thread?.Join(), cancellationToken);
    }

    /// <summary>Runs <paramref name="work"/> in the writer's transaction and returns its result once that is durable.</summary>
    /// <param name="work">What to do. It may be done again from the start, so it changes nothing but the store.</param>
    /// <param name="cancellationToken">Work whose caller is gone before its turn is not done.</param>
    /// <exception cref="StorageUnavailableException">The queue is full, the service is stopping, or the commit failed.</exception>
    public Task<T> WriteAsync<T>(Func<WriteTransaction, T> work, CancellationToken cancellationToken = default)
    {
        var item = new WriteItem<T>(work, cancellationToken);
        if (_queue.IsAddingCompleted)
        {
            throw new StorageUnavailableException("The service is stopping.");
        }

        if (failStop.Reason is not null)
        {
            throw new StorageUnavailableException("The store is damaged; nothing is written any more.");
        }

        if (!_queue.TryAdd(item, 0, cancellationToken))
        {
            Refusals.Count(ServiceLimit.WaitingWrites);
            throw new StorageUnavailableException("Too many writes are waiting.");
        }

        return item.Result;
    }

    public void Dispose()
    {
        // The container knows the writer both as itself and as a hosted service.
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        _queue.CompleteAdding();
        _thread?.Join();
        database.CloseIdleReaders();
        if (failStop.Reason is null && _connection is not null)
        {
            Tidy(database.BeforeClosing);
        }

        _connection?.Dispose();
        _queue.Dispose();
    }

    private void Open()
    {
        try
        {
            _connection = database.OpenWriter();
            watch.Advance(_connection.ExecuteScalar<long>("SELECT evidence FROM revision"));
        }
        catch (DbException error)
        {
            throw new StorageRefusedException($"{database.Name} cannot be used as a store: {error.Message}", error);
        }
    }

    private void WriteUntilStopped()
    {
        while (_queue.TryTake(out var first, Timeout.Infinite))
        {
            _group.Add(first);
            WriteDurably();
            _group.Clear();
        }
    }

    private void WriteDurably()
    {
        var started = Stopwatch.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(10); ; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
        {
            try
            {
                WriteGroup();
                return;
            }
            catch (Exception error)
            {
                if (!MayTryAgain(error) || failStop.Reason is not null || Stopwatch.GetElapsedTime(started) > s_patience)
                {
                    GiveUp(error);
                    return;
                }
            }

            failStop.Stopped.WaitHandle.WaitOne(pause);
        }
    }

    private void WriteGroup()
    {
        var started = Stopwatch.GetTimestamp();
        _connection ??= database.OpenWriter();
        if (_uncertain is { } earlier && FateOf(earlier, _connection))
        {
            Answer(earlier.Head?.Evidence ?? 0, started, earlier.Changes);
            return;
        }

        var (transaction, name) = RunAll(_connection);
        if (transaction.NewEvidence is not null)
        {
            database.Announce(_connection);
        }

        _uncertain = name is null ? null : new(name, transaction.NewHead, transaction.Changes);
        transaction.Commit();
        _uncertain = null;
        Answer(transaction.NewEvidence ?? 0, started, transaction.Changes);
        if (transaction.MustForget)
        {
            database.ForgetWhatWasDeleted();
        }

        Tidy(database.AfterCommit);
    }

    // A commit that was seen may not have reached the standbys it has to reach: one more behind it has reached them only after it.
    private bool FateOf(Uncertain earlier, DbConnection connection)
    {
        var committed = database.WasCommitted(connection, earlier.Transaction)
            ?? throw new StorageUnavailableException("The transaction whose answer was lost is still running.");
        if (!committed)
        {
            _uncertain = null;
            return false;
        }

        database.Begin(connection);
        var isThere = earlier.Head is not { } head || ChangeLog.Holds(connection, head);
        connection.Execute("COMMIT");
        _uncertain = null;
        return isThere;
    }

    // A savepoint has the engine copy every page that changes after it. Work that is refused returns; that some throws is rare enough to do all of it once more.
    private (WriteTransaction Transaction, string? Name) RunAll(DbConnection connection)
    {
        var begun = Begin(connection);
        if (RunAll(begun.Transaction, isGuarded: false))
        {
            return begun;
        }

        begun.Transaction.RollBack();
        begun = Begin(connection);
        RunAll(begun.Transaction, isGuarded: true);
        return begun;
    }

    private (WriteTransaction Transaction, string? Name) Begin(DbConnection connection)
    {
        var name = database.Begin(connection);
        _site = null;
        return (new(connection, changes, clock), name);
    }

    private bool RunAll(WriteTransaction transaction, bool isGuarded)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < _group.Count || TakesNext(started); i++)
        {
            if (!Run(_group[i], transaction, isGuarded))
            {
                return false;
            }
        }

        return true;
    }

    private bool TakesNext(long started)
    {
        if (_group.Count >= LargestGroup || Stopwatch.GetElapsedTime(started) >= s_longestGroup || !_queue.TryTake(out var next))
        {
            return false;
        }

        _group.Add(next);
        return true;
    }

    /// <returns>Whether the transaction is what it should be: without the work, where that failed behind its guard.</returns>
    private bool Run(WriteItem item, WriteTransaction transaction, bool isGuarded)
    {
        if (item.IsAbandoned)
        {
            return true;
        }

        ActFor(item.Site);
        return transaction.Item(() => item.Run(transaction, SpoilsTheTransaction), isGuarded) || isGuarded;
    }

    // Before the savepoint of a guarded item: rolling back to that would bring the earlier site back.
    private void ActFor(string site)
    {
        if (site != _site)
        {
            database.ActFor(_connection!, site);
            _site = site;
        }
    }

    private void Answer(long evidence, long started, IReadOnlyList<ChangeKind> changes)
    {
        StoreMeter.Committed(_group.Count, Stopwatch.GetElapsedTime(started), changes);
        watch.Advance(evidence);
        _group.ForEach(item => item.Complete());
    }

    // What was written is durable already: a failure to tidy up is the next commit's matter, unless it says that the disk cannot be trusted.
    private void Tidy(Action<DbConnection> tidy)
    {
        try
        {
            tidy(_connection!);
        }
        catch (Exception error) when (error is DbException or StorageDamagedException)
        {
            if (database.FaultOf(error, _connection) == StorageFault.Damaged)
            {
                failStop.Stop(error.Message);
            }

            log.LogWarning("The log of the store could not be folded back: {Reason}", error.Message);
        }
    }

    private bool SpoilsTheTransaction(Exception error) => database.FaultOf(error, _connection) is not (StorageFault.None or StorageFault.Constraint);

    private bool MayTryAgain(Exception error)
    {
        var fault = database.FaultOf(error, _connection);
        if (fault == StorageFault.Damaged)
        {
            failStop.Stop(error.Message);
        }

        if (fault == StorageFault.Transient)
        {
            log.LogInformation("A commit of {Items} writes is tried again: {Reason}", _group.Count, error.Message);
        }

        Abandon();
        return fault == StorageFault.Transient || _uncertain is not null;
    }

    private void GiveUp(Exception error)
    {
        _uncertain = null;
        log.LogError(error, "A commit of {Items} writes failed", _group.Count);
        var answer = new StorageUnavailableException("The write could not be made durable.", error);
        _group.ForEach(item => item.Fail(answer));
    }

    private void Abandon()
    {
        try
        {
            if (database.ReopensAfterFaults)
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
            // SQLite had already rolled back by itself (sqlite.org/lang_transaction.html, "Response To Errors").
            log.LogDebug("Nothing was left to roll back");
        }
    }

    /// <summary>A transaction whose commit was not heard of: the engine's name for it, the head of the log that it wrote, and what that says.</summary>
    private sealed record Uncertain(string Transaction, LogHead? Head, IReadOnlyList<ChangeKind> Changes);
}
