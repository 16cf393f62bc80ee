using Faults.Vocabulary;

namespace Faults.Scenarios;

/// <summary>Disks that are full, read-only, or broken: from the first two the service recovers by itself, after the third it writes nothing any more and ends.</summary>
internal static class Disks
{
    private const int Clients = 8;
    private const int LargestBatch = 40;
    private const int Megabytes = 48;
    private const long LittleRoom = 512 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    // By what call a disk that is broken says so, and how many commits should pass before it does.
    private static readonly (string Calls, bool IsLogSound)[] s_failing = [("fsync,fdatasync", false), ("pwrite64", false), ("fsync,fdatasync", true)];

    public static async Task<Finding> RunAsync(Run run)
    {
        if (await Strace.ObstacleAsync() is { } obstacle)
        {
            return new("NOT DONE", obstacle, [$"Not done: {obstacle}."]);
        }

        var ledger = new Ledger();
        var rounds = run.Count(1, 20);
        var how = await FullAsync(run, ledger, rounds);
        run.Say($"{how}, {ledger.Violations.Count} violations");
        await ReadOnlyAsync(run, ledger, rounds);
        run.Say($"{rounds} read-only, {ledger.Violations.Count} violations");
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (calls, isLogSound) in s_failing)
            {
                await BrokenAsync(run, ledger, calls, isLogSound, round);
            }
        }

        return new($"{how}; {rounds} times read-only (EROFS by strace); {rounds} times EIO on each of fsync, write, and fsync of the file alone, to which the log is folded back beside the writer; {ledger.Acknowledged:N0} acknowledged writes",
            $"{ledger.Lost} lost, {ledger.Doubled} doubled; reads went on, writes were 503, and came back without a restart; after EIO the service ended", [.. ledger.Violations]);
    }

    private static async Task<string> FullAsync(Run run, Ledger ledger, int rounds)
    {
        var folder = run.Folder();
        using var disk = SmallDisk.TryMount(folder, Megabytes);
        var path = Path.Combine(folder, "store.db");
        await using (var service = await ServiceProcess.StartOnAsync(path))
        {
            using var http = await service.ClientAsync();
            for (var round = 0; round < rounds; round++)
            {
                var failing = disk is null ? await FailAsync(service, path, "ENOSPC") : null;
                disk?.Fill(LittleRoom);
                await IsRefusedAsync(http, ledger, $"f{round}");
                disk?.Empty();
                await (failing?.DisposeAsync() ?? ValueTask.CompletedTask);
                await RecoversAsync(http, ledger, $"f{round}-again");
            }

            await ledger.VerifyAsync(http, ledger.AcknowledgedKeys.Concat(ledger.UnansweredKeys));
        }

        StoreCheck.Verify(ledger, ledger.AcknowledgedKeys, StoreCheck.ReadFile(path));
        await StartsReadOnlyAsync(disk, path, ledger);
        return disk is null ? $"{rounds} times full (ENOSPC by strace: mounting is NOT PERMITTED here)" : $"{rounds} times full on a tmpfs of {Megabytes} MB, and a start on it read-only";
    }

    // Whoever starts on a read-only disk is told so in a line; nothing of the store is touched.
    private static async Task StartsReadOnlyAsync(SmallDisk? disk, string path, Ledger ledger)
    {
        if (disk is null)
        {
            return;
        }

        disk.MakeReadOnly();
        await using (var service = ServiceProcess.SpawnOn(path))
        {
            if (await service.ListensOrEndsAsync() is null && service.Lines.Any(line => line.Contains("Unhandled", StringComparison.Ordinal)))
            {
                ledger.Violate($"A start on a read-only disk breaks: {string.Join(' ', service.Lines.Take(4))}");
            }
        }

        disk.MakeWritable();
        StoreCheck.Verify(ledger, ledger.AcknowledgedKeys, StoreCheck.ReadFile(path));
    }

    private static async Task ReadOnlyAsync(Run run, Ledger outer, int rounds)
    {
        var ledger = new Ledger();
        var path = Path.Combine(run.Folder(), "store.db");
        await using (var service = await ServiceProcess.StartOnAsync(path))
        {
            using var http = await service.ClientAsync();
            for (var round = 0; round < rounds; round++)
            {
                await using (await FailAsync(service, path, "EROFS"))
                {
                    await IsRefusedAsync(http, ledger, $"o{round}");
                }

                await RecoversAsync(http, ledger, $"o{round}-again");
            }
        }

        StoreCheck.Verify(ledger, ledger.AcknowledgedKeys, StoreCheck.ReadFile(path));
        outer.Take(ledger);
    }

    private static async Task BrokenAsync(Run run, Ledger outer, string calls, bool isLogSound, int round)
    {
        var ledger = new Ledger();
        var path = Path.Combine(run.Folder(), "store.db");
        await using (var service = await ServiceProcess.StartOnAsync(path))
        {
            using var http = await service.ClientAsync();
            using var stop = new CancellationTokenSource();
            var load = new Load(http, ledger, "b", round, LargestBatch).RunAsync(Clients, stop.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(300));
            string[] broken = isLogSound ? [path] : [path, $"{path}-wal"];
            await using (await Strace.FailAsync(service.Id, calls, "EIO", broken))
            {
                if (await service.EndsAsync() == 0)
                {
                    ledger.Violate($"After EIO on {calls} of {string.Join(" and ", broken.Select(Path.GetFileName))} the service ends as if all were well");
                }
            }

            await stop.CancelAsync();
            await load;
        }

        StoreCheck.Verify(ledger, ledger.AcknowledgedKeys, StoreCheck.ReadFile(path));
        outer.Take(ledger);
    }

    private static Task<IAsyncDisposable> FailAsync(ServiceProcess service, string path, string error) => Strace.FailAsync(service.Id, "pwrite64", error, path, $"{path}-wal");

    /// <summary>Writes until all are refused, which must be by 503, and reads all the while.</summary>
    private static async Task IsRefusedAsync(HttpClient http, Ledger ledger, string prefix)
    {
        using var stop = new CancellationTokenSource(s_patience);
        var load = new Load(http, ledger, prefix, prefix.Length, LargestBatch);
        var loading = load.RunAsync(Clients, stop.Token);
        while (load.Refused < Clients && !stop.IsCancellationRequested)
        {
            await ReadAsync(http, ledger);
        }

        if (load.Refused < Clients)
        {
            ledger.Violate($"{prefix}: writes were not refused in {s_patience.TotalSeconds} s");
        }

        await ReadAsync(http, ledger);
        await stop.CancelAsync();
        await loading;
    }

    private static async Task ReadAsync(HttpClient http, Ledger ledger)
    {
        foreach (var question in (string[])["/meta/pool?dependence=independent&estimator=dl", "/studies?limit=1"])
        {
            using var response = await http.GetAsync(new Uri(question, UriKind.Relative));
            if (!response.IsSuccessStatusCode && (int)response.StatusCode != 422)
            {
                ledger.Violate($"{question} is {(int)response.StatusCode} while nothing can be written: {await response.Content.ReadAsStringAsync()}");
            }
        }
    }

    private static async Task RecoversAsync(HttpClient http, Ledger ledger, string prefix)
    {
        var before = ledger.Acknowledged;
        using var stop = new CancellationTokenSource(s_patience);
        var loading = new Load(http, ledger, prefix, prefix.Length, LargestBatch).RunAsync(Clients, stop.Token);
        while (ledger.Acknowledged == before && !stop.IsCancellationRequested)
        {
            await Task.Delay(20);
        }

        if (ledger.Acknowledged == before)
        {
            ledger.Violate($"{prefix}: writes do not come back within {s_patience.TotalSeconds} s");
        }

        await stop.CancelAsync();
        await loading;
    }
}
