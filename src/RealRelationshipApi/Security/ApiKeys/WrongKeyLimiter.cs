using System.Threading.RateLimiting;

namespace RealRelationshipApi.Security.ApiKeys;

/// <summary>Limits attempts with unknown keys per network, since each needs a look-up in the store.</summary>
internal sealed class WrongKeyLimiter : IDisposable
{
    private const int Burst = 30;
    private const int PerSecond = 1;

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(network =>
        System.Threading.RateLimiting.RateLimitPartition.GetTokenBucketLimiter(network, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Burst, TokensPerPeriod = PerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        }));

    /// <summary>Counts an attempt with a key that is not known to be right; false when the network has tried too many.</summary>
    public bool TryAcquire(string network)
    {
        using var lease = _limiter.AttemptAcquire(network);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
