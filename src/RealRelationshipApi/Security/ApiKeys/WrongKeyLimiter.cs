using System.Threading.RateLimiting;

namespace RealRelationshipApi.Security.ApiKeys;

/// <summary>Limits look-ups of unknown keys per network: a few at once, and none after too many found no key. A key that is right costs nothing.</summary>
internal sealed class WrongKeyLimiter : IDisposable
{
    private const int Burst = 30;
    private const int PerSecond = 1;
    private const int LookupsAtOnce = 4;
    private const int QueuedLookups = 1_000;

    private readonly PartitionedRateLimiter<string> _wrongKeys = PartitionedRateLimiter.Create<string, string>(network =>
        RateLimitPartition.GetTokenBucketLimiter(network, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Burst, TokensPerPeriod = PerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        }));

    private readonly PartitionedRateLimiter<string> _lookups = PartitionedRateLimiter.Create<string, string>(network =>
        RateLimitPartition.GetConcurrencyLimiter(network, _ => new ConcurrencyLimiterOptions { PermitLimit = LookupsAtOnce, QueueLimit = QueuedLookups }));

    /// <summary>Waits for the right to look up an unknown key. Dispose the lease after the look-up and after <see cref="CountWrongKey"/>.</summary>
    /// <returns>Null if the network has sent too many wrong keys, or has too many look-ups waiting.</returns>
    public async ValueTask<RateLimitLease?> AcquireLookupAsync(string network, CancellationToken cancellationToken)
    {
        var lease = await _lookups.AcquireAsync(network, cancellationToken: cancellationToken);
        if (lease.IsAcquired && HasTokens(network))
        {
            return lease;
        }

        lease.Dispose();
        return null;
    }

    /// <summary>Counts a key that was looked up and not found.</summary>
    public void CountWrongKey(string network) => _wrongKeys.AttemptAcquire(network).Dispose();

    public void Dispose()
    {
        _wrongKeys.Dispose();
        _lookups.Dispose();
    }

    // Acquiring no permits would succeed with a fraction of a token.
    private bool HasTokens(string network) => _wrongKeys.GetStatistics(network) is not { CurrentAvailablePermits: 0 };
}
