using System.Diagnostics;

namespace RealRelationshipApi.Analyses.Limits;

/// <summary>How long work waits for a thread: when more comes than the processors can do, that is where it waits, unseen by any queue of ours.</summary>
/// <remarks>Measured by a piece of work that is sent into the pool behind all others, one at a time and only while somebody asks.</remarks>
internal sealed class ThreadPoolDelay : IThreadPoolWorkItem
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_isNews = TimeSpan.FromMilliseconds(100);

    // Moments of Stopwatch; what was sent last is under way while it is later than what arrived last.
    private long _sent;
    private long _arrived;
    private long _took;

    /// <summary>What the last one waited, or the one that is under way has waited already; nothing where that is long ago.</summary>
    public TimeSpan Now
    {
        get
        {
            var (sent, arrived) = (Volatile.Read(ref _sent), Volatile.Read(ref _arrived));
            if (sent > arrived)
            {
                return Stopwatch.GetElapsedTime(sent);
            }

            var now = Stopwatch.GetTimestamp();
            if (Stopwatch.GetElapsedTime(arrived, now) > s_pause && Interlocked.CompareExchange(ref _sent, now, sent) == sent)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }

            return Stopwatch.GetElapsedTime(arrived, now) < s_isNews ? TimeSpan.FromTicks(Volatile.Read(ref _took)) : TimeSpan.Zero;
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        var now = Stopwatch.GetTimestamp();
        Volatile.Write(ref _took, Stopwatch.GetElapsedTime(Volatile.Read(ref _sent), now).Ticks);
        Volatile.Write(ref _arrived, now);
    }
}
