using System.Data;
using System.Data.Common;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

namespace RealRelationship.Storage.Writing;

/// <summary>What a queued write may use: statements inside an open transaction, and the change log.</summary>
public sealed class WriteTransaction
{
    private readonly SqlBatch _batch;
    private readonly ChangeLog _log;
    private readonly TimeProvider _clock;
    private readonly Lazy<ChangeLogHead> _initialHead;
    private readonly BatchPosition _startPosition;
    private readonly List<ChangeKind> _changes = [];
    private readonly HashSet<string> _once = new(StringComparer.Ordinal);
    private readonly HashSet<string> _claimedAhead = new(StringComparer.Ordinal);
    private ChangeLogHead? _newHead;
    private string? _tenant;

    internal WriteTransaction(SqlBatch batch, ChangeLog log, TimeProvider clock)
    {
        (_batch, _log, _clock) = (batch, log, clock);
        _startPosition = batch.Position;
        var head = ChangeLog.EnqueueReadHead(batch);
        _initialHead = new(() => log.VerifyHeadRow(head.Value.Single()));
    }

    /// <summary>The write connection, for reads by Dapper. They see what was queued before the connection was taken from here,
    /// so that it must not be kept.</summary>
    public DbConnection Connection
    {
        get
        {
            RequireOpen();
            _batch.Flush();
            return _batch.Connection;
        }
    }

    /// <summary>The evidence revision after this transaction; null if it did not change the evidence.</summary>
    internal long? NewEvidence => _newHead is { } head && head.Evidence != _initialHead.Value.Evidence ? head.Evidence : null;

    /// <summary>The head of the log after this transaction; null if it recorded nothing.</summary>
    internal ChangeLogHead? NewHead => _newHead;

    /// <summary>Kinds of the recorded changes that were not rolled back.</summary>
    internal IReadOnlyList<ChangeKind> Changes => _changes;

    private bool IsOpen => _batch.Connection.State == ConnectionState.Open;

    private ChangeLogHead Head => _newHead ?? _initialHead.Value;

    /// <summary>Queues a statement.</summary>
    /// <param name="statement">SQL that names parameters as <c>@Name</c>.</param>
    /// <param name="parameters">Object with a property of each of those names.</param>
    public void Enqueue(string statement, object? parameters = null) => _batch.Enqueue(new(statement, parameters));

    /// <inheritdoc cref="SqlBatch.EnqueueRow"/>
    public void EnqueueRow(string statement, object? parameters = null) => _batch.EnqueueRow(new(statement, parameters));

    /// <inheritdoc cref="SqlBatch.EnqueueLookup"/>
    public QueuedResult<List<T>> EnqueueLookup<T>(string statement, object? parameters = null) => _batch.EnqueueLookup<T>(new(statement, parameters));

    /// <inheritdoc cref="SqlBatch.EnqueueClaim"/>
    public QueuedResult<int> EnqueueClaim(string statement, object? parameters = null) => _batch.EnqueueClaim(new(statement, parameters));

    /// <summary>Queues housekeeping that a transaction needs once; the same statement is ignored afterwards.</summary>
    /// <inheritdoc cref="Enqueue"/>
    public void EnqueueOnce(string statement, object? parameters = null)
    {
        if (_once.Add(statement))
        {
            Enqueue(statement, parameters);
        }
    }

    /// <summary>Keys of writes that have claimed and come later: what they claimed is visible but not written.</summary>
    public IReadOnlySet<string> ClaimedAhead => _claimedAhead;

    /// <summary>Queues a query; its rows are read later. The same query is faster here than on <see cref="Connection"/>, which does not prepare it.</summary>
    /// <inheritdoc cref="Enqueue"/>
    public QueuedResult<List<T>> EnqueueQuery<T>(string statement, object? parameters = null) => _batch.EnqueueQuery<T>(new(statement, parameters));

    /// <summary>Queues a statement; the number of changed rows is read later.</summary>
    /// <inheritdoc cref="Enqueue"/>
    public QueuedResult<int> EnqueueUpdate(string statement, object? parameters = null) => _batch.EnqueueUpdate(new(statement, parameters));

    /// <summary>Queues statements on the data of one tenant.</summary>
    public TenantBatch ForTenant(string tenant) => new(_batch, tenant);

    /// <summary>Appends a change of pooled evidence to the log; increments both revisions.</summary>
    /// <param name="tenant">Tenant that made the change.</param>
    /// <param name="kind">Kind of the change.</param>
    /// <param name="subject">Key of the changed object.</param>
    /// <param name="version">Its new version.</param>
    /// <param name="contentHash">Computes the keyed hash of the stored content, given the position of the change.</param>
    public ChangePosition RecordEvidenceChange(string tenant, ChangeKind kind, string subject, long version, Func<ChangePosition, byte[]> contentHash) =>
        Append(movesEvidence: true, tenant, kind, subject, version, contentHash);

    /// <summary>Appends a change of data that are not pooled: the evidence revision, and with it every cached response, stays valid.</summary>
    /// <inheritdoc cref="RecordEvidenceChange"/>
    public ChangePosition RecordChange(string tenant, ChangeKind kind, string subject, long version, Func<ChangePosition, byte[]> contentHash) =>
        Append(movesEvidence: false, tenant, kind, subject, version, contentHash);

    /// <summary>The change log, to verify what this transaction reads.</summary>
    public ChangeLog Log => _log;

