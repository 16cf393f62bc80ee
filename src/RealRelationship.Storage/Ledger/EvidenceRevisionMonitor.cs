using System.Diagnostics;

using Dapper;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RealRelationship.Storage.Ledger;

/// <summary>Tracks the current evidence revision: the writer of this process reports new ones at once, and those of other processes
/// are seen within half a second.</summary>
public sealed class EvidenceRevisionMonitor(Database database, CorruptionGuard corruptionGuard, ILogger<EvidenceRevisionMonitor> log) : BackgroundService
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(400);

    private const string RevisionSql = "SELECT evidence FROM revision";

    private long _current;
    private long _lastReadAt = Stopwatch.GetTimestamp();

    public long Current => Interlocked.Read(ref _current);

    /// <summary>Time since the revision was last read from the store.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(Interlocked.Read(ref _lastReadAt));

    /// <summary>Raises the current revision; an older one is ignored.</summary>
    public void Advance(long revision)
    {
        for (var known = Current; revision > known; known = Current)
        {
            Interlocked.CompareExchange(ref _current, revision, known);
        }
    }

    /// <summary>Reads the revision from the primary, for a request that names one not seen here yet.</summary>
    public async Task<long> RefreshAsync(CancellationToken cancellationToken)
    {
        Advance(await database.ReadPrimaryAsync(connection => connection.ExecuteScalar<long>(RevisionSql), cancellationToken));
        return Current;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var canRead = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await database.WaitForChangeAsync(s_pollInterval, stoppingToken);
                await PollAsync(stoppingToken);
                canRead = true;
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
        var (revision, mayLag) = await database.ReadAsync(connection =>
            connection.ExecuteScalar<long>(RevisionSql) is var read && read < known ? (read, database.MayBeStale(connection)) : (read, false),
            cancellationToken);
        if (revision < known && !mayLag)
        {
            corruptionGuard.Stop($"The store went back from evidence revision {known} to {revision}: what was written in between is lost.");
        }

        Advance(revision);
        Interlocked.Exchange(ref _lastReadAt, Stopwatch.GetTimestamp());
    }
}
