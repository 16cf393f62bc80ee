using System.Data.Common;

using Dapper;

namespace RealRelationshipApi.Storage;

/// <summary>Knows the current evidence revision without reading the store at every question: told by the writer of this process at once, and finding out what others wrote within half a second.</summary>
public sealed class RevisionWatch(Database database, ILogger<RevisionWatch> log) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(400);

    private long _current;

    public long Current => Interlocked.Read(ref _current);

    /// <summary>Learns of a revision; an older one than is known changes nothing.</summary>
    public void Advance(long revision)
    {
        for (var known = Current; revision > known; known = Current)
        {
            Interlocked.CompareExchange(ref _current, revision, known);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await database.WaitForChangeAsync(s_interval, stoppingToken);
                await using var connection = await database.OpenReaderAsync(stoppingToken);
                Advance(await connection.ExecuteScalarAsync<long>("SELECT evidence FROM revision"));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (DbException error)
            {
                log.LogWarning("The revision could not be read: {Reason}", error.Message);
                await Task.Delay(s_interval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
