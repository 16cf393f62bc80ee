using System.Collections.Concurrent;

using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Security;

/// <summary>Who did or read what of a site's data, appended to the chain of changes: which key, which operation, how it ended and how often – never whose data.</summary>
/// <remarks>
/// Requests are gathered and written every few seconds, one change a tenant, so that a read costs no write of its own; what was written to a site's data
/// stands in the chain by itself as well. What is gathered when the process is killed is lost; when it is stopped, it is not.
/// </remarks>
public sealed class AccessAudit(GroupCommitWriter writer, TimeProvider clock, ILogger<AccessAudit> log) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<AccessEntry, long> _gathered = new();

    /// <summary>Notes one request.</summary>
    internal void Note(string tenant, string actor, string operation, int status)
    {
        var now = clock.GetUtcNow();
        var minute = UtcTimestamp.ToText(new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero));
        _gathered.AddOrUpdate(new(tenant, minute, actor, operation, status), 1, (_, requests) => requests + 1);
    }

    /// <summary>Writes down what was gathered.</summary>
    public async Task FlushAsync()
    {
        var taken = _gathered.Keys.Select(entry => _gathered.TryRemove(entry, out var requests) ? (Entry: entry, Requests: requests) : default).Where(t => t.Requests > 0).ToList();
        if (taken.Count == 0)
        {
            return;
        }

        try
        {
            await writer.WriteAsync(transaction => AccessRecord.Append(transaction, taken));
        }
        catch (StorageUnavailableException)
        {
            taken.ForEach(t => _gathered.AddOrUpdate(t.Entry, t.Requests, (_, requests) => requests + t.Requests));
            log.LogWarning("{Entries} entries of the audit wait for the store", taken.Count);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // What is left is written when the service stops.
        }
    }
}

/// <summary>What is the same of several requests.</summary>
internal sealed record AccessEntry(string Tenant, string Minute, string Actor, string Operation, long Status);
