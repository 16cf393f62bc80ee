using System.Diagnostics;

using Faults.Support;

using RealRelationship.Testing;
using RealRelationship.Testing.Processes;

namespace Faults.Scenarios;

/// <summary>Files of the store are removed: its write-ahead log after <c>kill −9</c>, and the store or its log under sixteen clients.</summary>
internal static class RemovedFiles
{
    private const int Clients = 16;
    private static readonly TimeSpan s_headDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_refusalTimeout = TimeSpan.FromSeconds(10);

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        var random = new Random(run.Seed);
        var total = new WriteRecord();
        var rounds = run.Scaled(3, 60);
        var (refusedStarts, refusedWrites) = (0, 0L);
        for (var round = 0; round < rounds; round++)
        {
            refusedStarts += await KillAndRemoveLogAsync(run, total, random, stopsFirst: round % 2 == 0) ? 1 : 0;
            refusedWrites += await RemoveUnderLoadAsync(run, total, random, round % 2 == 0 ? "" : "-wal");
            run.Log($"{2 * (round + 1)} removals, {total.Lost} lost without a word");
        }

        if (refusedStarts == 0)
        {
            total.RecordViolation("No start was refused: this test cannot fail");
        }

        return new($"{rounds} logs removed after `kill −9`, {rounds} stores or logs under load; {total.Acknowledged:N0} acknowledged writes",
            $"{refusedStarts} starts refused, {refusedWrites:N0} writes refused; {total.Lost} lost without a word", [.. total.Violations]);
    }

    // What was acknowledged in the last second may be lost, nothing else without a word. Under load the log may have been copied into the store.
    private static async Task<bool> KillAndRemoveLogAsync(ScenarioRun run, WriteRecord total, Random random, bool stopsFirst)
    {
        var path = Path.Combine(run.NewFolder(), "store.db");
        var record = new WriteRecord();
        List<string> settled;
        await using (var service = await ServiceProcess.StartOnFileAsync(path))
        {
            using var http = await service.CreateClientAsync();
            using var stop = new CancellationTokenSource();
            var load = new WriteLoad(http, record, "r", random.Next(), maxBatch: 1).RunAsync(Clients, stop.Token);
            await WhileWritingAsync(record, random);
            if (stopsFirst)
            {
                await stop.CancelAsync();
                await load;
            }

            settled = [.. record.AcknowledgedKeys];
            await Task.Delay(s_headDelay);
            await service.KillAsync();
            await stop.CancelAsync();
            await load;
        }

        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
        total.Add(record);
        await using var again = ServiceProcess.SpawnOnFile(path);
        if (await again.WaitUntilListeningOrExitedAsync() is null)
        {
            return true;
        }

        await again.StopAsync();
        var stored = StoreInspection.ReadStudiesOfFile(path).Select(study => study.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var key in settled.Where(key => !stored.Contains(key)))
        {
            total.RecordLoss($"{key} was acknowledged, is gone, and the start did not say so");
        }

        return false;
    }

    private static async Task WhileWritingAsync(WriteRecord record, Random random)
    {
        await Wait.UntilAsync(() => Task.FromResult(record.Acknowledged > Clients));
        await Task.Delay(random.Next(50, 1500));
    }

    private static async Task<long> RemoveUnderLoadAsync(ScenarioRun run, WriteRecord total, Random random, string suffix)
    {
        var path = Path.Combine(run.NewFolder(), "store.db");
        var record = new WriteRecord();
        await using var service = await ServiceProcess.StartOnFileAsync(path);
        using var http = await service.CreateClientAsync();
        using var stop = new CancellationTokenSource();
        var writing = new WriteLoad(http, record, "u", random.Next(), maxBatch: 1);
        var load = writing.RunAsync(Clients, stop.Token);
        await WhileWritingAsync(record, random);
        File.Move(path + suffix, path + ".removed");
        for (var started = Stopwatch.GetTimestamp(); writing.Refused == 0 && Stopwatch.GetElapsedTime(started) < s_refusalTimeout;)
        {
            await Task.Delay(20);
        }

        // Answers that were under way.
        await Task.Delay(s_headDelay);
        var before = record.Acknowledged;
        await Task.Delay(s_headDelay);
        if (record.Acknowledged > before || writing.Refused == 0)
        {
            record.RecordLoss($"{record.Acknowledged - before} writes were acknowledged after store.db{suffix} was removed, {writing.Refused} refused");
        }

        await stop.CancelAsync();
        await load;
        await service.KillAsync();
        total.Add(record);
        return writing.Refused;
    }
}
