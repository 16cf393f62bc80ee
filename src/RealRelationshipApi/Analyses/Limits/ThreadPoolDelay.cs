using System.Diagnostics;

namespace RealRelationshipApi.Analyses.Limits;

/// <summary>How long work waits for a thread: when more comes than the processors can do, that is where it waits, unseen by any queue of ours.</summary>
/// <remarks>Measured by a piece of work that is sent into the pool behind all others, one at a time and only while somebody asks.</remarks>
internal sealed class ThreadPoolDelay : IThreadPoolWorkItem
{
    private static readonly TimeSpan s_sampleInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_maxSampleAge = TimeSpan.FromMilliseconds(100);

    // Moments of Stopwatch; what was sent last is under way while it is later than what arrived last.
    private long _queuedAt;
    private long _startedAt;
    private long _lastDelayTicks;

    /// <summary>What the last one waited, or the one that is under way has waited already; nothing where that is long ago.</summary>
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
