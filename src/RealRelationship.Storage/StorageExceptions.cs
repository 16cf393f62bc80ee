namespace RealRelationship.Storage;

/// <summary>The store, its settings or a file named to a command are not as the operation needs them; the message says what to do.</summary>
public sealed class StoragePreconditionException(string message, Exception? inner = null) : Exception(message, inner)
{
    public StoragePreconditionException() : this("The store cannot be used as it is.") { }

    public StoragePreconditionException(string message) : this(message, null) { }
}

/// <summary>A write fails at present, but the same write may succeed later.</summary>
public sealed class StorageUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    public StorageUnavailableException() : this("The store cannot be written to now.") { }

    public StorageUnavailableException(string message) : this(message, null) { }
}

/// <summary>Stored data are not what was written; the message says where.</summary>
public sealed class StorageCorruptionException(string message, Exception? inner = null) : Exception(message, inner)
{
    public StorageCorruptionException() : this("The store is damaged.") { }

    public StorageCorruptionException(string message) : this(message, null) { }
}

/// <summary>What is stored of one key, one site or one request is not what the change log says of it; everything else can be used. The message says
/// what it is.</summary>
public sealed class TamperedDataException(string message, Exception? inner = null) : Exception(message, inner)
{
    public TamperedDataException() : this("Stored data were edited.") { }

    public TamperedDataException(string message) : this(message, null) { }
}

/// <summary>The file of the store was removed or replaced while the service had it open; the message says what to do.</summary>
public sealed class StoreDisplacedException(string message, Exception? inner = null) : Exception(message, inner)
{
    public StoreDisplacedException() : this("The file of the store was removed or replaced.") { }

    public StoreDisplacedException(string message) : this(message, null) { }
}
