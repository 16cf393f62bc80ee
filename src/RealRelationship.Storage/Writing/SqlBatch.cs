using System.Data.Common;
using System.Runtime.InteropServices;

namespace RealRelationship.Storage.Writing;

/// <summary>Queues statements of the writer and sends them in one round trip. With an embedded database each runs at once.</summary>
/// <remarks>
/// <code>
/// Enqueue, EnqueueQuery, EnqueueUpdate ─► one message ─► all results      on Flush, or when a result is read
/// </code>
/// The error of a queued statement is thrown by whatever flushes the queue.
/// </remarks>
internal abstract class SqlBatch
{
    /// <summary>The write connection. Statements that run on it directly do not wait for those in the queue.</summary>
    public abstract DbConnection Connection { get; }

    /// <summary>The current position in the queue, for <see cref="TryDiscardAfter"/>.</summary>
    public virtual BatchPosition Position => default;

    /// <summary>Whether statements wait in the queue: then writes take fewer round trips if each queues what it can before one reads a result.</summary>
    public virtual bool SendsTogether => false;

    /// <summary>Queues a statement without a result.</summary>
    public abstract void Enqueue(SqlStatement statement);

    /// <summary>Queues an <c>INSERT</c> of one row of parameters.</summary>
    /// <remarks>
    /// It may be sent earlier, with the rows of an earlier statement of the same text, unless other statements are between that do not say this of
    /// themselves. The table has no row-level security, and a row that others refer to is queued before these wherever both are.
    /// </remarks>
    public virtual void EnqueueRow(SqlStatement statement) => Enqueue(statement);

    /// <summary>Queues a query that may be sent earlier, like <see cref="EnqueueRow"/>.</summary>
    public virtual QueuedResult<List<T>> EnqueueLookup<T>(SqlStatement statement) => EnqueueQuery<T>(statement);

    /// <summary>Queues an <c>INSERT … SELECT</c> of one row of parameters <c>WHERE … ON CONFLICT (…) DO NOTHING</c>, which may be sent earlier, like
    /// <see cref="EnqueueRow"/>; the result is the number of inserted rows. No two rows have the same texts.</summary>
    public virtual QueuedResult<int> EnqueueClaim(SqlStatement statement) => EnqueueUpdate(statement);

    /// <summary>Queues a query; its rows are mapped by Dapper.</summary>
    public abstract QueuedResult<List<T>> EnqueueQuery<T>(SqlStatement statement);

    /// <summary>Queues a statement; the result is the number of changed rows.</summary>
    public abstract QueuedResult<int> EnqueueUpdate(SqlStatement statement);

    /// <summary>Restricts the rest of the transaction to the data of one tenant, where the engine enforces that.</summary>
    public virtual void SetTenant(string tenant) { }

    /// <summary>Notifies other processes, when the transaction commits, that the evidence changed.</summary>
    public virtual void NotifyEvidenceChanged() { }

    /// <summary>Sends the queue and waits for all results.</summary>
    public virtual void Flush() { }

    /// <summary>Sends the queue with a COMMIT, and returns when the commit is durable.</summary>
    public virtual void Commit()
    {
        Enqueue(new("COMMIT"));
        Flush();
    }

    /// <summary>Closes the connection; an unfinished transaction is rolled back, a commit under way continues.</summary>
    public virtual void Close() => Connection.Dispose();

    /// <summary>Removes the statements after a position that were not sent yet.</summary>
    /// <returns>Whether all of them were removed, so that the database saw none.</returns>
    public virtual bool TryDiscardAfter(BatchPosition position) => false;
}

/// <summary>A position in the queue: number of batches sent, and of statements queued since.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BatchPosition(long Batch, int Statement);

/// <summary>The result of a queued statement; reading it flushes the queue.</summary>
public sealed class QueuedResult<T>
{
    private readonly SqlBatch? _batch;
    private bool _isRead;

    internal QueuedResult(SqlBatch batch) => _batch = batch;

    internal QueuedResult(T value) => Value = value;

    /// <exception cref="InvalidOperationException">The statement failed, or was discarded with its savepoint.</exception>
    public T Value
    {
        get
        {
            if (!_isRead)
            {
                _batch!.Flush();
            }

            return _isRead ? field! : throw new InvalidOperationException("The statement failed or was discarded.");
        }
        internal set => (field, _isRead) = (value, true);
    }
}
