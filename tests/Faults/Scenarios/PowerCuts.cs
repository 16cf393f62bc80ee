using Faults.Support;

using RealRelationship.Storage;
using RealRelationship.Testing;
using RealRelationship.Testing.Processes;

namespace Faults.Scenarios;

/// <summary>Simulates power cuts at random moments of a recorded run, and opens the resulting files as a store. The control with <c>synchronous=NORMAL</c>
/// must lose writes, which shows that the test can fail.</summary>
internal static class PowerCuts
{
    private const int Clients = 8;
    private const int CutsPerRecording = 250;
    private const int MaxBatch = 40;

    public static async Task<ScenarioResult> RunAsync(ScenarioRun run)
    {
        if (await Strace.UnavailableReasonAsync() is { } obstacle)
        {
            return new("NOT DONE", obstacle, [$"Not done: {obstacle}."]);
        }

        var random = new Random(run.Seed);
        var cuts = run.Scaled(60, 2_000);
        var (ledger, acknowledged, writes) = (new WriteRecord(), 0, 0);
        for (var cut = 0; cut < cuts; cut += CutsPerRecording)
        {
            var log = await RecordAsync(run, ledger, random, []);
            CutPower(run, log, Math.Min(CutsPerRecording, cuts - cut), ledger, random);
            (acknowledged, writes) = (acknowledged + log.Acknowledged.Count, writes + log.Files.Sum(f => f.Writes.Count));
            run.Log(
                $"{Math.Min(cut + CutsPerRecording, cuts)} cuts in {writes:N0} writes of files and {acknowledged:N0} acknowledged studies, {ledger.Lost} "
                    + $"lost, {ledger.Duplicated} doubled");
        }

        var control = new WriteRecord();
        var normal = await RecordAsync(run, control, random, NonDurableWriter.Settings);
        var losing = CutPower(run, normal, run.Scaled(20, 200), control, random);
        var violations = ledger.Violations.ToList();
        if (losing == 0)
        {
            violations.Add("The control with synchronous=NORMAL loses nothing: this test cannot fail");
        }

        return new($"{cuts:N0} power cuts in {writes:N0} writes of files, {acknowledged:N0} acknowledged studies",
            $"{ledger.Lost} lost, {ledger.Duplicated} doubled; `synchronous=NORMAL` loses in {losing} of {run.Scaled(20, 200)}", violations);
    }

    private static async Task<SyscallLog> RecordAsync(ScenarioRun run, WriteRecord ledger, Random random, (string Name, string Value)[] settings)
    {
        var folder = run.NewFolder();
        var (path, trace) = (Path.Combine(folder, "store.db"), Path.Combine(run.NewFolder(), "trace"));
        await using var service = ServiceProcess.Spawn([("Storage__Path", path), .. settings], wrapper: Strace.RecordingCommand(trace));
        using var http = await service.CreateClientAsync();
        if (settings.Length > 0)
        {
            await Wait.UntilAsync(() =>
                Task.FromResult(service.Lines.Any(line => line.Contains(NonDurableWriter.AppliedMessage, StringComparison.Ordinal))));
        }

        var own = new WriteRecord();
        using var stop = new CancellationTokenSource();
        var load = new WriteLoad(http, own, "p", random.Next(), MaxBatch).RunAsync(Clients, stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(run.Scaled(3, 12)));
        await stop.CancelAsync();
        await load;
        await service.StopAsync();
        await Strace.WaitForEndAsync(trace, service.Id);
        var log = SyscallLog.Read(trace, folder);
        File.Delete(trace);
        if (own.AcknowledgedKeys.Except(log.Acknowledged.Select(a => a.Key), StringComparer.Ordinal).Any())
        {
            ledger.RecordViolation($"The record shows {log.Acknowledged.Count} answers, but {own.Acknowledged} were heard");
        }

        ledger.Add(own);
        return log;
    }

    /// <returns>In how many cuts something was lost.</returns>
    private static int CutPower(ScenarioRun run, SyscallLog log, int cuts, WriteRecord ledger, Random random)
    {
        var losing = 0;
        for (var cut = 0; cut < cuts; cut++)
        {
            // Half of the cuts are right after a write was acknowledged.
            var at = cut % 2 == 0 ? log.Acknowledged[random.Next(log.Acknowledged.Count)].At : log.CutPoints[random.Next(log.CutPoints.Count)];
            var folder = run.NewFolder();
            new PowerCut(log, at, random).WriteSurvivingFilesTo(folder);
            var own = new WriteRecord();
            try
            {
                StoreInspection.CompareWithRecord(own, log.Acknowledged.TakeWhile(a => a.At <= at).Select(a => a.Key),
                    StoreInspection.ReadStudiesOfFile(Path.Combine(folder, "store.db")));
            }
            catch (Exception error) when (error is StorageCorruptionException or StoragePreconditionException or System.Data.Common.DbException)
            {
                own.RecordLoss($"After a cut at {at} the store cannot be opened: {error.Message}");
            }

            losing += own.Violations.Count > 0 ? 1 : 0;
            ledger.Add(own);
            Directory.Delete(folder, recursive: true);
        }

        return losing;
    }
}
