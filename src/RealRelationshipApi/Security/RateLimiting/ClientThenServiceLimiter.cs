using System.Threading.RateLimiting;

namespace RealRelationshipApi.Security.RateLimiting;

/// <summary>Permits of each client before those of the service: waiting for the first blocks no other client.</summary>
internal sealed class ClientThenServiceLimiter : IDisposable
{
    private readonly PartitionedRateLimiter<RateLimitClient> _ofClients;
    private readonly PartitionedRateLimiter<RateLimitClient> _ofService;
    private readonly PartitionedRateLimiter<RateLimitClient> _costlyOfClients;

    /// <summary>Limits with queues, oldest first.</summary>
    /// <param name="ofClient">Permits of one client, and how many may be waited for.</param>
    /// <param name="ofService">Permits of all clients, and how many may be waited for.</param>
    /// <param name="costlyOfClient">Permits of one client for what is costly; default: all of the client's.</param>
    public ClientThenServiceLimiter((int Permits, int Queued) ofClient, (int Permits, int Queued) ofService, (int Permits, int Queued)? costlyOfClient = null)
    {
        _ofClients = Create(client => client, ofClient);
        _ofService = Create(_ => 0, ofService);
        _costlyOfClients = Create(client => client, costlyOfClient ?? ofClient);
        All = PartitionedRateLimiter.CreateChained(_ofClients, _ofService);
        Costly = PartitionedRateLimiter.CreateChained(_costlyOfClients, _ofClients, _ofService);
    }

    /// <summary>The limits of the client and of the service.</summary>
    public PartitionedRateLimiter<RateLimitClient> All { get; }

    /// <summary>The client's limit for what is costly, and both others.</summary>
    public PartitionedRateLimiter<RateLimitClient> Costly { get; }

    public RateLimiterStatistics OfService => _ofService.GetStatistics(default)!;

    public void Dispose()
    {
        All.Dispose();
        Costly.Dispose();
        _costlyOfClients.Dispose();
        _ofClients.Dispose();
        _ofService.Dispose();
    }

    private static PartitionedRateLimiter<RateLimitClient> Create<TKey>(Func<RateLimitClient, TKey> keyOf, (int Permits, int Queued) limit)
        where TKey : notnull => PartitionedRateLimiter.Create<RateLimitClient, TKey>(client =>
            RateLimitPartition.GetConcurrencyLimiter(keyOf(client), _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = limit.Permits, QueueLimit = limit.Queued, QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }));
}
