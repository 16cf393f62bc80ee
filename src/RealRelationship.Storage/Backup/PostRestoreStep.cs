namespace RealRelationship.Storage.Backup;

/// <summary>What must be done to a restored store before anybody sees it: to forget again what was erased since the backup was made.</summary>
/// <remarks>Called when the backup was verified and brought up to date, while it is still a file of its own beside the store.</remarks>
public abstract class PostRestoreStep
{
    /// <returns>What was done, in a sentence; null when there was nothing to do.</returns>
    public abstract string? Apply(Database restored);
}
