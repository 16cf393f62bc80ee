using System.Threading.RateLimiting;

namespace RealRelationshipApi.Security.ApiKeys;

/// <summary>Limits attempts with wrong keys per network, since each needs a look-up in the store.</summary>
internal sealed class WrongKeyLimiter : IDisposable
{
    private const int Burst = 30;
    private const int PerSecond = 1;

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(network =>
        System.Threading.RateLimiting.RateLimitPartition.GetTokenBucketLimiter(network, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Burst, TokensPerPeriod = PerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        }));

    /// <summary>Whether the network may try another unknown key now.</summary>
    public bool Allows(string network)
    {
        using var lease = _limiter.AttemptAcquire(network, 0);
        return lease.IsAcquired;
    }

    public void CountWrongKey(string network) => _limiter.AttemptAcquire(network).Dispose();

    public void Dispose() => _limiter.Dispose();
}
