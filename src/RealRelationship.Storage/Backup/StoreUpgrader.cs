using RealRelationship.Storage.Migrations;

namespace RealRelationship.Storage.Backup;

/// <summary>Brings a store up to date, with a backup beside it first where there is something to lose.</summary>
public sealed class StoreUpgrader(Database database, Migrator migrator, BackupWriter backups)
{
    /// <param name="isExplicit">Whether a person asked for it; a service does it unasked where no other service can be in the way.</param>
    /// <param name="withBackup">Whether a backup is made first of a store that holds something.</param>
    /// <returns>What was done, each in a sentence.</returns>
    /// <exception cref="StoragePreconditionException">The store is newer than this version, its steps are not ours, or it must be asked for.</exception>
    public IReadOnlyList<string> UpgradeIfNeeded(bool isExplicit, bool withBackup = true)
    {
        var plan = migrator.Plan();
        if (plan.Missing is not [var first, ..])
        {
            return [];
        }

        var mayChangeStore = isExplicit || database.MigratesOnStartup;
        var backup = withBackup && mayChangeStore && !plan.IsNew ? backups.CreateBefore(first) : null;
        var steps = migrator.Apply(mayChangeStore).SelectMany(step => step.Changes.Prepend($"Applied schema step {step.Name}.")).ToList();
        return backup is null ? [.. steps] : [$"Backed the store up to {backup}.", .. steps];
    }
}
