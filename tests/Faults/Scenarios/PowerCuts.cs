using Faults.Vocabulary;

using RealRelationship.Storage;

namespace Faults.Scenarios;

/// <summary>The power goes in random moments of a recorded run; what the disk then holds is opened by the real store. With <c>synchronous=NORMAL</c> the same must lose, or the test could not fail.</summary>
internal static class PowerCuts
{
    private const int Clients = 8;
    private const int CutsARecord = 250;
    private const int LargestBatch = 40;

    public static async Task<Finding> RunAsync(Run run)
    {
        if (await Strace.ObstacleAsync() is { } obstacle)
        {
            return new("NOT DONE", obstacle, [$"Not done: {obstacle}."]);
        }

        var random = new Random(run.Seed);
        var cuts = run.Count(60, 2_000);
        var (ledger, acknowledged, writes) = (new Ledger(), 0, 0);
        for (var cut = 0; cut < cuts; cut += CutsARecord)
        {
            var log = await RecordAsync(run, ledger, random, []);
            CutOff(run, log, Math.Min(CutsARecord, cuts - cut), ledger, random);
            (acknowledged, writes) = (acknowledged + log.Acknowledged.Count, writes + log.Files.Sum(f => f.Writes.Count));
            run.Say($"{Math.Min(cut + CutsARecord, cuts)} cuts in {writes:N0} writes of files and {acknowledged:N0} acknowledged studies, {ledger.Lost} lost, {ledger.Doubled} doubled");
        }

        var control = new Ledger();
        var normal = await RecordAsync(run, control, random, NotDurable.Settings);
        var losing = CutOff(run, normal, run.Count(20, 200), control, random);
        var violations = ledger.Violations.ToList();
        if (losing == 0)
        {
            violations.Add("The control with synchronous=NORMAL loses nothing: this test cannot fail");
        }

        return new($"{cuts:N0} power cuts in {writes:N0} writes of files, {acknowledged:N0} acknowledged studies",
            $"{ledger.Lost} lost, {ledger.Doubled} doubled; `synchronous=NORMAL` loses in {losing} of {run.Count(20, 200)}", violations);
    }

    private static async Task<WriteLog> RecordAsync(Run run, Ledger ledger, Random random, (string Name, string Value)[] settings)
    {
        var folder = run.Folder();
        var (path, trace) = (Path.Combine(folder, "store.db"), Path.Combine(run.Folder(), "trace"));
        await using var service = ServiceProcess.Spawn([("Storage__Path", path), .. settings], under: Strace.Recording(trace));
        using var http = await service.ClientAsync();
        while (settings.Length > 0 && !service.Lines.Any(line => line.Contains(NotDurable.Done, StringComparison.Ordinal)))
        {
            await Task.Delay(20);
        }

        var own = new Ledger();
        using var stop = new CancellationTokenSource();
        var load = new Load(http, own, "p", random.Next(), LargestBatch).RunAsync(Clients, stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(run.Count(3, 12)));
        await stop.CancelAsync();
        await load;
        await service.StopAsync();
        await Strace.EndedAsync(trace, service.Id);
        var log = WriteLog.Read(trace, folder);
        File.Delete(trace);
        if (own.AcknowledgedKeys.Except(log.Acknowledged.Select(a => a.Key), StringComparer.Ordinal).Any())
        {
            ledger.Violate($"The record shows {log.Acknowledged.Count} answers, but {own.Acknowledged} were heard");
        }

        ledger.Take(own);
        return log;
    }

    /// <returns>In how many cuts something was lost.</returns>
    private static int CutOff(Run run, WriteLog log, int cuts, Ledger ledger, Random random)
    {
        var losing = 0;
        for (var cut = 0; cut < cuts; cut++)
        {
            // Every other one the moment after somebody was told.
            var at = cut % 2 == 0 ? log.Acknowledged[random.Next(log.Acknowledged.Count)].At : log.Moments[random.Next(log.Moments.Count)];
            var folder = run.Folder();
            new PowerCut(log, at, random).LeaveIn(folder);
            var own = new Ledger();
            try
            {
                StoreCheck.Verify(own, log.Acknowledged.TakeWhile(a => a.At <= at).Select(a => a.Key), StoreCheck.ReadFile(Path.Combine(folder, "store.db")));
            }
            catch (Exception error) when (error is StorageCorruptionException or StoragePreconditionException or System.Data.Common.DbException)
            {
                own.Lose($"After a cut at {at} the store cannot be opened: {error.Message}");
            }

            losing += own.Violations.Count > 0 ? 1 : 0;
            ledger.Take(own);
            Directory.Delete(folder, recursive: true);
        }

        return losing;
    }
}
