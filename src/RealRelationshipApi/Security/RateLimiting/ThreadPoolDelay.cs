using System.Diagnostics;

namespace RealRelationshipApi.Security.RateLimiting;

/// <summary>Queueing delay of the thread pool, where requests wait under overload before they reach the limiter.</summary>
/// <remarks>Measured by one work item at a time, queued behind all others, and only while <see cref="Current"/> is read.</remarks>
internal sealed class ThreadPoolDelay : IThreadPoolWorkItem
{
    private static readonly TimeSpan s_sampleInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_maxSampleAge = TimeSpan.FromMilliseconds(100);

    // Stopwatch timestamps. A sample is in the queue if it was queued later than the last one started.
    private long _queuedAt;
    private long _startedAt;
    private long _lastDelayTicks;

    /// <summary>Delay of the last sample, or of the one in the queue so far; zero if the last sample is too old.</summary>
    public TimeSpan Current
    {
        get
        {
            var (sent, arrived) = (Volatile.Read(ref _queuedAt), Volatile.Read(ref _startedAt));
            if (sent > arrived)
            {
                return Stopwatch.GetElapsedTime(sent);
            }

            var now = Stopwatch.GetTimestamp();
            if (Stopwatch.GetElapsedTime(arrived, now) > s_sampleInterval && Interlocked.CompareExchange(ref _queuedAt, now, sent) == sent)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }

            return Stopwatch.GetElapsedTime(arrived, now) < s_maxSampleAge ? TimeSpan.FromTicks(Volatile.Read(ref _lastDelayTicks)) : TimeSpan.Zero;
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        var now = Stopwatch.GetTimestamp();
        Volatile.Write(ref _lastDelayTicks, Stopwatch.GetElapsedTime(Volatile.Read(ref _queuedAt), now).Ticks);
        Volatile.Write(ref _startedAt, now);
    }
}
