using System.Data;
using System.Data.Common;

using Dapper;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

namespace RealRelationship.Storage.Writing;

/// <summary>What the writer's work sees: the one writing connection inside an open transaction, and the change log.</summary>
public sealed class WriteTransaction
{
    private readonly DbConnection _connection;
    private readonly ChangeLog _log;
    private readonly TimeProvider _clock;
    private readonly Lazy<ChangeLogHead> _initialHead;
    private readonly BatchPosition? _startPosition;
    private readonly List<ChangeKind> _changes = [];
    private ChangeLogHead? _newHead;

    internal WriteTransaction(DbConnection connection, ChangeLog log, TimeProvider clock)
    {
        (_connection, _log, _clock) = (connection, log, clock);
        _startPosition = connection.GetBatchPosition();
        var head = ChangeLog.EnqueueReadHead(connection);
        _initialHead = new(() => log.VerifyHeadRow(head));
    }

    public DbConnection Connection => _connection;

    /// <summary>The evidence revision that the changes of this transaction made; null when they made none.</summary>
    internal long? NewEvidence => _newHead is { } head && head.Evidence != _initialHead.Value.Evidence ? head.Evidence : null;

    /// <summary>The end of the chain that this transaction made; null when it recorded nothing.</summary>
    internal ChangeLogHead? NewHead => _newHead;

    /// <summary>What was recorded and not rolled back.</summary>
    internal IReadOnlyList<ChangeKind> Changes => _changes;

    private bool IsOpen => _connection.State == ConnectionState.Open;

    private ChangeLogHead Head => _newHead ?? _initialHead.Value;

    /// <summary>Appends a change of pooled evidence to the log; both revisions move.</summary>
    /// <param name="tenant">Whose change it is.</param>
    /// <param name="kind">What is done.</param>
    /// <param name="subject">What is changed.</param>
    /// <param name="version">Its new version.</param>
    /// <param name="contentHash">The keyed hash of what is stored for it, given where in the history it will stand.</param>
    public ChangePosition RecordEvidenceChange(string tenant, ChangeKind kind, string subject, long version, Func<ChangePosition, byte[]> contentHash) =>
        Append(movesEvidence: true, tenant, kind, subject, version, contentHash);

    /// <summary>Appends a change of something that is not pooled: the evidence stays where it is, and with it every pooled answer.</summary>
    /// <inheritdoc cref="RecordEvidenceChange"/>
    public ChangePosition RecordChange(string tenant, ChangeKind kind, string subject, long version, Func<ChangePosition, byte[]> contentHash) =>
        Append(movesEvidence: false, tenant, kind, subject, version, contentHash);

    /// <summary>Runs part of the work inside a savepoint, which is rolled back unless <paramref name="commitIf"/> says otherwise.</summary>
    public T InSavepoint<T>(Func<T> work, Func<T, bool> commitIf)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(commitIf);
        return InSavepoint("part", work, commitIf);
    }

    /// <summary>Sees to it that the bytes of what was deleted are nowhere in the files of the store, soon after the commit.</summary>
    public void PurgeDeletedRows() => PurgesDeletedRows = true;

    internal bool PurgesDeletedRows { get; private set; }

    /// <summary>Begins a keyed hash of what is to be stored.</summary>
    public KeyedHash CreateHash(string purpose) => _log.CreateHash(purpose);

    public string Now() => UtcTimestamp.ToText(_clock.GetUtcNow());

    /// <summary>Waits until everything that the work sent was done, so that a failure is that of this work.</summary>
    internal void Flush() => _connection.Flush();

    /// <summary>One caller's work; where it is guarded a savepoint of its own takes back what it did before it failed.</summary>
    internal bool RunItem(Func<bool> work, bool usesSavepoint) => usesSavepoint ? InSavepoint("item", work, commitIf: done => done) : work();

    /// <summary>Takes back everything, what is not yet under way included; nothing can be done in it any more.</summary>
    internal void Rollback()
    {
        _connection.TryDiscardAfter(_startPosition);
        Send("ROLLBACK");
        _connection.Flush();
    }

    internal void Commit()
    {
        if (_newHead is { } head && IsOpen)
        {
            _log.WriteHead(_connection, head, isFirst: _initialHead.Value.Log == 0);
        }

        Send("COMMIT");
        _connection.Flush();
    }

    // Dapper opens what is closed: after a lost connection the rest would run outside of any transaction, and seem to succeed.
    private void Send(string statement)
    {
        if (!IsOpen)
        {
            throw new InvalidOperationException("The connection of the transaction was lost.");
        }

        _connection.Enqueue(statement);
    }

    private ChangePosition Append(bool movesEvidence, string tenant, ChangeKind kind, string subject, long version, Func<ChangePosition, byte[]> contentHash)
    {
        ArgumentNullException.ThrowIfNull(contentHash);
        var entry = new ChangeLogEntry(Head.Log + 1, movesEvidence ? Head.Evidence + 1 : Head.Evidence, movesEvidence, NextTimestamp(), tenant,
            ChangeKinds.ToText(kind));
        var recorded = new ChangePosition(entry.Number, entry.Evidence, entry.RecordedAt);
        _newHead = _log.Append(_connection, Head, entry, new(subject, version, contentHash(recorded)));
        _changes.Add(kind);
        return recorded;
    }

    private T InSavepoint<T>(string savepoint, Func<T> work, Func<T, bool> commitIf)
    {
        var mark = _connection.GetBatchPosition();
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

            // Of a lost connection nothing is left to roll back; what lost it is what counts.
            if (kept)
            {
                Send($"RELEASE {savepoint}");
            }
            else if (IsOpen && !_connection.TryDiscardAfter(mark))
            {
                Send($"ROLLBACK TO {savepoint}");
                Send($"RELEASE {savepoint}");
            }
        }
    }

    // A clock that was set back must not make a later change look earlier: `asOf` answers would change.
    private string NextTimestamp()
    {
        var now = Now();
        return string.CompareOrdinal(now, Head.RecordedAt) > 0 ? now : UtcTimestamp.ToText(UtcTimestamp.Parse(Head.RecordedAt).AddMicroseconds(1));
    }
}

/// <summary>Where a change stands in the history.</summary>
/// <param name="Number">Its place in the log.</param>
/// <param name="Evidence">The evidence revision after it.</param>
/// <param name="RecordedAt">When, by the clock of the log.</param>
public sealed record ChangePosition(long Number, long Evidence, string RecordedAt);
