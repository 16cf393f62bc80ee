using System.Collections.Concurrent;
using System.Diagnostics;

using Dapper;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace RealRelationshipApi.Storage;

/// <summary>The only place that writes: one thread, one connection, many callers in one durable commit.</summary>
/// <remarks>
/// <code>
/// callers ─► bounded queue ─► BEGIN IMMEDIATE ─► SAVEPOINT, work, RELEASE (each item) ─► COMMIT (fsync) ─► callers
/// </code>
/// While one group is being synced to disk the next one gathers in the queue, so the group grows with the load and a lone
/// writer waits for nobody. A caller hears of success only after COMMIT returned.
/// </remarks>
public sealed class Writer(Database database, Migrator migrator, TimeProvider clock, IOptions<StorageOptions> options, ILogger<Writer> log)
    : IHostedService, IDisposable
{
    private const int LargestGroup = 256;
    private static readonly TimeSpan s_longestGroup = TimeSpan.FromMilliseconds(2);

    private readonly BlockingCollection<Item> _queue = new(options.Value.QueueLength);
    private readonly List<Item> _group = new(LargestGroup);
    private Thread? _thread;
    private SqliteConnection? _connection;
    private string _lastRecordedAt = "";
    private bool _isDisposed;

    /// <summary>Opens the store, brings its schema up to date and starts taking writes.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _connection = database.OpenWriter();
        foreach (var step in migrator.Apply(_connection))
        {
            log.LogInformation("Applied schema step {Step}", step);
        }

        _lastRecordedAt = _connection.ExecuteScalar<string?>("SELECT max(recorded_at) FROM change") ?? "";
        _thread = new Thread(WriteUntilStopped) { Name = "writer", IsBackground = true };
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>Takes no more, and writes what was taken.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.CompleteAdding();
        return Task.Run(() => _thread?.Join(), cancellationToken);
    }

    /// <summary>Runs <paramref name="work"/> in the writer's transaction and returns its result once that is durable.</summary>
    /// <exception cref="StorageUnavailableException">The queue is full, the service is stopping, or the commit failed: nothing was stored.</exception>
    public Task<T> WriteAsync<T>(Func<WriteTransaction, T> work, CancellationToken cancellationToken = default)
    {
        var item = new Item<T>(work, cancellationToken);
        if (_queue.IsAddingCompleted)
        {
            throw new StorageUnavailableException("The service is stopping.");
        }

        if (!_queue.TryAdd(item, 0, cancellationToken))
        {
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
        _connection?.Dispose();
        _queue.Dispose();
    }

    private void WriteUntilStopped()
    {
        while (_queue.TryTake(out var first, Timeout.Infinite))
        {
            _group.Add(first);
            try
            {
                WriteGroup();
            }
            catch (Exception error)
            {
                log.LogError(error, "A commit of {Items} writes failed", _group.Count);
                RollBack();
                _group.ForEach(item => item.Fail(new StorageUnavailableException("The write could not be made durable.", error)));
            }
            _group.Clear();
        }
    }

    private void WriteGroup()
    {
        _connection!.Execute("BEGIN IMMEDIATE");
        var transaction = new WriteTransaction(_connection!, clock, _lastRecordedAt);
        var started = Stopwatch.GetTimestamp();
        Run(_group[0], transaction);
        while (_group.Count < LargestGroup && Stopwatch.GetElapsedTime(started) < s_longestGroup && _queue.TryTake(out var next))
        {
            _group.Add(next);
            Run(next, transaction);
        }
        _connection!.Execute("COMMIT");
        _lastRecordedAt = transaction.LastRecordedAt;
        _group.ForEach(item => item.Complete());
    }

    private void Run(Item item, WriteTransaction transaction)
    {
        if (item.IsAbandoned)
        {
            return;
        }

        _connection!.Execute("SAVEPOINT item");
        var done = item.Run(transaction);
        _connection!.Execute(done ? "RELEASE item" : "ROLLBACK TO item; RELEASE item");
    }

    private void RollBack()
    {
        try
        {
            _connection!.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite had already rolled back by itself (sqlite.org/lang_transaction.html, "Response To Errors").
            log.LogDebug("Nothing was left to roll back");
        }
    }

    private abstract class Item
    {
        public abstract bool IsAbandoned { get; }

        /// <summary>Does the work; false when it threw, and its savepoint is to be rolled back.</summary>
        public abstract bool Run(WriteTransaction transaction);

        public abstract void Complete();

        public abstract void Fail(Exception error);
    }

    private sealed class Item<T>(Func<WriteTransaction, T> work, CancellationToken cancellation) : Item
    {
        private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _value;
        private bool _ran;
        private Exception? _error;

        public Task<T> Result => _result.Task;

        public override bool IsAbandoned => cancellation.IsCancellationRequested;

        public override bool Run(WriteTransaction transaction)
        {
            try
            {
                _value = work(transaction);
                return _ran = true;
            }
            catch (Exception error) when (error is not SqliteException { SqliteErrorCode: not SqliteConstraint })
            {
                _error = error;
                return false;
            }
        }

        public override void Complete()
        {
            if (_error is not null)
            {
                _result.TrySetException(_error);
            }
            else if (_ran)
            {
                _result.TrySetResult(_value!);
            }
            else
            {
                _result.TrySetCanceled(cancellation);
            }
        }

        public override void Fail(Exception error) => _result.TrySetException(_error ?? error);

        // A broken constraint spoils one item; any other SQLite error spoils the transaction.
        private const int SqliteConstraint = 19;
    }
}
