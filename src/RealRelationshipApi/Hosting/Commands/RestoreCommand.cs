using System.CommandLine;

using RealRelationship.Storage.Backup;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary><c>restore FILE</c>: replaces the store by a backup.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "A backup, encrypted or not, or an export; from either engine." };
        file.AcceptExistingOnly();
        var force = new Option<bool>("--force") { Description = "Moves an existing store aside, to ….before-restore-…" };
        var command = new Command("restore",
            "Verifies a backup, migrates it, repeats later erasures, and only then replaces the store. A backup that is corrupt or newer is rejected, and "
                + "nothing is changed.") { file, force };
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
