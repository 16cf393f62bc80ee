using System.Diagnostics;

using Dapper;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RealRelationship.Storage.Ledger;

/// <summary>Knows the current evidence revision without reading the store at every question: told by the writer of this process at once, and finding out what
/// others wrote within half a second.</summary>
public sealed class EvidenceRevisionMonitor(Database database, CorruptionGuard corruptionGuard, ILogger<EvidenceRevisionMonitor> log) : BackgroundService
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(400);

    private const string RevisionSql = "SELECT evidence FROM revision";

    private long _current;
    private long _lastReadAt = Stopwatch.GetTimestamp();

    public long Current => Interlocked.Read(ref _current);

    /// <summary>How long ago the store was last asked.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(Interlocked.Read(ref _lastReadAt));

    /// <summary>Learns of a revision; an older one than is known changes nothing.</summary>
    public void Advance(long revision)
    {
        for (var known = Current; revision > known; known = Current)
        {
            Interlocked.CompareExchange(ref _current, revision, known);
        }
    }

    /// <summary>Asks the store itself, for whoever has heard of a revision that this process does not know yet.</summary>
    public async Task<long> RefreshAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenPrimaryAsync(cancellationToken);
        Advance(await connection.ExecuteScalarAsync<long>(new CommandDefinition(RevisionSql, cancellationToken: cancellationToken)));
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

    // What was acknowledged is gone after a failover to a standby that lagged, or a restore beneath a running service. What this
    // process remembers then belongs to another history, and the same revisions will soon mean something else.
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
