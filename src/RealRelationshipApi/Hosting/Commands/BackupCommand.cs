using System.CommandLine;

using RealRelationship.Storage.Backup;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary><c>backup FILE</c>: everything as it is at one moment, beside a running service.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The file to make; none is written over." };
        var seal = new Option<bool>("--seal") { Description = "Seals the backup (AES-256-GCM) under the newest encryption key. Unasked once Privacy__EncryptionKeys is set." };
        var command = new Command("backup",
            "Writes the whole store, from either engine, to one SQLite file, verified and synced before it gets its name. It does not hold Privacy__Key: keep that elsewhere.") { file, seal };
        command.SetAction((parsed, _) => StoreCommand.RunWithoutWriterAsync(parsed.InvocationConfiguration.Error, services =>
        {
            var backups = services.GetRequiredService<BackupWriter>();
            var isSealed = parsed.GetValue(seal) || backups.EncryptsByDefault;
            var findings = backups.Create(parsed.GetValue(file)!, isSealed);
            parsed.InvocationConfiguration.Output.WriteLine($"Backed up and verified{(isSealed ? ", sealed" : "")}: {VerifyCommand.Summary(findings)}");
            return Task.FromResult(0);
        }));
        return command;
    }
}
