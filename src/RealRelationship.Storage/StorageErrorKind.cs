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