    /// <inheritdoc cref="SubjectChanges.FindLatest"/>
    public LoggedChange? FindLatestChange(string tenant, string subject) => _log.FindLatest(Connection, tenant, subject);

    /// <summary>Runs work in a savepoint, which is rolled back unless <paramref name="commitIf"/> returns true.</summary>
    public T InSavepoint<T>(Func<T> work, Func<T, bool> commitIf)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(commitIf);
        return InSavepoint("part", work, commitIf);
    }

    /// <summary>Runs writes in order. With a server, consecutive ones claim together.</summary>
    public void WriteAll(IReadOnlyList<IClaimingWrite> writes)
    {
        ArgumentNullException.ThrowIfNull(writes);
        if (_batch.SendsTogether)
        {
            ClaimedRuns.Write(this, writes, _claimedAhead);
            return;
        }

        foreach (var write in writes)
        {
            write.Write(this);
        }
    }

    /// <summary>Removes the bytes of deleted rows from the files soon after the commit.</summary>
    public void PurgeDeletedRows() => PurgesDeletedRows = true;

    internal bool PurgesDeletedRows { get; private set; }

    /// <summary>Begins a keyed hash under the subkey of <paramref name="purpose"/>.</summary>
    public KeyedHash CreateHash(string purpose) => _log.CreateHash(purpose);

    public string Now() => UtcTimestamp.ToText(_clock.GetUtcNow());

    /// <summary>Waits for all queued statements, so that their errors belong to this item.</summary>
    internal void Flush() => _batch.Flush();

    /// <summary>Runs the work of one caller; with a savepoint a failed item is rolled back alone.</summary>
    internal bool RunItem(string tenant, Func<bool> work, bool usesSavepoint)
    {
        // Set before the savepoint: a rollback to that would restore the previous tenant.
        SetTenant(tenant);
        return usesSavepoint ? InSavepoint("item", work, commitIf: done => done) : work();
    }

    /// <summary>Restricts what follows to the data of one tenant, where the engine enforces that.</summary>
    internal void SetTenant(string tenant)
    {
        if (tenant != _tenant)
        {
            _batch.SetTenant(tenant);
            _tenant = tenant;
        }
    }

    /// <summary>Rolls back the transaction and discards queued statements; it cannot be used afterwards.</summary>
    internal void Rollback()
    {
        _batch.TryDiscardAfter(_startPosition);
        Send("ROLLBACK");
        _batch.Flush();
    }

    internal void Commit()
    {
        if (NewEvidence is not null)
        {
            _batch.NotifyEvidenceChanged();
        }

        WriteHead();
        RequireOpen();
        _batch.Commit();
    }

    /// <summary>Writes the head of the log, for a transaction that something else commits.</summary>
    internal void WriteHead()
    {
        if (_newHead is { } head && IsOpen)
        {
            _log.WriteHead(_batch, head, isFirst: _initialHead.Value.Log == 0);
        }
    }

    private void Send(string statement)
    {
        RequireOpen();
        _batch.Enqueue(new(statement));
    }

    // Dapper opens a closed connection: after a lost connection further statements would run outside of the transaction and appear to succeed.
    private void RequireOpen()
    {
        if (!IsOpen)
        {
            throw new InvalidOperationException("The connection of the transaction was lost.");
        }
    }

    private ChangePosition Append(bool movesEvidence, string tenant, ChangeKind kind, string subject, long version, Func<ChangePosition, byte[]> contentHash)
    {
        ArgumentNullException.ThrowIfNull(contentHash);
        var entry = new ChangeLogEntry(Head.Log + 1, movesEvidence ? Head.Evidence + 1 : Head.Evidence, movesEvidence, NextTimestamp(), tenant,
            ChangeKinds.ToText(kind));
        var recorded = new ChangePosition(entry.Number, entry.Evidence, entry.RecordedAt);
        _newHead = _log.Append(_batch, Head, entry, new(subject, version, contentHash(recorded)));
        _changes.Add(kind);
        return recorded;
    }

    private T InSavepoint<T>(string savepoint, Func<T> work, Func<T, bool> commitIf)
    {
        var mark = _batch.Position;
        Send($"SAVEPOINT {savepoint}");
        var (before, changes) = (_newHead, _changes.Count);
        var kept = false;
        try
        {
            var result = work();
            kept = commitIf(result);
            return result;
        }
        finally
        {
            if (!kept)
            {
                _newHead = before;
                _changes.RemoveRange(changes, _changes.Count - changes);
            }

            // With a lost connection there is nothing to roll back, and the error that lost it propagates.
            if (kept)
            {
                Send($"RELEASE {savepoint}");
            }
            else if (IsOpen && !_batch.TryDiscardAfter(mark))
            {
                Send($"ROLLBACK TO {savepoint}");
                Send($"RELEASE {savepoint}");
            }
        }
    }

    // Timestamps must increase even if the clock was set back: `asOf` answers depend on their order.
    private string NextTimestamp()
    {
        var now = Now();
        return string.CompareOrdinal(now, Head.RecordedAt) > 0 ? now : UtcTimestamp.ToText(UtcTimestamp.Parse(Head.RecordedAt).AddMicroseconds(1));
    }
}

/// <summary>Position of a change in the history.</summary>
/// <param name="Number">Its number in the log, from 1.</param>
/// <param name="Evidence">The evidence revision after it.</param>
/// <param name="RecordedAt">UTC timestamp of the change, strictly increasing.</param>
public sealed record ChangePosition(long Number, long Evidence, string RecordedAt);
