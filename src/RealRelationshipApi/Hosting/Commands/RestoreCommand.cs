using System.CommandLine;

using RealRelationship.Storage.Backup;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary><c>restore FILE</c>: replaces the store by a backup.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "A backup, sealed or not, or an export; from either engine." };
        file.AcceptExistingOnly();
        var force = new Option<bool>("--force") { Description = "Puts aside a store that is there: it is kept beside, as ….before-restore-…" };
        var command = new Command("restore",
            "Verifies a backup, brings it up to date, erases again what was erased since, and only then puts it in the place of the store. A backup that is "
                + "damaged or newer is refused and nothing is touched.") { file, force };
        command.SetAction((parsed, _) => StoreCommandRunner.RunWithoutWriterAsync(parsed.InvocationConfiguration.Error, services =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var result = services.GetRequiredService<StoreRestorer>().Restore(parsed.GetValue(file)!.FullName, parsed.GetValue(force), output.WriteLine);
            output.WriteLine($"Restored and verified: {VerifyCommand.Summary(result)}");
            return Task.FromResult(0);
        }));
        return command;
    }
}
