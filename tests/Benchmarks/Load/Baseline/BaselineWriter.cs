using System.Diagnostics;
using System.Threading.Channels;

namespace Benchmarks.Load.Baseline;

/// <summary>Baseline of the service's writes: the same rows, written by minimal code.</summary>
internal static class BaselineWriter
{
    private const int MaxGroupSize = 256;

    /// <summary>Studies in a second when many callers of this process each wait for their own to be durable: one thread writes,
    /// in groups as they come.</summary>
    public static async Task<double> MeasureSinglesAsync(BaselineStore store, IReadOnlyList<StoredStudyRows> studies, int callers)
    {
        var queue = Channel.CreateUnbounded<(StoredStudyRows Study, TaskCompletionSource Done)>(new() { SingleReader = true });
        var writer = new Thread(() => Write(store, queue.Reader)) { IsBackground = true };
        writer.Start();
        var taken = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref taken) is var mine && mine < studies.Count)
            {
                var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                queue.Writer.TryWrite((studies[mine], done));
                await done.Task;
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        queue.Writer.Complete();
        writer.Join();
        return studies.Count / seconds;
    }

    /// <summary>Rows in a second when all are written in one transaction.</summary>
    public static double MeasureBulk<T>(BaselineStore store, IReadOnlyList<T> rows, Action<T> insert)
    {
        var started = Stopwatch.GetTimestamp();
        store.Begin();
        foreach (var row in rows)
        {
            insert(row);
        }

        store.Commit();
        return rows.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void Write(BaselineStore store, ChannelReader<(StoredStudyRows Study, TaskCompletionSource Done)> queue)
    {
        var group = new List<TaskCompletionSource>(MaxGroupSize);
        while (queue.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            store.Begin();
            while (group.Count < MaxGroupSize && queue.TryRead(out var item))
            {
                store.Insert(item.Study);
                group.Add(item.Done);
            }

            store.Commit();
            group.ForEach(done => done.SetResult());
            group.Clear();
        }
    }
}
