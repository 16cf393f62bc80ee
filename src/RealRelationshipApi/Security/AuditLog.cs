using System.Collections.Concurrent;

using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Security;

/// <summary>Audit log of access to site data, in the hash chain: key, operation, status and number of requests, but never the patient.</summary>
/// <remarks>
/// Requests are counted and flushed every few seconds, one change per tenant, so that a read costs no write. Counts are lost when the process is killed,
/// not when it is stopped; changes of site data are in the chain in any case.
/// </remarks>
internal sealed class AuditLog(GroupCommitWriter writer, TimeProvider clock, ILogger<AuditLog> log) : BackgroundService
{
    private static readonly TimeSpan s_flushInterval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<AuditEntry, long> _pending = new();

    /// <summary>Counts one request.</summary>
    internal void Record(string tenant, string actor, string operation, int status)
    {
        var now = clock.GetUtcNow();
        var minute = UtcTimestamp.ToText(new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero));
        _pending.AddOrUpdate(new(tenant, minute, actor, operation, status), 1, (_, requests) => requests + 1);
    }

    /// <summary>Writes the counts.</summary>
    public async Task FlushAsync()
    {
        var batch = _pending.Keys.Select(entry => _pending.TryRemove(entry, out var requests) ? (Entry: entry, Requests: requests) : default)
            .Where(t => t.Requests > 0).ToList();
        if (batch.Count == 0)
        {
            return;
        }

        try
        {
            await writer.WriteAsync(transaction => AuditStore.Append(transaction, batch));
        }
        catch (Exception error) when (error is StorageUnavailableException or StorageCorruptionException)
        {
            batch.ForEach(t => _pending.AddOrUpdate(t.Entry, t.Requests, (_, requests) => requests + t.Requests));
            log.LogWarning("{Entries} entries of the audit wait for the store", batch.Count);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_flushInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // StopAsync flushes the rest.
        }
    }
}

/// <summary>Number of requests with the same key, operation and status in one minute.</summary>
internal sealed record AuditEntry(string Tenant, string Minute, string Actor, string Operation, long Status);
