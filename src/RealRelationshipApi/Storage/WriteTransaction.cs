using Dapper;

using Microsoft.Data.Sqlite;

namespace RealRelationshipApi.Storage;

/// <summary>What the writer's work sees: the one writing connection inside an open transaction, and the change log.</summary>
public sealed class WriteTransaction(SqliteConnection connection, TimeProvider clock, string lastRecordedAt)
{
    private string _lastRecordedAt = lastRecordedAt;

    public SqliteConnection Connection => connection;

    /// <summary>The instant of the latest change, later than that of every change before.</summary>
    internal string LastRecordedAt => _lastRecordedAt;

    /// <summary>Appends a change of pooled evidence to the log and moves both revisions.</summary>
    /// <returns>The new evidence revision and its instant.</returns>
    public Recorded RecordEvidence(string tenant, ChangeKind kind, string subject, long version)
    {
        var recordedAt = NextInstant();
        var revision = connection.QuerySingle<Counters>("UPDATE revision SET log = log + 1, evidence = evidence + 1 RETURNING log, evidence");
        connection.Execute(
            """
            INSERT INTO change (number, evidence, recorded_at, tenant, kind, subject, version)
            VALUES (@Log, @Evidence, @RecordedAt, @Tenant, @Kind, @Subject, @Version)
            """,
            new { revision.Log, revision.Evidence, RecordedAt = recordedAt, Tenant = tenant, Kind = kind.ToString().ToLowerInvariant(), Subject = subject, Version = version });
        return new(revision.Evidence, recordedAt);
    }

    /// <summary>Runs part of the work inside a savepoint, which is rolled back unless <paramref name="keep"/> says otherwise.</summary>
    public T Attempt<T>(Func<T> work, Func<T, bool> keep)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(keep);
        connection.Execute("SAVEPOINT part");
        var kept = false;
        try
        {
            var result = work();
            kept = keep(result);
            return result;
        }
        finally
        {
            connection.Execute(kept ? "RELEASE part" : "ROLLBACK TO part; RELEASE part");
        }
    }

    public string Now() => Instant.Text(clock.GetUtcNow());

    // A clock that was set back must not make a later change look earlier: `asOf` answers would change.
    private string NextInstant()
    {
        var now = Now();
        if (string.CompareOrdinal(now, _lastRecordedAt) <= 0)
        {
            now = Instant.Text(Instant.Parse(_lastRecordedAt).AddMicroseconds(1));
        }

        return _lastRecordedAt = now;
    }

    private sealed record Counters(long Log, long Evidence);
}

public enum ChangeKind { Submitted, Replaced, Retracted, Reviewed }

/// <summary>Where a change stands in the history.</summary>
public sealed record Recorded(long Evidence, string RecordedAt);
