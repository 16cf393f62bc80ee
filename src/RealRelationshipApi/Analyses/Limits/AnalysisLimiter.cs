using System.Diagnostics;
using System.Threading.RateLimiting;

using Microsoft.Extensions.Options;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Telemetry;
using RealRelationshipApi.Security.RateLimiting;

namespace RealRelationshipApi.Analyses.Limits;

/// <summary>Limits concurrent analyses to the processor count, and those of one client to one less, so that no client holds all slots. Further ones queue
/// in order; those that would wait too long get 503.</summary>
/// <remarks>Only the computation holds a slot, so that slow clients block nobody.</remarks>
internal sealed class AnalysisLimiter(IOptions<LimitOptions> options) : IDisposable
{
    // Queue length up to which analyses are always admitted; after one long analysis the mean alone would reject all.
    private const int AlwaysAdmitted = 16;

    // Weight of the last analysis in the moving average of durations.
    private const double MovingAverageWeight = 1.0 / 16;

    private static readonly TimeSpan s_blockedAfter = TimeSpan.FromSeconds(10);

    private readonly PartitionedRateLimiter<RateLimitClient> _callerLimiter = CreateCallerLimiter(options.Value);
    private readonly int _permitCount = PermitCountOf(options.Value);
    private readonly TimeSpan _maxWait = TimeSpan.FromMilliseconds(options.Value.MaxQueueMilliseconds);
    private readonly ThreadPoolDelay _threadPoolDelay = new();
    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = PermitCountOf(options.Value),
        QueueLimit = options.Value.QueuedAnalyses,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private int _queued;
    private int _queuedForTurn;
    private double _meanSeconds;
    private long _lastTurnAt = Stopwatch.GetTimestamp();

    /// <summary>Number of running analyses.</summary>
    public int RunningAnalyses => _permitCount - (int)_limiter.GetStatistics()!.CurrentAvailablePermits;

    /// <summary>Number of analyses that wait for a slot of their client or of the service.</summary>
    public int QueuedAnalyses => Volatile.Read(ref _queued);

    /// <summary>Whether analyses are queued and none has started for ten seconds.</summary>
    public bool IsBlocked => QueuedAnalyses > 0 && Stopwatch.GetElapsedTime(Volatile.Read(ref _lastTurnAt)) > s_blockedAfter;

    /// <summary>Whether a new analysis would wait too long, in this queue or in that of the thread pool.</summary>
    public bool IsOverloaded =>
        IsQueueTooLong || (_threadPoolDelay.Current > _maxWait && ThreadPool.PendingWorkItemCount > AlwaysAdmitted * Environment.ProcessorCount);

    private bool IsQueueTooLong =>
        Volatile.Read(ref _queuedForTurn) is var queued && queued > AlwaysAdmitted * _permitCount
            && queued * Volatile.Read(ref _meanSeconds) / _permitCount > _maxWait.TotalSeconds;

    /// <summary>Waits for a slot, which is released by disposing it.</summary>
    /// <param name="caller">The client that the slot counts for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The slot; null if the wait would be too long.</returns>
    public async ValueTask<IDisposable?> TryAcquireAsync(RateLimitClient caller, CancellationToken cancellationToken)
    {
        if (IsQueueTooLong)
        {
            return null;
        }

        // First a slot of the client: waiting for it blocks no other client.
        var ofCaller = _callerLimiter.AttemptAcquire(caller);
        if (!ofCaller.IsAcquired)
        {
            ofCaller.Dispose();
            if (QueuedAnalyses >= options.Value.QueuedAnalyses)
            {
                return null;
            }

            ofCaller = await WaitAsync(_callerLimiter.AcquireAsync(caller, 1, cancellationToken));
            if (!ofCaller.IsAcquired)
            {
                return null;
            }
        }

        Interlocked.Increment(ref _queuedForTurn);
        try
        {
            var lease = await WaitAsync(_limiter.AcquireAsync(1, cancellationToken));
            if (lease.IsAcquired)
            {
                return new Turn(this, ofCaller, lease);
            }
        }
        catch
        {
            ofCaller.Dispose();
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _queuedForTurn);
        }

        ofCaller.Dispose();
        return null;
    }

    /// <summary>Returns 503 and counts a rejection.</summary>
    public static Problem Reject()
    {
        RejectionMetrics.Count(ServiceLimit.WaitingAnalyses);
        return new Problem(ProblemKind.Unavailable, "Too many analyses are waiting.");
    }

    public void Dispose()
    {
        _callerLimiter.Dispose();
        _limiter.Dispose();
    }

    private static PartitionedRateLimiter<RateLimitClient> CreateCallerLimiter(LimitOptions limits) => PartitionedRateLimiter.Create<RateLimitClient,
        RateLimitClient>(caller => RateLimitPartition.GetConcurrencyLimiter(caller, _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = Math.Max(1, PermitCountOf(limits) - 1),
            QueueLimit = Math.Min(AlwaysAdmitted * PermitCountOf(limits), limits.QueuedAnalyses),
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        }));

    private static int PermitCountOf(LimitOptions limits) => limits.ConcurrentAnalyses ?? Environment.ProcessorCount;

    private async ValueTask<RateLimitLease> WaitAsync(ValueTask<RateLimitLease> lease)
    {
        if (lease.IsCompleted)
        {
            return await lease;
        }

        Interlocked.Increment(ref _queued);
        try
        {
            return await lease;
        }
        finally
        {
            Interlocked.Decrement(ref _queued);
        }
    }

    private sealed class Turn(AnalysisLimiter limiter, RateLimitLease ofCaller, RateLimitLease lease) : IDisposable
    {
        private readonly long _started = limiter._lastTurnAt = Stopwatch.GetTimestamp();

        public void Dispose()
        {
            var mean = Volatile.Read(ref limiter._meanSeconds);
            Volatile.Write(ref limiter._meanSeconds, mean + (MovingAverageWeight * (Stopwatch.GetElapsedTime(_started).TotalSeconds - mean)));
            lease.Dispose();
            ofCaller.Dispose();
        }
    }
}
