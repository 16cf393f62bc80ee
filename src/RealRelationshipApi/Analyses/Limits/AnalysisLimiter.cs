using System.Diagnostics;
using System.Threading.RateLimiting;

using Microsoft.Extensions.Options;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Telemetry;

namespace RealRelationshipApi.Analyses.Limits;

/// <summary>Lets no more be computed at a time than there are processors for; the rest waits in the order in which it came,
/// and what would wait too long is refused.</summary>
/// <remarks>Only computing counts: who sends or reads slowly takes nobody's turn.</remarks>
public sealed class AnalysisLimiter(IOptions<LimitOptions> options) : IDisposable
{
    // A few are never refused for what those before them took: one long analysis would refuse everybody.
    private const int AlwaysAdmitted = 16;

    // How much of the mean the last analysis is.
    private const double MovingAverageWeight = 1.0 / 16;

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
    private double _meanSeconds;

    /// <summary>How many wait for their turn.</summary>
    public int QueuedAnalyses => Volatile.Read(ref _queued);

    /// <summary>Whether an analysis that comes now would wait too long: for its turn, or for a thread before it.</summary>
    public bool IsOverloaded =>
        IsQueueTooLong || (_threadPoolDelay.Current > _maxWait && ThreadPool.PendingWorkItemCount > AlwaysAdmitted * Environment.ProcessorCount);

    private bool IsQueueTooLong =>
        QueuedAnalyses > AlwaysAdmitted * _permitCount && QueuedAnalyses * Volatile.Read(ref _meanSeconds) / _permitCount > _maxWait.TotalSeconds;

    /// <summary>Does the work when its turn comes, or says that too much is waiting.</summary>
    public async Task<IResult> RunAsync(Func<IResult> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (IsQueueTooLong)
        {
            return Reject();
        }

        using var lease = await AcquireAsync(cancellationToken);
        if (!lease.IsAcquired)
        {
            return Reject();
        }

        var started = Stopwatch.GetTimestamp();
        try
        {
            return work();
        }
        finally
        {
            var mean = Volatile.Read(ref _meanSeconds);
            Volatile.Write(ref _meanSeconds, mean + (MovingAverageWeight * (Stopwatch.GetElapsedTime(started).TotalSeconds - mean)));
        }
    }

    /// <summary>What who comes when too much is waiting is told.</summary>
    public static Problem Reject()
    {
        RejectionMetrics.Count(ServiceLimit.WaitingAnalyses);
        return new Problem(ProblemKind.Unavailable, "Too many analyses are waiting.");
    }

    public void Dispose() => _limiter.Dispose();

    private static int PermitCountOf(LimitOptions limits) => limits.ConcurrentAnalyses ?? Environment.ProcessorCount;

    private async ValueTask<RateLimitLease> AcquireAsync(CancellationToken cancellationToken)
    {
        var lease = _limiter.AcquireAsync(1, cancellationToken);
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
}
