namespace RealRelationship.Storage;

/// <summary>What a storage failure means for the caller.</summary>
public enum StorageErrorKind
{
    /// <summary>Not a storage failure.</summary>
    None,

    /// <summary>A statement violated a constraint; the rest of the transaction stands.</summary>
    Constraint,

    /// <summary>A retry may succeed: a lock, a conflict, a lost connection, a server that is starting.</summary>
    Transient,

    /// <summary>Writing fails at present (disk full or read-only), while reading still works.</summary>
    NotWritable,

    /// <summary>The server rejects the service: its password, its role or the database is not as the settings say.</summary>
    AccessRefused,

    /// <summary>The file was removed or replaced while it was open.</summary>
    Displaced,

    /// <summary>The statement was cancelled or timed out.</summary>
    Interrupted,

    /// <summary>The data on disk can no longer be trusted.</summary>
    Corrupted,

    /// <summary>Any other failure.</summary>
    Other,
}

/// <summary>Texts of <see cref="StorageErrorKind"/>.</summary>
internal static class StorageErrorKinds
{
    /// <summary>What failed, for messages.</summary>
    public static string Describe(this StorageErrorKind kind) => kind switch
    {
        StorageErrorKind.Transient => "the store could not be reached, or was locked by others for too long",
        StorageErrorKind.NotWritable => "the disk of the store is full, the store is read-only, or the service may not write to it",
        StorageErrorKind.AccessRefused => "the database server rejects the service",
        StorageErrorKind.Displaced => "the file of the store was removed or replaced: put it back, or stop the service and restore a backup",
        StorageErrorKind.Interrupted => "the database took too long",
        StorageErrorKind.Corrupted => "the store is damaged",
        _ => "the database reported an error, which is in the log of the service",
    };
}
