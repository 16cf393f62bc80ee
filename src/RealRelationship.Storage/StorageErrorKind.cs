namespace RealRelationship.Storage;

/// <summary>What a failure of the store means.</summary>
public enum StorageErrorKind
{
    /// <summary>Not a failure of the store.</summary>
    None,

    /// <summary>A constraint kept one statement out; the rest of the transaction stands.</summary>
    Constraint,

    /// <summary>The same again may succeed: a lock, a conflict, a lost connection, a server that starts.</summary>
    Transient,

    /// <summary>Nothing can be written at present (disk full, read-only), but reading goes on.</summary>
    NotWritable,

    /// <summary>The server rejects the service: its password, its role or the database is not as the settings say.</summary>
    AccessRefused,

    /// <summary>The statement was interrupted because nobody waits for it any more, or because it took too long.</summary>
    Interrupted,

    /// <summary>What is on disk can no longer be trusted.</summary>
    Corrupted,

    /// <summary>Something else.</summary>
    Other,
}
