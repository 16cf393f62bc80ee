using System.Data.Common;
using System.Diagnostics;

using Dapper;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RealRelationship.Storage.Ledger;

/// <summary>Tracks the current evidence revision, and the last change of the operator's documents: the writer of this process reports new ones at once, and
/// those of other processes are seen within half a second.</summary>
public sealed class EvidenceRevisionMonitor(Database database, CorruptionGuard corruptionGuard, ILogger<EvidenceRevisionMonitor> log) : BackgroundService
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(400);

    private const string RevisionSql =
        "SELECT evidence, (SELECT coalesce(max(change_number), 0) FROM document_version) AS documents FROM revision";

    private long _current;
    private long _documents = UnreadDocuments;
    private long _lastReadAt = Stopwatch.GetTimestamp();

    /// <summary><see cref="Documents"/> before the store was read.</summary>
    public const long UnreadDocuments = -1;

    public long Current => Interlocked.Read(ref _current);

    /// <summary>Number of the last change of a document of the operator; 0 if there is none, <see cref="UnreadDocuments"/> before the store was read.</summary>
    public long Documents => Interlocked.Read(ref _documents);

    /// <summary>Time since the revision was last read from the store.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(Interlocked.Read(ref _lastReadAt));

    /// <summary>Raises the current revision; an older one is ignored.</summary>
    public void Advance(long revision) => Raise(ref _current, revision);

    /// <summary>Raises the number of the last change of a document; a lower one is ignored.</summary>
    public void AdvanceDocuments(long change) => Raise(ref _documents, change);

    /// <summary>Reads the revision from the primary, for a request that names one not seen here yet.</summary>
    public async Task<long> RefreshAsync(CancellationToken cancellationToken)
    {
        var (revision, documents) = await database.ReadPrimaryAsync(Read, cancellationToken);
        Advance(revision);
        AdvanceDocuments(documents);
        return Current;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var canRead = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await PollAsync(stoppingToken);
                canRead = true;
                await database.WaitForChangeAsync(s_pollInterval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                if (canRead)
                {
                    log.LogWarning("The revision cannot be read: {Reason}", error.Message);
                }

                canRead = false;
                await Task.Delay(s_pollInterval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Acknowledged writes are lost after a failover to a stale standby, or a restore beneath a running service. Cached state then
    // belongs to another history, in which the same revision numbers will mean something else.
    private async Task PollAsync(CancellationToken cancellationToken)
    {
        var known = Current;
        var (revision, documents, mayLag) = await database.ReadAsync(
            connection =>
            {
                var (evidence, documents) = Read(connection);
                return (evidence, documents, evidence < known && database.MayBeStale(connection));
            },
            cancellationToken);
        if (revision < known && !mayLag)
        {
            corruptionGuard.Stop($"The store went back from evidence revision {known} to {revision}: what was written in between is lost.");
        }

        Advance(revision);
        AdvanceDocuments(documents);
        Interlocked.Exchange(ref _lastReadAt, Stopwatch.GetTimestamp());
    }

    private static (long Evidence, long Documents) Read(DbConnection connection) => connection.QuerySingle<(long Evidence, long Documents)>(RevisionSql);

    private static void Raise(ref long value, long to)
    {
        for (var known = Interlocked.Read(ref value); to > known; known = Interlocked.Read(ref value))
        {
            Interlocked.CompareExchange(ref value, to, known);
        }
    }
}
