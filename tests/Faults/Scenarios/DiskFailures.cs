using Faults.Support;

using RealRelationship.Testing.Processes;

namespace Faults.Scenarios;

/// <summary>Disks that are full, read-only, or broken: from the first two the service recovers by itself,
/// after the third it writes nothing any more and ends.</summary>
internal static class DiskFailures
{
    private const int Clients = 8;
    private const int MaxBatch = 40;
    private const long FreeBytesLeft = 512 * 1024;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    // The system call that fails, and the number of commits that should succeed before.
    private static readonly (string Calls, bool IsLogSound)[] s_failingCalls = [("fsync,fdatasync", false), ("pwrite64", false), ("fsync,fdatasync", true)];

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        if (await Strace.UnavailableReasonAsync() is { } obstacle)
        {
            return new("NOT DONE", obstacle, [$"Not done: {obstacle}."]);
        }

        var ledger = new WriteRecord();
        var rounds = run.Scaled(1, 20);
        var how = await RunFullAsync(run, ledger, rounds);
        run.Log($"{how}, {ledger.Violations.Count} violations");
        await RunReadOnlyAsync(run, ledger, rounds);
        run.Log($"{rounds} read-only, {ledger.Violations.Count} violations");
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (calls, isLogSound) in s_failingCalls)
            {
                await RunFailingAsync(run, ledger, calls, isLogSound, round);
            }
        }

        return new($"{how}; {rounds} times read-only (EROFS by strace); {rounds} times EIO on each of fsync, write, and fsync of the file alone, to which the "
            + $"log is folded back beside the writer; {ledger.Acknowledged:N0} acknowledged writes",
            $"{ledger.Lost} lost, {ledger.Duplicated} doubled; reads went on, writes were 503, and came back without a restart; after EIO the service ended",
            [.. ledger.Violations]);
    }

    private static async Task<string> RunFullAsync(ScenarioRun run, WriteRecord ledger, int rounds)
    {
        var folder = run.NewFolder();
        var megabytes = 48 + 8 * (rounds - 1); // what is written between two rounds stays
        using var disk = TmpfsDisk.TryMount(folder, megabytes);
        var path = Path.Combine(folder, "store.db");
        await using (var service = await ServiceProcess.StartOnFileAsync(path))
        {
            using var http = await service.CreateClientAsync();
            for (var round = 0; round < rounds; round++)
            {
                var failing = disk is null ? await InjectWriteErrorAsync(service, path, "ENOSPC") : null;
                disk?.Fill(FreeBytesLeft);
                await ShouldRefuseWritesAsync(http, ledger, $"f{round}");
                disk?.FreeSpace();
                await (failing?.DisposeAsync() ?? ValueTask.CompletedTask);
                await ShouldRecoverAsync(http, ledger, $"f{round}-again");
            }

            await ledger.VerifyAsync(http, ledger.AcknowledgedKeys.Concat(ledger.UnacknowledgedKeys));
        }

        StoreInspection.CompareWithRecord(ledger, ledger.AcknowledgedKeys, StoreInspection.ReadStudiesOfFile(path));
        await StartReadOnlyAsync(disk, path, ledger);
        return disk is null ? $"{rounds} times full (ENOSPC by strace: mounting is NOT PERMITTED here)"
            : $"{rounds} times full on a tmpfs of {megabytes} MB, and a start on it read-only";
    }

    // On a read-only disk the service fails to start with a one-line message, and does not touch the store.
    private static async Task StartReadOnlyAsync(TmpfsDisk? disk, string path, WriteRecord ledger)
    {
        if (disk is null)
        {
            return;
        }

        disk.MakeReadOnly();
        await using (var service = ServiceProcess.SpawnOnFile(path))
        {
            if (await service.WaitUntilListeningOrExitedAsync() is null && service.Lines.Any(line => line.Contains("Unhandled", StringComparison.Ordinal)))
            {
                ledger.RecordViolation($"A start on a read-only disk breaks: {string.Join(' ', service.Lines.Take(4))}");
            }
        }

        disk.MakeWritable();
        StoreInspection.CompareWithRecord(ledger, ledger.AcknowledgedKeys, StoreInspection.ReadStudiesOfFile(path));
    }

    private static async Task RunReadOnlyAsync(ScenarioRun run, WriteRecord outer, int rounds)
    {
        var ledger = new WriteRecord();
        var path = Path.Combine(run.NewFolder(), "store.db");
        await using (var service = await ServiceProcess.StartOnFileAsync(path))
        {
            using var http = await service.CreateClientAsync();
            for (var round = 0; round < rounds; round++)
            {
                await using (await InjectWriteErrorAsync(service, path, "EROFS"))
                {
                    await ShouldRefuseWritesAsync(http, ledger, $"o{round}");
                }

                await ShouldRecoverAsync(http, ledger, $"o{round}-again");
            }
        }

        StoreInspection.CompareWithRecord(ledger, ledger.AcknowledgedKeys, StoreInspection.ReadStudiesOfFile(path));
        outer.Add(ledger);
    }

    private static async Task RunFailingAsync(ScenarioRun run, WriteRecord outer, string calls, bool isLogSound, int round)
    {
        var ledger = new WriteRecord();
        var path = Path.Combine(run.NewFolder(), "store.db");
        await using (var service = await ServiceProcess.StartOnFileAsync(path))
        {
            using var http = await service.CreateClientAsync();
            using var stop = new CancellationTokenSource();
            var load = new WriteLoad(http, ledger, "b", round, MaxBatch).RunAsync(Clients, stop.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(300));
            string[] broken = isLogSound ? [path] : [path, $"{path}-wal"];
            await using (await Strace.InjectErrorsAsync(service.Id, calls, "EIO", broken))
            {
                if (await service.WaitForExitAsync() == 0)
                {
                    ledger.RecordViolation(
                        $"After EIO on {calls} of {string.Join(" and ", broken.Select(Path.GetFileName))} the service ends as if all were well");
                }
            }

            await stop.CancelAsync();
            await load;
        }

        StoreInspection.CompareWithRecord(ledger, ledger.AcknowledgedKeys, StoreInspection.ReadStudiesOfFile(path));
        outer.Add(ledger);
    }

    private static Task<IAsyncDisposable> InjectWriteErrorAsync(ServiceProcess service, string path, string error) =>
        Strace.InjectErrorsAsync(service.Id, "pwrite64", error, path, $"{path}-wal");

    /// <summary>Writes until all writes are rejected, which must be with 503, while reading.</summary>
    private static async Task ShouldRefuseWritesAsync(HttpClient http, WriteRecord ledger, string prefix)
    {
        using var stop = new CancellationTokenSource(s_timeout);
        var load = new WriteLoad(http, ledger, prefix, prefix.Length, MaxBatch);
        var loading = load.RunAsync(Clients, stop.Token);
        while (load.Refused < Clients && !stop.IsCancellationRequested)
        {
            await ShouldServeReadsAsync(http, ledger);
        }

        if (load.Refused < Clients)
        {
            ledger.RecordViolation($"{prefix}: writes were not refused in {s_timeout.TotalSeconds} s");
        }

        await ShouldServeReadsAsync(http, ledger);
        await stop.CancelAsync();
        await loading;
    }

    private static async Task ShouldServeReadsAsync(HttpClient http, WriteRecord ledger)
    {
        foreach (var question in (string[])["/meta/pool?dependence=independent&estimator=dl", "/studies?limit=1"])
        {
            using var response = await http.GetAsync(new Uri(question, UriKind.Relative));
            if (!response.IsSuccessStatusCode && (int)response.StatusCode != 422)
            {
                ledger.RecordViolation($"{question} is {(int)response.StatusCode} while nothing can be written: {await response.Content.ReadAsStringAsync()}");
            }
        }
    }

    private static async Task ShouldRecoverAsync(HttpClient http, WriteRecord ledger, string prefix)
    {
        var before = ledger.Acknowledged;
        using var stop = new CancellationTokenSource(s_timeout);
        var loading = new WriteLoad(http, ledger, prefix, prefix.Length, MaxBatch).RunAsync(Clients, stop.Token);
        while (ledger.Acknowledged == before && !stop.IsCancellationRequested)
        {
            await Task.Delay(20);
        }

        if (ledger.Acknowledged == before)
        {
            ledger.RecordViolation($"{prefix}: writes do not come back within {s_timeout.TotalSeconds} s");
        }

        await stop.CancelAsync();
        await loading;
    }
}
