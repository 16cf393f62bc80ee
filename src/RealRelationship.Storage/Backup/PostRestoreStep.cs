using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Backup;

/// <summary>A step on a restored store before it goes into use, such as repeating erasures since the backup.</summary>
/// <remarks>Runs after the backup was verified and migrated, while it is still a temporary file.</remarks>
public abstract class PostRestoreStep
{
    /// <param name="restored">A transaction on the restored store.</param>
    /// <param name="store">Identity of the store that the backup was made of; null if it had none yet.</param>
    /// <param name="newStore">Identity that the restored store gets.</param>
    /// <returns>What was done, in one sentence; null if nothing.</returns>
    public abstract string? Apply(WriteTransaction restored, string? store, string newStore);
}
