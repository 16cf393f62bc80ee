using System.CommandLine;

using RealRelationship.Storage;
using RealRelationship.Storage.Backup;

namespace RealRelationshipApi.Hosting.Commands;

/// <summary><c>migrate</c>: backs up the store and migrates its schema.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var withoutBackup = new Option<bool>("--without-backup") { Description = "Skips the backup, for a server that is backed up otherwise." };
        var command = new Command("migrate",
            "Migrates the store to the schema of this version, each step in a transaction, after a backup next to it. Rejects a newer store. The service "
                + "migrates SQLite by itself; PostgreSQL needs this command.") { withoutBackup };
        command.SetAction((parsed, _) => StoreCommandRunner.RunWithoutWriterAsync(parsed.InvocationConfiguration.Error, services =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var messages = services.GetRequiredService<StoreUpgrader>().UpgradeIfNeeded(isExplicit: true, withBackup: !parsed.GetValue(withoutBackup));
            foreach (var sentence in messages)
            {
                output.WriteLine(sentence);
            }

            output.WriteLine($"The store at {services.GetRequiredService<Database>().Name} is up to date.");
            return Task.FromResult(0);
        }));
        return command;
    }
}
