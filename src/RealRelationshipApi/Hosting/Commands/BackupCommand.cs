using System.CommandLine;

using RealRelationship.Storage.Backup;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary><c>backup FILE</c>: writes a consistent backup while the service runs.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The file to create; an existing file is not overwritten." };
        var encrypt =
            new Option<bool>(
                "--seal")
            { Description = "Encrypts the backup (AES-256-GCM) with the newest encryption key. The default if Privacy__EncryptionKeys is set." };
        var command = new Command("backup",
            "Writes the whole store, from either engine, to one SQLite file, which is verified and synced before it gets its name. It does not contain "
                + "Privacy__Key: keep that elsewhere.") { file, encrypt };
        command.SetAction((parsed, _) => StoreCommandRunner.RunWithoutWriterAsync(parsed.InvocationConfiguration.Error, services =>
        {
            var backups = services.GetRequiredService<BackupWriter>();
            var isEncrypted = parsed.GetValue(encrypt) || backups.EncryptsByDefault;
            var result = backups.Create(parsed.GetValue(file)!, isEncrypted);
            parsed.InvocationConfiguration.Output.WriteLine($"Backed up and verified{(isEncrypted ? ", sealed" : "")}: {VerifyCommand.Summary(result)}");
            return Task.FromResult(0);
        }));
        return command;
    }
}
