using System.Diagnostics;
using System.Threading.RateLimiting;

using Microsoft.Extensions.Options;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Telemetry;

namespace RealRelationshipApi.Security.RateLimiting;

/// <summary>Limits concurrent analyses, and whatever else costs more than a page of rows, to the processor count, and costly ones of one client to one less,
/// so that no client holds all slots for longer than a cheap one takes. Further ones queue in order; those that would wait too long get 503.</summary>
/// <remarks>Only the computation holds a slot, so that slow clients block nobody.</remarks>
internal sealed class ComputeLimiter(IOptions<LimitOptions> options) : IDisposable
{
    // Queue length up to which analyses are always admitted; after one long analysis the mean alone would reject all.
    private const int AlwaysAdmitted = 16;

    // Weight of the last analysis in the moving average of durations.
    private const double MovingAverageWeight = 1.0 / 16;

    /// <summary>Memory of all running analyses in bytes.</summary>
    public const long TotalMemoryBytes = 512L * 1024 * 1024;

    /// <summary>Memory of one analysis in bytes.</summary>
    public const long MaxMemoryBytes = TotalMemoryBytes / 2;

    private const int BytesPerPermit = 1024 * 1024;

    private static readonly TimeSpan s_blockedAfter = TimeSpan.FromSeconds(10);

    private readonly int _permitCount = PermitCountOf(options.Value);
    private readonly TimeSpan _maxWait = TimeSpan.FromMilliseconds(options.Value.MaxQueueMilliseconds);
    private readonly ThreadPoolDelay _threadPoolDelay = new();
    private readonly ClientThenServiceLimiter _slots = CreateSlots(PermitCountOf(options.Value), options.Value.QueuedAnalyses);

    private readonly ConcurrencyLimiter _memory = new(new()
    {
        PermitLimit = (int)(TotalMemoryBytes / BytesPerPermit), QueueLimit = int.MaxValue,
    });

    private int _queued;
    private double _meanSeconds;
    private long _lastTurnAt = Stopwatch.GetTimestamp();

    /// <summary>Number of running analyses.</summary>
    public int RunningAnalyses => _permitCount - (int)_slots.OfService.CurrentAvailablePermits;

    /// <summary>Number of analyses that wait for a slot of their client or of the service.</summary>
    public int QueuedAnalyses => Volatile.Read(ref _queued);

    /// <summary>Whether analyses are queued and none has started for ten seconds.</summary>
    public bool IsBlocked => QueuedAnalyses > 0 && Stopwatch.GetElapsedTime(Volatile.Read(ref _lastTurnAt)) > s_blockedAfter;

    /// <summary>Whether a new analysis would wait too long, in this queue or in that of the thread pool.</summary>
    public bool IsOverloaded =>
        IsQueueTooLong || (_threadPoolDelay.Current > _maxWait && ThreadPool.PendingWorkItemCount > AlwaysAdmitted * Environment.ProcessorCount);

    private bool IsQueueTooLong =>
        QueuedAnalyses > AlwaysAdmitted * _permitCount
            && _slots.OfService.CurrentQueuedCount is var queued && queued > AlwaysAdmitted * _permitCount
            && queued * Volatile.Read(ref _meanSeconds) / _permitCount > _maxWait.TotalSeconds;

    /// <summary>Waits for a slot, which is released by disposing it.</summary>
    /// <param name="caller">The client that the slot counts for.</param>
    /// <param name="isCostly">Whether it is for more than a cheap analysis.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The slot; null if the wait would be too long.</returns>
    public async ValueTask<IDisposable?> TryAcquireAsync(RateLimitClient caller, bool isCostly, CancellationToken cancellationToken)
    {
        if (IsQueueTooLong)
        {
            return null;
        }

        var slots = isCostly ? _slots.Costly : _slots.All;
        var lease = slots.AttemptAcquire(caller);
        if (!lease.IsAcquired)
        {
            lease.Dispose();
            if (QueuedAnalyses >= options.Value.QueuedAnalyses)
            {
                return null;
            }

            Interlocked.Increment(ref _queued);
            try
            {
                lease = await slots.AcquireAsync(caller, 1, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _queued);
            }
        }

        return lease.IsAcquired ? new Turn(this, lease) : null;
    }

    /// <summary>Waits until running analyses leave so much memory, which is released by disposing the lease. The caller has a slot.</summary>
    /// <param name="bytes">At most <see cref="MaxMemoryBytes"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<IDisposable> ReserveMemoryAsync(double bytes, CancellationToken cancellationToken) =>
        await _memory.AcquireAsync((int)Math.Min(bytes / BytesPerPermit, MaxMemoryBytes / BytesPerPermit), cancellationToken);

    /// <summary>Returns 503 and counts a rejection.</summary>
    public static Problem Reject()
    {
        RejectionMetrics.Count(ServiceLimit.WaitingAnalyses);
        return new Problem(ProblemKind.Unavailable, "Too many analyses are waiting.");
    }

    public void Dispose()
    {
        _slots.Dispose();
        _memory.Dispose();
    }

    private static ClientThenServiceLimiter CreateSlots(int permits, int maxQueued)
    {
        var queuedOfClient = Math.Min(AlwaysAdmitted * permits, maxQueued);
        return new((permits, queuedOfClient), (permits, maxQueued), (Math.Max(1, permits - 1), queuedOfClient));
    }

    private static int PermitCountOf(LimitOptions limits) => limits.ConcurrentAnalyses ?? Environment.ProcessorCount;

    private sealed class Turn(ComputeLimiter limiter, RateLimitLease lease) : IDisposable
    {
        private readonly long _started = limiter._lastTurnAt = Stopwatch.GetTimestamp();

        public void Dispose()
        {
            var mean = Volatile.Read(ref limiter._meanSeconds);
            Volatile.Write(ref limiter._meanSeconds, mean + (MovingAverageWeight * (Stopwatch.GetElapsedTime(_started).TotalSeconds - mean)));
            lease.Dispose();
        }
    }
}
