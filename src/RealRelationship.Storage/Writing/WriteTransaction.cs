using System.Data;
using System.Data.Common;

using Dapper;

namespace RealRelationshipApi.Storage;

/// <summary>What the writer's work sees: the one writing connection inside an open transaction, and the change log.</summary>
public sealed class WriteTransaction
{
    private readonly DbConnection _connection;
    private readonly ChangeLog _log;
    private readonly TimeProvider _clock;
    private readonly Lazy<LogHead> _first;
    private readonly SendingMark? _beginning;
    private readonly List<ChangeKind> _changes = [];
    private LogHead? _newHead;

    internal WriteTransaction(DbConnection connection, ChangeLog log, TimeProvider clock)
    {
        (_connection, _log, _clock) = (connection, log, clock);
        _beginning = connection.Mark();
        var head = ChangeLog.AskHead(connection);
        _first = new(() => log.Head(head));
    }

    public DbConnection Connection => _connection;

    /// <summary>The evidence revision that the changes of this transaction made; null when they made none.</summary>
    internal long? NewEvidence => _newHead is { } head && head.Evidence != _first.Value.Evidence ? head.Evidence : null;

    /// <summary>The end of the chain that this transaction made; null when it recorded nothing.</summary>
    internal LogHead? NewHead => _newHead;

    /// <summary>What was recorded and not rolled back.</summary>
    internal IReadOnlyList<ChangeKind> Changes => _changes;

    private bool IsOpen => _connection.State == ConnectionState.Open;

    private LogHead Head => _newHead ?? _first.Value;

    /// <summary>Appends a change of pooled evidence to the log; both revisions move.</summary>
    /// <param name="tenant">Whose change it is.</param>
    /// <param name="kind">What is done.</param>
    /// <param name="subject">What is changed.</param>
    /// <param name="version">Its new version.</param>
    /// <param name="contentHash">The keyed hash of what is stored for it, given where in the history it will stand.</param>
    public Recorded RecordEvidence(string tenant, ChangeKind kind, string subject, long version, Func<Recorded, byte[]> contentHash) =>
        Append(moves: true, tenant, kind, subject, version, contentHash);

    /// <summary>Appends a change of something that is not pooled: the evidence stays where it is, and with it every pooled answer.</summary>
    /// <inheritdoc cref="RecordEvidence"/>
    public Recorded Record(string tenant, ChangeKind kind, string subject, long version, Func<Recorded, byte[]> contentHash) =>
        Append(moves: false, tenant, kind, subject, version, contentHash);

    /// <summary>Runs part of the work inside a savepoint, which is rolled back unless <paramref name="keep"/> says otherwise.</summary>
    public T Attempt<T>(Func<T> work, Func<T, bool> keep)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(keep);
        return Attempt("part", work, keep);
    }

    /// <summary>Sees to it that the bytes of what was deleted are nowhere in the files of the store, soon after the commit.</summary>
    public void ForgetWhatWasDeleted() => MustForget = true;

    internal bool MustForget { get; private set; }

    /// <summary>Begins a keyed hash of what is to be stored.</summary>
    public KeyedHash Hash(string purpose) => _log.Hash(purpose);

    public string Now() => Instant.Text(_clock.GetUtcNow());

    /// <summary>Waits until everything that the work sent was done, so that a failure is that of this work.</summary>
    internal void Await() => _connection.Await();

    /// <summary>One caller's work; where it is guarded a savepoint of its own takes back what it did before it failed.</summary>
    internal bool Item(Func<bool> work, bool isGuarded) => isGuarded ? Attempt("item", work, keep: done => done) : work();

    /// <summary>Takes back everything, what is not yet under way included; nothing can be done in it any more.</summary>
    internal void RollBack()
    {
        _connection.TakeBack(_beginning);
        Send("ROLLBACK");
        _connection.Await();
    }

    internal void Commit()
    {
        if (_newHead is { } head && IsOpen)
        {
            _log.WriteHead(_connection, head, isFirst: _first.Value.Log == 0);
        }

        Send("COMMIT");
        _connection.Await();
    }

    // Dapper opens what is closed: after a lost connection the rest would run outside of any transaction, and seem to succeed.
    private void Send(string statement)
    {
        if (!IsOpen)
        {
            throw new InvalidOperationException("The connection of the transaction was lost.");
        }

        _connection.Send(statement);
    }

    private Recorded Append(bool moves, string tenant, ChangeKind kind, string subject, long version, Func<Recorded, byte[]> contentHash)
    {
        ArgumentNullException.ThrowIfNull(contentHash);
        var entry = new LogEntry(Head.Log + 1, moves ? Head.Evidence + 1 : Head.Evidence, moves, NextInstant(), tenant, kind.ToString().ToLowerInvariant());
        var recorded = new Recorded(entry.Number, entry.Evidence, entry.RecordedAt);
        _newHead = _log.Append(_connection, Head, entry, new(subject, version, contentHash(recorded)));
        _changes.Add(kind);
        return recorded;
    }

    private T Attempt<T>(string savepoint, Func<T> work, Func<T, bool> keep)
    {
        var mark = _connection.Mark();
        Send($"SAVEPOINT {savepoint}");
        var (before, changes) = (_newHead, _changes.Count);
        var kept = false;
        try
        {
            var result = work();
            kept = keep(result);
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
            else if (IsOpen && !_connection.TakeBack(mark))
            {
                Send($"ROLLBACK TO {savepoint}");
                Send($"RELEASE {savepoint}");
            }
        }
    }

    // A clock that was set back must not make a later change look earlier: `asOf` answers would change.
    private string NextInstant()
    {
        var now = Now();
        return string.CompareOrdinal(now, Head.RecordedAt) > 0 ? now : Instant.Text(Instant.Parse(Head.RecordedAt).AddMicroseconds(1));
    }
}

public enum ChangeKind { Submitted, Replaced, Retracted, Reviewed, Measured, Released, Erased, Accessed }

/// <summary>Where a change stands in the history.</summary>
/// <param name="Number">Its place in the log.</param>
/// <param name="Evidence">The evidence revision after it.</param>
/// <param name="RecordedAt">When, by the clock of the log.</param>
public sealed record Recorded(long Number, long Evidence, string RecordedAt);
